// What entries say to people. Every reason of the closed list has its sentences.
#include "wire/sentences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "samples.h"

namespace besa::wire {
namespace {

using core::Reason;
using core::StatementType;
using testing::Contains;
using testing::HasSubstr;

Names names() {
  Names out;
  out.member = [](const base::MemberId& member) { return "member" + std::to_string(member.bytes[0]); };
  out.message = [](const base::Reference&) { return std::string("s17"); };
  out.rule = [](std::uint16_t rule) { return "rule-" + std::to_string(rule); };
  return out;
}

core::Entry entry_of(StatementType type, Reason reason = Reason::none, std::uint16_t rule = 0) {
  core::Entry entry;
  entry.type = type;
  entry.decision.verdict = reason == Reason::none ? core::Verdict::accepted : core::Verdict::refused;
  entry.decision.reason = reason;
  entry.decision.rule = rule;
  return entry;
}

core::ParsedStatement statement_of(StatementType type, core::Body body) {
  core::ParsedStatement out;
  out.type = type;
  out.body = std::move(body);
  return out;
}

core::ParsedStatement referral() {
  core::Envelope envelope;
  envelope.context.sender.bytes[0] = 1;
  envelope.context.recipient.bytes[0] = 2;
  envelope.context.kind = core::Kind::referral;
  envelope.context.purpose = core::Purpose::protection;
  envelope.context.priority = core::Priority::urgent_72h;
  for (const core::Category category : {core::Category::identity, core::Category::health}) {
    core::Section section;
    section.category = category;
    section.basis = category == core::Category::health ? core::Basis::consent : core::Basis::legal_obligation;
    envelope.sections.push_back(section);
  }
  return statement_of(StatementType::envelope, envelope);
}

TEST(Reasons, EachHasItsOwnSentenceAndWhatWasNeeded) {
  std::set<std::string_view> said;
  for (std::size_t number = 1; number <= core::names_of(Reason{}).size(); ++number) {
    const auto reason = static_cast<Reason>(number);
    const Why why = why_of(reason);
    ASSERT_FALSE(why.why.empty() || why.needed.empty()) << core::name_of(reason);
    EXPECT_THAT(std::string(why.why), testing::Not(HasSubstr("does not know"))) << core::name_of(reason);
    EXPECT_TRUE(said.insert(why.why).second) << core::name_of(reason) << " says what another one says";
    EXPECT_FALSE(why.why.ends_with('.') || why.needed.ends_with('.')) << core::name_of(reason);
  }
  EXPECT_TRUE(why_of(Reason::none).why.empty());
  EXPECT_FALSE(why_of(static_cast<Reason>(999)).why.empty());
}

TEST(Explain, AnAcceptedReferralNamesRuleAndBasisOfEachSection) {
  core::Entry entry = entry_of(StatementType::envelope);
  for (std::uint16_t i = 0; i < 2; ++i) {
    core::Item item;
    item.section = i;
    item.verdict = core::Verdict::accepted;
    item.rule = static_cast<std::uint16_t>(4 + i);
    entry.decision.items.push_back(item);
  }
  const core::ParsedStatement statement = referral();
  const Explanation said = explain(entry, &statement, names());
  EXPECT_THAT(said.sentences,
              testing::ElementsAre("Member1 sent a referral to member2 for protection, urgent_72h.", "It was accepted.",
                                   "identity on legal_obligation: accepted (rule rule-4).",
                                   "health on consent: accepted (rule rule-5)."));
}

TEST(Explain, ARefusalSaysWhatWouldHaveBeenNeeded) {
  core::Entry entry = entry_of(StatementType::envelope, Reason::denied, 3);
  core::Item item;
  item.section = 1;
  item.verdict = core::Verdict::refused;
  item.reason = core::number_of(Reason::denied);
  item.rule = 3;
  entry.decision.items.push_back(item);
  const core::ParsedStatement statement = referral();
  const Explanation said = explain(entry, &statement, names());
  EXPECT_EQ(said.rule, "rule-3");
  EXPECT_THAT(said.sentences,
              Contains("It was refused: a rule forbids it, whoever allows it [denied], by rule rule-3."));
  EXPECT_THAT(said.sentences,
              Contains("health on consent: refused, a rule forbids it, whoever allows it [denied] (rule rule-3)."));
  EXPECT_THAT(said.sentences.back(), HasSubstr("What would have been needed: "));
}

TEST(Explain, EveryTypeSaysSomethingWithAndWithoutItsBody) {
  core::StandingChange change;
  change.member.bytes[0] = 7;
  core::HandOut hand_out;
  hand_out.member.bytes[0] = 2;
  hand_out.messages.resize(3);
  core::Opened opened;
  opened.role = core::ReaderRole::caseworker;
  core::WithdrawalAnswer answer;
  answer.answer = core::DebtAnswer::kept;
  answer.basis = core::Basis::public_task;
  core::Acknowledgement one;
  one.messages.resize(1);
  core::UnreadableReport unreadable;
  unreadable.reason = core::Unreadable::grant;
  const struct {
    StatementType type;
    core::Body body;
    std::string says;
  } kTable[] = {{StatementType::genesis, core::Genesis{}, "The administrators began the network"},
                {StatementType::enrolment, core::Enrolment{}, "enrolled"},
                {StatementType::suspension, change, "suspended member7"},
                {StatementType::reinstatement, change, "reinstated member7"},
                {StatementType::removal, change, "removed member7"},
                {StatementType::policy_adoption, core::PolicyAdoption{}, "adopted a policy"},
                {StatementType::auditor_appointment, core::AuditorAppointment{}, "as auditor"},
                {StatementType::loss_accepted, core::LossAccepted{}, "signed a loss_accepted"},
                {StatementType::prekeys, core::Prekeys{}, "published 0 encryption keys"},
                {StatementType::consent, core::Consent{}, "recorded a consent"},
                {StatementType::withdrawal, core::Withdrawal{}, "took back the whole"},
                {StatementType::person_withdrawal, core::PersonWithdrawal{}, "A person, by her code, at member0"},
                {StatementType::withdrawal_answer, answer, "said that s17 is kept on public_task"},
                {StatementType::received, one, "received 1 message."},
                {StatementType::erased, one, "erased 1 message."},
                {StatementType::unreadable, unreadable, "could not read s17: grant"},
                {StatementType::opened, opened, "opened s17, as caseworker"},
                {StatementType::hand_out, hand_out, "The broker handed 3 messages to member2"},
                {StatementType::withhold, hand_out, "The broker kept 3 messages back from member2"},
                {StatementType::tick, core::Tick{}, "noted that time has passed"},
                {StatementType::clock_confirmed, core::ClockConfirmed{}, "wrote a clock_confirmed"}};
  for (const auto& row : kTable) {
    const core::ParsedStatement statement = statement_of(row.type, row.body);
    const Explanation said = explain(entry_of(row.type), &statement, names());
    EXPECT_THAT(said.sentences.front(), HasSubstr(row.says)) << core::name_of(row.type);
    const Explanation bare = explain(entry_of(row.type, Reason::expired), nullptr, names());
    EXPECT_THAT(bare.sentences.front(), HasSubstr("not shown here")) << core::name_of(row.type);
    EXPECT_THAT(bare.sentences.back(), HasSubstr("needed")) << core::name_of(row.type);
  }
}

TEST(Explain, ATickSaysWhatFellDue) {
  core::Entry entry = entry_of(StatementType::tick);
  core::Item item;
  item.reference.counter.value = 1;
  item.reason = core::number_of(core::DueCode::withdrawal_answer);
  entry.decision.items.push_back(item);
  EXPECT_THAT(explain(entry, nullptr, names()).sentences, Contains("s17: due was withdrawal_answer."));
}

// Numbers outside every list, and sections that are not there, are said and never read past.
TEST(Explain, StrangeNumbersDoNotBreakIt) {
  core::Entry entry = entry_of(StatementType::envelope, static_cast<Reason>(999), 60'000);
  core::Item item;
  item.section = 77;
  item.reason = 999;
  entry.decision.items.push_back(item);
  const core::ParsedStatement statement = referral();
  EXPECT_THAT(explain(entry, &statement, names()).sentences, Contains(HasSubstr("section 77")));
}

}  // namespace
}  // namespace besa::wire
