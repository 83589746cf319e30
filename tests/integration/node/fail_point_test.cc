// A node dies at every named step of a message's way through it and is started again: everything arrives, once.
#include <chrono>
#include <set>
#include <thread>

#include "agents/node/prekeys.h"
#include "program/time_text.h"
#include "tests/integration/node/real_nodes.h"
#include "tests/support/fail_points.h"

#ifdef BESA_FAIL_POINTS

namespace besa::node {
namespace {

using namespace std::chrono_literals;

constexpr int kReached = 20'000;  // milliseconds, within which a fail point must be reached

// "name" or "name:n", as the variable has it.
struct Point {
  const char* name;
  const char* victim;
};

// While a node runs for the first time.
constexpr Point kBeginning[] = {{"checkpoint_before_keep", "shelter"}, {"checkpoint_kept", "shelter"},
                                {"governance_stored", "shelter"},      {"governance_stored:2", "shelter"},
                                {"prekey_written", "shelter"},         {"prekey_written:3", "shelter"},
                                {"statement_signed", "shelter"},       {"statement_stored", "shelter"},
                                {"own_entry_taken", "shelter"},        {"receipt_taken", "shelter"}};

// While it sends a message and hears that it was received.
constexpr Point kSending[] = {
    {"draft_stored", "police"},     {"counter_kept", "police"},  {"statement_signed", "police"},
    {"statement_stored", "police"}, {"offer_noted", "police"},   {"submitted", "police"},
    {"own_entry_taken", "police"},  {"receipt_taken", "police"}, {"checkpoint_before_keep", "police"},
    {"checkpoint_kept", "police"},  {"notice_heard", "police"},  {"notice_taken", "police"},
    {"notices_kept:3", "police"}};

// While one comes and is acknowledged.
constexpr Point kReceiving[] = {
    {"mail_pulled", "shelter"},      {"message_stored", "shelter"},    {"mail_stored", "shelter"},
    {"draft_stored", "shelter"},     {"mail_acknowledged", "shelter"}, {"counter_kept", "shelter"},
    {"statement_signed", "shelter"}, {"statement_stored", "shelter"},  {"offer_noted", "shelter"},
    {"submitted", "shelter"},        {"own_entry_taken", "shelter"},   {"receipt_taken", "shelter"}};

// While a consent is taken back.
constexpr Point kWithdrawing[] = {{"notice_heard", "shelter"}, {"own_entry_taken", "shelter"}, {"erased", "shelter"}};

constexpr Point kCleaning[] = {{"prekey_overwritten", "shelter"}};

class FailPointTest : public RealNodes {
 protected:
  void begin() {
    start_node("police");
    start_node("shelter");
    ASSERT_TRUE(eventually([&] { return ready("police") && ready("shelter"); }));
  }

  // A message on its way while the victim dies at the point; it and all before have arrived afterwards.
  void send_and_die(const Point& point, int number) {
    SCOPED_TRACE(std::string(point.victim) + " dies at " + point.name);
    kill_node(point.victim);
    start_node(point.victim, point.name);
    bool answered = false;
    for (int i = 0; i < kReached / 50 && !answered; ++i) {
      answered = send(number);
      if (!answered && processes_.at("police").started() && died("police", 50)) break;
    }
    if (processes_.at(point.victim).started()) {
      ASSERT_TRUE(died(point.victim, kReached)) << "never reached";
    }
    start_node(point.victim);
    ASSERT_TRUE(answered || eventually([&] { return send(number); }));
    expect_arrived(static_cast<std::size_t>(number) + 1);
  }

  void die_in_turn(std::span<const Point> points) {
    begin();
    int sent = 0;
    for (const Point& point : points) {
      send_and_die(point, sent++);
      if (HasFatalFailure()) return;
    }
    kill_node("police");
    kill_node("shelter");
    expect_whole_counters(static_cast<std::size_t>(sent));
  }

  Json post(const std::string& name, const std::string& target, const Json& body) {
    const auto answer = ask(name, "POST", target, body);
    EXPECT_TRUE(answer && answer->status == 200) << target << ": " << (answer ? answer->body : "no answer");
    return answer ? program::parse_json(answer->body).value_or(Json::object()) : Json::object();
  }

  // A message whose part about contact rests on a consent, received; the consent is taken back.
  void send_and_withdraw(int number) {
    const Json consent = {
        {"person_class", "adult"},
        {"given_by", "self"},
        {"form", "written"},
        {"checks",
         {"interview", "purpose", "actual_and_potential_use", "research_use", "request_data", "retention",
          "withdrawal"}},
        {"valid_until", program::format_time(clock_.now() + base::days(30))},
        {"kept_here", {{"language", "sq"}}},
        {"rows", Json::array({{{"member", "shelter"}, {"allow", {"health"}}, {"purposes", {"protection"}}}})}};
    const Json recorded = post("police", "/v1/consent", {{"consent", consent}});
    const std::string id = recorded.value("consent", std::string());
    const auto find = [&] {
      for (const Json& one : look("police", "/v1/consents").value("consents", Json::array())) {
        if (one["consent"] == id) return one;
      }
      return Json::object();
    };
    ASSERT_TRUE(eventually([&] { return find().contains("sequence"); })) << find().dump();
    const Json health = {{"basis", "consent"}, {"content", {{"physical", {{{"description", "Plantedstory"}}}}}}};
    ASSERT_TRUE(send(number, {{"referral", {{"sections", {{"health", health}}}}}, {"consent", id}}));
    ASSERT_TRUE(eventually([&] {
      return look("shelter", "/v1/inbox").value("messages", Json::array()).size() ==
             static_cast<std::size_t>(number) + 1;
    }));
    post("police", "/v1/withdraw", {{"consent", id}});
  }

  std::string withdrawn_state() const {
    const Json messages = look("shelter", "/v1/inbox").value("messages", Json::array());
    return messages.empty() ? std::string() : messages[0].value("withdrawn", std::string());
  }
};

TEST_F(FailPointTest, TheFirstRunOfANode) {
  for (const Point& point : kBeginning) {
    start_node(point.victim, point.name);
    ASSERT_TRUE(died(point.victim, kReached)) << point.name << " was never reached";
  }
  begin();
  ASSERT_TRUE(send(0));
  expect_arrived(1);
}

TEST_F(FailPointTest, TheWayOut) { die_in_turn(kSending); }
TEST_F(FailPointTest, TheWayIn) { die_in_turn(kReceiving); }

TEST_F(FailPointTest, AConsentTakenBack) {
  begin();
  int sent = 0;
  for (const Point& point : kWithdrawing) {
    SCOPED_TRACE(point.name);
    const bool hearing = std::string_view(point.name) == "notice_heard";
    if (hearing) {
      kill_node("shelter");
      start_node("shelter", point.name);
    }
    send_and_withdraw(sent++);
    if (HasFatalFailure()) return;
    if (hearing) {
      ASSERT_TRUE(died("shelter", kReached)) << "never reached";
      start_node("shelter");
    }
    ASSERT_TRUE(eventually([&] { return withdrawn_state() == "answer_owed"; })) << withdrawn_state();
    const Json message = look("shelter", "/v1/inbox")["messages"][0]["message"];
    if (!hearing) {
      kill_node("shelter");
      start_node("shelter", point.name);
      ASSERT_TRUE(eventually([&] { return !look("shelter", "/v1/status").empty(); }));
    }
    post("shelter", "/v1/erase", {{"message", message}, {"request_id", "e" + std::to_string(sent)}});
    if (!hearing) {
      ASSERT_TRUE(died("shelter", kReached)) << "never reached";
      start_node("shelter");
    }
    EXPECT_TRUE(eventually([&] { return withdrawn_state() == "erased"; })) << withdrawn_state();
    const Json opened = post("shelter", "/v1/open", {{"message", message}, {"role", "caseworker"}, {"person", "w1"}});
    EXPECT_FALSE(opened["sections"].contains("health"));
    EXPECT_TRUE(opened["sections"].contains("identity"));
  }
}

// The box of a node that dies again and again while it destroys old prekeys opens.
TEST_F(FailPointTest, APrekeyThatIsRemoved) {
  begin();
  kill_node("shelter");
  const auto key = crypto::StorageKey::from_bytes(base::Bytes(32, shelter_->id.bytes[0])).value();
  const std::string folder = place("shelter") + "/prekeys";
  auto box = PrekeyBox::open(folder, key, shelter_->id);
  ASSERT_TRUE(box.has_value());
  const std::size_t before = box->size();
  ASSERT_TRUE(box->make(base::Timestamp{clock_.now().ms - base::days(60).ms}, 2).has_value());
  for (int i = 0; i < 3; ++i) {
    start_node("shelter", kCleaning[0].name);
    ASSERT_TRUE(died("shelter", kReached)) << "never reached";
  }
  start_node("shelter");
  ASSERT_TRUE(eventually([&] { return ready("shelter"); })) << "it does not start any more";
  ASSERT_TRUE(send(0));
  expect_arrived(1);
  kill_node("shelter");
  const auto files = std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
  EXPECT_EQ(static_cast<std::size_t>(files), before);
}

std::set<std::string> points_of(std::span<const Point> points) {
  std::set<std::string> out;
  for (const Point& point : points) out.insert(std::string(point.name).substr(0, std::string(point.name).find(':')));
  return out;
}

TEST(FailPoints, EveryOneOfTheNodeIsInATable) {
  std::set<std::string> listed;
  for (const auto points :
       {std::span<const Point>(kBeginning), std::span<const Point>(kSending), std::span<const Point>(kReceiving),
        std::span<const Point>(kWithdrawing), std::span<const Point>(kCleaning)}) {
    listed.merge(points_of(points));
  }
  std::set<std::string> found = support::fail_points_of("agents/node");
  std::erase_if(found, [](const std::string& name) {  // has a table, too
    return support::names_fail_point("tests/integration/ceremony/crash_test.cc", name);
  });
  EXPECT_EQ(found, listed);
}

}  // namespace
}  // namespace besa::node

#endif
