// A broker that lies to a node: nothing false is stored or shown, nothing true is lost, evidence is kept.
#include "core/codes.h"
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using core::StatementType;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class HostileTest : public NodeWorld {
 protected:
  HostileTest() { settle(); }

  std::string send() {
    Json only = referral();
    only["sections"].erase("health");
    const Json sent = post("police", "/v1/send", {{"referral", only}, {"to", {"shelter"}}});
    EXPECT_TRUE(round("police").has_value());
    return sent["messages"][0]["message"].get<std::string>();
  }
  std::string state(const std::string& id) { return get("police", "/v1/message/" + id)["state"].get<std::string>(); }
  base::Reference reference(const std::string& id) {
    const Draft draft = *node("police").draft(std::stoull(id.substr(1)));
    return {node("police").self, draft.counter, draft.id};
  }
  // The next pull of anybody shows this notice as well.
  void give_notice(core::NoticeCode code, base::Sequence sequence, const base::Reference& message) {
    broker_.bend = [=](const wire::Request&, wire::Reply& reply) {
      if (auto* body = std::get_if<wire::PullReply>(&reply.body)) {
        body->notices.push_back({sequence, core::number_of(code), message});
      }
    };
  }
  void expect_false_report(const std::string& id) {
    EXPECT_EQ(round("police").error().kind, ErrorKind::misbehaviour);
    EXPECT_EQ(state(id), "queued");
    expect_evidence("police", "was not for");
    crash("police");
    open("police");
    EXPECT_EQ(state(id), "queued") << "nothing of it was stored";
  }
  // The node has stopped with a breach, and its evidence file holds this.
  void expect_evidence(const std::string& name, const std::string& words) {
    EXPECT_NE(get(name, "/v1/status")["stopped"], "");
    const Json alarms = get(name, "/v1/status")["alarms"];
    ASSERT_FALSE(alarms.empty());
    const std::string file = alarms.back()["evidence"].get<std::string>();
    ASSERT_FALSE(file.empty()) << "no evidence was kept";
    const auto bytes = support::read_file((folder_ / name) / file);
    EXPECT_THAT(std::string(base::as_text(bytes)), testing::AllOf(HasSubstr(words), HasSubstr("entry, hex")));
  }
};

// Row 19 and attack 7: the broker drops a message and tells its sender that it expired or was withheld.
TEST_F(HostileTest, NoticeWithoutAnEntryVoidsNothing) {
  for (const auto code : {core::NoticeCode::message_expired, core::NoticeCode::message_withheld}) {
    const std::string dropped = send();
    broker_.swallow.insert(base::Sequence{broker_.size() - 1});
    send();
    give_notice(code, base::Sequence{broker_.size() - 1}, reference(dropped));
    ASSERT_TRUE(round("police").has_value());
    broker_.bend = {};
    EXPECT_EQ(state(dropped), "queued") << "it did not expire";
    send();
    settle();
    EXPECT_THAT(alarm_kinds("shelter"), Contains("gap"));
    broker_.swallow.clear();
    settle();
    EXPECT_THAT(alarm_kinds("shelter"), IsEmpty());
  }
}

TEST_F(HostileTest, ExpiryIsSeenByTheOwnClock) {
  const std::string dropped = send();
  broker_.swallow.insert(base::Sequence{broker_.size() - 1});
  send();
  settle();
  network_.now = network_.now + base::days(8);
  settle();
  EXPECT_EQ(state(dropped), "expired");
  crash("police");
  open("police");
  settle();
  EXPECT_EQ(state(dropped), "expired") << "also after a restart";
  send();
  settle();
  EXPECT_THAT(alarm_kinds("shelter"), IsEmpty()) << "the next message says that it never comes";
  EXPECT_TRUE(get("shelter", "/v1/status")["gaps"].empty());
}

TEST_F(HostileTest, NoticeOfAnEntryThatIsNotThereIsNoReply) {
  const std::string id = send();
  give_notice(core::NoticeCode::message_moved, base::Sequence{UINT64_MAX}, reference(id));
  EXPECT_EQ(round("police").error().kind, ErrorKind::malformed);
  broker_.bend = {};
  settle();
  EXPECT_EQ(state(id), "received") << "later notices are still heard";
}

// The broker and one dishonest member say that a message arrived which it never handed out.
TEST_F(HostileTest, ReceivedBySomebodyElseIsMisbehaviour) {
  const std::string id = send();
  broker_.swallow.insert(base::Sequence{broker_.size() - 1});
  broker_.forge(network_.received(agency("jobs"), {reference(id)}), agency("jobs").id);
  expect_false_report(id);
}

TEST_F(HostileTest, OpenedBySomebodyElseIsMisbehaviour) {
  const std::string id = send();
  broker_.swallow.insert(base::Sequence{broker_.size() - 1});
  broker_.forge(network_.opened(agency("jobs"), reference(id)), agency("jobs").id);
  expect_false_report(id);
}

TEST_F(HostileTest, ReportThatCameBeforeTheReceiptCounts) {
  broker_.lose_reply = [](const wire::Request& request) {
    return wire::kind_of(request.body) == wire::RequestKind::submit;
  };
  Json only = referral();
  only["sections"].erase("health");
  const Json sent = post("police", "/v1/send", {{"referral", only}, {"to", {"shelter"}}});
  EXPECT_FALSE(round("police").has_value());
  broker_.lose_reply = {};
  ASSERT_TRUE(round("shelter").has_value());
  ASSERT_TRUE(round("police").has_value());
  EXPECT_EQ(state(sent["messages"][0]["message"].get<std::string>()), "received");
}

TEST_F(HostileTest, MessageOfAStrangerToTheThreadIsMisbehaviour) {
  const std::string id = send();
  settle();
  support::MessageSpec spec;
  spec.kind = core::Kind::answer;
  spec.sets = core::Sets::declined;
  spec.thread = reference(id);
  support::Agency& police = agency("police");
  police.prekey = crypto::BoxSecret::generate();
  const core::Entry entry = broker_.forge(network_.message(agency("jobs"), police, spec), agency("jobs").id);
  broker_.misdeliver[police.id] = {entry.sequence};
  EXPECT_EQ(round("police").error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(state(id), "received");
  EXPECT_TRUE(get("police", "/v1/inbox")["messages"].empty());
  expect_evidence("police", "no party");
}

// Attack 2: keys that their member never signed.
TEST_F(HostileTest, PrekeysOfSomebodyElseAreMisbehaviour) {
  support::Agency& iom = agency("iom");
  crypto::SigningKey own = crypto::SigningKey::from_seed(iom.signing.seed()).value();
  iom.signing = crypto::SigningKey::generate();
  support::Signed swapped = network_.prekeys(iom);
  // Signed with another key, under the key id of the true one.
  auto blocks = core::decode_blocks(swapped.parts.blocks).value();
  blocks[0].key = core::member_key_id(iom.id, own.public_key());
  swapped.parts.blocks = core::encode_blocks(blocks);
  iom.signing = std::move(own);
  const core::Entry entry = broker_.forge(swapped, iom.id);
  broker_.bend = [&](const wire::Request&, wire::Reply& reply) {
    if (auto* body = std::get_if<wire::PrekeysReply>(&reply.body)) body->log = broker_.log_entry(entry.sequence);
  };
  Json only = referral();
  only["sections"].erase("health");
  post("police", "/v1/send", {{"referral", only}, {"to", {"iom"}}});
  const std::size_t before = broker_.count(StatementType::envelope);
  EXPECT_EQ(round("police").error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(broker_.count(StatementType::envelope), before) << "nothing was sealed to it";
  expect_evidence("police", "never signed");
}

// Attack 2, monitoring the own name: whoever holds a copy of the signing key publishes keys with it.
TEST_F(HostileTest, KeysInTheOwnNameThatTheNodeNeverPublishedAreAnAlarm) {
  send();
  settle();
  EXPECT_THAT(alarm_kinds("police"), IsEmpty());
  network_.counter = network_.now.ms * 1000 + 900;
  const core::Entry stolen = broker_.append(network_.prekeys(agency("police")), agency("police").id);
  ASSERT_TRUE(stolen.decision.accepted()) << core::name_of(stolen.decision.reason);
  send();
  EXPECT_THAT(alarm_kinds("police"), testing::ElementsAre("foreign_keys"));
  const Json alarm = get("police", "/v1/status")["alarms"][0];
  EXPECT_TRUE(std::filesystem::exists((folder_ / "police") / alarm["evidence"].get<std::string>()));
  send();
  settle();
  EXPECT_EQ(alarm_kinds("police").size(), 1U) << "one alarm for one entry";
}

// The broker does not say that the policy changed; its own entries do.
TEST_F(HostileTest, HiddenGovernanceIsFoundThroughEntries) {
  const base::Sequence old = core::read_head(broker_.view()).value()->governance;
  network_.now = network_.now + base::minutes(1);
  broker_.govern(network_.suspension(agency("iom")));
  broker_.bend = [&](const wire::Request&, wire::Reply& reply) {
    if (reply.proofs) reply.proofs->governance = old;
  };
  send();
  ASSERT_TRUE(round("police").has_value());
  const auto member = core::read_member(node("police").view, agency("iom").id);
  ASSERT_TRUE(member && *member);
  EXPECT_EQ((*member)->standing, core::Standing::suspended);
}

TEST_F(HostileTest, GovernanceThatIsHeldBackStopsTheIntake) {
  const base::Sequence old = core::read_head(broker_.view()).value()->governance;
  network_.now = network_.now + base::minutes(1);
  const base::Sequence suspended = broker_.govern(network_.suspension(agency("iom"))).sequence;
  send();
  broker_.bend = [&](const wire::Request& request, wire::Reply& reply) {
    const auto* asked = std::get_if<wire::EntryRequest>(&request.body);
    if (asked != nullptr && asked->sequence == suspended) {
      reply = wire::error_reply(reply.kind, wire::WireError::denied, "not for you");
    }
    if (reply.proofs) reply.proofs->governance = old;
  };
  EXPECT_FALSE(round("shelter").has_value());
  EXPECT_TRUE(get("shelter", "/v1/inbox")["messages"].empty());
  broker_.bend = {};
  settle();
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 1U);
}

// Withheld parts are the broker's fault: the sender is not told that its message is unreadable.
TEST_F(HostileTest, PartsThatAreKeptBackAreAskedForAgain) {
  send();
  broker_.bend_pull = [](std::vector<wire::PulledMessage>& messages) {
    for (wire::PulledMessage& message : messages) message.chunks.clear();
  };
  broker_.bend = [](const wire::Request& request, wire::Reply& reply) {
    if (wire::kind_of(request.body) == wire::RequestKind::fetch) {
      reply = wire::error_reply(reply.kind, wire::WireError::not_found, "no such chunk");
    }
  };
  ASSERT_TRUE(round("shelter").has_value());
  network_.now = network_.now + base::minutes(11);
  ASSERT_TRUE(round("shelter").has_value());
  EXPECT_THAT(alarm_kinds("shelter"), Contains("incomplete"));
  EXPECT_EQ(broker_.count(StatementType::unreadable), 0U);
  EXPECT_TRUE(get("shelter", "/v1/inbox")["messages"].empty());
  broker_.bend = {};
  settle();
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 1U);
  EXPECT_EQ(newest("shelter")["state"], "received");
  EXPECT_THAT(alarm_kinds("shelter"), IsEmpty());
}

TEST_F(HostileTest, RefusedPrekeysAreNotMadeWithoutEnd) {
  broker_.govern(network_.suspension(agency("shelter")));
  network_.now = network_.now + base::days(10);
  const std::size_t before = node("shelter").prekeys.size();
  for (int i = 0; i < 20; ++i) (void)round("shelter");
  EXPECT_LE(node("shelter").prekeys.size(), before + kPrekeysAhead);
  network_.now = network_.now + base::hours(1);
  broker_.govern(network_.reinstatement(agency("shelter")));
  settle();
  EXPECT_GT(get("shelter", "/v1/status")["prekeys"].get<int>(), 0);
}

TEST_F(HostileTest, PrivatePrekeysEndWithoutABroker) {
  const std::size_t before = node("shelter").prekeys.size();
  ASSERT_GT(before, 0U);
  broker_.lose_request = [](const wire::Request&) { return true; };
  network_.now = network_.now + base::days(60);
  EXPECT_FALSE(round("shelter").has_value());
  EXPECT_EQ(node("shelter").prekeys.size(), 0U);
}

// A broker whose time is off: the operator sees it, and the node stops until somebody has looked at both clocks.
TEST_F(HostileTest, ABrokerWhoseClockIsOffIsAnAlarm) {
  broker_.bend = [this](const wire::Request&, wire::Reply& reply) {
    if (reply.proofs) reply.proofs->now = network_.now + base::minutes(6);
  };
  EXPECT_EQ(round("police").error().kind, ErrorKind::misbehaviour);
  EXPECT_THAT(alarm_kinds("police"), Contains("clock"));
  EXPECT_THAT(node("police").stopped(), HasSubstr("5 minutes"));
  EXPECT_THAT(log_lines_, Contains(HasSubstr("alarm")));
  broker_.bend = {};
  EXPECT_FALSE(round("police").has_value()) << "until somebody has looked";
  crash("police");
  open("police");
  EXPECT_TRUE(round("police").has_value()) << "a wrong clock is no lie for ever";
}

// Row 26: a clock that was a day ahead, and is mended, must not silence the node for a day.
TEST_F(HostileTest, ClockThatWasAheadDoesNotSilenceTheNode) {
  const base::Timestamp truth = network_.now;
  broker_.lose_request = [](const wire::Request& request) {
    return wire::kind_of(request.body) == wire::RequestKind::submit;
  };
  network_.now = truth + base::days(1);
  Json only = referral();
  only["sections"].erase("health");
  const Json sent = post("police", "/v1/send", {{"referral", only}, {"to", {"shelter"}}});
  EXPECT_FALSE(round("police").has_value());
  network_.now = truth + base::minutes(1);
  broker_.lose_request = {};
  settle();
  EXPECT_EQ(state(sent["messages"][0]["message"].get<std::string>()), "received");
  const std::string next = send();
  settle();
  EXPECT_EQ(state(next), "received");
  EXPECT_THAT(alarm_kinds("shelter"), IsEmpty());
}

}  // namespace
}  // namespace besa::node
