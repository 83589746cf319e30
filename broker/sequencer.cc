#include "broker/sequencer.h"

#include <algorithm>

#include "base/check.h"
#include "base/fail_point.h"
#include "broker/proofs.h"

namespace besa::broker {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using base::Timestamp;
using base::TreeSize;
using wire::WireError;

constexpr std::uint32_t kAskAgainMs = 1'000;
constexpr std::size_t kTicksPerBatch = 64;
constexpr std::size_t kTickBatchesPerStep = 16;  // what is still due comes with the next step

tl::unexpected<base::Error> damaged_end(std::string what) {
  return fail(ErrorKind::damaged, what + ": run 'besa-broker rebuild', or restore a backup");
}

std::string why_halted(WireError reason) {
  if (reason == WireError::clock) return "the broker's clock cannot be trusted; its administrator must look at it";
  if (reason == WireError::rollback_seen) {
    return "a client has shown a later state of this log; nothing is appended until the administrators accept the loss";
  }
  return "the broker appends nothing at present";
}

bool is_loss(const core::ParsedStatement& statement) { return statement.type == core::StatementType::loss_accepted; }

bool brings_only_loss(const Job& job) {
  const auto* submit = std::get_if<SubmitJob>(&job.work);
  if (submit == nullptr || submit->statements.size() != 1) return false;
  const auto* statement = std::get_if<Submitted>(&submit->statements.front());
  return statement != nullptr && is_loss(statement->statement.statement());
}

wire::RequestKind kind_of(const Job& job) {
  return std::holds_alternative<PullJob>(job.work) ? wire::RequestKind::pull : wire::RequestKind::submit;
}

wire::Receipt error_receipt(const Refusal& refusal) { return {refusal.error, refusal.detail, {}, {}}; }

Result<wire::SubmitReply> receipts(const std::vector<Appender::Placed>& placed, const journal::LogReader& log,
                                   TreeSize size) {
  wire::SubmitReply out;
  for (const Appender::Placed& one : placed) {
    if (const auto* refusal = std::get_if<Refusal>(&one)) {
      out.receipts.push_back(error_receipt(*refusal));
      continue;
    }
    wire::Receipt receipt;
    BESA_ASSIGN(receipt.entry, log.entry(std::get<base::Sequence>(one)));
    BESA_ASSIGN(receipt.proof, log.inclusion_proof(std::get<base::Sequence>(one), size));
    out.receipts.push_back(std::move(receipt));
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Sequencer>> Sequencer::open(journal::Journal& journal, const crypto::SigningKey& log_key,
                                                   SequencerOptions options, Counters& counters) {
  BESA_CHECK(options.batch_statements > 0 && options.salt);
  std::unique_ptr<Sequencer> out(new Sequencer(journal, log_key, std::move(options), counters));
  BESA_TRY(out->look_at_end());
  return out;
}

Status Sequencer::name_log(const journal::Snapshot& snapshot) {
  BESA_ASSIGN(const auto network, core::read_network(snapshot.view()));
  if (!network) return damaged_end("the log has entries and the view no network");
  if (network->broker_log_key != log_key_.public_key()) {
    return fail(ErrorKind::configuration, "the log key is another one than genesis names: check the keys folder");
  }
  BESA_ASSIGN(const auto loss, core::read_loss(snapshot.view()));
  origin_ = core::format_origin({network->name, network->id, core::epoch_of(loss)});
  return {};
}

// The head of the view names the last entry; an older checkpoint that we signed is still the root of its size.
Status Sequencer::look_at_end() {
  BESA_CHECK(journal_.recovered().empty());
  BESA_ASSIGN(const journal::Snapshot snapshot, journal_.snapshot());
  BESA_ASSIGN(const TreeSize size, snapshot.log().size());
  BESA_ASSIGN(const auto head, core::read_head(snapshot.view()));
  if (size.value == 0 && !head) return {};
  if (!head || head->next.value != size.value) return damaged_end("log and view do not end at the same entry");
  BESA_TRY(name_log(snapshot));
  BESA_ASSIGN(const base::Bytes bytes, snapshot.log().entry(base::Sequence{size.value - 1}));
  BESA_ASSIGN(const core::Entry last, core::decode_entry(bytes));
  const bool fits =
      last.sequence.value + 1 == size.value && last.now == head->now && last.effects_chain == head->effects_chain;
  if (!fits) return damaged_end("the last entry is not the one that the view rests on");
  if (const std::string note = journal_.checkpoint(); !note.empty()) {
    BESA_ASSIGN(const LogName log, log_name(snapshot.view()));
    const auto held = read_our_note(note, log);
    if (!held || held->epoch > log.epoch || held->checkpoint.size > size)
      return damaged_end("the stored checkpoint is not of this log");
    BESA_ASSIGN(const base::Digest root, snapshot.log().root(held->checkpoint.size));
    if (root != held->checkpoint.root) return damaged_end("the tree is not the one that was signed");
  }
  return publish();
}

// Signs the state as it is on the disk.
Status Sequencer::publish() {
  BESA_ASSIGN(const journal::Snapshot snapshot, journal_.snapshot());
  BESA_TRY(name_log(snapshot));
  Published next;
  next.checkpoint.origin = origin_;
  BESA_ASSIGN(next.checkpoint.size, snapshot.log().size());
  BESA_ASSIGN(next.checkpoint.root, snapshot.log().root(next.checkpoint.size));
  BESA_ASSIGN(const auto head, core::read_head(snapshot.view()));
  BESA_CHECK(head.has_value());
  next.governance = head->governance;
  next.now = head->now;
  BESA_FAIL_POINT("before_sign");
  const std::string text = core::note_text(next.checkpoint);
  next.note = core::note_from(next.checkpoint, log_key_.public_key(), log_key_.sign(base::as_bytes(text)));
  next_due_ = head->due;
  BESA_ASSIGN(const auto loss, core::read_loss(snapshot.view()));
  note_recovery(*head, loss);
  journal_.set_checkpoint(next.note);
  publication_.set(std::move(next));
  BESA_FAIL_POINT("signed");
  return {};
}

Status Sequencer::begin(const core::Verified& genesis, Timestamp now) {
  if (has_genesis()) return fail(ErrorKind::already_exists, "this log has its genesis already");
  BESA_ASSIGN(journal::Batch batch, journal_.begin());
  Appender appender(batch, now, options_.salt, limiter_, counters_);
  BESA_TRY(appender.begin(genesis));
  BESA_TRY(batch.commit());
  BESA_TRY(publish());
  return close();
}

Status Sequencer::close() {
  BESA_TRY(journal_.save_checkpoint());
  BESA_TRY(journal_.finish_purges());  // or by the next start, if a backup runs
  return {};
}

void Sequencer::halt(WireError reason) {
  WireError none = WireError::none;
  halted_.compare_exchange_strong(none, reason);
}

void Sequencer::resume(WireError reason) { halted_.compare_exchange_strong(reason, WireError::none); }

Status Sequencer::confirm_clock(Timestamp clock) {
  StepResult result;
  BESA_ASSIGN(journal::Batch batch, journal_.begin());
  Appender appender(batch, std::max(clock, publication_.get()->now), options_.salt, limiter_, counters_);
  BESA_TRY(appender.confirm_clock(clock));
  return commit(batch, appender, result);
}

// As many jobs as one batch takes; at least one.
std::size_t Sequencer::take_group(std::span<const Job> jobs) const {
  std::size_t statements = 0;
  std::size_t count = 0;
  while (count < jobs.size()) {
    statements += std::max<std::size_t>(1, statements_held(jobs[count]));
    if (count > 0 && statements > options_.batch_statements) break;
    ++count;
  }
  return count;
}

StepResult Sequencer::turn_away(const std::vector<Job>& jobs, WireError reason, std::string_view detail) {
  StepResult result;
  for (const Job& job : jobs) {
    counters_.count(reason);
    result.answers.push_back({job.ticket, wire::error_reply(kind_of(job), reason, detail, kAskAgainMs)});
  }
  return result;
}

StepResult Sequencer::step(std::vector<Job> jobs, Timestamp now) {
  StepResult result;
  const Timestamp at = std::max(now, publication_.get()->now);
  if (const WireError reason = halted_.load(); reason != WireError::none) {
    for (const Job& job : jobs) {
      if (reason == WireError::rollback_seen && brings_only_loss(job)) {
        run_group({&job, 1}, at, result);
        continue;
      }
      StepResult away = turn_away({job}, reason, why_halted(reason));
      result.answers.push_back(std::move(away.answers.front()));
    }
    return result;
  }
  if (const Status ended = finish_recovery(at, result); !ended) result.errors.push_back(ended.error().kind);
  std::span<const Job> rest(jobs);
  run_ticks(at, result);
  while (!rest.empty()) {
    const std::size_t count = take_group(rest);
    run_group(rest.first(count), at, result);
    rest = rest.subspan(count);
  }
  return result;
}

// What is due goes first, in batches of its own: with the jobs in one, there could be more of it than a batch takes.
void Sequencer::run_ticks(Timestamp now, StepResult& result) {
  for (std::size_t i = 0; i < kTickBatchesPerStep && next_due_ && *next_due_ <= now; ++i) {
    const std::size_t before = result.entries;
    run_group({}, now, result);
    if (result.entries == before) return;
  }
}

void Sequencer::run_group(std::span<const Job> jobs, Timestamp now, StepResult& result) {
  const Status status = try_group(jobs, now, result);
  if (status) return;
  ++counters_.failed_batches;
  if (jobs.size() > 1) {
    for (const Job& job : jobs) run_group({&job, 1}, now, result);
    return;
  }
  result.errors.push_back(status.error().kind);
  if (jobs.empty()) return;
  const Refusal refusal(status.error());
  counters_.count(refusal.error);
  result.answers.push_back(
      {jobs[0].ticket, wire::error_reply(kind_of(jobs[0]), refusal.error, "the broker could not store this")});
}

Status Sequencer::try_group(std::span<const Job> jobs, Timestamp now, StepResult& result) {
  BESA_ASSIGN(journal::Batch batch, journal_.begin());
  Appender appender(batch, now, options_.salt, limiter_, counters_);
  std::vector<Placed> placed;
  if (jobs.empty() && !recovering_) BESA_TRY(appender.tick_while_due(kTicksPerBatch));
  for (const Job& job : jobs) {
    BESA_ASSIGN(Placed one, place(appender, job));
    placed.push_back(std::move(one));
  }
  BESA_TRY(commit(batch, appender, result));
  remember_places(jobs, placed, appender.stirred_all());
  answer(jobs, std::move(placed), result);
  return {};
}

Status Sequencer::commit(journal::Batch& batch, const Appender& appender, StepResult& result) {
  if (appender.entries() > 0) {
    BESA_TRY(batch.commit());
    appender.count_committed();
    BESA_TRY(publish());
    ++counters_.batches;
    result.entries += appender.entries();
  } else {
    const journal::Batch dropped = std::move(batch);
  }
  for (const base::MemberId& member : appender.stirred()) result.stirred.push_back(member);
  result.stirred_all = result.stirred_all || appender.stirred_all();
  return {};
}

// Governance may have changed what may go: everybody begins at the front again.
void Sequencer::remember_places(std::span<const Job> jobs, const std::vector<Placed>& placed, bool stirred_all) {
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto* picked = std::get_if<Picked>(&placed[i]);
    if (picked == nullptr) continue;
    const base::MemberId& member = std::get<PullJob>(jobs[i].work).member;
    pull_from_.erase(member);
    if (picked->next.value != 0) pull_from_.emplace(member, picked->next);
  }
  if (stirred_all) pull_from_.clear();
}

// Whether the kept root is ours, the core cannot see.
Result<Appender::Placed> Sequencer::place_loss(Appender& appender, const Submitted& loss) {
  const auto& body = std::get<core::LossAccepted>(loss.statement.statement().body);
  BESA_ASSIGN(const TreeSize size, appender.batch().log().size());
  if (body.kept_size.value != 0 && body.kept_size <= size) {
    BESA_ASSIGN(const base::Digest root, appender.batch().log().root(body.kept_size));
    if (root != body.kept_root) {
      return Appender::Placed{Refusal(WireError::denied, "the kept root is not that of this log at the kept size")};
    }
  }
  return appender.submit(loss);
}

Result<Appender::Placed> Sequencer::collect(Appender& appender, const Offered& offer) {
  BESA_ASSIGN(auto known, appender.find_decided(offer.statement));
  if (known) return std::move(*known);
  if (!collected_.add(offer)) {
    return Appender::Placed{Refusal(WireError::busy, "more is offered again than fits: ask again")};
  }
  return Appender::Placed{Refusal(WireError::recovering, "kept, and decided in its old order when the recovery ends")};
}

Appender::Placed Sequencer::collect_new(const Submitted& withdrawal) {
  if (!collected_.add_new(withdrawal.statement)) {
    return Refusal(WireError::busy, "more is taken back during this recovery than fits: ask again");
  }
  return Refusal(WireError::recovering, "kept, and decided before anything goes out when the recovery ends");
}

Result<Appender::Placed> Sequencer::place_one(Appender& appender, const Admission& admission, bool recovering) {
  if (const auto* refusal = std::get_if<Refusal>(&admission)) return Appender::Placed{*refusal};
  if (const auto* offer = std::get_if<Offered>(&admission)) {
    return recovering ? collect(appender, *offer) : appender.submit_again(*offer);
  }
  const auto& submitted = std::get<Submitted>(admission);
  if (is_loss(submitted.statement.statement())) return place_loss(appender, submitted);
  if (!recovering) return appender.submit(submitted);
  BESA_ASSIGN(auto known, appender.find_decided(submitted.statement.statement()));
  if (known) return std::move(*known);
  if (only_takes_back(submitted.statement.statement().type)) return collect_new(submitted);
  return Appender::Placed{Refusal(WireError::recovering, "the log recovers from a loss; what is new waits")};
}

Result<Sequencer::Placed> Sequencer::place_pull(Appender& appender, const PullJob& job) {
  BESA_ASSIGN(const bool recovering, appender.recovering());
  if (recovering) return Placed{Picked{}};
  BESA_ASSIGN(const auto member, core::read_member(appender.batch().view(), job.member));
  if (!member || !member->in_force(appender.now())) {
    return Placed{Refusal(WireError::not_member, "this member is not in force")};
  }
  const auto from = pull_from_.find(job.member);
  BESA_ASSIGN(Picked picked,
              pick(appender, job.member, job.limit, from == pull_from_.end() ? base::Sequence{} : from->second,
                   options_.queue_rows_per_pull));
  return Placed{std::move(picked)};
}

Result<Sequencer::Placed> Sequencer::place(Appender& appender, const Job& job) {
  if (job.known > publication_.get()->checkpoint.size) {
    return Placed{Refusal(WireError::rollback_seen, "the request names a larger log than this one: say hello")};
  }
  if (const auto* pull = std::get_if<PullJob>(&job.work)) return place_pull(appender, *pull);
  std::vector<Appender::Placed> placed;
  for (const Admission& admission : std::get<SubmitJob>(job.work).statements) {
    BESA_ASSIGN(const bool recovering, appender.recovering());
    BESA_ASSIGN(Appender::Placed one, place_one(appender, admission, recovering));
    placed.push_back(std::move(one));
  }
  return Placed{std::move(placed)};
}

wire::Reply Sequencer::reply_to(const Job& job, const Placed& placed, const journal::Snapshot& snapshot,
                                const Published& published) const {
  const auto body = [&]() -> Answered<wire::ReplyBody> {
    if (const auto* refusal = std::get_if<Refusal>(&placed)) return tl::unexpected<Refusal>(*refusal);
    if (const auto* picked = std::get_if<Picked>(&placed)) {
      BESA_ASSIGN(auto shown, show(snapshot, *picked, std::get<PullJob>(job.work), published.checkpoint.size));
      return wire::ReplyBody{std::move(shown)};
    }
    BESA_ASSIGN(auto given, receipts(std::get<0>(placed), snapshot.log(), published.checkpoint.size));
    return wire::ReplyBody{std::move(given)};
  };
  return reply_with(kind_of(job), body(), make_proofs(snapshot.log(), published, job.known));
}

void count_errors(Counters& counters, const wire::Reply& reply) {
  if (reply.status != WireError::none) counters.count(reply.status);
  if (const auto* submitted = std::get_if<wire::SubmitReply>(&reply.body)) {
    for (const wire::Receipt& receipt : submitted->receipts) {
      if (receipt.status != WireError::none) counters.count(receipt.status);
    }
  }
}

void Sequencer::answer(std::span<const Job> jobs, std::vector<Placed> placed, StepResult& result) {
  const auto published = publication_.get();
  const auto snapshot = journal_.snapshot();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    wire::Reply reply =
        snapshot ? reply_to(jobs[i], placed[i], *snapshot, *published)
                 : wire::error_reply(kind_of(jobs[i]), wire::wire_error_of(snapshot.error().kind), "ask again");
    count_errors(counters_, reply);
    const auto* picked = std::get_if<Picked>(&placed[i]);
    const auto* pulled = std::get_if<wire::PullReply>(&reply.body);
    if (picked != nullptr && pulled != nullptr && !pulled->more) {
      result.emptied.push_back(std::get<PullJob>(jobs[i].work).member);
    }
    result.answers.push_back({jobs[i].ticket, std::move(reply)});
  }
}

}  // namespace besa::broker
