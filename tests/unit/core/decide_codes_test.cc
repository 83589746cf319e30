// Unknown codes: each field that holds one, in each statement, is refused on record as unknown_code.
#include <functional>

#include "tests/unit/core/network.h"

namespace besa::core {
namespace {

template <class Code>
void outside(Code& code) {
  code = static_cast<Code>(names_of(Code{}).size() + 1);
}

struct HeaderCode {
  const char* field;
  std::function<void(Context&)> change;
};

const HeaderCode kHeaderCodes[] = {
    {"suite", [](Context& c) { c.suite = kSuite1 + 1; }},
    {"no suite", [](Context& c) { c.suite = 0; }},
    {"kind", [](Context& c) { outside(c.kind); }},
    {"no kind", [](Context& c) { c.kind = Kind::none; }},
    {"purpose", [](Context& c) { outside(c.purpose); }},
    {"no purpose", [](Context& c) { c.purpose = Purpose::none; }},
    {"priority", [](Context& c) { outside(c.priority); }},
    {"no priority", [](Context& c) { c.priority = Priority::none; }},
    {"person class", [](Context& c) { outside(c.person_class); }},
    {"no person class", [](Context& c) { c.person_class = PersonClass::none; }},
    {"sets", [](Context& c) { outside(c.sets); }},
    {"break-glass", [](Context& c) { outside(c.break_glass); }},
    {"screening", [](Context& c) { outside(c.screening); }},
    {"reference type", [](Context& c) { outside(c.references[0].type); }},
    {"no reference type", [](Context& c) { c.references[0].type = ReferenceType::none; }},
};

TEST(UnknownCodes, InAHeaderAreRefusedWithoutASection) {
  for (const HeaderCode& test : kHeaderCodes) {
    Network network;
    Envelope body = network.ordinary();
    test.change(body.context);
    const Decision decision = network.send("police", std::move(body), network.given).entry.decision;
    EXPECT_EQ(name_of(decision.reason), "unknown_code") << test.field;
    EXPECT_TRUE(decision.items.empty()) << test.field;
  }
}

struct SectionCode {
  const char* field;
  std::function<void(Section&)> change;
};

const SectionCode kSectionCodes[] = {
    {"category", [](Section& s) { outside(s.category); }},
    {"no category", [](Section& s) { s.category = Category::none; }},
    {"category of another type's width", [](Section& s) { s.category = static_cast<Category>(0xFFFF); }},
    {"form", [](Section& s) { outside(s.form); }},
    {"no form", [](Section& s) { s.form = Form::none; }},
    {"grant", [](Section& s) { outside(s.grant); }},
    {"no grant", [](Section& s) { s.grant = Grant::none; }},
    {"basis", [](Section& s) { outside(s.basis); }},
    {"no basis", [](Section& s) { s.basis = Basis::none; }},
    {"handling", [](Section& s) { s.handling = {static_cast<Handling>(8)}; }},
    {"no handling", [](Section& s) { s.handling = {Handling::none}; }},
};

TEST(UnknownCodes, InASectionAreRefusedNamingIt) {
  for (const SectionCode& test : kSectionCodes) {
    Network network;
    Envelope body = network.ordinary();
    test.change(body.sections[1]);
    const Decision decision = network.send("police", std::move(body), network.given).entry.decision;
    EXPECT_EQ(name_of(decision.reason), "unknown_code") << test.field;
    ASSERT_EQ(decision.items.size(), 1U) << test.field;
    EXPECT_EQ(decision.items[0].section, 1) << test.field;
  }
}

struct ConsentCode {
  const char* field;
  std::function<void(Consent&, ConsentRow&)> change;
};

const ConsentCode kConsentCodes[] = {
    {"person class", [](Consent& c, ConsentRow&) { outside(c.person_class); }},
    {"no person class", [](Consent& c, ConsentRow&) { c.person_class = PersonClass::none; }},
    {"given by", [](Consent& c, ConsentRow&) { outside(c.given_by); }},
    {"given by nobody", [](Consent& c, ConsentRow&) { c.given_by = GivenBy::none; }},
    {"form", [](Consent& c, ConsentRow&) { outside(c.form); }},
    {"no form", [](Consent& c, ConsentRow&) { c.form = ConsentForm::none; }},
    {"allowed category", [](Consent&, ConsentRow& row) { row.allow.insert(static_cast<Category>(23)); }},
    {"category that a set cannot hold", [](Consent&, ConsentRow& row) { row.allow.insert(static_cast<Category>(63)); }},
    {"withheld category", [](Consent&, ConsentRow& row) { row.withhold.insert(static_cast<Category>(23)); }},
    {"purpose", [](Consent&, ConsentRow& row) { row.purposes.insert(static_cast<Purpose>(16)); }},
    {"sector",
     [](Consent&, ConsentRow& row) {
       row.member = {};
       outside(row.sector);
     }},
};

TEST(UnknownCodes, InAConsentAreRefused) {
  for (const ConsentCode& test : kConsentCodes) {
    Network network;
    ParsedStatement statement =
        network.consent("police", padded({allow_row(network.member("shelter").id, {Category::contact})}));
    test.change(std::get<Consent>(statement.body), statement.consent_rows[0]);
    const Decided decided = network.run(statement, network.member("police").id);
    EXPECT_EQ(name_of(decided.entry.decision.reason), "unknown_code") << test.field;
    EXPECT_FALSE(find_consent(network.view, ref(statement))->has_value()) << test.field;
  }
}

TEST(UnknownCodes, InReceiptsAndEnrolmentsAreRefused) {
  Network network;
  const ParsedStatement letter = network.sign("police", network.ordinary(), network.given);
  network.run(letter, network.member("police").id);
  ParsedStatement report = network.unreadable("shelter", ref(letter));
  outside(std::get<UnreadableReport>(report.body).reason);
  EXPECT_EQ(network.run(report, network.member("shelter").id).entry.decision.reason, Reason::unknown_code);
  ParsedStatement opened = network.opened("shelter", ref(letter));
  outside(std::get<Opened>(opened.body).role);
  EXPECT_EQ(network.run(opened, network.member("shelter").id).entry.decision.reason, Reason::unknown_code);
  const auto sector = static_cast<Sector>(names_of(Sector{}).size() + 1);
  const ParsedStatement enrolment = network.enrolment("stranger", sector, 240);
  EXPECT_EQ(network.run(enrolment, base::id_cast<MemberId>(organisation(201))).entry.decision.reason,
            Reason::unknown_code);
}

}  // namespace
}  // namespace besa::core
