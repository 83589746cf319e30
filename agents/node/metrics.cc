#include "agents/node/metrics.h"

#include <algorithm>

#include "agents/node/statement_maker.h"
#include "core/records.h"

namespace besa::node {
namespace {

using program::Literal;
using program::MetricsPage;

constexpr std::size_t kPrekeysLookedAt = 1'024;

double seconds_between(base::Timestamp from, base::Timestamp to) {
  return to > from ? static_cast<double>(to.ms - from.ms) / 1'000 : 0;
}

void write_outbox(const Node& node, base::Timestamp now, MetricsPage& page) {
  std::size_t waiting = 0;
  std::size_t refused = 0;
  base::Timestamp oldest = now;
  for (const auto& [number, draft] : node.drafts()) {
    refused += draft.state == DraftState::refused ? 1U : 0U;
    if (!draft.is_open()) continue;
    ++waiting;
    oldest = std::min(oldest, draft.made);
  }
  page.gauge("besa_outbox_depth", "Statements that are not in the log yet.", static_cast<double>(waiting));
  page.gauge("besa_outbox_oldest_seconds", "How long the oldest of them has waited.", seconds_between(oldest, now));
  page.gauge("besa_outbox_refused", "Statements that the log refused and that are still listed.",
             static_cast<double>(refused));
}

void write_inbox(const Node& node, MetricsPage& page) {
  std::size_t unread = 0;
  std::size_t unreadable = 0;
  std::size_t owed = 0;
  for (const auto& [sequence, message] : node.inbox()) {
    const bool readable = message.unreadable == core::Unreadable::none;
    unreadable += readable ? 0U : 1U;
    unread += readable && !message.opened ? 1U : 0U;
    owed += message.withdrawn && message.settled == core::DebtAnswer::none ? 1U : 0U;
  }
  page.gauge("besa_inbox_unread", "Messages that no person has opened.", static_cast<double>(unread));
  page.gauge("besa_inbox_unreadable", "Messages that this node could not open.", static_cast<double>(unreadable));
  page.gauge("besa_withdrawal_answers_owed", "Messages whose consent was taken back and that await an answer.",
             static_cast<double>(owed));
  const auto alarms =
      std::count_if(node.alarms().begin(), node.alarms().end(), [](const auto& item) { return !item.second.over; });
  page.gauge("besa_alarms", "Alarms that are not over; 'besa status' says which.", static_cast<double>(alarms));
}

void write_contact(const Node& node, base::Timestamp now, MetricsPage& page) {
  page.gauge("besa_connected", "1 while the broker answers.", node.contact.connected ? 1 : 0);
  if (node.contact.last.ms != 0) {
    page.gauge("besa_contact_age_seconds", "Since the newest verified reply; absent before the first.",
               seconds_between(node.contact.last, now));
  }
  page.gauge("besa_tree_size", "Entries of the log under the newest checkpoint that this node holds.",
             static_cast<double>(node.contact.log_size.value));
  page.gauge("besa_sending_stopped", "1: a promise was broken, and nothing is sent until somebody has looked.",
             node.stopped().empty() ? 0 : 1);
}

void write_keys(const Node& node, base::Timestamp now, MetricsPage& page) {
  const auto rows = node.view.scan(core::Table::prekey, node.self.view(), {}, kPrekeysLookedAt);
  page.gauge("besa_prekeys", "Prekeys of this node in the log.", rows ? static_cast<double>(rows->size()) : 0);
  const base::Timestamp covered = prekeys_cover(node.view, node.self).value_or(base::Timestamp{});
  page.gauge("besa_prekeys_end_seconds", "For how long others can still seal to this node.",
             seconds_between(now, covered));
  const auto self = core::read_member(node.view, node.self);
  const bool known = self && *self;
  page.gauge("besa_member_in_force", "1 while the log says that this agency may take part.",
             known && (*self)->in_force(now) ? 1 : 0);
  if (known) {
    page.gauge("besa_member_keys_end_seconds", "Until this agency's enrolment ends.",
               seconds_between(now, (*self)->until));
  }
}

}  // namespace

void write_metrics(Node& node, MetricsPage& page) {
  const base::Timestamp now = node.now();
  const std::lock_guard lock(node.mutex);
  write_contact(node, now, page);
  write_outbox(node, now, page);
  write_inbox(node, page);
  write_keys(node, now, page);
}

std::string not_ready(Node& node) {
  const std::lock_guard lock(node.mutex);
  if (!node.stopped().empty()) return "sending is stopped: look at 'besa status'";
  if (!node.contact.connected) return "no contact with the broker: 'besa status' says why";
  return {};
}

}  // namespace besa::node
