#include "core/lifecycle.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <tuple>
#include <vector>

namespace besa::core {
namespace {

// The thread table as it stands in the documents. Groups of states are in capitals; "same" leaves the thread where it
// is; a last word `opened_by:` or `if_handed_out` limits the cell. What is not listed is illegal.
constexpr const char* kThreadTable = R"(
update  -                opener    LIVE DONE                                        -> same
update  closed           opener    DONE declined expired undeliverable              -> closed
update  closed           opener    cancel_confirmed withdrawal_answered             -> closed
update  re_referred      opener    declined expired undeliverable                   -> re_referred
answer  accepted         receiver  ASK                                              -> accepted     opened_by_request
answer  declined         receiver  ASK                                              -> declined
answer  in_progress      receiver  accepted on_hold                                 -> in_progress
answer  on_hold          receiver  accepted in_progress                             -> on_hold
answer  cancel_confirmed receiver  cancelled                                        -> cancel_confirmed if_handed_out
answer  cancel_confirmed receiver  entered_in_error                                 -> closed
cancel  cancelled        opener    LIVE                                             -> cancelled
cancel  entered_in_error opener    LIVE DONE                                        -> entered_in_error
)";

const std::map<std::string, std::vector<std::string>> kGroups = {
    {"LIVE",
     {"queued", "handed_out", "received", "opened", "needs_info", "info_sent", "accepted", "in_progress", "on_hold"}},
    {"ASK", {"opened", "needs_info", "info_sent"}},
    {"WORK", {"accepted", "in_progress", "on_hold"}},
    {"DONE", {"completed"}},
};

// Opening kinds that can be accepted: a referral, a question, a person's right.
bool is_request(Kind kind) {
  return kind == Kind::referral || kind == Kind::info_request || kind == Kind::access_request ||
         kind == Kind::correction || kind == Kind::erasure_request || kind == Kind::objection;
}

struct Legal {
  std::optional<ThreadState> to;  // empty: same
  bool request_only = false;
  bool handed_out_only = false;
};
using CellKey = std::tuple<Kind, Sets, ThreadParty, ThreadState>;

std::map<CellKey, Legal> read_table() {
  std::map<CellKey, Legal> out;
  std::istringstream lines(kThreadTable);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, sets, party, word;
    if (!(words >> kind >> sets >> party)) continue;
    std::vector<std::string> from;
    while (words >> word && word != "->") {
      const auto group = kGroups.find(word);
      const auto states = group == kGroups.end() ? std::vector<std::string>{word} : group->second;
      from.insert(from.end(), states.begin(), states.end());
    }
    std::string to, limit;
    words >> to >> limit;
    Legal legal;
    if (to != "same") legal.to = parse_code<ThreadState>(to).value();
    legal.request_only = limit == "opened_by_request";
    legal.handed_out_only = limit == "if_handed_out";
    for (const std::string& state : from) {
      const CellKey key = {parse_code<Kind>(kind).value(), sets == "-" ? Sets::none : parse_code<Sets>(sets).value(),
                           party == "opener" ? ThreadParty::opener : ThreadParty::receiver,
                           parse_code<ThreadState>(state).value()};
      EXPECT_TRUE(out.emplace(key, legal).second) << line;
    }
  }
  return out;
}

// All codes of a list, with none before and one number past its end.
template <class Code>
std::vector<Code> codes_and_strangers() {
  std::vector<Code> out;
  for (std::size_t i = 0; i <= names_of(Code{}).size() + 1; ++i) out.push_back(static_cast<Code>(i));
  return out;
}

std::optional<ThreadState> expected_state(const std::map<CellKey, Legal>& table, const CellKey& key, Kind opening_kind,
                                          bool handed_out) {
  const auto found = table.find(key);
  if (found == table.end()) return std::nullopt;
  if (found->second.request_only && !is_request(opening_kind)) return std::nullopt;
  if (found->second.handed_out_only && !handed_out) return std::nullopt;
  return found->second.to.value_or(std::get<ThreadState>(key));
}

TEST(ThreadTable, IsExactlyTheDocumentedOne) {
  const auto table = read_table();
  std::size_t wrong = 0;
  for (const Kind kind : codes_and_strangers<Kind>()) {
    for (const Sets sets : codes_and_strangers<Sets>()) {
      for (const ThreadParty by : {ThreadParty::opener, ThreadParty::receiver}) {
        for (const ThreadState from : codes_and_strangers<ThreadState>()) {
          for (const Kind opening : codes_and_strangers<Kind>()) {
            for (const bool handed_out : {false, true}) {
              const auto expected = expected_state(table, {kind, sets, by, from}, opening, handed_out);
              if (next_state(kind, sets, by, from, opening, handed_out) == expected) continue;
              ++wrong;
              ADD_FAILURE() << name_of(kind) << " " << name_of(sets) << " from " << name_of(from) << ", opened by "
                            << name_of(opening);
              ASSERT_LT(wrong, 10U);
            }
          }
        }
      }
    }
  }
}

TEST(ThreadTable, GroupsAreTheDocumentedOnes) {
  const auto is_one_of = [](const char* group, ThreadState state) {
    const auto& names = kGroups.at(group);
    return std::find(names.begin(), names.end(), name_of(state)) != names.end();
  };
  for (const ThreadState state : codes_and_strangers<ThreadState>()) {
    EXPECT_EQ(is_live(state), is_one_of("LIVE", state)) << name_of(state);
    EXPECT_EQ(is_ask(state), is_one_of("ASK", state)) << name_of(state);
    EXPECT_EQ(is_work(state), is_one_of("WORK", state)) << name_of(state);
    EXPECT_EQ(is_ended(state), in_list(state) && !is_one_of("LIVE", state)) << name_of(state);
  }
}

TEST(ThreadTable, ReferralAndTestOpenThreads) {
  for (const Kind kind : codes_and_strangers<Kind>()) {
    EXPECT_EQ(is_opening_kind(kind), kind == Kind::referral || kind == Kind::test) << name_of(kind);
  }
}

TEST(ThreadTable, FollowsItsOpeningMessageUntilAPartyMovesIt) {
  const std::map<MessageState, ThreadState> mirror = {
      {MessageState::queued, ThreadState::queued},     {MessageState::handed_out, ThreadState::handed_out},
      {MessageState::received, ThreadState::received}, {MessageState::opened, ThreadState::opened},
      {MessageState::expired, ThreadState::expired},   {MessageState::unreadable, ThreadState::undeliverable}};
  for (const ThreadState thread : codes_and_strangers<ThreadState>()) {
    const bool early = thread >= ThreadState::queued && thread <= ThreadState::opened;
    for (const MessageState message : codes_and_strangers<MessageState>()) {
      const auto found = mirror.find(message);
      const auto expected = early && found != mirror.end() ? std::optional(found->second) : std::nullopt;
      EXPECT_EQ(mirrored_state(thread, message), expected) << name_of(thread) << " " << name_of(message);
    }
  }
}

// --- messages ---

// "late" rows hold only for a message that was handed out before it was overtaken.
constexpr const char* kMessageTable = R"(
hand_out    queued withheld              -> handed_out
withhold    queued handed_out            -> withheld
expire      queued handed_out withheld   -> expired
received    handed_out                   -> received
unreadable  handed_out                   -> unreadable
opened      received opened              -> opened
erased      received opened unreadable   -> erased
received    withheld expired             -> late
unreadable  withheld expired             -> late
opened      withheld expired             -> late
erased      withheld expired             -> late
)";

const std::map<std::string, MessageEvent> kEvents = {
    {"hand_out", MessageEvent::hand_out}, {"withhold", MessageEvent::withhold},
    {"expire", MessageEvent::expire},     {"received", MessageEvent::received},
    {"opened", MessageEvent::opened},     {"unreadable", MessageEvent::unreadable},
    {"erased", MessageEvent::erased}};

std::map<std::pair<MessageEvent, MessageState>, std::string> read_message_table() {
  std::map<std::pair<MessageEvent, MessageState>, std::string> out;
  std::istringstream lines(kMessageTable);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string event, word, to;
    if (!(words >> event)) continue;
    std::vector<std::string> from;
    while (words >> word && word != "->") from.push_back(word);
    words >> to;
    for (const std::string& state : from) {
      out[{kEvents.at(event), parse_code<MessageState>(state).value()}] = to;
    }
  }
  return out;
}

TEST(MessageTable, IsExactlyTheDocumentedOne) {
  const auto table = read_message_table();
  for (const auto& [name, event] : kEvents) {
    for (const MessageState from : codes_and_strangers<MessageState>()) {
      for (const bool handed_out : {false, true}) {
        std::optional<MessageState> expected;
        if (const auto found = table.find({event, from}); found != table.end()) {
          if (found->second != "late") expected = parse_code<MessageState>(found->second).value();
          if (found->second == "late" && handed_out) expected = from;
        }
        EXPECT_EQ(next_message_state(event, from, handed_out), expected) << name << " " << name_of(from);
      }
    }
  }
}

}  // namespace
}  // namespace besa::core
