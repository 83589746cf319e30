// What an administrator keeps of each invite: its terms (with the token's hash, never the token), whether it was
// revoked, and which enrolment it was used for. Small files in one folder, which administrators may share; each is
// written whole and never over another, so that a crash or a second program leaves nothing half-made.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/ceremony.h"

namespace besa::admin {

struct InviteRecord {
  wire::InviteTerms terms;
  base::Bytes bytes;  // of the terms
  bool revoked = false;
  std::optional<base::StatementId> used_for;  // the enrolment that was approved first
};

class Invites {
 public:
  explicit Invites(std::string folder) : folder_(std::move(folder)) {}

  // Errors: already_exists, io, full.
  [[nodiscard]] base::Status add(const base::Bytes& terms) const;
  // Oldest first. Errors: io, malformed (names the file).
  [[nodiscard]] base::Result<std::vector<InviteRecord>> all() const;
  [[nodiscard]] base::Result<std::optional<InviteRecord>> find(const base::MemberId& member) const;
  // By the first digits of the member id, at least four. Errors: not_found, also if several begin so.
  [[nodiscard]] base::Result<InviteRecord> find(const std::string& digits) const;
  // Twice is no error.
  [[nodiscard]] base::Status revoke(const base::MemberId& member) const;
  // From now on the invite is good for this enrolment only; the same one again is fine, also for an invite that
  // somebody else keeps. Errors: denied (it was used for another one).
  [[nodiscard]] base::Status use(const base::MemberId& member, const base::StatementId& enrolment) const;

 private:
  std::string path_of(const base::MemberId& member, const char* ending) const;
  [[nodiscard]] base::Result<InviteRecord> read(const std::string& path) const;
  [[nodiscard]] base::Result<std::optional<base::StatementId>> used_for(const base::MemberId& member) const;

  std::string folder_;
};

}  // namespace besa::admin
