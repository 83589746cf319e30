// Person class: the strictest of message, thread and consent counts; only an age assessment loosens.
#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

class PersonClassTest : public testing::Test {
 protected:
  // Nothing but emergencies for minors: so the class that counts shows in the reason.
  void SetUp() override {
    Policy policy = small_policy();
    policy.rules[1].person = {PersonClass::adult};
    network.adopt(policy);
  }
  Reference consent_of_a_minor() {
    ParsedStatement statement =
        network.consent("police", padded({allow_row(network.member("shelter").id, {Category::contact}),
                                          allow_row(network.member("police").id, {Category::needs})}));
    auto& body = std::get<Consent>(statement.body);
    body.person_class = PersonClass::minor;
    body.given_by = GivenBy::temporary_guardian;
    body.child_assent = true;
    EXPECT_TRUE(network.run(statement, network.member("police").id).entry.decision.accepted());
    return ref(statement);
  }
  Envelope contact() { return network.letter("police", "shelter", {section(Category::contact, Basis::consent)}); }
  Envelope update(const Reference& thread, PersonClass person) {
    Envelope out = network.reply("police", thread, Kind::update, Sets::none);
    out.sections = {section(Category::summary, Basis::legal_obligation)};
    out.context.person_class = person;
    return out;
  }
  Reference opened(Envelope body, const Reference& cited) {
    const ParsedStatement statement = network.sign("police", std::move(body), cited);
    const Decision decision = network.run(statement, network.member("police").id).entry.decision;
    EXPECT_TRUE(decision.accepted()) << name_of(decision.reason);
    EXPECT_TRUE(network.run(network.hand_out(StatementType::hand_out, "shelter", {ref(statement)}), {})
                    .entry.decision.accepted());
    network.run(network.report(StatementType::received, "shelter", {ref(statement)}), network.member("shelter").id);
    network.run(network.opened("shelter", ref(statement)), network.member("shelter").id);
    return ref(statement);
  }
  Reason police_sends(Envelope body, const Reference& cited = {}) {
    return network.send("police", std::move(body), cited).entry.decision.reason;
  }

  Network network;
};

TEST_F(PersonClassTest, OfTheCitedConsentCounts) {
  EXPECT_EQ(police_sends(contact(), network.given), Reason::none);
  EXPECT_EQ(police_sends(contact(), consent_of_a_minor()), Reason::class_not_allowed);
}

TEST_F(PersonClassTest, OfAConsentThatOneMayNotCiteTellsNothing) {
  Policy policy = small_policy();
  policy.rules[2].send[Basis::consent].insert(Category::contact);
  network.adopt(policy);
  const Reference strange = consent_of_a_minor();
  for (const Reference& cited : {strange, network.given}) {
    Envelope body = network.letter("shelter", "jobs", {section(Category::contact, Basis::consent)});
    body.context.purpose = Purpose::employment;
    EXPECT_EQ(network.send("shelter", std::move(body), cited).entry.decision.reason, Reason::not_covered);
  }
}

// The receiver cannot read the consent. Its answers, and the opener's cancellation, once were refused as loosening a
// class that no header of the thread had named.
TEST_F(PersonClassTest, OfAConsentAloneDoesNotBlockTheLoop) {
  network.adopt(small_policy());  // minors, too
  const Reference thread = opened(contact(), consent_of_a_minor());
  EXPECT_EQ(
      network.send("shelter", network.reply("shelter", thread, Kind::answer, Sets::accepted)).entry.decision.reason,
      Reason::none);
  EXPECT_EQ(police_sends(network.reply("police", thread, Kind::cancel, Sets::cancelled)), Reason::none);
}

TEST_F(PersonClassTest, OfAConsentUsedInTheThreadCountsForItsOtherMessages) {
  network.adopt(small_policy());
  const Reference thread = opened(contact(), consent_of_a_minor());
  Policy adults = small_policy();
  adults.rules[1].person = {PersonClass::adult};
  network.adopt(adults);
  EXPECT_EQ(police_sends(update(thread, PersonClass::adult)), Reason::class_not_allowed);
  Envelope back = network.reply("shelter", thread, Kind::answer, Sets::accepted);
  back.sections = {section(Category::needs, Basis::consent)};
  EXPECT_EQ(network.send("shelter", std::move(back)).entry.decision.reason, Reason::class_not_allowed);
}

TEST_F(PersonClassTest, GrownStricterInAnUpdateStaysSo) {
  network.adopt(small_policy());
  const Reference thread = opened(network.ordinary(), network.given);
  EXPECT_EQ(police_sends(update(thread, PersonClass::adult)), Reason::none);
  EXPECT_EQ(police_sends(update(thread, PersonClass::minor)), Reason::none);
  EXPECT_EQ(police_sends(update(thread, PersonClass::adult)), Reason::person_class_loosened);
  Envelope assessed = update(thread, PersonClass::adult);
  assessed.context.references.push_back({ReferenceType::age_assessment, {}});
  EXPECT_EQ(police_sends(std::move(assessed)), Reason::none);
}

}  // namespace
}  // namespace besa::core
