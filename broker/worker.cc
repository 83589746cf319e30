#include "broker/worker.h"

#include <algorithm>

#include "broker/proofs.h"

namespace besa::broker {
namespace {

using base::TreeSize;
using wire::RequestKind;
using wire::WireError;

template <class Reply>
Answered<wire::ReplyBody> as_body(Answered<Reply> answer) {
  if (!answer) return tl::unexpected<Refusal>(std::move(answer).error());
  return wire::ReplyBody{std::move(*answer)};
}

tl::unexpected<Refusal> members_only(const Caller& caller) {
  if (caller.administrator) return refuse(WireError::denied, "administrators submit and read governance, nothing else");
  return refuse(WireError::not_member, "this member is not in force");
}

bool is_member_in_force(const Caller& caller) { return caller.in_force && !caller.administrator; }

}  // namespace

wire::Reply Worker::refused(RequestKind kind, const Refusal& refusal) const {
  counters_.count(refusal.error);
  return wire::error_reply(kind, refusal.error, refusal.detail);
}

wire::Reply Worker::with_proofs(RequestKind kind, Answered<wire::ReplyBody> body, const Reading& reading,
                                TreeSize known) const {
  wire::Reply reply = reply_with(kind, std::move(body), make_proofs(reading.snapshot.log(), reading.published, known));
  if (reply.status != WireError::none) counters_.count(reply.status);
  return reply;
}

bool Worker::admits(const base::TransportKey& peer) const {
  const auto snapshot = journal_.snapshot();
  if (!snapshot) return false;
  const auto party = core::read_party(snapshot->view(), peer);
  return party && *party &&
         ((*party)->role == core::PartyRole::member || (*party)->role == core::PartyRole::administrator);
}

Onward Worker::handle(const Visit& visit) const {
  ++counters_.requests;
  const auto published = sequencer_.publication().get();
  const auto snapshot = journal_.snapshot();
  if (!snapshot) return refused(RequestKind::none, Refusal(snapshot.error()));
  const Reading reading{*snapshot, *published, std::max(clock_.now(), published->now)};
  const auto caller = find_caller(snapshot->view(), visit.peer, reading.now);
  if (!caller) return refused(RequestKind::none, caller.error());
  const auto request = wire::decode_request(visit.payload);
  if (!request) return refused(RequestKind::none, Refusal(request.error()));
  return serve(*request, visit, *caller, reading);
}

Onward Worker::serve(const wire::Request& request, const Visit& visit, const Caller& caller,
                     const Reading& reading) const {
  const TreeSize known = request.checkpoint_size;
  const RequestKind kind = wire::kind_of(request.body);
  const auto read_only = [&](auto answer) -> Onward {
    return with_proofs(kind, as_body(std::move(answer)), reading, known);
  };
  if (const auto* body = std::get_if<wire::HelloRequest>(&request.body)) return hello(*body, known, caller, reading);
  if (const auto* body = std::get_if<wire::SubmitRequest>(&request.body))
    return submit(*body, known, visit, caller, reading);
  if (const auto* body = std::get_if<wire::WaitRequest>(&request.body)) return wait(*body, known, visit, caller);
  if (const auto* body = std::get_if<wire::PullRequest>(&request.body)) return pull(*body, known, caller);
  if (const auto* body = std::get_if<wire::FetchRequest>(&request.body)) {
    return read_only(answer_fetch(reading, caller, *body));
  }
  if (const auto* body = std::get_if<wire::EntryRequest>(&request.body)) {
    return read_only(answer_entry(reading, caller, *body));
  }
  if (const auto* body = std::get_if<wire::LookupRequest>(&request.body)) return lookup(*body, known, caller, reading);
  return read_only(answer_prekeys(reading, caller, std::get<wire::PrekeysRequest>(request.body)));
}

// A client that shows our own signature on a tree that we do not have: from now on nothing is appended.
Onward Worker::hello(const wire::HelloRequest& request, TreeSize known, const Caller& caller,
                     const Reading& reading) const {
  const auto rollback = shows_rollback(reading, request.note, log_key_);
  if (!rollback) return refused(RequestKind::hello, Refusal(rollback.error()));
  if (*rollback) {
    sequencer_.halt(WireError::rollback_seen);
    const auto kept = rollback_.keep(reading, request.note);
    if (!kept) log_.error("rollback_not_kept", {{"error", kept.error()}});
    if (!kept || *kept) {  // said once for each higher note: every client shows its own, again and again
      log_.error("rollback_seen", {{"member", caller.id},
                                   {"size", reading.published.checkpoint.size},
                                   {"do", "keep the state folder, find the newer backup, tell the administrators"}});
    }
    return refused(RequestKind::hello,
                   Refusal(WireError::rollback_seen, "your note names a tree that this broker does not have; keep it"));
  }
  // Whoever comes from before a loss learns of the new epoch; its own tree proves nothing here.
  const auto log = log_name(reading.snapshot.view());
  if (!log) return refused(RequestKind::hello, Refusal(log.error()));
  const auto note = read_our_note(request.note, *log);
  const bool earlier = note && note->checkpoint.size == known && known > reading.published.checkpoint.size;
  const TreeSize from = earlier ? TreeSize{} : known;
  return with_proofs(RequestKind::hello, as_body(answer_hello(reading, caller)), reading, from);
}

Onward Worker::submit(const wire::SubmitRequest& request, TreeSize known, const Visit& visit, const Caller& caller,
                      const Reading& reading) const {
  if (!door_.hold(visit.peer, request.statements.size())) {
    counters_.count(WireError::busy);
    return wire::error_reply(RequestKind::submit, WireError::busy, "too many statements without an answer: ask again",
                             kBusyRetryMs);
  }
  SubmitJob job;
  for (std::size_t i = 0; i < request.statements.size(); ++i) {
    const wire::StatementParts& parts = request.statements[i];
    job.statements.push_back(request.lost.empty()
                                 ? admit(parts, caller.id, reading.snapshot.view())
                                 : admit_again(parts, request.lost[i], caller.id, reading.snapshot.view()));
    const auto* refusal = std::get_if<Refusal>(&job.statements.back());
    if (refusal != nullptr && refusal->error == WireError::wrong_submitter) {
      log_.warning("wrong_submitter", {{"member", caller.id}});
    }
  }
  return Job{0, known, std::move(job)};
}

// Counted before it is looked up, found or not: the limit tells nothing about the tag.
Onward Worker::lookup(const wire::LookupRequest& request, TreeSize known, const Caller& caller,
                      const Reading& reading) const {
  if (!is_member_in_force(caller)) return refused(RequestKind::lookup, members_only(caller).value());
  ++counters_.lookups;
  if (const std::uint32_t wait_ms = lookups_.wait_ms(caller.id, reading.now); wait_ms > 0) {
    ++counters_.lookups_turned_away;
    counters_.count(WireError::busy);
    return wire::error_reply(RequestKind::lookup, WireError::busy, "too many codes looked up within an hour: ask later",
                             wait_ms);
  }
  return with_proofs(RequestKind::lookup, as_body(answer_lookup(reading, caller, request)), reading, known);
}

Onward Worker::pull(const wire::PullRequest& request, TreeSize known, const Caller& caller) const {
  if (!is_member_in_force(caller)) return refused(RequestKind::pull, members_only(caller).value());
  return Job{0, known, PullJob{caller.id, request.limit, request.notices_since}};
}

Onward Worker::wait(const wire::WaitRequest& request, TreeSize known, const Visit& visit, const Caller& caller) const {
  if (!is_member_in_force(caller)) return refused(RequestKind::wait, members_only(caller).value());
  return Parked{caller.id, visit.token, known, clock_.since_boot().ms + request.timeout_ms};
}

wire::Reply Worker::released(const Waiting::Release& release) const {
  const auto published = sequencer_.publication().get();
  const auto snapshot = journal_.snapshot();
  if (!snapshot) return refused(RequestKind::wait, Refusal(snapshot.error()));
  const Reading reading{*snapshot, *published, published->now};
  return with_proofs(RequestKind::wait, wire::ReplyBody{wire::WaitReply{release.queued}}, reading,
                     release.parked.known);
}

}  // namespace besa::broker
