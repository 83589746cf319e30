#include "core/consent.h"

#include <algorithm>

#include "base/limits.h"

namespace besa::core {
namespace {

// Does the row name this member, by itself, its organisation or its own sector? An empty row names nobody.
bool names(const ConsentRow& row, const ConsentParty& party) {
  if (!row.member.is_none()) return row.member == party.member;
  if (!row.organisation.is_none()) return row.organisation == party.organisation;
  return row.sector != Sector::none && row.sector == party.sector;
}

bool names_one_above(const ConsentRow& row, const ConsentParty& party) {
  return std::any_of(party.above.begin(), party.above.end(), [&](const ConsentParty::Superior& superior) {
    if (!row.member.is_none()) return row.member == superior.member;
    return !row.organisation.is_none() && row.organisation == superior.organisation;
  });
}

bool is_guardian_in_conflict(GivenBy given_by, bool conflict) {
  return conflict && (given_by == GivenBy::parent || given_by == GivenBy::legal_guardian);
}

// What the rows that name the recipient say about one category for one purpose.
ConsentCause check_rows(const ConsentRecord& consent, const ConsentParty& recipient, Category category,
                        Purpose purpose) {
  bool allowed = false;
  bool withdrawn = false;
  for (const ConsentRowRecord& record : consent.rows) {
    const ConsentRow& row = record.row;
    if (!names(row, recipient)) continue;
    if (row.withhold.contains(category)) return ConsentCause::withheld;
    if (row.excluded || !row.allow.contains(category) || !row.purposes.contains(purpose)) continue;
    const bool taken_back = consent.withdrawn || record.withdrawn || consent.withdrawn_purposes.contains(purpose);
    (taken_back ? withdrawn : allowed) = true;
  }
  if (allowed) return ConsentCause::none;
  return withdrawn ? ConsentCause::withdrawn : ConsentCause::not_allowed;
}

template <class Code>
bool is_listed_set(CodeSet<Code> set) {
  const std::uint64_t listed = ((std::uint64_t{1} << names_of(Code{}).size()) - 1) << 1;
  return (set.bits() & ~listed) == 0;
}

bool row_codes_known(const ConsentRow& row) {
  return (row.sector == Sector::none || in_list(row.sector)) && is_listed_set(row.allow) &&
         is_listed_set(row.withhold) && is_listed_set(row.purposes);
}

bool row_is_shaped(const ConsentRow& row) {
  const int who =
      (row.member.is_none() ? 0 : 1) + (row.organisation.is_none() ? 0 : 1) + (row.sector == Sector::none ? 0 : 1);
  if (who == 1) return true;
  const bool silent =
      row.allow.empty() && row.withhold.empty() && row.purposes.empty() && !row.relay && !row.excluded && !row.not_told;
  return who == 0 && silent;
}

bool row_allows_something(const ConsentRow& row) {
  return !row.is_empty() && !row.excluded && (row.allow.bits() & ~row.withhold.bits()) != 0 && !row.purposes.empty();
}

bool codes_known(const Consent& consent, std::span<const ConsentRow> rows) {
  return in_list(consent.person_class) && in_list(consent.given_by) && in_list(consent.form) &&
         std::all_of(rows.begin(), rows.end(), row_codes_known);
}

bool is_shaped(const Consent& consent, std::span<const ConsentRow> rows) {
  const bool padded = rows.size() == 16 || rows.size() == 32 || rows.size() == 64;
  return padded && (consent.checks & ~kAllChecks) == 0 && consent.code_tag.is_none() == consent.code_key.is_none() &&
         std::all_of(rows.begin(), rows.end(), row_is_shaped);
}

// May this giver speak for this person?
bool is_given_rightly(const Consent& consent) {
  if (is_guardian_in_conflict(consent.given_by, consent.guardian_conflict)) return false;
  if (consent.given_by == GivenBy::best_interest_panel && consent.best_interest.is_none()) return false;
  if (consent.person_class == PersonClass::adult) return true;
  return consent.given_by != GivenBy::self && (consent.child_assent || !consent.best_interest.is_none());
}

bool is_complete(const Consent& consent, std::span<const ConsentRow> rows, std::uint16_t required_checks,
                 Timestamp now) {
  return consent.valid_from < consent.valid_until && now < consent.valid_until &&
         (consent.checks & required_checks) == required_checks && is_given_rightly(consent) &&
         std::any_of(rows.begin(), rows.end(), row_allows_something);
}

}  // namespace

Result<ConsentParty> read_party_of(const View& view, const MemberId& member, const MemberRecord& record) {
  ConsentParty out{member, record.organisation, {}, record.sector};
  MemberId next = record.parent;
  while (!next.is_none() && out.above.size() < base::limits::kUnitDepth) {
    BESA_ASSIGN(const auto superior, read_member(view, next));
    out.above.push_back({next, superior ? superior->organisation : OrganisationId{}});
    next = superior ? superior->parent : MemberId{};
  }
  return out;
}

bool excludes(const ConsentRecord& consent, const ConsentParty& party) {
  return std::any_of(consent.rows.begin(), consent.rows.end(), [&](const ConsentRowRecord& record) {
    return record.row.excluded && (names(record.row, party) || names_one_above(record.row, party));
  });
}

bool relays(const ConsentRecord& consent, const ConsentParty& party) {
  if (excludes(consent, party)) return false;
  return std::any_of(consent.rows.begin(), consent.rows.end(), [&](const ConsentRowRecord& record) {
    return record.row.relay && !record.withdrawn && names(record.row, party);
  });
}

bool narrow(ConsentRecord& consent, const Narrowing& narrowing) {
  const auto find_row = [&](const Digest& hash) {
    return std::find_if(consent.rows.begin(), consent.rows.end(),
                        [&](const ConsentRowRecord& record) { return record.hash == hash; });
  };
  const bool known = std::all_of(narrowing.rows.begin(), narrowing.rows.end(),
                                 [&](const Digest& hash) { return find_row(hash) != consent.rows.end(); });
  if (!known) return false;
  if (narrowing.is_whole()) consent.withdrawn = true;
  consent.withdrawn_purposes.merge(narrowing.purposes);
  for (const Digest& hash : narrowing.rows) find_row(hash)->withdrawn = true;
  return true;
}

bool still_carries(const ConsentRecord& consent, const ConsentParty& recipient, Category category, Purpose purpose) {
  return check_rows(consent, recipient, category, purpose) == ConsentCause::none;
}

bool is_not_told(const ConsentRecord& consent, const ConsentParty& party) {
  return std::any_of(consent.rows.begin(), consent.rows.end(),
                     [&](const ConsentRowRecord& record) { return record.row.not_told && names(record.row, party); });
}

std::string_view name_of(ConsentCause cause) {
  switch (cause) {
    case ConsentCause::none: return "none";
    case ConsentCause::not_yours: return "not_yours";
    case ConsentCause::withdrawn: return "withdrawn";
    case ConsentCause::not_in_force: return "not_in_force";
    case ConsentCause::guardian_conflict: return "guardian_conflict";
    case ConsentCause::excluded: return "excluded";
    case ConsentCause::withheld: return "withheld";
    case ConsentCause::not_allowed: return "not_allowed";
  }
  return "unknown";
}

bool covers(const ConsentRecord& consent, const MemberId& author, const ConsentParty& sender,
            const ConsentParty& recipient, Category category, Purpose purpose, const Moment& at, bool returning) {
  return explain(consent, author, sender, recipient, category, purpose, at, returning) == ConsentCause::none;
}

ConsentCause explain(const ConsentRecord& consent, const MemberId& author, const ConsentParty& sender,
                     const ConsentParty& recipient, Category category, Purpose purpose, const Moment& at,
                     bool returning) {
  if (!returning && sender.member != author && !relays(consent, sender)) return ConsentCause::not_yours;
  if (consent.withdrawn) return ConsentCause::withdrawn;
  if (!at.within(consent.valid_from, consent.valid_until)) return ConsentCause::not_in_force;
  if (is_guardian_in_conflict(consent.given_by, consent.guardian_conflict)) return ConsentCause::guardian_conflict;
  if (recipient.member != author && excludes(consent, recipient)) return ConsentCause::excluded;
  return check_rows(consent, recipient, category, purpose);
}

Reason check_recordable(const Consent& consent, std::span<const ConsentRow> rows, std::uint16_t required_checks,
                        const Moment& at) {
  if (!codes_known(consent, rows)) return Reason::unknown_code;
  if (!is_shaped(consent, rows)) return Reason::wrong_shape;
  return is_complete(consent, rows, required_checks, at.ends) ? Reason::none : Reason::consent_incomplete;
}

}  // namespace besa::core
