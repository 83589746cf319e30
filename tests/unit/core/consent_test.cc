#include "core/consent.h"

#include <gtest/gtest.h>

#include <functional>

namespace besa::core {
namespace {

using C = Category;
using P = Purpose;
using Cause = ConsentCause;

template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.bytes.fill(number);
  return out;
}

ConsentParty party_number(std::uint8_t member, std::uint8_t organisation, Sector sector) {
  return {id_of<MemberId>(member), id_of<OrganisationId>(organisation), {}, sector};
}

ConsentParty unit_of(const ConsentParty& parent, std::uint8_t member, std::uint8_t organisation) {
  ConsentParty out = party_number(member, organisation, parent.sector);
  out.above = parent.above;
  out.above.insert(out.above.begin(), {parent.member, parent.organisation});
  return out;
}

const ConsentParty kAuthor = party_number(1, 101, Sector::border_police);
const ConsentParty kShelter = party_number(2, 102, Sector::shelter);
const ConsentParty kOtherShelter = party_number(3, 103, Sector::shelter);
const ConsentParty kIom = party_number(4, 104, Sector::iom);
const ConsentParty kPolice = party_number(5, 105, Sector::police);
const ConsentParty kStation = unit_of(kPolice, 6, 106);  // a unit under an organisation of its own
const ConsentParty kBranch = unit_of(kIom, 7, 104);      // a unit of the same organisation
const ConsentParty kDesk = unit_of(kStation, 8, 108);    // a unit of a unit

constexpr Timestamp kFrom{1000};
constexpr Timestamp kUntil{2000};
constexpr Timestamp kNow{1500};

// --- rows ---

ConsentRow allow(ConsentRow row, CodeSet<Category> categories) {
  row.allow = categories;
  row.purposes = {P::protection, P::service_referral};
  return row;
}
ConsentRow member_row(const ConsentParty& party) {
  ConsentRow row;
  row.member = party.member;
  return row;
}
ConsentRow organisation_row(const ConsentParty& party) {
  ConsentRow row;
  row.organisation = party.organisation;
  return row;
}
ConsentRow sector_row(Sector sector) {
  ConsentRow row;
  row.sector = sector;
  return row;
}
ConsentRow withhold(ConsentRow row, CodeSet<Category> categories) {
  row.withhold = categories;
  return row;
}
ConsentRow exclude(ConsentRow row) {
  row.excluded = true;
  return row;
}
ConsentRow relay(ConsentRow row) {
  row.relay = true;
  return row;
}

ConsentRecord record_of(std::vector<ConsentRow> rows) {
  ConsentRecord out;
  out.person_class = PersonClass::adult;
  out.given_by = GivenBy::self;
  out.valid_from = kFrom;
  out.valid_until = kUntil;
  for (ConsentRow& row : rows) out.rows.push_back({row, {}});
  out.rows.resize(16);
  return out;
}

Cause cause_of(const ConsentRecord& consent, const ConsentParty& recipient, Category category,
               Purpose purpose = P::protection) {
  return explain(consent, kAuthor.member, kAuthor, recipient, category, purpose, kNow, false);
}

struct RowCase {
  const char* what;
  std::vector<ConsentRow> rows;
  ConsentParty recipient;
  Category category;
  Cause cause;
};

TEST(ConsentRows, SayWhoMayGetWhat) {
  const ConsentRow everything_to_shelters = allow(sector_row(Sector::shelter), {C::identity, C::health});
  const RowCase kCases[] = {
      {"member", {allow(member_row(kShelter), {C::health})}, kShelter, C::health, Cause::none},
      {"another member", {allow(member_row(kShelter), {C::health})}, kOtherShelter, C::health, Cause::not_allowed},
      {"another category", {allow(member_row(kShelter), {C::health})}, kShelter, C::identity, Cause::not_allowed},
      {"organisation", {allow(organisation_row(kIom), {C::identity})}, kIom, C::identity, Cause::none},
      {"organisation with its units",
       {allow(organisation_row(kIom), {C::identity})},
       kBranch,
       C::identity,
       Cause::none},
      {"sector", {everything_to_shelters}, kOtherShelter, C::health, Cause::none},
      {"another sector", {everything_to_shelters}, kIom, C::health, Cause::not_allowed},
      {"no row at all", {}, kShelter, C::health, Cause::not_allowed},
      {"grants do not go down to units",
       {allow(member_row(kPolice), {C::identity})},
       kStation,
       C::identity,
       Cause::not_allowed},
      {"nor from the parent's organisation",
       {allow(organisation_row(kPolice), {C::identity})},
       kStation,
       C::identity,
       Cause::not_allowed},
      {"two rows add up",
       {allow(member_row(kShelter), {C::identity}), everything_to_shelters},
       kShelter,
       C::health,
       Cause::none},
      {"withhold beats allow in its row",
       {withhold(allow(member_row(kShelter), {C::health}), {C::health})},
       kShelter,
       C::health,
       Cause::withheld},
      {"withhold beats allow in another row",
       {everything_to_shelters, withhold(member_row(kShelter), {C::health})},
       kShelter,
       C::health,
       Cause::withheld},
      {"withhold binds only whom it names",
       {everything_to_shelters, withhold(member_row(kShelter), {C::health})},
       kOtherShelter,
       C::health,
       Cause::none},
      {"withhold leaves other categories",
       {everything_to_shelters, withhold(member_row(kShelter), {C::health})},
       kShelter,
       C::identity,
       Cause::none},
      {"exclusion beats allow",
       {everything_to_shelters, exclude(member_row(kShelter))},
       kShelter,
       C::health,
       Cause::excluded},
      {"exclusion beats withhold",
       {withhold(exclude(member_row(kShelter)), {C::health})},
       kShelter,
       C::health,
       Cause::excluded},
      {"a row that excludes allows nothing",
       {exclude(allow(member_row(kShelter), {C::health}))},
       kShelter,
       C::health,
       Cause::excluded},
      {"exclusion by sector",
       {allow(member_row(kShelter), {C::health}), exclude(sector_row(Sector::shelter))},
       kShelter,
       C::health,
       Cause::excluded},
      {"exclusion by organisation",
       {allow(sector_row(Sector::iom), {C::health}), exclude(organisation_row(kIom))},
       kBranch,
       C::health,
       Cause::excluded},
      {"exclusion by the parent",
       {allow(member_row(kStation), {C::identity}), exclude(member_row(kPolice))},
       kStation,
       C::identity,
       Cause::excluded},
      {"exclusion by the parent's organisation",
       {allow(member_row(kStation), {C::identity}), exclude(organisation_row(kPolice))},
       kStation,
       C::identity,
       Cause::excluded},
      {"exclusion by the parent's parent",
       {allow(member_row(kDesk), {C::identity}), exclude(member_row(kPolice))},
       kDesk,
       C::identity,
       Cause::excluded},
      {"exclusion by the organisation of the parent's parent",
       {allow(member_row(kDesk), {C::identity}), exclude(organisation_row(kPolice))},
       kDesk,
       C::identity,
       Cause::excluded},
      {"exclusion does not go up",
       {allow(member_row(kPolice), {C::identity}), exclude(member_row(kStation))},
       kPolice,
       C::identity,
       Cause::none},
      {"exclusion of others",
       {allow(member_row(kShelter), {C::health}), exclude(member_row(kPolice))},
       kShelter,
       C::health,
       Cause::none},
      {"the author needs a row to receive",
       {allow(member_row(kShelter), {C::health})},
       kAuthor,
       C::health,
       Cause::not_allowed},
      {"the author is never excluded",
       {allow(member_row(kAuthor), {C::health}), exclude(sector_row(Sector::border_police))},
       kAuthor,
       C::health,
       Cause::none},
  };
  for (const RowCase& c : kCases) {
    EXPECT_EQ(name_of(cause_of(record_of(c.rows), c.recipient, c.category)), name_of(c.cause)) << c.what;
  }
}

TEST(ConsentRows, HoldForTheirPurposesOnly) {
  const ConsentRecord consent = record_of({allow(member_row(kShelter), {C::health})});
  EXPECT_EQ(cause_of(consent, kShelter, C::health, P::service_referral), Cause::none);
  EXPECT_EQ(cause_of(consent, kShelter, C::health, P::prosecution), Cause::not_allowed);
  ConsentRow none = allow(member_row(kShelter), {C::health});
  none.purposes = {};
  EXPECT_EQ(cause_of(record_of({none}), kShelter, C::health), Cause::not_allowed);
}

TEST(ConsentRows, PurposesOfOneRowDoNotServeAnother) {
  ConsentRow health = allow(member_row(kShelter), {C::health});
  health.purposes = {P::protection};
  ConsentRow identity = allow(member_row(kShelter), {C::identity});
  identity.purposes = {P::asylum};
  const ConsentRecord consent = record_of({health, identity});
  EXPECT_EQ(cause_of(consent, kShelter, C::health, P::asylum), Cause::not_allowed);
  EXPECT_EQ(cause_of(consent, kShelter, C::identity, P::asylum), Cause::none);
}

TEST(ConsentRows, AnEmptyRowNamesNobody) {
  ConsentRow row;
  row.allow = {C::health};
  row.purposes = {P::protection};
  row.relay = true;
  const ConsentParty nobody;
  EXPECT_EQ(cause_of(record_of({row}), nobody, C::health), Cause::not_allowed);
  EXPECT_FALSE(relays(record_of({row}), nobody));
  EXPECT_FALSE(excludes(record_of({exclude(row)}), nobody));
}

// --- who cites ---

TEST(ConsentCiting, IsForTheAuthorAndRelayMembers) {
  const ConsentRecord consent =
      record_of({relay(allow(member_row(kIom), {C::identity})), allow(member_row(kShelter), {C::identity}),
                 exclude(member_row(kPolice)), relay(member_row(kPolice))});
  const struct {
    const char* what;
    ConsentParty sender;
    bool returning;
    Cause cause;
  } kCases[] = {
      {"author", kAuthor, false, Cause::none},
      {"relay member", kIom, false, Cause::none},
      {"a member with a row without relay", kShelter, false, Cause::not_yours},
      {"a member without row", kOtherShelter, false, Cause::not_yours},
      {"an excluded relay member", kPolice, false, Cause::not_yours},
      {"the receiver of a thread sends back", kOtherShelter, true, Cause::none},
  };
  for (const auto& c : kCases) {
    const Cause cause =
        explain(consent, kAuthor.member, c.sender, kShelter, C::identity, P::protection, kNow, c.returning);
    EXPECT_EQ(name_of(cause), name_of(c.cause)) << c.what;
    EXPECT_EQ(covers(consent, kAuthor.member, c.sender, kShelter, C::identity, P::protection, kNow, c.returning),
              c.cause == Cause::none)
        << c.what;
  }
}

TEST(ConsentCiting, RelayGoesByOrganisationAndSectorToo) {
  EXPECT_TRUE(relays(record_of({relay(organisation_row(kIom))}), kBranch));
  EXPECT_TRUE(relays(record_of({relay(sector_row(Sector::shelter))}), kOtherShelter));
  EXPECT_FALSE(relays(record_of({relay(member_row(kPolice))}), kStation));
}

// --- when ---

TEST(ConsentTime, IsHalfOpen) {
  const ConsentRecord consent = record_of({allow(member_row(kShelter), {C::health})});
  const struct {
    std::uint64_t now;
    Cause cause;
  } kCases[] = {{999, Cause::not_in_force},  {1000, Cause::none},         {1999, Cause::none},
                {2000, Cause::not_in_force}, {2001, Cause::not_in_force}, {0, Cause::not_in_force}};
  for (const auto& c : kCases) {
    EXPECT_EQ(explain(consent, kAuthor.member, kAuthor, kShelter, C::health, P::protection, Timestamp{c.now}, false),
              c.cause)
        << c.now;
  }
}

TEST(ConsentTime, WithdrawnCarriesNothingAndStillExcludes) {
  ConsentRecord consent = record_of({allow(member_row(kShelter), {C::health}), exclude(member_row(kPolice))});
  consent.withdrawn = true;
  EXPECT_EQ(cause_of(consent, kShelter, C::health), Cause::withdrawn);
  EXPECT_TRUE(excludes(consent, kPolice));
}

TEST(ConsentTime, AGuardianInConflictCarriesNothing) {
  for (std::size_t i = 1; i <= names_of(GivenBy{}).size(); ++i) {
    ConsentRecord consent = record_of({allow(member_row(kShelter), {C::health})});
    consent.given_by = static_cast<GivenBy>(i);
    consent.guardian_conflict = true;
    const bool refused = consent.given_by == GivenBy::parent || consent.given_by == GivenBy::legal_guardian;
    EXPECT_EQ(cause_of(consent, kShelter, C::health), refused ? Cause::guardian_conflict : Cause::none)
        << name_of(consent.given_by);
  }
}

// --- what may be recorded ---

struct Draft {
  Consent consent;
  std::vector<ConsentRow> rows;
};

Draft sound_draft() {
  Draft out;
  out.consent.person_class = PersonClass::adult;
  out.consent.given_by = GivenBy::self;
  out.consent.form = ConsentForm::written;
  out.consent.checks = kAllChecks;
  out.consent.valid_from = kFrom;
  out.consent.valid_until = kUntil;
  out.rows = {allow(member_row(kShelter), {C::health}), exclude(member_row(kPolice))};
  out.rows.resize(16);
  return out;
}

constexpr std::uint16_t kRequired = 0x5F;

Reason judge(const Draft& draft) { return check_recordable(draft.consent, draft.rows, kRequired, kNow); }

void make_child(Consent& consent, PersonClass person) {
  consent.person_class = person;
  consent.given_by = GivenBy::legal_guardian;
  consent.child_assent = true;
}

TEST(ConsentRecording, ChecksEveryField) {
  const struct {
    const char* what;
    std::function<void(Draft&)> change;
    Reason reason;
  } kCases[] = {
      {"sound", [](Draft&) {}, Reason::none},
      {"person class none", [](Draft& d) { d.consent.person_class = PersonClass::none; }, Reason::unknown_code},
      {"person class 9", [](Draft& d) { d.consent.person_class = static_cast<PersonClass>(9); }, Reason::unknown_code},
      {"given by 99", [](Draft& d) { d.consent.given_by = static_cast<GivenBy>(99); }, Reason::unknown_code},
      {"form none", [](Draft& d) { d.consent.form = ConsentForm::none; }, Reason::unknown_code},
      {"unknown category", [](Draft& d) { d.rows[0].allow.insert(static_cast<C>(60)); }, Reason::unknown_code},
      {"category none", [](Draft& d) { d.rows[0].allow.insert(C::none); }, Reason::unknown_code},
      {"unknown withheld category", [](Draft& d) { d.rows[0].withhold.insert(static_cast<C>(23)); },
       Reason::unknown_code},
      {"the last category", [](Draft& d) { d.rows[0].withhold.insert(C::counts); }, Reason::none},
      {"unknown purpose", [](Draft& d) { d.rows[0].purposes.insert(static_cast<P>(16)); }, Reason::unknown_code},
      {"unknown sector", [](Draft& d) { d.rows[5].sector = static_cast<Sector>(400); }, Reason::unknown_code},

      {"15 rows", [](Draft& d) { d.rows.resize(15); }, Reason::wrong_shape},
      {"17 rows", [](Draft& d) { d.rows.resize(17); }, Reason::wrong_shape},
      {"no rows", [](Draft& d) { d.rows.clear(); }, Reason::wrong_shape},
      {"32 rows", [](Draft& d) { d.rows.resize(32); }, Reason::none},
      {"64 rows", [](Draft& d) { d.rows.resize(64); }, Reason::none},
      {"128 rows", [](Draft& d) { d.rows.resize(128); }, Reason::wrong_shape},
      {"a row with two names", [](Draft& d) { d.rows[0].sector = Sector::shelter; }, Reason::wrong_shape},
      {"an empty row that speaks", [](Draft& d) { d.rows[9].relay = true; }, Reason::wrong_shape},
      {"an empty row that withholds", [](Draft& d) { d.rows[9].withhold = {C::health}; }, Reason::wrong_shape},
      {"an eighth check", [](Draft& d) { d.consent.checks = 0xFF; }, Reason::wrong_shape},
      {"a tag without key", [](Draft& d) { d.consent.code_tag = id_of<base::LookupTag>(1); }, Reason::wrong_shape},
      {"a key without tag", [](Draft& d) { d.consent.code_key = id_of<PublicKey>(1); }, Reason::wrong_shape},
      {"tag and key",
       [](Draft& d) {
         d.consent.code_tag = id_of<base::LookupTag>(1);
         d.consent.code_key = id_of<PublicKey>(1);
       },
       Reason::none},

      {"empty validity", [](Draft& d) { d.consent.valid_from = kUntil; }, Reason::consent_incomplete},
      {"over", [](Draft& d) { d.consent.valid_until = kNow; }, Reason::consent_incomplete},
      {"over in a moment", [](Draft& d) { d.consent.valid_until = Timestamp{kNow.ms + 1}; }, Reason::none},
      {"begins later", [](Draft& d) { d.consent.valid_from = Timestamp{kNow.ms + 1}; }, Reason::none},
      {"a required check missing", [](Draft& d) { d.consent.checks = 0x5E; }, Reason::consent_incomplete},
      {"a check that is not required missing", [](Draft& d) { d.consent.checks = kRequired; }, Reason::none},
      {"nothing allowed", [](Draft& d) { d.rows[0].allow = {}; }, Reason::consent_incomplete},
      {"allowed for no purpose", [](Draft& d) { d.rows[0].purposes = {}; }, Reason::consent_incomplete},
      {"all of it withheld", [](Draft& d) { d.rows[0].withhold = {C::health}; }, Reason::consent_incomplete},
      {"allowed to the excluded only", [](Draft& d) { d.rows[0].excluded = true; }, Reason::consent_incomplete},

      {"a minor for itself", [](Draft& d) { d.consent.person_class = PersonClass::minor; }, Reason::consent_incomplete},
      {"an unknown for itself",
       [](Draft& d) {
         make_child(d.consent, PersonClass::unknown);
         d.consent.given_by = GivenBy::self;
       },
       Reason::consent_incomplete},
      {"a minor with assent", [](Draft& d) { make_child(d.consent, PersonClass::minor); }, Reason::none},
      {"an unknown with assent", [](Draft& d) { make_child(d.consent, PersonClass::unknown); }, Reason::none},
      {"a minor without assent",
       [](Draft& d) {
         make_child(d.consent, PersonClass::minor);
         d.consent.child_assent = false;
       },
       Reason::consent_incomplete},
      {"a minor with a best-interest reference",
       [](Draft& d) {
         make_child(d.consent, PersonClass::minor);
         d.consent.child_assent = false;
         d.consent.best_interest = id_of<Digest>(1);
       },
       Reason::none},
      {"a guardian in conflict",
       [](Draft& d) {
         make_child(d.consent, PersonClass::minor);
         d.consent.guardian_conflict = true;
       },
       Reason::consent_incomplete},
      {"a parent in conflict",
       [](Draft& d) {
         d.consent.given_by = GivenBy::parent;
         d.consent.guardian_conflict = true;
       },
       Reason::consent_incomplete},
      {"a temporary guardian in spite of the conflict",
       [](Draft& d) {
         make_child(d.consent, PersonClass::minor);
         d.consent.given_by = GivenBy::temporary_guardian;
         d.consent.guardian_conflict = true;
       },
       Reason::none},
      {"a panel without reference",
       [](Draft& d) {
         make_child(d.consent, PersonClass::minor);
         d.consent.given_by = GivenBy::best_interest_panel;
       },
       Reason::consent_incomplete},
      {"a panel with reference",
       [](Draft& d) {
         make_child(d.consent, PersonClass::minor);
         d.consent.given_by = GivenBy::best_interest_panel;
         d.consent.best_interest = id_of<Digest>(1);
       },
       Reason::none},
      {"codes come before shape",
       [](Draft& d) {
         d.rows.resize(15);
         d.consent.form = ConsentForm::none;
       },
       Reason::unknown_code},
      {"shape comes before completeness",
       [](Draft& d) {
         d.rows.resize(15);
         d.consent.checks = 0;
       },
       Reason::wrong_shape},
  };
  for (const auto& c : kCases) {
    Draft draft = sound_draft();
    c.change(draft);
    EXPECT_EQ(name_of(judge(draft)), name_of(c.reason)) << c.what;
  }
}

}  // namespace
}  // namespace besa::core
