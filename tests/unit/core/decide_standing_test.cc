// The standing checks: what is asked again when a message is handed out, one case a check.
#include <functional>

#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

const MemberId kAdministrator = base::id_cast<MemberId>(organisation(201));

Decision hand_out(Network& network, std::vector<Reference> messages) {
  return network.run(network.hand_out(StatementType::hand_out, "shelter", std::move(messages)), {}).entry.decision;
}

Reference send(Network& network, Envelope body, const Reference& cited) {
  const ParsedStatement statement = network.sign("police", std::move(body), cited);
  const Decision decision = network.run(statement, network.member("police").id).entry.decision;
  EXPECT_TRUE(decision.accepted()) << name_of(decision.reason);
  return ref(statement);
}

Reference record(Network& network, std::vector<ConsentRow> rows, Timestamp until) {
  ParsedStatement statement = network.consent("police", padded(std::move(rows)));
  std::get<Consent>(statement.body).valid_until = until;
  EXPECT_TRUE(network.run(statement, network.member("police").id).entry.decision.accepted());
  return ref(statement);
}

Envelope contact(Network& network) {
  return network.letter("police", "shelter", {section(Category::contact, Basis::consent)});
}

struct Case {
  const char* name;
  std::function<void(Network&, const Reference&)> between;  // submission and hand-out
  Reason reason;
  std::uint16_t rule = 0;
};

void under(Network& network, const std::function<void(Policy&)>& change) {
  Policy policy = small_policy();
  change(policy);
  network.adopt(policy);
}

const Case kCases[] = {
    {"nothing happened", [](Network&, const Reference&) {}, Reason::none},
    {"sender suspended",
     [](Network& n, const Reference&) { n.run(n.standing(StatementType::suspension, "police"), kAdministrator); },
     Reason::unknown_sender},
    {"sender removed",
     [](Network& n, const Reference&) { n.run(n.standing(StatementType::removal, "police"), kAdministrator); },
     Reason::unknown_sender},
    {"thread cancelled",
     [](Network& n, const Reference& m) { n.send("police", n.reply("police", m, Kind::cancel, Sets::cancelled)); },
     Reason::illegal_transition},
    {"thread entered in error",
     [](Network& n, const Reference& m) {
       n.send("police", n.reply("police", m, Kind::cancel, Sets::entered_in_error));
     },
     Reason::illegal_transition},
    {"the policy denies it now",
     [](Network& n, const Reference&) { under(n, [](Policy& p) { p.rules[0].to.insert(Sector::shelter); }); },
     Reason::denied, 1},
    {"no rule lists it now",
     [](Network& n, const Reference&) { under(n, [](Policy& p) { p.rules[1].send.erase(Basis::consent); }); },
     Reason::no_rule},
    {"another reference is demanded now",
     [](Network& n, const Reference&) {
       under(n, [](Policy& p) { p.rules[1].demands = {{Basis::consent, ReferenceType::court_order, {}}}; });
     },
     Reason::reference_missing, 2},
    {"only minors now",
     [](Network& n, const Reference&) { under(n, [](Policy& p) { p.rules[1].person = {PersonClass::minor}; }); },
     Reason::class_not_allowed, 2},
    {"only emergencies now",
     [](Network& n, const Reference&) { under(n, [](Policy& p) { p.rules[1].priority = {Priority::immediate_1h}; }); },
     Reason::priority_not_allowed, 2},
    {"only later now",
     [](Network& n, const Reference&) { under(n, [](Policy& p) { p.rules[1].later.insert(Category::health); }); },
     Reason::later_required, 2},
    {"a policy that says the same", [](Network& n, const Reference&) { n.adopt(small_policy()); }, Reason::none},
    {"the recipient came below a member that the consent excludes",
     [](Network& n, const Reference&) { n.enrol("shelter", Sector::shelter, 211, n.member("cousin").id); },
     Reason::not_covered},
    {"the recipient came two below it",
     [](Network& n, const Reference&) {
       n.enrol("between", Sector::shelter, 221, n.member("cousin").id);
       n.enrol("shelter", Sector::shelter, 211, n.member("between").id);
     },
     Reason::not_covered},
    {"the recipient changed its sector", [](Network& n, const Reference&) { n.enrol("shelter", Sector::ngo, 211); },
     Reason::no_rule},
};

TEST(StandingChecks, EachCheckIsMadeAgainAtHandOut) {
  for (const Case& test : kCases) {
    Network network;
    network.enrol("cousin", Sector::police, 220);
    ConsentRow never;
    never.member = network.member("cousin").id;
    never.excluded = true;
    const Reference consent = record(network, {allow_row(network.member("shelter").id, {Category::health}), never},
                                     network.now + base::days(5));
    const Reference message = send(network, network.ordinary(), consent);
    test.between(network, message);
    const Decision decision = hand_out(network, {message});
    EXPECT_EQ(name_of(decision.reason), name_of(test.reason)) << test.name;
    EXPECT_EQ(decision.rule, test.rule) << test.name;
    EXPECT_TRUE(decision.accepted() || decision.items.empty()) << test.name;
    const Decision other =
        network.run(network.hand_out(StatementType::withhold, "shelter", {message}), {}).entry.decision;
    EXPECT_NE(decision.accepted(), other.accepted()) << test.name << ": what may not go is withheld, and nothing else";
  }
}

TEST(StandingChecks, AConsentIsOverToTheMillisecond) {
  for (const auto& [late, reason] : {std::pair{1U, Reason::none}, std::pair{0U, Reason::not_covered}}) {
    Network network;
    const Timestamp until = network.now + Duration{5'000};
    const Reference consent = record(network, {allow_row(network.member("shelter").id, {Category::contact})}, until);
    const Reference message = send(network, contact(network), consent);
    network.now = Timestamp{until.ms - late};
    EXPECT_EQ(name_of(hand_out(network, {message}).reason), name_of(reason)) << late;
  }
}

// Expiry is compared with the record: a broker that writes its tick first hides nothing.
TEST(StandingChecks, AMessageExpiresToTheMillisecond) {
  for (const auto& [late, reason] : {std::pair{1U, Reason::none}, std::pair{0U, Reason::expired}}) {
    Network network;
    Envelope body = network.ordinary();
    body.context.expires = network.now + Duration{5'000};
    const Timestamp expires = body.context.expires;
    const Reference message = send(network, std::move(body), network.given);
    network.now = Timestamp{expires.ms - late};
    EXPECT_EQ(name_of(check_standing(network.view, message, network.now)->reason), name_of(reason)) << late;
  }
}

// Another consent of the same thread excludes the recipient: it binds the message that it did not carry, over again.
TEST(StandingChecks, AnExclusionOfAnotherConsentOfTheThreadBinds) {
  Network network;
  network.enrol("cousin", Sector::police, 220);
  const Reference opening = send(network, network.ordinary(), network.given);
  ConsentRow never;
  never.member = network.member("cousin").id;
  never.excluded = true;
  const Reference careful = record(network, {allow_row(network.member("shelter").id, {Category::contact}), never},
                                   network.now + Duration{5'000});
  Envelope update = network.reply("police", opening, Kind::update, Sets::none);
  update.sections = {section(Category::contact, Basis::consent)};
  const Reference second = send(network, std::move(update), careful);
  network.now = network.now + Duration{6'000};
  EXPECT_EQ(check_standing(network.view, opening, network.now)->reason, Reason::none)
      << "the first consent still holds";
  EXPECT_EQ(check_standing(network.view, second, network.now)->reason, Reason::not_covered) << "the second is over";
  network.enrol("shelter", Sector::shelter, 211, network.member("cousin").id);
  EXPECT_EQ(check_standing(network.view, opening, network.now)->reason, Reason::not_covered)
      << "an exclusion holds after its consent is over";
}

// And messages on other bases: the consent was used in the thread before.
TEST(StandingChecks, AnExclusionBeatsEveryBasisInItsThread) {
  Network network;
  network.enrol("cousin", Sector::police, 220);
  ConsentRow never;
  never.member = network.member("cousin").id;
  never.excluded = true;
  const Reference careful = record(network, {allow_row(network.member("shelter").id, {Category::contact}), never},
                                   network.now + base::days(5));
  const Reference opening = send(network, contact(network), careful);
  network.enrol("shelter", Sector::shelter, 211, network.member("cousin").id);
  Envelope update = network.reply("police", opening, Kind::update, Sets::none);
  update.sections = {section(Category::identity, Basis::legal_obligation)};
  EXPECT_EQ(network.send("police", std::move(update)).entry.decision.reason, Reason::not_covered);
}

TEST(StandingChecks, OneThatFailsKeepsAllOfAHandOutBack) {
  Network network;
  const Reference good = send(network, network.ordinary(), network.given);
  const Reference consent =
      record(network, {allow_row(network.member("shelter").id, {Category::contact})}, network.now + Duration{5'000});
  const Reference bad = send(network, contact(network), consent);
  network.now = network.now + Duration{5'000};
  for (const auto& both : {std::vector{good, bad}, std::vector{bad, good}}) {
    EXPECT_EQ(hand_out(network, both).reason, Reason::not_covered);
    EXPECT_FALSE(find_message(network.view, good)->value().handed_out);
    const Decided withheld = network.run(network.hand_out(StatementType::withhold, "shelter", both), {});
    EXPECT_EQ(withheld.entry.decision.reason, Reason::not_due);
  }
  EXPECT_TRUE(hand_out(network, {good}).accepted());
}

TEST(StandingChecks, MessagesOfTwoSendersAreNotNamedTogether) {
  Network network;
  const Reference mine = send(network, network.ordinary(), network.given);
  Reference other = mine;
  other.author = network.member("iom").id;
  EXPECT_EQ(hand_out(network, {mine, other}).reason, Reason::wrong_shape);
  EXPECT_EQ(hand_out(network, std::vector<Reference>(65, mine)).reason, Reason::wrong_shape);
}

}  // namespace
}  // namespace besa::core
