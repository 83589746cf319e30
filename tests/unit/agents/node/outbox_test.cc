// The outbox: nothing is lost, nothing is said twice, whatever breaks between a node and its broker.
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using core::StatementType;

class OutboxTest : public NodeWorld {
 protected:
  OutboxTest() { settle(); }

  Json message(const std::string& request_id = {}) {
    Json only = referral();
    only["sections"].erase("health");
    Json body = {{"referral", only}, {"to", {"shelter"}}};
    if (!request_id.empty()) body["request_id"] = request_id;
    return body;
  }
  std::string send() { return post("police", "/v1/send", message())["messages"][0]["message"].get<std::string>(); }
  std::string state(const std::string& id) { return get("police", "/v1/message/" + id)["state"].get<std::string>(); }
};

bool is_submit(const wire::Request& request) { return wire::kind_of(request.body) == wire::RequestKind::submit; }

TEST_F(OutboxTest, QueuedMeansOnTheDisk) {
  const std::string id = send();
  crash("police");
  open("police");
  EXPECT_EQ(state(id), "queued");
  settle();
  EXPECT_EQ(state(id), "received");
}

TEST_F(OutboxTest, QueuesWhileTheBrokerIsAway) {
  broker_.lose_request = [](const wire::Request&) { return true; };
  const std::string id = send();
  EXPECT_FALSE(round("police").has_value());
  EXPECT_EQ(state(id), "queued");
  EXPECT_FALSE(get("police", "/v1/status")["connected"].get<bool>());
  broker_.lose_request = {};
  settle();
  EXPECT_EQ(state(id), "received");
  EXPECT_TRUE(get("police", "/v1/status")["connected"].get<bool>());
}

// Row 28: the reply is lost, the node crashes and offers the same bytes again.
TEST_F(OutboxTest, CrashBetweenSendAndReceiptGivesOneEntry) {
  const std::size_t before = broker_.count(StatementType::envelope);
  const std::string id = send();
  broker_.lose_reply = is_submit;
  EXPECT_FALSE(round("police").has_value());
  EXPECT_EQ(broker_.count(StatementType::envelope), before + 1);
  EXPECT_EQ(state(id), "sent");
  crash("police");
  open("police");
  broker_.lose_reply = {};
  network_.now = network_.now + base::hours(1);  // the receipt is an old one by now
  settle();
  EXPECT_EQ(broker_.count(StatementType::envelope), before + 1);
  EXPECT_EQ(state(id), "received");
}

TEST_F(OutboxTest, CrashBeforeSendingSendsWhatWasSigned) {
  const std::string id = send();
  broker_.lose_request = is_submit;
  EXPECT_FALSE(round("police").has_value());
  EXPECT_EQ(state(id), "sent");
  crash("police");
  open("police");
  broker_.lose_request = {};
  settle();
  EXPECT_EQ(state(id), "received");
  EXPECT_TRUE(alarm_kinds("shelter").empty());
}

// Row 28: every second reply is lost, in every place.
TEST_F(OutboxTest, DroppedRepliesLoseAndDoubleNothing) {
  std::size_t n = 0;
  broker_.lose_reply = [&](const wire::Request&) { return ++n % 2 == 0; };
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(send());
  for (int i = 0; i < 60; ++i) {
    (void)round("police");
    (void)round("shelter");
  }
  broker_.lose_reply = {};
  settle();
  for (const std::string& id : ids) EXPECT_EQ(state(id), "received");
  EXPECT_EQ(broker_.count(StatementType::envelope), 5U);
  EXPECT_EQ(get("shelter", "/v1/inbox")["messages"].size(), 5U);
  EXPECT_TRUE(alarm_kinds("shelter").empty());
}

// Row 28: an older reply comes again in the place of a new one.
TEST_F(OutboxTest, ReplayedReplyIsABreachOrHarmless) {
  std::optional<wire::Reply> first;
  broker_.bend = [&](const wire::Request& request, wire::Reply& reply) {
    if (!is_submit(request)) return;
    if (first) {
      reply = *first;
    } else {
      first = reply;
    }
  };
  send();
  ASSERT_TRUE(round("police").has_value());
  send();
  EXPECT_EQ(round("police").error().kind, base::ErrorKind::misbehaviour);
  EXPECT_NE(get("police", "/v1/status")["stopped"], "");
}

TEST_F(OutboxTest, SameRequestIdSameAnswer) {
  const Json first = post("police", "/v1/send", message("case-7"));
  const Json second = post("police", "/v1/send", message("case-7"));
  EXPECT_EQ(first, second);
  settle();
  EXPECT_EQ(broker_.count(StatementType::envelope), 1U);
  EXPECT_EQ(post("police", "/v1/send", message("case-7")), first) << "also long after it was sent";
}

TEST_F(OutboxTest, SameRequestIdAfterARestart) {
  const Json first = post("police", "/v1/send", message("case-7"));
  crash("police");
  open("police");
  EXPECT_EQ(post("police", "/v1/send", message("case-7")), first);
  settle();
  EXPECT_EQ(broker_.count(StatementType::envelope), 1U);
}

TEST_F(OutboxTest, SameRequestIdOtherContentIsAConflict) {
  post("police", "/v1/send", message("case-7"));
  Json other = message("case-7");
  other["referral"]["priority"] = "normal_2weeks";
  EXPECT_EQ(failing("police", "/v1/send", other, 409)["code"], "conflict");
}

TEST_F(OutboxTest, CountersGrowAcrossARestartAndAClockThatFell) {
  const auto first = node("police").next_counter();
  crash("police");
  network_.now = base::Timestamp{network_.now.ms - base::hours(2).ms};
  open("police");
  const auto second = node("police").next_counter();
  ASSERT_TRUE(first && second);
  EXPECT_GT(second->value, first->value);
  EXPECT_LT(first->value, support::kNetworkStart.ms * 1000 + 10) << "it follows the clock and tells no volume";
}

TEST_F(OutboxTest, StalePolicyIsSealedAgain) {
  const std::string id = send();
  bool done = false;
  broker_.lose_request = [&](const wire::Request& request) {
    if (is_submit(request) && !done) {
      done = true;
      core::Policy next = story_policy();
      next.retention_days = 31;
      broker_.govern(network_.policy(next));
    }
    return false;
  };
  settle();
  EXPECT_EQ(state(id), "received");
  EXPECT_EQ(broker_.count(StatementType::envelope), 2U) << "one refused as stale, one accepted";
  settle();
  EXPECT_TRUE(alarm_kinds("shelter").empty()) << "the refused one is voided, not missing";
  EXPECT_TRUE(get("shelter", "/v1/status")["gaps"].empty());
}

TEST_F(OutboxTest, LapsedPrekeyIsReplaced) {
  network_.now = network_.now + base::days(25);  // what was known of the shelter has lapsed
  const std::string id = send();
  settle();
  EXPECT_EQ(state(id), "received");
}

TEST_F(OutboxTest, WaitsForARecipientWithoutKeys) {
  crash("iom");
  Json body = message();
  support::Agency& late = network_.add_agency(core::Sector::shelter);
  broker_.govern(network_.enrolment(late));
  crash("police");
  places_["late"].agency = &late;
  open("police");
  settle();
  body["to"] = {"late"};
  const std::string id = post("police", "/v1/send", body)["messages"][0]["message"].get<std::string>();
  settle();
  EXPECT_EQ(state(id), "queued");
  EXPECT_NE(get("police", "/v1/message/" + id)["note"], "");
  const std::string other = send();
  settle();
  EXPECT_EQ(state(other), "received") << "others do not wait behind it";
  open("late");
  settle();
  network_.now = network_.now + base::minutes(11);
  settle();
  EXPECT_EQ(state(id), "received");
}

TEST_F(OutboxTest, RefusalIsKeptWithReasonAndPairIsVoided) {
  network_.now = network_.now + base::minutes(1);
  broker_.govern(network_.suspension(agency("police")));
  Json body = message();
  body["on_record"] = true;
  const std::string id = post("police", "/v1/send", body)["messages"][0]["message"].get<std::string>();
  ASSERT_TRUE(round("police").has_value());
  const Json shown = get("police", "/v1/message/" + id);
  EXPECT_EQ(shown["state"], "refused");
  EXPECT_EQ(shown["reason"], "unknown_sender");
  broker_.govern(network_.reinstatement(agency("police")));
  settle();
  const std::string next = send();
  settle();
  EXPECT_EQ(state(next), "received");
  EXPECT_TRUE(get("shelter", "/v1/status")["gaps"].empty()) << "the next message says that the refused one never comes";
}

TEST_F(OutboxTest, MisbehaviourStopsSendingUntilSomebodyLooked) {
  broker_.bend = [&](const wire::Request&, wire::Reply& reply) {
    core::Checkpoint other = broker_.checkpoint();
    other.root.bytes[0] ^= 1;
    if (reply.proofs) reply.proofs->checkpoint = broker_.note(other);
  };
  const std::string id = send();
  EXPECT_EQ(round("police").error().kind, base::ErrorKind::misbehaviour);
  broker_.bend = {};
  EXPECT_EQ(round("police").error().kind, base::ErrorKind::misbehaviour);
  crash("police");
  open("police");
  EXPECT_EQ(round("police").error().kind, base::ErrorKind::misbehaviour) << "a restart is no look";
  const Json status = get("police", "/v1/status");
  ASSERT_FALSE(status["alarms"].empty());
  const auto evidence = support::read_file((folder_ / "police") / status["alarms"][0]["evidence"].get<std::string>());
  EXPECT_THAT(std::string(base::as_text(evidence)), testing::HasSubstr("note shown"));
  post("police", "/v1/resume", Json::object());
  settle();
  EXPECT_EQ(state(id), "received");
}

TEST_F(OutboxTest, GovernanceWithoutQuorumIsMisbehaviour) {
  core::Policy next = story_policy();
  next.retention_days = 31;
  support::Signed adoption = network_.policy(next);
  auto blocks = core::decode_blocks(adoption.parts.blocks);
  ASSERT_TRUE(blocks.has_value());
  blocks->pop_back();
  adoption.parts.blocks = core::encode_blocks(*blocks);
  const core::Entry refused = broker_.govern(adoption);
  ASSERT_FALSE(refused.decision.accepted());
  broker_.bend = [&](const wire::Request&, wire::Reply& reply) {
    if (reply.proofs) reply.proofs->governance = refused.sequence;
  };
  EXPECT_EQ(round("police").error().kind, base::ErrorKind::misbehaviour);
}

// After a loss: the police's view recovers, and the broker keeps what it is brought.
class RecoveringOutbox : public OutboxTest {
 protected:
  RecoveringOutbox() {
    record_consent();
    broker_.recovers = [this](const wire::StatementParts& parts) {
      brought_.push_back(parts);
      return recovers_;
    };
    set_recovering(true);
  }
  void set_recovering(bool recovering) {
    recovers_ = recovering;
    auto head = core::read_head(node("police").view);
    ASSERT_TRUE(head && *head);
    (*head)->recovering = recovering;
    core::Overlay moved(node("police").view);
    core::write_head(moved, **head);
    ASSERT_TRUE(node("police").view.apply(moved.changes()));
  }
  const Draft& newest(StatementType type) {
    const Draft* found = nullptr;
    for (const auto& [number, draft] : node("police").drafts()) {
      if (draft.type == type) found = &draft;
    }
    EXPECT_NE(found, nullptr);
    return *found;
  }
  void withdraw(std::size_t times) {
    Draft draft;
    draft.type = StatementType::withdrawal;
    draft.consent_draft = newest(StatementType::consent).number;
    ASSERT_TRUE(node("police").add(std::vector<Draft>(times, draft)).has_value());
  }
  // As many statements of ours that lay in a lost part, with their receipts.
  void lose(StatementType type, std::size_t count) {
    Draft draft = newest(type);
    const auto bytes = node("police").store().get(Box::signed_, number_key(draft.number));
    ASSERT_TRUE(bytes && *bytes);
    Store::Batch batch;
    for (const std::uint64_t number : node("police").next_numbers(count)) {
      batch.put(Box::signed_, number_key(number), **bytes);
    }
    draft.state = DraftState::sent;
    draft.lost = draft.sequence.value;
    ASSERT_TRUE(node("police").add(std::vector<Draft>(count, draft), std::move(batch)).has_value());
  }
  // Different statements of this type that the broker was brought, among its first `first`.
  std::size_t brought(StatementType type, std::size_t first = SIZE_MAX) const {
    std::set<base::Bytes> bodies;
    for (std::size_t i = 0; i < std::min(first, brought_.size()); ++i) {
      if (brought_[i].type == core::media_type(type)) bodies.insert(brought_[i].body);
    }
    return bodies.size();
  }

  bool recovers_ = true;
  std::vector<wire::StatementParts> brought_;
};

// What the broker had kept filled the frame anew each time, and the eleven behind it never came.
TEST_F(RecoveringOutbox, EveryWithdrawalIsBroughtHoweverMany) {
  send();
  withdraw(75);
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(brought(StatementType::withdrawal), 75U);
  EXPECT_EQ(brought(StatementType::withdrawal, 75), 75U) << "before anything else";
  const std::size_t once = brought_.size();
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(brought_.size(), once) << "not again at once: the broker has them";
  network_.now = network_.now + kOfferEvery;
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(brought_.size(), 2 * once) << "it may have been started again";
  set_recovering(false);
  ASSERT_TRUE(round("police"));
  for (const auto& [number, draft] : node("police").drafts()) EXPECT_FALSE(draft.is_open()) << number;
}

TEST_F(RecoveringOutbox, AWithdrawalWaitsBehindNothingLost) {
  lose(StatementType::prekeys, 1'000);
  withdraw(1);
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(brought(StatementType::withdrawal, 1), 1U);
  EXPECT_EQ(brought_.size(), 1'001U);
  // Offered for longer than it takes until the first is due again.
  brought_.clear();
  broker_.recovers = [this](const wire::StatementParts& parts) {
    brought_.push_back(parts);
    network_.now = network_.now + base::Duration{50};
    if (brought_.size() == 300) withdraw(1);
    return true;
  };
  network_.now = network_.now + kOfferEvery;
  std::ignore = round("police");
  EXPECT_EQ(brought(StatementType::withdrawal, 300 + 64), 2U) << "with the next frame";
}

TEST_F(RecoveringOutbox, WhatWasLostIsOfferedInTurn) {
  lose(StatementType::prekeys, 1'000);
  lose(StatementType::consent, 1);
  broker_.recovers = [this](const wire::StatementParts& parts) {
    brought_.push_back(parts);
    network_.now = network_.now + base::Duration{50};
    return true;
  };
  std::ignore = round("police");
  EXPECT_EQ(brought(StatementType::consent, 1'001), 1U) << "also when the first are due again before the last went";
}

// Refused as unknown it would be, and its consent would hold.
TEST_F(RecoveringOutbox, AfterTheEndAWithdrawalWaitsForItsLostConsent) {
  lose(StatementType::consent, 1);
  withdraw(1);
  set_recovering(false);
  broker_.recovers = [this](const wire::StatementParts& parts) {
    brought_.push_back(parts);
    return recovers_ && parts.type == core::media_type(StatementType::consent);
  };
  recovers_ = true;
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(brought(StatementType::consent), 1U);
  EXPECT_EQ(brought(StatementType::withdrawal), 0U);
  recovers_ = false;
  network_.now = network_.now + kOfferEvery;
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(newest(StatementType::withdrawal).state, DraftState::accepted);
}

TEST_F(RecoveringOutbox, TheLogSaysOnceAMinuteThatNothingIsDecided) {
  lose(StatementType::prekeys, 200);
  withdraw(3);
  const auto said = [this] {
    return std::count_if(log_lines_.begin(), log_lines_.end(),
                         [](const std::string& line) { return line.find("not_decided") != std::string::npos; });
  };
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(round("police"));
    network_.now = network_.now + kOfferEvery;
  }
  EXPECT_EQ(said(), 1);
  network_.now = network_.now + base::minutes(1);
  ASSERT_TRUE(round("police"));
  EXPECT_EQ(said(), 2);
}

TEST_F(OutboxTest, AWithdrawalGoesBeforeTheMessagesThatWait) {
  const std::string consent = record_consent();
  std::vector<std::string> order;
  broker_.recovers = [&](const wire::StatementParts& parts) {
    order.emplace_back(parts.type);
    return false;
  };
  for (int i = 0; i < 70; ++i) send();
  post("police", "/v1/withdraw", {{"consent", consent}});
  broker_.bend = [&](const wire::Request& request, wire::Reply& reply) {
    const bool pulls = std::holds_alternative<wire::PullRequest>(request.body);
    EXPECT_FALSE(pulls && order.empty()) << "also before mail";
    std::ignore = reply;
  };
  ASSERT_TRUE(round("police"));
  ASSERT_EQ(order.size(), 71U);
  EXPECT_EQ(order.front(), core::media_type(StatementType::withdrawal));
}

}  // namespace
}  // namespace besa::node
