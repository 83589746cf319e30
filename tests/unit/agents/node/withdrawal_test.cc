// Consent taken back, as the people at three agencies live it.
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using testing::Contains;
using testing::Not;

class Withdrawing : public NodeWorld {
 protected:
  // The newest received message of an agency, as its id.
  std::string came(const std::string& name) { return newest(name)["message"].get<std::string>(); }
  void take_back(const Json& body) {
    post("police", "/v1/withdraw", body);
    settle();
    settle();  // what ticks say comes with the next pull
  }
};

TEST_F(Withdrawing, TheRecipientIsToldErasesAndTheSenderSeesIt) {
  const std::string sent = refer();
  const std::string id = came("shelter");
  post("shelter", "/v1/open", {{"message", id}, {"role", "caseworker"}, {"person", "w1"}});
  settle();
  take_back({{"consent", "c1"}});
  EXPECT_EQ(newest("shelter")["withdrawn"], "answer_owed");
  EXPECT_THAT(alarm_kinds("shelter"), Contains("withdrawal"));
  const Json before = post("shelter", "/v1/open", {{"message", id}, {"role", "caseworker"}, {"person", "w1"}});
  EXPECT_TRUE(before["sections"].contains("health")) << "a notice alone erases nothing";
  post("shelter", "/v1/erase", {{"message", id}});
  settle();
  EXPECT_EQ(newest("shelter")["withdrawn"], "erased");
  EXPECT_THAT(alarm_kinds("shelter"), Not(Contains("withdrawal")));
  const Json after = post("shelter", "/v1/open", {{"message", id}, {"role", "caseworker"}, {"person", "w1"}});
  EXPECT_FALSE(after["sections"].contains("health"));
  EXPECT_TRUE(after["sections"].contains("identity")) << "what rested on another basis stays";
  const Json shown = get("police", "/v1/message/" + sent);
  bool answered = false;
  for (const Json& event : shown["events"]) answered = answered || event["what"] == "withdrawal_answer";
  EXPECT_TRUE(answered);
  EXPECT_EQ(failing("shelter", "/v1/erase", {{"message", id}}, 409)["code"], "answered");
}

TEST_F(Withdrawing, KeepingNeedsAnotherBasis) {
  refer();
  const std::string id = came("shelter");
  EXPECT_EQ(failing("shelter", "/v1/keep", {{"message", id}, {"basis", "public_task"}}, 409)["code"], "not_due");
  take_back({{"consent", "c1"}});
  EXPECT_EQ(failing("shelter", "/v1/keep", {{"message", id}, {"basis", "consent"}}, 400)["pointer"], "/basis");
  EXPECT_EQ(failing("shelter", "/v1/keep", {{"message", id}, {"basis", "public_tsk"}}, 400)["pointer"], "/basis");
  EXPECT_EQ(failing("shelter", "/v1/keep", {{"message", "r999"}, {"basis", "public_task"}}, 404)["pointer"],
            "/message");
  post("shelter", "/v1/keep", {{"message", id}, {"basis", "legal_obligation"}});
  settle();
  EXPECT_EQ(newest("shelter")["withdrawn"], "kept");
}

TEST_F(Withdrawing, NothingGoesUnderItAnyMore) {
  record_consent();
  take_back({{"consent", "c1"}});
  EXPECT_EQ(get("police", "/v1/consents")["consents"][0]["withdrawn"], "whole");
  const Json error =
      failing("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", "c1"}}, 422);
  EXPECT_EQ(error["reason"], "not_covered");
}

TEST_F(Withdrawing, PartOfItLeavesTheRest) {
  record_consent();
  take_back({{"consent", "c1"}, {"from", {"iom"}}});
  EXPECT_EQ(get("police", "/v1/consents")["consents"][0]["withdrawn"], "part");
  const Json sent = post("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", "c1"}});
  EXPECT_EQ(sent["messages"][0]["decision"], "allowed");
  take_back({{"consent", "c1"}, {"purposes", {"protection"}}});
  const Json error =
      failing("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", "c1"}}, 422);
  EXPECT_EQ(error["reason"], "not_covered");
}

TEST_F(Withdrawing, AMessageThatWaitsIsKeptBackAndTheSenderSeesThat) {
  record_consent();
  crash("shelter");
  const Json sent = post("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", "c1"}});
  const std::string id = sent["messages"][0]["message"];
  settle();
  take_back({{"consent", "c1"}});
  open("shelter");
  settle();
  EXPECT_TRUE(newest("shelter").empty());
  const Json shown = get("police", "/v1/message/" + id);
  EXPECT_EQ(shown["message_state"], "withheld");
  EXPECT_EQ(shown["state"], "withheld") << "its thread still says that it waits: nobody must read it as on its way";
  const Json threads = get("police", "/v1/threads")["threads"];
  EXPECT_EQ(threads[0]["state"], "withheld");
  EXPECT_THAT(threads[0]["words"].get<std::string>(), testing::HasSubstr("kept back"));
  EXPECT_THAT(get("police", "/v1/explain/" + id)["sentences"].dump(), testing::HasSubstr("keeps it back"));
  crash("police");
  open("police");
  EXPECT_EQ(get("police", "/v1/message/" + id)["message_state"], "withheld") << "known after a restart too";
}

TEST_F(Withdrawing, MistakesAreNamed) {
  record_consent();
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", "c9"}}, 404)["pointer"], "/consent");
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", "x"}}, 400)["pointer"], "/consent");
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", "c1"}, {"purposes", Json::array()}}, 400)["pointer"],
            "/purposes");
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", "c1"}, {"purposes", {"protecton"}}}, 400)["pointer"],
            "/purposes/0");
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", "c1"}, {"from", {"nobody"}}}, 404)["pointer"], "/from/0");
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", "c1"}, {"from", {"jobs"}}}, 400)["pointer"], "/from/0");
  const Json recorded = post("police", "/v1/consent", {{"consent", consent()}});
  EXPECT_EQ(failing("police", "/v1/withdraw", {{"consent", recorded["consent"]}}, 409)["code"], "not_recorded");
}

}  // namespace
}  // namespace besa::node
