#include "agents/node/echo.h"

#include <algorithm>

#include "agents/node/answers.h"

namespace besa::node {
namespace {

using program::Json;

bool has_answer(const Node& node, const InboxMessage& message) {
  return std::any_of(node.drafts().begin(), node.drafts().end(), [&](const auto& item) {
    const Draft& draft = item.second;
    return draft.type == core::StatementType::envelope && draft.kind == core::Kind::answer &&
           draft.thread == message.thread;
  });
}

bool waits(const Node& node, const InboxMessage& message) {
  if (message.kind != core::Kind::test || message.unreadable != core::Unreadable::none) return false;
  const auto thread = core::find_thread(node.view, message.thread);
  if (!thread || !*thread) return false;
  const core::ThreadState state = (*thread)->state;
  const bool open = state == core::ThreadState::handed_out || state == core::ThreadState::received ||
                    state == core::ThreadState::opened;
  return open && !has_answer(node, message);
}

// What the operations would do for a person; a refusal is a line in the log, and the test stays unanswered.
base::Result<bool> lay(Node& node, Operation laid) {
  if (!laid) {
    node.log().debug("test_unanswered", {{"status", laid.error().status}});
    return false;
  }
  BESA_TRY(node.add(std::move(laid->drafts), std::move(laid->more)));
  return true;
}

base::Status answer(Node& node, const base::Sequence& sequence) {
  const std::string id = "r" + std::to_string(sequence.value);
  BESA_ASSIGN(const bool opened, lay(node, lay_open(node, {{"message", id}, {"role", "system"}, {"person", "echo"}})));
  if (!opened) return {};
  // A test asks for nothing that could be accepted; declining it brings a sealed message back and ends the thread.
  BESA_TRY(lay(node, lay_decline(node, {{"message", id}, {"reason", "other"}, {"note", "connection test"}})));
  return {};
}

}  // namespace

base::Status answer_tests(Node& node) {
  std::vector<base::Sequence> found;
  for (const auto& [sequence, message] : node.inbox()) {
    if (waits(node, message)) found.push_back(sequence);
  }
  for (const base::Sequence& sequence : found) BESA_TRY(answer(node, sequence));
  return {};
}

}  // namespace besa::node
