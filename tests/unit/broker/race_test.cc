// A withdrawal and a pull in one batch: the order of the log alone decides. Row 25 of the project's list of attacks.
#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

class RaceTest : public BrokerWorld {
 protected:
  void SetUp() override {
    begin();
    consent_ = network_.consent(*police_, rows_for_both({Category::contact}));
    accept(consent_, *police_);
    support::MessageSpec spec;
    spec.sections = {{Category::contact, Basis::consent}};
    spec.consent = consent_.reference;
    message_ = network_.message(*police_, *shelter_, spec);
    accept(message_, *police_);
  }
  Job takes_back() {
    std::vector<Admission> statements;
    statements.push_back(admission(network_.withdrawal(*police_, consent_.reference), police_->id));
    return {1, {}, SubmitJob{std::move(statements)}};
  }
  Job pulls() const { return {2, {}, PullJob{shelter_->id, 64, {}}}; }
  // What the pull brought.
  std::vector<wire::PulledMessage> step(Job first, Job second) {
    std::vector<wire::PulledMessage> out;
    std::vector<Job> jobs;
    jobs.push_back(std::move(first));
    jobs.push_back(std::move(second));
    const StepResult result = sequencer_->step(std::move(jobs), now_);
    for (const JobAnswer& answer : result.answers) {
      EXPECT_EQ(answer.reply.status, wire::WireError::none) << answer.reply.detail;
      const auto* pulled = std::get_if<wire::PullReply>(&answer.reply.body);
      if (pulled != nullptr) {
        out = pulled->messages;
        continue;
      }
      EXPECT_TRUE(decision_of(std::get<wire::SubmitReply>(answer.reply.body).receipts.at(0)).accepted());
    }
    return out;
  }
  core::Debt debt() const { return core::find_message(snapshot().view(), message_.reference).value().value().debt; }
  bool has_ciphertext() const { return snapshot().ciphertext(message_.reference, 0, 0).has_value(); }

  Signed consent_;
  Signed message_;
};

TEST_F(RaceTest, WhatIsTakenBackFirstIsNotHandedOut) {
  EXPECT_TRUE(step(takes_back(), pulls()).empty());
  EXPECT_TRUE(pull(*shelter_).messages.empty());
  EXPECT_EQ(state_of(message_.reference), core::MessageState::withheld);
  EXPECT_EQ(debt(), core::Debt::none);
  EXPECT_FALSE(has_ciphertext());
}

TEST_F(RaceTest, WhatIsHandedOutFirstOwesAnAnswer) {
  static_cast<void>(step(pulls(), takes_back()));
  EXPECT_EQ(state_of(message_.reference), core::MessageState::handed_out);
  static_cast<void>(tick());  // what a withdrawal brings drains through ticks
  EXPECT_EQ(debt(), core::Debt::owed);
  EXPECT_TRUE(pull(*shelter_).messages.empty()) << "not once more";
  EXPECT_FALSE(has_ciphertext());
}

}  // namespace
}  // namespace besa::broker
