// Envelopes at submission: the ordinary ways, and each refusal reason that an envelope can meet, as a table.
#include <functional>

#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

TEST(DecideEnvelope, OrdinaryReferralIsAccepted) {
  Network network;
  const Decided decided = network.send("police", network.ordinary(), network.given);
  const Decision& decision = decided.entry.decision;
  ASSERT_TRUE(decision.accepted()) << name_of(decision.reason);
  ASSERT_EQ(decision.items.size(), 2U);
  EXPECT_EQ(decision.items[0].rule, 2);
  EXPECT_EQ(decision.items[0].basis, Basis::legal_obligation);
  EXPECT_TRUE(decision.items[0].reference.is_none());
  EXPECT_EQ(decision.items[1].section, 1);
}

TEST(DecideEnvelope, SameBytesSameReceipt) {
  Network network;
  const ParsedStatement statement = network.sign("police", network.ordinary(), network.given);
  const Decided first = network.run(statement, network.member("police").id);
  network.now = network.now + base::days(40);  // long expired
  network.run_ticks();
  const Outcome again = network.outcome(statement, network.member("police").id);
  ASSERT_TRUE(std::holds_alternative<AlreadyDecided>(again));
  EXPECT_EQ(std::get<AlreadyDecided>(again).sequence, first.entry.sequence);
}

struct Refusal {
  const char* name;
  std::function<Decided(Network&)> act;
  Reason reason;
  std::uint16_t rule = 0;
  int section = -1;  // the item that must name it; -1: none
};

Decided changed(Network& n, const std::function<void(Context&)>& change) {
  Envelope body = n.ordinary();
  change(body.context);
  return n.send("police", std::move(body), n.given);
}

Decided with_sections(Network& n, std::vector<Section> sections, bool cite = false) {
  return n.send("police", n.letter("police", "shelter", std::move(sections)), cite ? n.given : Reference{});
}

const Refusal kRefusals[] = {
    {"suspended sender",
     [](Network& n) {
       n.run(n.standing(StatementType::suspension, "police"), base::id_cast<MemberId>(organisation(201)));
       return n.send("police", n.ordinary(), n.given);
     },
     Reason::unknown_sender},
    {"enrolment over",
     [](Network& n) {
       n.now = kStart + base::days(366);
       return n.send("police", n.ordinary(), n.given);
     },
     Reason::unknown_sender},
    {"context names another key", [](Network& n) { return changed(n, [](Context& c) { c.sender_key.bytes.fill(3); }); },
     Reason::bad_signature_key},
    {"counter used for something else",
     [](Network& n) {
       Envelope body = n.ordinary();
       const Counter used = body.context.counter;
       n.send("police", body, n.given);
       Envelope other = n.ordinary();
       other.context.counter = used;
       return n.send("police", std::move(other), n.given);
     },
     Reason::counter_reused},
    {"highest counter", [](Network& n) { return changed(n, [](Context& c) { c.counter.value = UINT64_MAX; }); },
     Reason::counter_ahead},
    {"created six minutes ahead",
     [](Network& n) { return changed(n, [&](Context& c) { c.created = n.now + base::minutes(6); }); },
     Reason::created_ahead},
    {"expired", [](Network& n) { return changed(n, [&](Context& c) { c.expires = n.now; }); }, Reason::expired},
    {"lives too long",
     [](Network& n) { return changed(n, [&](Context& c) { c.expires = c.created + base::days(30) + Duration{1}; }); },
     Reason::expires_too_late},
    {"unknown kind", [](Network& n) { return changed(n, [](Context& c) { c.kind = static_cast<Kind>(999); }); },
     Reason::unknown_code},
    {"unknown purpose",
     [](Network& n) { return changed(n, [](Context& c) { c.purpose = static_cast<Purpose>(999); }); },
     Reason::unknown_code},
    {"no priority", [](Network& n) { return changed(n, [](Context& c) { c.priority = Priority::none; }); },
     Reason::unknown_code},
    {"a row of a role that no list has",
     [](Network& n) {
       ParsedStatement statement = n.sign("police", n.ordinary(), n.given);
       statement.envelope_rows[0].role = static_cast<RowRole>(99);
       return n.run(statement, n.member("police").id);
     },
     Reason::unknown_code},
    {"unknown suite", [](Network& n) { return changed(n, [](Context& c) { c.suite = 2; }); }, Reason::unknown_code},
    {"unknown category",
     [](Network& n) {
       return with_sections(n, {section(Category::identity, Basis::legal_obligation),
                                section(static_cast<Category>(99), Basis::legal_obligation)});
     },
     Reason::unknown_code, 0, 1},
    {"to itself", [](Network& n) { return changed(n, [&](Context& c) { c.recipient = n.member("police").id; }); },
     Reason::wrong_shape},
    {"to nobody", [](Network& n) { return changed(n, [](Context& c) { c.recipient = {}; }); }, Reason::wrong_shape},
    {"no section", [](Network& n) { return with_sections(n, {}); }, Reason::wrong_shape},
    {"a record category twice",
     [](Network& n) {
       return with_sections(n, {section(Category::identity, Basis::legal_obligation),
                                section(Category::identity, Basis::legal_obligation)});
     },
     Reason::wrong_shape},
    {"seventeen sections",
     [](Network& n) {
       std::vector<Section> many(17, section(Category::identity, Basis::legal_obligation));
       for (Section& each : many) each.form = Form::attachment;
       return with_sections(n, std::move(many));
     },
     Reason::wrong_shape},
    {"a referral that sets a state", [](Network& n) { return changed(n, [](Context& c) { c.sets = Sets::accepted; }); },
     Reason::wrong_shape},
    {"a due that the kind has not",
     [](Network& n) { return changed(n, [](Context& c) { c.due.push_back({kStart, kStart + base::days(1)}); }); },
     Reason::wrong_shape},
    {"a consent that carries no section",
     [](Network& n) { return with_sections(n, {section(Category::identity, Basis::legal_obligation)}, true); },
     Reason::wrong_shape},
    {"a section on consent and none named",
     [](Network& n) { return with_sections(n, {section(Category::health, Basis::consent)}); }, Reason::wrong_shape},
    {"update without thread", [](Network& n) { return changed(n, [](Context& c) { c.kind = Kind::update; }); },
     Reason::wrong_shape},
    {"another policy", [](Network& n) { return changed(n, [](Context& c) { c.policy.bytes.fill(1); }); },
     Reason::policy_stale},
    {"the policy before",
     [](Network& n) {
       Envelope body = n.ordinary();
       n.adopt(small_policy());
       body.context.counter.value = n.header("police").counter.value;
       return n.send("police", std::move(body), n.given);
     },
     Reason::policy_stale},
    {"unknown recipient", [](Network& n) { return changed(n, [](Context& c) { c.recipient = member_id(99); }); },
     Reason::recipient_unavailable},
    {"removed recipient",
     [](Network& n) {
       n.run(n.standing(StatementType::removal, "shelter"), base::id_cast<MemberId>(organisation(201)));
       return n.send("police", n.ordinary(), n.given);
     },
     Reason::recipient_unavailable},
    {"unknown prekey", [](Network& n) { return changed(n, [](Context& c) { c.prekey.bytes.fill(1); }); },
     Reason::recipient_unavailable},
    {"prekey over",
     [](Network& n) {
       n.now = kStart + base::days(60);
       return n.send("police", n.ordinary(), n.given);
     },
     Reason::recipient_unavailable},
    {"thread not in the log",
     [](Network& n) {
       Envelope body = n.letter("police", "shelter", {section(Category::identity, Basis::legal_obligation)});
       body.context.kind = Kind::update;
       body.context.thread = n.given;
       return n.send("police", std::move(body));
     },
     Reason::unknown_reference},
    {"thread of others",
     [](Network& n) {
       const Decided opened = n.send("police", n.ordinary(), n.given);
       Envelope body = n.letter("iom", "shelter", {section(Category::identity, Basis::legal_obligation)});
       body.context.kind = Kind::update;
       body.context.thread = {n.member("police").id, Counter{n.member("police").counter}, opened.entry.id};
       return n.send("iom", std::move(body));
     },
     Reason::unknown_reference},
    {"purpose of another thread",
     [](Network& n) {
       const ParsedStatement first = n.sign("police", n.ordinary(), n.given);
       n.run(first, n.member("police").id);
       Envelope body = n.reply("police", ref(first), Kind::cancel, Sets::cancelled);
       body.context.purpose = Purpose::asylum;
       return n.send("police", std::move(body));
     },
     Reason::purpose_differs},
    {"answer before it was opened",
     [](Network& n) {
       const ParsedStatement first = n.sign("police", n.ordinary(), n.given);
       n.run(first, n.member("police").id);
       return n.send("shelter", n.reply("shelter", ref(first), Kind::answer, Sets::accepted));
     },
     Reason::illegal_transition},
    {"class loosened",
     [](Network& n) {
       Envelope opening = n.ordinary();
       opening.context.person_class = PersonClass::unknown;
       const ParsedStatement first = n.sign("police", std::move(opening), n.given);
       n.run(first, n.member("police").id);
       return n.send("police", n.reply("police", ref(first), Kind::cancel, Sets::cancelled));
     },
     Reason::person_class_loosened},
    {"break-glass reason without vital interest",
     [](Network& n) { return changed(n, [](Context& c) { c.break_glass = BreakGlass::danger_to_life; }); },
     Reason::break_glass_missing},
    {"vital interest without a reason",
     [](Network& n) { return with_sections(n, {section(Category::identity, Basis::vital_interest)}); },
     Reason::break_glass_missing},
    {"no rule for the category",
     [](Network& n) {
       return with_sections(n, {section(Category::identity, Basis::legal_obligation),
                                section(Category::location, Basis::legal_obligation)});
     },
     Reason::no_rule, 0, 1},
    {"no rule for the basis",
     [](Network& n) { return with_sections(n, {section(Category::health, Basis::legal_obligation)}); }, Reason::no_rule,
     0, 0},
    {"no rule for the sectors",
     [](Network& n) {
       return n.send("police", n.letter("police", "jobs", {section(Category::identity, Basis::legal_obligation)}));
     },
     Reason::no_rule, 0, 0},
    {"deny beats allow",
     [](Network& n) {
       Envelope body = n.letter("shelter", "jobs", {section(Category::exploitation, Basis::consent)});
       body.context.purpose = Purpose::employment;
       return n.send("shelter", std::move(body), n.given);
     },
     Reason::denied, 1, 0},
    {"class not allowed",
     [](Network& n) {
       Envelope body = n.letter("shelter", "jobs", {section(Category::skills, Basis::consent)});
       body.context.purpose = Purpose::employment;
       body.context.person_class = PersonClass::unknown;
       return n.send("shelter", std::move(body), n.given);
     },
     Reason::class_not_allowed, 3, 0},
    {"priority not allowed",
     [](Network& n) {
       Envelope body = n.letter("shelter", "police", {section(Category::identity, Basis::vital_interest)});
       body.context.break_glass = BreakGlass::danger_to_life;
       return n.send("shelter", std::move(body));
     },
     Reason::priority_not_allowed, 4, 0},
    {"reference missing", [](Network& n) { return changed(n, [](Context& c) { c.references.clear(); }); },
     Reason::reference_missing, 2, 0},
    {"only later", [](Network& n) { return with_sections(n, {section(Category::exploitation, Basis::consent)}, true); },
     Reason::later_required, 2, 0},
    {"a link that is not there",
     [](Network& n) {
       Envelope body = n.letter("iom", "police", {section(Category::identity, Basis::legal_obligation)});
       body.context.purpose = Purpose::readmission;
       return n.send("iom", std::move(body));
     },
     Reason::link_missing, 5, 0},
    {"not covered for this recipient",
     [](Network& n) {
       return n.send("police", n.letter("police", "iom", {section(Category::health, Basis::consent)}), n.given);
     },
     Reason::not_covered},
    {"a consent of somebody else",
     [](Network& n) {
       const ParsedStatement other =
           n.World::consent("iom", padded({allow_row(n.member("shelter").id, {Category::contact})}));
       n.run(other, n.member("iom").id);
       return n.send("police", n.letter("police", "shelter", {section(Category::contact, Basis::consent)}), ref(other));
     },
     Reason::not_covered},
    {"a consent that does not exist",
     [](Network& n) {
       Reference unknown = n.given;
       unknown.id.bytes.fill(1);
       return n.send("police", n.letter("police", "shelter", {section(Category::contact, Basis::consent)}), unknown);
     },
     Reason::not_covered},
    {"a consent that is over",
     [](Network& n) {
       const ParsedStatement fresh =
           n.World::consent("police", padded({allow_row(n.member("shelter").id, {Category::contact})}));
       ParsedStatement shorter = fresh;
       std::get<Consent>(shorter.body).valid_until = n.now + Duration{1000};
       n.run(shorter, n.member("police").id);
       n.now = n.now + Duration{1000};
       return n.send("police", n.letter("police", "shelter", {section(Category::contact, Basis::consent)}),
                     ref(shorter));
     },
     Reason::not_covered},
    {"an exclusion beats every basis",
     [](Network& n) {
       ConsentRow excluded = allow_row(n.member("shelter").id, {});
       excluded.excluded = true;
       const ParsedStatement careful =
           n.World::consent("police", padded({allow_row(n.member("shelter").id, {Category::contact}), excluded}));
       n.run(careful, n.member("police").id);
       return n.send(
           "police",
           n.letter("police", "shelter",
                    {section(Category::identity, Basis::legal_obligation), section(Category::contact, Basis::consent)}),
           ref(careful));
     },
     Reason::not_covered},
};

TEST(DecideEnvelope, EachRefusal) {
  for (const Refusal& test : kRefusals) {
    Network network;
    const Decided decided = test.act(network);
    const Decision& decision = decided.entry.decision;
    EXPECT_EQ(name_of(decision.reason), name_of(test.reason)) << test.name;
    EXPECT_EQ(decision.verdict, Verdict::refused) << test.name;
    EXPECT_EQ(decision.rule, test.rule) << test.name;
    ASSERT_EQ(decision.items.size(), test.section < 0 ? 0U : 1U) << test.name;
    if (test.section >= 0) {
      EXPECT_EQ(decision.items[0].section, test.section) << test.name;
    }
    EXPECT_TRUE(decided.effects.empty()) << test.name;
    for (const Change& change : decided.changes) {
      const bool bookkeeping =
          change.table == Table::head || change.table == Table::counter || change.table == Table::counter_window;
      EXPECT_TRUE(bookkeeping) << test.name << " changed " << name_of(change.table);
    }
  }
}

TEST(DecideEnvelope, ConsentToTheMillisecond) {
  Network network;
  const ParsedStatement statement =
      network.World::consent("police", padded({allow_row(network.member("shelter").id, {Category::contact})}));
  ParsedStatement bounded = statement;
  std::get<Consent>(bounded.body).valid_until = network.now + Duration{5000};
  network.run(bounded, network.member("police").id);
  network.now = network.now + Duration{4999};
  const auto contact = [&] {
    return network.send("police", network.letter("police", "shelter", {section(Category::contact, Basis::consent)}),
                        ref(bounded));
  };
  EXPECT_TRUE(contact().entry.decision.accepted());
  network.now = network.now + Duration{1};
  EXPECT_EQ(contact().entry.decision.reason, Reason::not_covered);
}

TEST(DecideEnvelope, RefusedForWhoItIsUsesNoCounter) {
  Network network;
  Envelope ahead = network.ordinary();
  const Counter own = ahead.context.counter;
  ahead.context.counter.value = UINT64_MAX;
  EXPECT_EQ(network.send("police", ahead, network.given).entry.decision.reason, Reason::counter_ahead);
  const Outcome again = network.outcome(network.sign("police", ahead, network.given), network.member("police").id);
  ASSERT_TRUE(std::holds_alternative<Decided>(again));
  Envelope good = network.ordinary();
  good.context.counter = own;
  EXPECT_TRUE(network.send("police", std::move(good), network.given).entry.decision.accepted());
}

TEST(DecideEnvelope, CountersOutOfOrderAndBelowTheWindow) {
  Network network;
  const std::uint64_t base_counter = network.header("police").counter.value;
  const auto send_at = [&](std::uint64_t counter) {
    Envelope body = network.ordinary();
    body.context.counter.value = counter;
    return network.outcome(network.sign("police", std::move(body), network.given), network.member("police").id);
  };
  EXPECT_TRUE(std::holds_alternative<Decided>(send_at(base_counter + 50)));
  EXPECT_TRUE(std::holds_alternative<Decided>(send_at(base_counter + 20)));
  for (std::uint64_t i = 0; i < 1'030; ++i) send_at(base_counter + 100 + i);
  EXPECT_TRUE(std::holds_alternative<BelowWindow>(send_at(base_counter + 30)));
  EXPECT_TRUE(std::holds_alternative<BelowWindow>(send_at(base_counter + 50)));
}

TEST(DecideEnvelope, SubmitterMustBeTheAuthorOrItsParent) {
  Network network;
  const ParsedStatement statement = network.sign("police", network.ordinary(), network.given);
  EXPECT_FALSE(network.try_decide(statement, network.member("shelter").id));
  network.enrol("station", Sector::border_police, 210, network.member("police").id);
  network.publish_prekey("station");
  const ParsedStatement carried = network.sign(
      "station", network.letter("station", "shelter", {section(Category::identity, Basis::legal_obligation)}));
  const Decided decided = network.run(carried, network.member("police").id);
  EXPECT_TRUE(decided.entry.decision.accepted());
  EXPECT_EQ(decided.entry.submitter, network.member("police").id);
}

TEST(DecideEnvelope, SignedByAnotherMemberNeverEnters) {
  Network network;
  ParsedStatement statement = network.sign("police", network.ordinary(), network.given);
  statement.blocks.clear();
  network.sign_with(statement, network.member("iom").signing,
                    member_key_id(network.member("iom").id, network.member("iom").signing.public_key()));
  EXPECT_FALSE(network.try_decide(statement, network.member("police").id));
}

TEST(DecideEnvelope, PreviewSaysTheSameWithoutSigning) {
  Network network;
  const ParsedStatement good = network.finish(StatementType::envelope, network.ordinary());
  ParsedStatement cited = good;
  EnvelopeRow row;
  row.role = RowRole::consent;
  row.reference = network.given;
  cited.envelope_rows.push_back(row);
  const auto accepted = preview(network.view, cited, network.now);
  ASSERT_TRUE(accepted);
  EXPECT_TRUE(accepted->decision.accepted());
  const auto refused = preview(network.view, good, network.now);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->decision.reason, Reason::wrong_shape);
}

TEST(DecideConsent, EachRefusal) {
  Network network;
  const auto record = [&](const std::function<void(Consent&, std::vector<ConsentRow>&)>& change) {
    ParsedStatement statement =
        network.World::consent("police", padded({allow_row(network.member("shelter").id, {Category::contact})}));
    change(std::get<Consent>(statement.body), statement.consent_rows);
    statement.row_hashes.resize(statement.consent_rows.size());
    return network.run(statement, network.member("police").id).entry.decision.reason;
  };
  EXPECT_EQ(record([](Consent&, std::vector<ConsentRow>&) {}), Reason::none);
  EXPECT_EQ(record([](Consent& c, std::vector<ConsentRow>&) { c.given_by = static_cast<GivenBy>(99); }),
            Reason::unknown_code);
  EXPECT_EQ(record([](Consent&, std::vector<ConsentRow>& rows) { rows.pop_back(); }), Reason::wrong_shape);
  EXPECT_EQ(record([](Consent& c, std::vector<ConsentRow>&) { c.person_class = PersonClass::minor; }),
            Reason::consent_incomplete);
  EXPECT_EQ(record([](Consent& c, std::vector<ConsentRow>&) {
              c.given_by = GivenBy::parent;
              c.guardian_conflict = true;
            }),
            Reason::consent_incomplete);
  EXPECT_EQ(record([](Consent& c, std::vector<ConsentRow>&) { c.valid_until = c.valid_from; }),
            Reason::consent_incomplete);
}

}  // namespace
}  // namespace besa::core
