// What a recorded consent allows, and whether a consent may be recorded at all. Pure functions over the record.
//
// Rows say who may get what. A row names a member, an organisation (with every member that belongs to it) or a sector
// (the member's own). Within a consent, withholding beats allowing and an exclusion beats everything. A grant does not
// go down to units; an exclusion does, to units of units too. Source: docs/ARCHITECTURE.md "Consent"; docs/protocol.md
// "Consent".
#pragma once

#include <span>
#include <string_view>

#include "core/records.h"

namespace besa::core {

// A member as far as rows look at it.
struct ConsentParty {
  struct Superior {
    MemberId member;
    OrganisationId organisation;
  };
  MemberId member;
  OrganisationId organisation;
  std::vector<Superior> above;  // of a unit: its parent, the parent's parent and so on
  Sector sector = Sector::none;
};

// What the view knows of a member that way. Errors: damaged.
[[nodiscard]] Result<ConsentParty> read_party_of(const View& view, const MemberId& member, const MemberRecord& record);

// Does a row exclude the party, itself or a member above it? Whether the consent is in force, withdrawn or over does
// not matter. The author of a consent is never excluded by it: the caller, who knows the author, skips it.
bool excludes(const ConsentRecord& consent, const ConsentParty& party);

// Does a row let the party share further under this consent? Says nothing about validity.
bool relays(const ConsentRecord& consent, const ConsentParty& party);

// Takes back what `narrowing` names; the reference in it plays no part. False: a row hash is none of the consent's, and
// nothing has changed.
[[nodiscard]] bool narrow(ConsentRecord& consent, const Narrowing& narrowing);

// Does a row that was not taken back carry this category for this purpose to this recipient? Validity aside. A section
// under a consent that was narrowed has lost its basis where none does, also where the recipient has changed since: by
// which row it once came is not known then, and the person's word counts.
bool still_carries(const ConsentRecord& consent, const ConsentParty& recipient, Category category, Purpose purpose);

// Is the party not to be told of a withdrawal?
bool is_not_told(const ConsentRecord& consent, const ConsentParty& party);

// Why a consent does not carry a section. For the author's own explanation only: an entry and everybody else see one
// answer for all of them.
enum class ConsentCause : std::uint8_t {
  none,  // it carries the section
  not_yours,
  withdrawn,
  not_in_force,
  guardian_conflict,
  excluded,
  withheld,
  not_allowed,  // no row allows this category for this purpose to this recipient
};
std::string_view name_of(ConsentCause cause);

// Does the consent of `author` let `sender` send a section of `category` for `purpose` to `recipient` at that moment?
// `sender` must be the author or a member that relays, unless `returning`: what the receiver of a thread sends back
// rests on the consents that the opener used. The author needs a row like anybody else to receive. Cost: one pass over
// at most 64 rows.
bool covers(const ConsentRecord& consent, const MemberId& author, const ConsentParty& sender,
            const ConsentParty& recipient, Category category, Purpose purpose, const Moment& at, bool returning);
ConsentCause explain(const ConsentRecord& consent, const MemberId& author, const ConsentParty& sender,
                     const ConsentParty& recipient, Category category, Purpose purpose, const Moment& at,
                     bool returning);

// May this consent be recorded? `required_checks` are the informed checks that the policy wants answered yes.
// none: yes.
// unknown_code: a code, or a bit of a set, outside its list.
// wrong_shape: not 16, 32 or 64 rows; a row that names more than one who, or nobody and yet says something; a check
//   beyond the seven; a lookup tag without key or the reverse.
// consent_incomplete: validity that is empty or over; no row that allows anything; a required check not answered yes; a
//   minor (or a person of unknown age) speaking for itself, or without assent and best-interest reference; a parent or
//   legal guardian in conflict; a panel without a best-interest reference.
Reason check_recordable(const Consent& consent, std::span<const ConsentRow> rows, std::uint16_t required_checks,
                        const Moment& at);

}  // namespace besa::core
