// The gate's thread and the pool: requests in, replies out.
#include "broker/service_parts.h"

namespace besa::broker {
namespace {

using wire::WireError;

constexpr std::uint32_t kGateIdleMs = 200;
constexpr std::uint32_t kStoppingRetryMs = 1'000;

base::Bytes encode(const wire::Reply& reply) {
  auto frame = wire::encode_reply(reply);
  if (!frame) {
    frame = wire::encode_reply(wire::error_reply(reply.kind, WireError::too_large, "the answer does not fit a frame"));
  }
  BESA_CHECK(frame.has_value());
  return std::move(*frame);
}

}  // namespace

void Service::Parts::gate_loop() {
  while (!stopping) {
    gate_pulse.beat(clock.since_boot().ms);
    for (transport::Request& request : gate->poll(kGateIdleMs)) let_in(std::move(request));
    deliver_mail();
    answer_waiting(waiting.expire(clock.since_boot().ms));
  }
  gate_pulse.rest();
  deliver_mail();
  dismiss_waiting();
}

// At the end: whoever waits asks again, and finds the broker that comes next.
void Service::Parts::dismiss_waiting() {
  const wire::Reply again = wire::error_reply(wire::RequestKind::wait, WireError::busy,
                                              "the broker is stopping: ask again", kStoppingRetryMs);
  for (const Waiting::Release& release : waiting.dismiss()) {
    static_cast<void>(gate->reply(release.parked.token, encode(again)));
  }
}

void Service::Parts::let_in(transport::Request request) {
  const std::size_t bytes = request.payload.size();
  if (!door.enter(request.peer, bytes)) {
    ++counters.turned_away;
    counters.count(WireError::busy);
    const wire::Reply busy = wire::error_reply(wire::RequestKind::none, WireError::busy, "ask again", kBusyRetryMs);
    static_cast<void>(gate->reply(request.token, encode(busy)));
    return;
  }
  Visit visit{request.token, request.peer, std::move(request.payload), bytes};
  if (door.requests() == 1) {
    handle(visit);
  } else {
    visits.push(std::move(visit));
  }
}

void Service::Parts::deliver_mail() {
  const Mail mail = mailbox.take();
  for (const base::MemberId& member : mail.emptied) waiting.quieten(member);
  for (const base::MemberId& member : mail.stirred) answer_waiting(waiting.stir(member));
  if (mail.stirred_all) answer_waiting(waiting.stir_all());
  for (const Parked& parked : mail.parked) answer_waiting(waiting.park(parked));
}

void Service::Parts::answer_waiting(const Waiting::Releases& releases) {
  for (const Waiting::Release& release : releases) {
    static_cast<void>(gate->reply(release.parked.token, encode(worker->released(release))));
  }
}

// --- the pool

void Service::Parts::pool_loop(program::Pulse& pulse) {
  while (const auto visit = visits.pop()) {
    pulse.beat(clock.since_boot().ms);
    handle(*visit);
    pulse.rest();
  }
}

void Service::Parts::handle(const Visit& visit) {
  Onward onward = worker->handle(visit);
  if (auto* job = std::get_if<Job>(&onward)) {
    const std::size_t statements = statements_held(*job);
    jobs.push({std::move(*job), visit.token, visit.peer, visit.bytes, statements});
  } else if (const auto* parked = std::get_if<Parked>(&onward)) {
    door.leave(visit.peer, visit.bytes);
    mailbox.park(*parked);
    gate->wake();
  } else {
    send(visit.token, std::get<wire::Reply>(onward));
    door.leave(visit.peer, visit.bytes);
  }
}

void Service::Parts::send(const transport::ConnectionToken& token, const wire::Reply& reply) {
  static_cast<void>(gate->post_reply(token, encode(reply)));
}

}  // namespace besa::broker
