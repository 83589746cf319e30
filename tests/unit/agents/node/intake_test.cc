// What comes in: verified in the stated order, kept encrypted, acknowledged once; what is wrong is reported or kept as
// evidence.
#include "tests/unit/agents/node/node_world.h"

#include "agents/node/pair_watch.h"

namespace besa::node {
namespace {

using core::StatementType;
using testing::Contains;
using testing::IsEmpty;

class IntakeTest : public NodeWorld {
 protected:
  IntakeTest() { settle(); }
  void send() {
    Json only = referral();
    only["sections"].erase("health");
    post("police", "/v1/send", {{"referral", only}, {"to", {"shelter"}}});
    ASSERT_TRUE(round("police").has_value());
  }
  std::string unreadable_reason() {
    const Json message = newest("shelter");
    return message.contains("unreadable") ? message["unreadable"]["reason"].get<std::string>() : "none";
  }
};

TEST_F(IntakeTest, ManyMessagesOfOneSenderAreAcknowledgedTogether) {
  for (int i = 0; i < 5; ++i) send();
  settle();
  EXPECT_EQ(broker_.count(StatementType::received), 1U);
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 5U);
}

TEST_F(IntakeTest, MessagesThatComeTwiceAreKeptOnce) {
  send();
  broker_.bend_pull = [](std::vector<wire::PulledMessage>& messages) {
    if (!messages.empty()) messages.push_back(messages.front());
  };
  settle();
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 1U);
  EXPECT_EQ(broker_.count(StatementType::received), 1U);
}

TEST_F(IntakeTest, OrderOfArrivalDoesNotMatter) {
  for (int i = 0; i < 4; ++i) send();
  broker_.bend_pull = [](std::vector<wire::PulledMessage>& messages) {
    std::reverse(messages.begin(), messages.end());
  };
  settle();
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 4U);
  EXPECT_THAT(alarm_kinds("shelter"), IsEmpty());
  EXPECT_TRUE(get("shelter", "/v1/status")["gaps"].empty());
}

TEST_F(IntakeTest, ChangedCiphertextIsUnreadableAndReported) {
  send();
  broker_.bend_pull = [](std::vector<wire::PulledMessage>& messages) {
    for (wire::PulledMessage& message : messages) message.chunks[0].data[7] ^= 1;
  };
  settle();
  EXPECT_EQ(unreadable_reason(), "chunk_root");
  EXPECT_EQ(broker_.count(StatementType::unreadable), 1U);
  EXPECT_EQ(broker_.count(StatementType::received), 0U);
  const std::string id = newest("shelter")["message"].get<std::string>();
  EXPECT_EQ(failing("shelter", "/v1/open", {{"message", id}, {"role", "manager"}, {"person", "x"}}, 422)["code"],
            "unreadable");
}

TEST_F(IntakeTest, ChunksThatDidNotFitAreFetched) {
  send();
  broker_.bend_pull = [](std::vector<wire::PulledMessage>& messages) {
    for (wire::PulledMessage& message : messages) message.chunks.clear();
  };
  settle();
  EXPECT_EQ(unreadable_reason(), "none");
  EXPECT_GT(broker_.requests(wire::RequestKind::fetch), 0U);
}

TEST_F(IntakeTest, LostPrekeyIsUnreadable) {
  send();
  crash("shelter");
  std::filesystem::remove_all((folder_ / "shelter") / "prekeys");
  open("shelter");
  settle();
  EXPECT_EQ(unreadable_reason(), "unknown_prekey");
  EXPECT_EQ(newest("shelter")["state"], "unreadable");
  EXPECT_EQ(get("police", "/v1/threads")["threads"][0]["state"], "undeliverable");
}

// Row 21.
TEST_F(IntakeTest, MisdeliveredIsKeptAsEvidenceAndNotStored) {
  send();
  const base::Sequence sequence{broker_.size() - 1};
  ASSERT_EQ(broker_.entry(sequence.value).type, StatementType::envelope);
  broker_.misdeliver[agency("iom").id] = {sequence};
  ASSERT_TRUE(round("iom").has_value());
  EXPECT_TRUE(get("iom", "/v1/inbox")["messages"].empty());
  EXPECT_THAT(alarm_kinds("iom"), Contains("misdelivered"));
  const Json alarm = get("iom", "/v1/status")["alarms"][0];
  EXPECT_TRUE(std::filesystem::exists((folder_ / "iom") / alarm["evidence"].get<std::string>()));
  ASSERT_TRUE(round("iom").has_value());
  EXPECT_EQ(alarm_kinds("iom").size(), 1U) << "one alarm for one message";
  EXPECT_EQ(broker_.count(StatementType::unreadable), 0U);
}

TEST_F(IntakeTest, CrashAfterStoringStillAcknowledges) {
  send();
  broker_.lose_request = [](const wire::Request& request) {
    return wire::kind_of(request.body) == wire::RequestKind::submit;
  };
  EXPECT_FALSE(round("shelter").has_value());
  crash("shelter");
  open("shelter");
  broker_.lose_request = {};
  settle();
  EXPECT_EQ(broker_.count(StatementType::received), 1U);
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 1U);
}

// The agency was suspended between pulling a message and acknowledging it.
TEST_F(IntakeTest, RefusedAcknowledgementIsMadeAgainWhenTheMessageStillComes) {
  send();
  bool suspended = false;
  broker_.lose_request = [&](const wire::Request& request) {
    if (!suspended && wire::kind_of(request.body) == wire::RequestKind::submit) {
      suspended = true;
      broker_.govern(network_.suspension(agency("shelter")));
    }
    return false;
  };
  ASSERT_TRUE(round("shelter").has_value());
  ASSERT_TRUE(suspended);
  broker_.govern(network_.reinstatement(agency("shelter")));
  settle();
  EXPECT_EQ(get("police", "/v1/threads")["threads"][0]["state"], "handed_out") << "not in every round";
  network_.now = network_.now + base::hours(1);
  settle();
  EXPECT_EQ(get("police", "/v1/threads")["threads"][0]["state"], "received");
}

// Row 19, last part: a message that the broker keeps back.
TEST_F(IntakeTest, GapThatNothingVoidsIsAnAlarm) {
  send();
  settle();
  send();
  const base::Sequence kept_back{broker_.size() - 1};
  broker_.swallow.insert(kept_back);
  send();
  settle();
  EXPECT_THAT(alarm_kinds("shelter"), IsEmpty()) << "the sender may not have known better";
  ASSERT_EQ(get("shelter", "/v1/status")["gaps"].size(), 1U);
  send();
  settle();
  EXPECT_THAT(alarm_kinds("shelter"), Contains("gap"));
  broker_.swallow.clear();
  settle();
  EXPECT_THAT(alarm_kinds("shelter"), IsEmpty()) << "it came after all";
}

// Row 39: one key, two histories, found through the gossip in a message.
TEST_F(IntakeTest, SplitViewIsFoundByTheFirstGossipThatCrosses) {
  send();
  bool bent = false;
  broker_.bend = [&](const wire::Request& request, wire::Reply& reply) {
    // To the shelter the broker shows another history than it showed to the police.
    const auto* hello = std::get_if<wire::HelloRequest>(&request.body);
    if (hello == nullptr || request.checkpoint_size.value == 0 || !reply.proofs) return;
    const bool foreign = request.checkpoint_size.value + 2 < broker_.size();
    if (!foreign || reply.proofs->consistency.empty()) return;
    reply.proofs->consistency[0].bytes[0] ^= 1;
    bent = true;
  };
  const auto result = round("shelter");
  ASSERT_TRUE(bent);
  EXPECT_EQ(result.error().kind, base::ErrorKind::misbehaviour);
  EXPECT_NE(get("shelter", "/v1/status")["stopped"], "");
  EXPECT_FALSE(alarm_kinds("shelter").empty());
}

TEST(PairWatch, HearsGapsVoidsAndLateArrivals) {
  PairWatch watch;
  const auto hear = [&](std::uint64_t pair, std::uint64_t voided, std::uint64_t tree, std::uint64_t sequence) {
    envelope::Gossip gossip;
    gossip.pair_counter = pair;
    gossip.voided = voided;
    gossip.size.value = tree;
    watch.hear(gossip, base::Sequence{sequence});
  };
  hear(1, 0, 10, 11);
  EXPECT_TRUE(watch.gaps().empty());
  hear(4, 0b01, 12, 13);  // 3 is void, 2 is missing
  ASSERT_EQ(watch.gaps().size(), 1U);
  EXPECT_FALSE(watch.gaps().at(2).alarm);
  hear(5, 0, 13, 14);  // sealed before its sender saw entry 13
  EXPECT_FALSE(watch.gaps().at(2).alarm);
  hear(6, 0, 14, 15);
  EXPECT_TRUE(watch.gaps().at(2).alarm);
  const auto again = PairWatch::decode(watch.encode());
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->gaps().at(2).alarm);
  EXPECT_EQ(again->highest(), 6U);
  hear(2, 0, 15, 16);
  EXPECT_TRUE(watch.gaps().empty());
}

TEST(PairWatch, BitmapSpeaksOf64) {
  PairWatch watch;
  envelope::Gossip gossip;
  gossip.pair_counter = 66;
  gossip.voided = ~std::uint64_t{0};
  watch.hear(gossip, base::Sequence{5});
  EXPECT_EQ(watch.gaps().size(), 1U) << "only number 1 lies further back";
}

}  // namespace
}  // namespace besa::node
