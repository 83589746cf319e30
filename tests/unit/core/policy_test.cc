#include "core/policy.h"

#include <gtest/gtest.h>

#include <functional>

namespace besa::core {
namespace {

using enum Sector;
using C = Category;
using R = Reason;

const CodeSet<Sector> kLaw = {police, border_police};

Rule rule_named(const char* id, CodeSet<Sector> from, CodeSet<Sector> to, Kind kind, Purpose purpose) {
  Rule rule;
  rule.id = id;
  rule.from = from;
  rule.to = to;
  rule.kind = {kind};
  rule.purpose = {purpose};
  return rule;
}

Rule deny_named(const char* id) {
  Rule rule;
  rule.id = id;
  rule.deny = true;
  return rule;
}

// Rule numbers of the policy below.
constexpr std::uint16_t kLawToShelter = 1;
constexpr std::uint16_t kJobsNeverStory = 2;
constexpr std::uint16_t kDanger = 3;
constexpr std::uint16_t kAdultsOnly = 4;
constexpr std::uint16_t kByOrder = 5;
constexpr std::uint16_t kWhole = 6;
constexpr std::uint16_t kLabourNeverLinked = 7;
constexpr std::uint16_t kFigures = 8;
constexpr std::uint16_t kLawToShelterAgain = 9;
constexpr std::uint16_t kChildren = 10;
constexpr std::uint16_t kNeverAtNight = 11;

Policy sample_policy() {
  Policy policy;
  policy.basis = {{Basis::legal_obligation, ReferenceType::legal_ground, {}},
                  {Basis::best_interests, ReferenceType::best_interest, {PersonClass::minor, PersonClass::unknown}}};
  policy.emergency_priority = {Priority::immediate_1h, Priority::emergency_24h};
  policy.emergency_category = {C::emergency_care, C::meeting};
  policy.required_checks = 0x7F;
  policy.retention_days = 30;
  policy.life_hours = 240;

  Rule law = rule_named("law-to-shelter", kLaw, {shelter}, Kind::referral, Purpose::protection);
  law.send[Basis::legal_obligation] = {C::summary, C::identity};
  law.send[Basis::consent] = {C::contact, C::health, C::emergency_care, C::meeting, C::exploitation};
  law.later = {C::health, C::exploitation, C::meeting};
  law.back[Basis::consent] = {C::needs, C::contact};
  law.answer_hours = 48;

  Rule jobs = deny_named("jobs-never-story");
  jobs.to = {employment_service, migration_counter};
  jobs.except = {C::summary, C::identity, C::contact, C::skills, C::response};

  Rule danger = rule_named("danger", {shelter}, kLaw, Kind::referral, Purpose::protection);
  danger.priority = {Priority::immediate_1h, Priority::emergency_24h};
  danger.send[Basis::vital_interest] = {C::summary, C::location};

  Rule adults = rule_named("adults-to-jobs", {shelter}, {employment_service}, Kind::referral, Purpose::employment);
  adults.person = {PersonClass::adult};
  adults.send[Basis::consent] = {C::summary, C::skills, C::exploitation};

  Rule order = rule_named("by-court-order", {prosecutor}, {police}, Kind::referral, Purpose::prosecution);
  order.send[Basis::legal_obligation] = {C::criminal_justice};
  order.send[Basis::best_interests] = {C::opinion};
  order.demands = {{Basis::legal_obligation, ReferenceType::court_order, {}},
                   {Basis::best_interests, ReferenceType::court_order, {}}};

  Rule whole =
      rule_named("decision-whole", {responsible_authority}, {shelter}, Kind::referral, Purpose::identification);
  whole.send[Basis::public_task] = {C::status};
  whole.links = {
      {RowRole::joint, {Kind::decision}, {social_services}, Screening::none, ReferenceType::decision, 720, false}};
  whole.fresh_matter = true;
  whole.responsible = true;

  Rule labour = deny_named("labour-migration-never-linked");
  labour.purpose = {Purpose::labour_migration};
  labour.origin_purpose = {Purpose::protection, Purpose::asylum};

  Rule figures = rule_named("figures", {shelter}, {national_coordinator}, Kind::referral, Purpose::statistics);
  figures.send[Basis::not_personal] = {C::summary, C::counts, C::health};
  figures.fresh_matter = true;
  figures.responsible = true;

  Rule again = rule_named("law-to-shelter-again", {police}, {shelter}, Kind::referral, Purpose::protection);
  again.send[Basis::legal_obligation] = {C::summary};
  again.send[Basis::public_task] = {C::summary};
  again.demands = {{Basis::legal_obligation, ReferenceType::decision, {}}};

  Rule children = rule_named("children", {child_protection}, {shelter}, Kind::referral, Purpose::protection);
  children.person = {PersonClass::minor};
  children.send[Basis::public_task] = {C::summary};
  children.send[Basis::best_interests] = {C::family};

  Rule night = deny_named("children-never-to-police");
  night.from = {child_protection};
  night.to = kLaw;
  night.kind = {Kind::referral};
  night.purpose = {Purpose::protection};
  night.priority = {Priority::normal_2weeks};
  night.person = {PersonClass::minor};
  night.category = {C::family, C::location};

  policy.rules = {law, jobs, danger, adults, order, whole, labour, figures, again, children, night};
  return policy;
}

Passage passage_of(Sector from, Sector to, Purpose purpose) {
  Passage passage;
  passage.sender_sector = passage.opener_sector = from;
  passage.recipient_sector = passage.receiver_sector = to;
  passage.opening_kind = Kind::referral;
  passage.purpose = purpose;
  passage.priority = Priority::normal_2weeks;
  passage.person_class = PersonClass::adult;
  return passage;
}

// The same thread, the other way.
Passage back(Passage passage) {
  std::swap(passage.sender_sector, passage.recipient_sector);
  passage.from_opener = false;
  return passage;
}

Passage with(Passage passage, const std::function<void(Passage&)>& change) {
  change(passage);
  return passage;
}

Passage with(Passage passage, ReferenceType type) {
  passage.references.push_back(type);
  return passage;
}

Passage with(Passage passage, Priority priority) {
  passage.priority = priority;
  return passage;
}

Passage with(Passage passage, PersonClass person) {
  passage.person_class = person;
  return passage;
}

Section section_of(Category category, Basis basis, Grant grant = Grant::now) {
  Section section;
  section.category = category;
  section.basis = basis;
  section.grant = grant;
  return section;
}

struct Case {
  const char* what;
  Passage passage;
  Section section;
  Reason reason;
  std::uint16_t rule;
};

// Both halves, as a decision takes them.
RuleVerdict judge(const Policy& policy, const Passage& passage, const Section& section) {
  const RuleVerdict denied = check_denied(policy, passage, section);
  return denied.allowed() ? check_allowed(policy, passage, section) : denied;
}

void expect_all(std::span<const Case> cases) {
  const Policy policy = sample_policy();
  for (const Case& c : cases) {
    const RuleVerdict verdict = judge(policy, c.passage, c.section);
    EXPECT_EQ(name_of(verdict.reason), name_of(c.reason)) << c.what;
    EXPECT_EQ(verdict.rule, c.rule) << c.what;
  }
}

const Passage kToShelter = passage_of(border_police, shelter, Purpose::protection);
const Passage kPoliceToShelter = passage_of(police, shelter, Purpose::protection);
const Passage kToJobs = passage_of(shelter, employment_service, Purpose::employment);
const Passage kToLaw = passage_of(shelter, police, Purpose::protection);
const Passage kToPolice = passage_of(prosecutor, police, Purpose::prosecution);
const Passage kFromChildren = passage_of(child_protection, shelter, Purpose::protection);
const Passage kChildrenToPolice = passage_of(child_protection, police, Purpose::protection);

TEST(Rules, FindTheirCandidates) {
  const Case kCases[] = {
      {"listed under the basis", kToShelter, section_of(C::contact, Basis::consent), R::none, kLawToShelter},
      {"listed under another basis", kToShelter, section_of(C::summary, Basis::consent), R::no_rule, 0},
      {"not listed", kToShelter, section_of(C::biometric, Basis::consent), R::no_rule, 0},
      {"no basis", kToShelter, section_of(C::contact, Basis::none), R::no_rule, 0},
      {"another opener", passage_of(iom, shelter, Purpose::protection), section_of(C::contact, Basis::consent),
       R::no_rule, 0},
      {"another receiver", passage_of(police, iom, Purpose::protection), section_of(C::contact, Basis::consent),
       R::no_rule, 0},
      {"another purpose", passage_of(police, shelter, Purpose::asylum), section_of(C::contact, Basis::consent),
       R::no_rule, 0},
      {"another opening kind", with(kToShelter, [](Passage& p) { p.opening_kind = Kind::test; }),
       section_of(C::contact, Basis::consent), R::no_rule, 0},
      {"back lists it", back(kToShelter), section_of(C::needs, Basis::consent), R::none, kLawToShelter},
      {"only send lists it", back(kToShelter), section_of(C::health, Basis::consent), R::no_rule, 0},
      {"only back lists it", kToShelter, section_of(C::needs, Basis::consent), R::no_rule, 0},
      {"a thread the other way is another thread", passage_of(shelter, border_police, Purpose::protection),
       section_of(C::needs, Basis::consent), R::no_rule, 0},
  };
  expect_all(kCases);
}

TEST(Rules, OneWithoutSectorsKindOrPurposeAllowsNothing) {
  const std::function<void(Rule&)> kHoles[] = {
      [](Rule& rule) { rule.from = {}; },
      [](Rule& rule) { rule.to = {}; },
      [](Rule& rule) { rule.kind = {}; },
      [](Rule& rule) { rule.purpose = {}; },
  };
  for (const auto& make_hole : kHoles) {
    Policy policy = sample_policy();
    make_hole(policy.rules[kLawToShelter - 1]);
    EXPECT_EQ(check_allowed(policy, kToShelter, section_of(C::contact, Basis::consent)).reason, R::no_rule);
  }
}

TEST(Rules, PersonClassMustFit) {
  const Section skills = section_of(C::skills, Basis::consent);
  const Section summary = section_of(C::summary, Basis::public_task);
  const Case kCases[] = {
      {"adult to adults", kToJobs, skills, R::none, kAdultsOnly},
      {"minor to adults", with(kToJobs, PersonClass::minor), skills, R::class_not_allowed, kAdultsOnly},
      {"unknown counts as minor", with(kToJobs, PersonClass::unknown), skills, R::class_not_allowed, kAdultsOnly},
      {"adult to minors", kFromChildren, summary, R::class_not_allowed, kChildren},
      {"minor to minors", with(kFromChildren, PersonClass::minor), summary, R::none, kChildren},
      {"unknown to minors", with(kFromChildren, PersonClass::unknown), summary, R::none, kChildren},
      {"any rule takes any class", with(kToShelter, PersonClass::unknown), section_of(C::contact, Basis::consent),
       R::none, kLawToShelter},
  };
  expect_all(kCases);
}

TEST(Rules, PriorityMustFit) {
  const Section summary = section_of(C::summary, Basis::vital_interest);
  const Case kCases[] = {
      {"emergency", with(kToLaw, Priority::emergency_24h), summary, R::none, kDanger},
      {"too slow", with(kToLaw, Priority::urgent_72h), summary, R::priority_not_allowed, kDanger},
      {"none", with(kToLaw, Priority::none), summary, R::priority_not_allowed, kDanger},
  };
  expect_all(kCases);
}

TEST(Rules, BasisDemandsItsReference) {
  const Section summary = section_of(C::summary, Basis::legal_obligation);
  const Section justice = section_of(C::criminal_justice, Basis::legal_obligation);
  const Section opinion = section_of(C::opinion, Basis::best_interests);
  const Passage minor = with(kToPolice, PersonClass::minor);
  const Case kCases[] = {
      {"missing", kToShelter, summary, R::reference_missing, kLawToShelter},
      {"another", with(kToShelter, ReferenceType::court_order), summary, R::reference_missing, kLawToShelter},
      {"there", with(kToShelter, ReferenceType::legal_ground), summary, R::none, kLawToShelter},
      {"second of two", with(with(kToShelter, ReferenceType::decision), ReferenceType::legal_ground), summary, R::none,
       kLawToShelter},
      {"a rule replaces it: the policy's is not enough", with(kToPolice, ReferenceType::legal_ground), justice,
       R::reference_missing, kByOrder},
      {"a rule replaces it: its own is", with(kToPolice, ReferenceType::court_order), justice, R::none, kByOrder},
      {"a basis without demand", kToShelter, section_of(C::contact, Basis::consent), R::none, kLawToShelter},
      {"the basis demands a class", with(kToPolice, ReferenceType::court_order), opinion, R::class_not_allowed,
       kByOrder},
      {"and is content", with(minor, ReferenceType::court_order), opinion, R::none, kByOrder},
      {"reference comes before its class", kToPolice, opinion, R::reference_missing, kByOrder},
  };
  expect_all(kCases);
}

TEST(Rules, LaterMeansLaterExceptInEmergencies) {
  const Section meeting = section_of(C::meeting, Basis::consent);
  const Section health = section_of(C::health, Basis::consent);
  const Case kCases[] = {
      {"now", kToShelter, health, R::later_required, kLawToShelter},
      {"later", kToShelter, section_of(C::health, Basis::consent, Grant::later), R::none, kLawToShelter},
      {"later than it must", kToShelter, section_of(C::contact, Basis::consent, Grant::later), R::none, kLawToShelter},
      {"emergency category at emergency priority", with(kToShelter, Priority::immediate_1h), meeting, R::none,
       kLawToShelter},
      {"emergency category at ordinary priority", kToShelter, meeting, R::later_required, kLawToShelter},
      {"ordinary category at emergency priority", with(kToShelter, Priority::immediate_1h), health, R::later_required,
       kLawToShelter},
  };
  expect_all(kCases);
}

TEST(Rules, DenyBeatsAllow) {
  const Passage minor = with(kChildrenToPolice, PersonClass::minor);
  const Section family = section_of(C::family, Basis::best_interests);
  const Case kCases[] = {
      {"all but the exceptions", kToJobs, section_of(C::exploitation, Basis::consent), R::denied, kJobsNeverStory},
      {"an exception", kToJobs, section_of(C::summary, Basis::consent), R::none, kAdultsOnly},
      {"whatever the sender and the thread",
       with(back(passage_of(employment_service, health, Purpose::employment)), [](Passage&) {}),
       section_of(C::health, Basis::consent), R::denied, kJobsNeverStory},
      {"not the other way", back(kToJobs), section_of(C::health, Basis::consent), R::no_rule, 0},
      {"every condition met", minor, family, R::denied, kNeverAtNight},
      {"unknown counts as minor", with(kChildrenToPolice, PersonClass::unknown), family, R::denied, kNeverAtNight},
      {"another class", kChildrenToPolice, family, R::no_rule, 0},
      {"another category", minor, section_of(C::needs, Basis::best_interests), R::no_rule, 0},
      {"another priority", with(minor, Priority::urgent_72h), family, R::no_rule, 0},
      {"another sender", with(minor, [](Passage& p) { p.sender_sector = iom; }), family, R::no_rule, 0},
      {"another recipient", with(minor, [](Passage& p) { p.recipient_sector = iom; }), family, R::no_rule, 0},
      {"another kind", with(minor, [](Passage& p) { p.opening_kind = Kind::test; }), family, R::no_rule, 0},
      {"another purpose", with(minor, [](Passage& p) { p.purpose = Purpose::asylum; }), family, R::no_rule, 0},
  };
  expect_all(kCases);
}

TEST(Rules, DenyLooksAtWhereASectionComesFrom) {
  const Passage labour = passage_of(iom, labour_office_abroad, Purpose::labour_migration);
  const auto from = [&](CodeSet<Purpose> origins) {
    return with(labour, [&](Passage& p) { p.origin_purposes = origins; });
  };
  const Section skills = section_of(C::skills, Basis::consent);
  const Case kCases[] = {
      {"no origin", labour, skills, R::no_rule, 0},
      {"a denied origin", from({Purpose::protection}), skills, R::denied, kLabourNeverLinked},
      {"one of several", from({Purpose::employment, Purpose::asylum}), skills, R::denied, kLabourNeverLinked},
      {"another origin", from({Purpose::employment}), skills, R::no_rule, 0},
  };
  expect_all(kCases);
}

TEST(Rules, ADenyRuleWithNothingInItDeniesEverything) {
  Policy policy = sample_policy();
  policy.rules.push_back(deny_named("closed"));
  const RuleVerdict verdict = judge(policy, kToShelter, section_of(C::contact, Basis::consent));
  EXPECT_EQ(verdict.reason, R::denied);
  EXPECT_EQ(verdict.rule, 12);
}

TEST(Rules, InThreadNeedsNoAllowRuleAndCarriesTheResponse) {
  const Passage stranger = passage_of(school, consulate, Purpose::asylum);
  const Section response = section_of(C::response, Basis::in_thread);
  const Case kCases[] = {
      {"to the receiver", stranger, response, R::none, 0},
      {"to the opener", back(stranger), response, R::none, 0},
      {"nothing else", stranger, section_of(C::summary, Basis::in_thread), R::no_rule, 0},
      {"not before there is a thread", with(stranger, [](Passage& p) { p.opens_thread = true; }), response, R::no_rule,
       0},
      {"a response on another basis needs a rule", stranger, section_of(C::response, Basis::consent), R::no_rule, 0},
  };
  expect_all(kCases);
}

TEST(Rules, InThreadYieldsToADenyRule) {
  Policy policy = sample_policy();
  Rule rule = deny_named("no-answers");
  rule.category = {C::response};
  policy.rules.push_back(rule);
  EXPECT_EQ(judge(policy, kToShelter, section_of(C::response, Basis::in_thread)).reason, R::denied);
}

TEST(Rules, NotPersonalCarriesSummaryAndCountsByARule) {
  const Passage figures = passage_of(shelter, national_coordinator, Purpose::statistics);
  const Case kCases[] = {
      {"summary", figures, section_of(C::summary, Basis::not_personal), R::none, kFigures},
      {"counts", figures, section_of(C::counts, Basis::not_personal), R::none, kFigures},
      {"health, though a rule lists it", figures, section_of(C::health, Basis::not_personal), R::no_rule, 0},
      {"without a rule", kToShelter, section_of(C::summary, Basis::not_personal), R::no_rule, 0},
  };
  expect_all(kCases);
}

TEST(Rules, ADemandedLinkIsNeverThere) {
  const Case kCases[] = {{"link", passage_of(responsible_authority, shelter, Purpose::identification),
                          section_of(C::status, Basis::public_task), R::link_missing, kWhole}};
  expect_all(kCases);
}

TEST(Rules, TheFirstThatHoldsIsNamed) {
  const Section summary = section_of(C::summary, Basis::legal_obligation);
  const Case kCases[] = {
      {"the first in the file", with(kPoliceToShelter, ReferenceType::legal_ground), summary, R::none, kLawToShelter},
      {"a later one when the first fails", with(kPoliceToShelter, ReferenceType::decision), summary, R::none,
       kLawToShelterAgain},
      {"both hold", with(with(kPoliceToShelter, ReferenceType::decision), ReferenceType::legal_ground), summary,
       R::none, kLawToShelter},
      {"none holds: the first candidate's reason", kPoliceToShelter, summary, R::reference_missing, kLawToShelter},
  };
  expect_all(kCases);
}

// Each failing requirement hides those after it.
TEST(Rules, RequirementsAreCheckedInTheirOrder) {
  Policy policy;
  policy.emergency_priority = {Priority::immediate_1h};
  Rule rule = rule_named("all", {police}, {shelter}, Kind::referral, Purpose::protection);
  rule.person = {PersonClass::adult};
  rule.priority = {Priority::immediate_1h};
  rule.send[Basis::public_task] = {C::health};
  rule.demands = {{Basis::public_task, ReferenceType::decision, {PersonClass::adult}}};
  rule.later = {C::health};
  rule.links = {LinkDemand{}};
  policy.rules = {rule};
  Passage passage = with(kPoliceToShelter, PersonClass::minor);
  Section section = section_of(C::health, Basis::public_task);
  const auto reason = [&] { return check_allowed(policy, passage, section).reason; };

  EXPECT_EQ(reason(), R::class_not_allowed);
  policy.rules[0].person = {};
  EXPECT_EQ(reason(), R::priority_not_allowed);
  passage.priority = Priority::immediate_1h;
  EXPECT_EQ(reason(), R::reference_missing);
  passage.references = {ReferenceType::decision};
  EXPECT_EQ(reason(), R::class_not_allowed);
  passage.person_class = PersonClass::adult;
  EXPECT_EQ(reason(), R::later_required);
  section.grant = Grant::later;
  EXPECT_EQ(reason(), R::link_missing);
  policy.rules[0].links.clear();
  EXPECT_EQ(reason(), R::none);
}

TEST(Rules, AnEmptyPolicyAllowsNothing) {
  const RuleVerdict verdict = judge({}, kToShelter, section_of(C::contact, Basis::consent));
  EXPECT_EQ(verdict.reason, R::no_rule);
  EXPECT_EQ(verdict.rule, 0);
}

TEST(TimeToAnswer, IsTheRulesOrThePriorities) {
  const Policy policy = sample_policy();
  EXPECT_EQ(time_to_answer(policy, kLawToShelter, Priority::immediate_1h), base::hours(48));
  EXPECT_EQ(time_to_answer(policy, kDanger, Priority::immediate_1h), base::hours(1));
  EXPECT_EQ(time_to_answer(policy, 0, Priority::emergency_24h), base::hours(24));
  EXPECT_EQ(time_to_answer(policy, 0, Priority::urgent_72h), base::hours(72));
  EXPECT_EQ(time_to_answer(policy, 999, Priority::normal_2weeks), base::hours(336));
}

// --- bytes ---

TEST(PolicyBytes, ComeBackWhole) {
  const Bytes bytes = encode_policy(sample_policy());
  const auto back_again = decode_policy(bytes);
  ASSERT_TRUE(back_again.has_value());
  EXPECT_EQ(encode_policy(*back_again), bytes);
  EXPECT_EQ(back_again->rules.size(), sample_policy().rules.size());
  EXPECT_EQ(back_again->rules[5].links[0].max_hours, 720U);
  EXPECT_EQ(back_again->rules[0].id, "law-to-shelter");
  EXPECT_EQ(back_again->rules[0].send, sample_policy().rules[0].send);
}

TEST(PolicyBytes, EveryTruncationAndEveryExtraByteIsMalformed) {
  Policy policy = sample_policy();
  policy.rules.resize(2);
  Bytes bytes = encode_policy(policy);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_policy(ByteView(bytes).first(size)).has_value()) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(decode_policy(bytes).has_value());
}

// A field that is left out of the encoding would vanish here.
TEST(PolicyBytes, EveryFlippedBitIsSeen) {
  Policy policy = sample_policy();
  policy.rules = {policy.rules[0], policy.rules[5]};
  const Bytes good = encode_policy(policy);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto decoded = decode_policy(bytes);
    if (!decoded) continue;
    EXPECT_EQ(encode_policy(*decoded), bytes) << bit;
  }
}

}  // namespace
}  // namespace besa::core
