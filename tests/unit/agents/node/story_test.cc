// The ordinary way of a referral, through the local API of each node.
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

class Story : public NodeWorld {};

TEST_F(Story, NodesFollowGovernanceAndPublishPrekeys) {
  settle();
  for (const char* name : {"police", "shelter", "iom", "jobs"}) {
    const Json status = get(name, "/v1/status");
    EXPECT_TRUE(status["connected"].get<bool>()) << name;
    EXPECT_TRUE(status["member_in_force"].get<bool>()) << name;
    EXPECT_EQ(status["prekeys"], 3) << name;
    EXPECT_NE(status["policy"], "") << name;
    EXPECT_TRUE(alarm_kinds(name).empty()) << name;
  }
}

TEST_F(Story, ReferralIsReceivedVerifiedAndOpened) {
  settle();
  const std::string sent = refer();
  const Json arrived = newest("shelter");
  EXPECT_EQ(arrived["from"], "police");
  EXPECT_EQ(arrived["state"], "received");
  EXPECT_FALSE(arrived.contains("content"));
  const std::string id = arrived["message"].get<std::string>();
  const Json opened = post("shelter", "/v1/open", {{"message", id}, {"role", "caseworker"}, {"person", "worker7"}});
  EXPECT_EQ(opened["sections"]["identity"]["content"]["names"][0]["first_name"], "Lirije");
  EXPECT_EQ(opened["sections"]["health"]["basis"], "consent");
  settle();
  const Json seen = get("police", "/v1/message/" + sent);
  EXPECT_EQ(seen["state"], "opened");
  std::vector<std::string> what;
  for (const Json& event : seen["events"]) what.push_back(event["what"].get<std::string>());
  EXPECT_THAT(what, ElementsAre("hand_out", "received", "opened"));
  EXPECT_EQ(seen["events"][2]["role"], "caseworker");
  EXPECT_EQ(seen["events"][2]["by"], "shelter");
}

TEST_F(Story, AnswerClosesTheLoop) {
  settle();
  const std::string sent = refer();
  const std::string id = newest("shelter")["message"].get<std::string>();
  post("shelter", "/v1/open", {{"message", id}, {"role", "manager"}, {"person", "worker7"}});
  const Json answer = post("shelter", "/v1/accept", {{"message", id}, {"note", "A bed is free."}});
  EXPECT_EQ(answer["state"], "queued");
  settle();
  EXPECT_EQ(get("police", "/v1/message/" + sent)["state"], "accepted");
  const Json reply = newest("police");
  EXPECT_EQ(reply["kind"], "answer");
  EXPECT_EQ(reply["sets"], "accepted");
  const Json opened =
      post("police", "/v1/open", {{"message", reply["message"]}, {"role", "officer"}, {"person", "officer1"}});
  EXPECT_EQ(opened["sections"]["response"]["content"]["text"], "A bed is free.");
  EXPECT_EQ(opened["sections"]["response"]["basis"], "in_thread");
}

TEST_F(Story, DeclineCarriesItsReasonSealed) {
  settle();
  const std::string sent = refer();
  const std::string id = newest("shelter")["message"].get<std::string>();
  post("shelter", "/v1/open", {{"message", id}, {"role", "manager"}, {"person", "worker7"}});
  failing("shelter", "/v1/decline", {{"message", id}, {"reason", "no_idea"}}, 400);
  post("shelter", "/v1/decline", {{"message", id}, {"reason", "no_capacity"}});
  settle();
  EXPECT_EQ(get("police", "/v1/message/" + sent)["state"], "declined");
}

TEST_F(Story, AnsweringBeforeOpeningIsToldInWords) {
  settle();
  refer();
  const std::string id = newest("shelter")["message"].get<std::string>();
  EXPECT_EQ(failing("shelter", "/v1/accept", {{"message", id}}, 409)["code"], "not_opened");
}

TEST_F(Story, CancelBeforeItIsReadReachesNobody) {
  settle();
  const std::string consent_id = record_consent();
  const Json sent =
      post("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", consent_id}});
  const std::string id = sent["messages"][0]["message"].get<std::string>();
  EXPECT_EQ(post("police", "/v1/cancel", {{"message", id}})["state"], "taken_back");
  settle();
  EXPECT_TRUE(newest("shelter").empty());
}

TEST_F(Story, CancelAfterwardsMovesTheThread) {
  settle();
  const std::string id = refer();
  post("police", "/v1/cancel", {{"message", id}});
  settle();
  EXPECT_EQ(get("police", "/v1/message/" + id)["state"], "cancelled");
  EXPECT_EQ(newest("shelter")["kind"], "cancel");
}

TEST_F(Story, UpdateTravelsInTheThread) {
  settle();
  const std::string id = refer();
  const Json sections = {{"contact", {{"basis", "consent"}, {"content", {{"methods", {"call"}}}}}}};
  post("police", "/v1/update", {{"message", id}, {"sections", sections}});
  settle();
  EXPECT_EQ(newest("shelter")["kind"], "update");
  EXPECT_EQ(get("shelter", "/v1/threads")["threads"].size(), 1U);
  EXPECT_EQ(get("shelter", "/v1/threads")["threads"][0]["messages"].size(), 2U);
}

TEST_F(Story, NothingOfThePersonIsInTheLogOrInClearOnDisk) {
  settle();
  refer();
  for (const std::string& line : log_lines_) EXPECT_EQ(line.find("Lirije"), std::string::npos) << line;
  for (const auto& item : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!item.is_regular_file()) continue;
    const base::Bytes bytes = support::read_file(item.path());
    EXPECT_EQ(base::as_text(bytes).find("Lirije"), std::string_view::npos) << item.path();
    EXPECT_EQ(base::as_text(bytes).find("wrist"), std::string_view::npos) << item.path();
  }
}

TEST_F(Story, AllSurvivesARestart) {
  settle();
  const std::string sent = refer();
  const Json police_before = get("police", "/v1/message/" + sent);
  const Json shelter_before = get("shelter", "/v1/inbox");
  crash("police");
  crash("shelter");
  open("police");
  open("shelter");
  EXPECT_EQ(get("police", "/v1/message/" + sent), police_before);
  EXPECT_EQ(get("shelter", "/v1/inbox"), shelter_before);
  const std::size_t asked = broker_.requests(wire::RequestKind::entry);
  settle();
  EXPECT_EQ(broker_.requests(wire::RequestKind::entry), asked) << "governance is kept, not fetched again";
}

}  // namespace
}  // namespace besa::node
