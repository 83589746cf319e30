#include "broker/metrics.h"

#include <algorithm>

#include "core/records.h"

namespace besa::broker {
namespace {

using base::Result;
using base::Timestamp;
using program::Literal;
using program::MetricsPage;

constexpr std::size_t kRowsAtOnce = 1'024;
constexpr std::size_t kMembersLookedAt = 16'384;

double seconds_between(Timestamp from, Timestamp to) {
  return to > from ? static_cast<double>(to.ms - from.ms) / 1'000 : 0;
}

double seconds(Timestamp t) { return static_cast<double>(t.ms) / 1'000; }

// Calls `each` with at most `most` rows of a table.
template <class Each>
base::Status for_rows(const core::View& view, core::Table table, std::size_t most, Each each) {
  base::Bytes from;
  for (std::size_t seen = 0; seen < most;) {
    BESA_ASSIGN(const auto rows, view.scan(table, {}, from, std::min(kRowsAtOnce, most - seen)));
    if (rows.empty()) return {};
    for (const core::ViewRow& row : rows) each(row);
    seen += rows.size();
    from = rows.back().key;
    from.push_back(0);
  }
  return {};
}

struct Members {
  std::size_t in_force = 0;
  std::size_t suspended = 0;
  std::optional<Timestamp> first_end;  // of those in force
};

Result<Members> look_at_members(const core::View& view, Timestamp now) {
  Members out;
  std::vector<base::MemberId> ids;
  BESA_TRY(for_rows(view, core::Table::member, kMembersLookedAt, [&](const core::ViewRow& row) {
    base::MemberId id;
    if (base::MemberId::read(row.key, id)) ids.push_back(id);
  }));
  for (const base::MemberId& id : ids) {
    BESA_ASSIGN(const auto member, core::read_member(view, id));
    if (!member) continue;
    if (member->standing == core::Standing::suspended) ++out.suspended;
    if (!member->in_force(now)) continue;
    ++out.in_force;
    out.first_end = std::min(out.first_end.value_or(member->until), member->until);
  }
  return out;
}

void write_counters(const Counters& counters, MetricsPage& page) {
  for (const auto& [kind, count] : counters.entries.get()) {
    const bool accepted = kind.second == core::Reason::none;
    page.counter("besa_entries_total", "Entries that became durable, by statement type, verdict and reason.", count,
                 {{"type", kind.first},
                  {"verdict", accepted ? Literal("accepted") : Literal("refused")},
                  {"reason", kind.second}});
  }
  for (std::uint16_t number = 1; name_of(static_cast<wire::WireError>(number)) != "unknown"; ++number) {
    const auto error = static_cast<wire::WireError>(number);
    page.counter("besa_wire_errors_total", "Requests and statements answered with an error and without an entry.",
                 counters.of(error), {{"error", error}});
  }
  page.counter("besa_requests_total", "Requests that were let in and read.", counters.requests);
  page.counter("besa_requests_turned_away_total", "Requests answered busy at the door.", counters.turned_away);
  page.counter("besa_receipts_repeated_total", "Statements that the log had already.", counters.repeated);
  page.counter("besa_refusals_not_logged_total", "Refusals of members not in force, over their limit of entries.",
               counters.not_logged);
  page.counter("besa_lookups_total", "Lookups of a person's code, found or not.", counters.lookups);
  page.counter("besa_lookups_turned_away_total", "Lookups over the limit of a member: somebody may be guessing.",
               counters.lookups_turned_away);
  page.counter("besa_overdue_total", "What was not answered in time.", counters.answers_overdue,
               {{"what", Literal("answer")}});
  page.counter("besa_overdue_total", "What was not answered in time.", counters.withdrawal_answers_overdue,
               {{"what", Literal("withdrawal_answer")}});
}

void write_gate(const transport::GateCounters& gate, MetricsPage& page) {
  const auto handshake = [&](Literal end, std::uint64_t count) {
    page.counter("besa_handshakes_total", "Handshakes by how they ended; the self-test at start makes two of them.",
                 count, {{"end", end}});
  };
  handshake("admitted", gate.handshakes_admitted);
  handshake("unknown_key", gate.handshakes_unknown_key);
  handshake("too_often", gate.handshakes_too_often);
  handshake("failed", gate.handshakes_failed);
  const std::uint64_t accepted = gate.connections_accepted;
  const std::uint64_t closed = gate.connections_closed;
  page.counter("besa_connections_total", "Connections that came.", accepted);
  page.gauge("besa_connections", "Connections now.", static_cast<double>(accepted > closed ? accepted - closed : 0));
  const auto dropped = [&](Literal why, std::uint64_t count) {
    page.counter("besa_requests_dropped_total", "Requests that no client of ours sends, dropped unread.", count,
                 {{"why", why}});
  };
  dropped("many_frames", gate.dropped_many_frames);
  dropped("own_routing_id", gate.dropped_own_routing_id);
  dropped("no_user", gate.dropped_no_user);
  const auto reply = [&](Literal end, std::uint64_t count) {
    page.counter("besa_replies_total", "Replies by what became of them.", count, {{"end", end}});
  };
  reply("sent", gate.replies);
  reply("connection_closed", gate.replies_gone);
  reply("peer_does_not_read", gate.replies_slow);
}

void write_store(const journal::Journal& journal, MetricsPage& page) {
  const journal::Journal::Usage usage = journal.usage();
  page.gauge("besa_database_used_bytes", "Pages of the database that were ever used.",
             static_cast<double>(usage.database.used_bytes));
  page.gauge("besa_database_limit_bytes", "What the database can grow to.",
             static_cast<double>(usage.database.map_bytes));
  page.gauge("besa_segments", "Segment files.", static_cast<double>(usage.segments));
  page.gauge("besa_segment_bytes", "Their size.", static_cast<double>(usage.segment_bytes));
}

void write_log(const MetricSources& sources, MetricsPage& page) {
  const auto published = sources.sequencer.publication().get();
  const Timestamp now = sources.clock.now();
  page.gauge("besa_tree_size", "Entries of the log under the newest checkpoint.",
             static_cast<double>(published->checkpoint.size.value));
  page.gauge("besa_log_time_seconds", "Time of the log's last entry.", seconds(published->now));
  page.gauge("besa_checkpoint_age_seconds", "Since the entry that the newest checkpoint ends with.",
             seconds_between(published->now, now));
  for (const auto reason : {wire::WireError::clock, wire::WireError::rollback_seen, wire::WireError::stopped}) {
    page.gauge("besa_halted", "1 while nothing is appended for this reason.",
               sources.sequencer.halted() == reason ? 1 : 0, {{"reason", reason}});
  }
  page.gauge("besa_recovering", "1 while what a loss took is collected, and nothing is handed out.",
             sources.sequencer.recovers() ? 1 : 0);
  page.gauge("besa_storing_fails", "1 while batches cannot be stored.", sources.measures.storing_fails ? 1 : 0);
  page.counter("besa_batches_total", "Batches that became durable.", sources.counters.batches);
  page.counter("besa_batches_failed_total", "Batches that left no trace.", sources.counters.failed_batches);
  page.histogram("besa_batch_entries", "Entries of one step of the sequencer.", sources.measures.batch_entries);
  page.histogram("besa_step_seconds", "From taking jobs to their durable answers.", sources.measures.step_seconds);
  page.gauge("besa_requests_inside", "Requests without an answer.", static_cast<double>(sources.door.requests()));
}

// What the housekeeper counted last.
void write_census(const MetricSources& sources, MetricsPage& page) {
  const auto census = sources.census.get();
  if (!census) return;
  const Timestamp now = sources.clock.now();
  page.gauge("besa_census_age_seconds", "How old the next figures are: when the walk that counted them began.",
             seconds_between(census->begun, now));
  page.gauge("besa_queue_depth", "Messages that wait for their recipients.", static_cast<double>(census->queued));
  page.gauge("besa_queue_oldest_seconds", "How long the oldest of them has waited.",
             census->oldest ? seconds_between(census->oldest_since, now) : 0);
  page.gauge("besa_overdue_now", "What is still not answered although its time is over.",
             static_cast<double>(census->answers_overdue), {{"what", Literal("answer")}});
  page.gauge("besa_overdue_now", "What is still not answered although its time is over.",
             static_cast<double>(census->withdrawal_answers_overdue), {{"what", Literal("withdrawal_answer")}});
}

base::Status write_view(const MetricSources& sources, MetricsPage& page) {
  BESA_ASSIGN(const journal::Snapshot snapshot, sources.journal.snapshot());
  const Timestamp now = sources.clock.now();
  BESA_ASSIGN(const Members members, look_at_members(snapshot.view(), now));
  page.gauge("besa_members", "Members by standing.", static_cast<double>(members.in_force),
             {{"standing", core::Standing::in_force}});
  page.gauge("besa_members", "Members by standing.", static_cast<double>(members.suspended),
             {{"standing", core::Standing::suspended}});
  if (members.first_end) {
    page.gauge("besa_member_keys_end_seconds", "Until the first enrolment of a member in force ends.",
               seconds_between(now, *members.first_end));
  }
  return {};
}

}  // namespace

void write_metrics(const MetricSources& sources, MetricsPage& page) {
  write_log(sources, page);
  write_census(sources, page);
  const bool seen = write_view(sources, page).has_value();
  page.gauge("besa_view_readable", "0: the database could not be read for this page.", seen ? 1 : 0);
  write_counters(sources.counters, page);
  write_gate(sources.gate, page);
  write_store(sources.journal, page);
}

}  // namespace besa::broker
