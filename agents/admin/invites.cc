#include "agents/admin/invites.h"

#include <algorithm>
#include <filesystem>

#include "program/file.h"
#include "wire/armour.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;

constexpr std::string_view kWord = "besa-invite-terms";
constexpr const char* kTerms = ".terms";
constexpr const char* kRevoked = ".revoked";
constexpr const char* kUsed = ".used";
constexpr std::size_t kFewestDigits = 4;

// One that stands there already has said the same before.
Status write_mark(const std::string& path, std::string_view text) {
  const Status written = program::write_new_file(path, base::as_bytes(text));
  if (!written && written.error().kind != ErrorKind::already_exists) return written;
  return {};
}

}  // namespace

std::string Invites::path_of(const base::MemberId& member, const char* ending) const {
  return folder_ + "/" + base::to_hex(member.view()) + ending;
}

Status Invites::add(const base::Bytes& terms) const {
  BESA_ASSIGN(const wire::InviteTerms read, wire::decode_terms(terms));
  BESA_TRY(program::make_directory(folder_));
  return program::write_new_file(path_of(read.member, kTerms), base::as_bytes(wire::armour(kWord, terms)));
}

Result<std::optional<base::StatementId>> Invites::used_for(const base::MemberId& member) const {
  const std::string path = path_of(member, kUsed);
  if (!program::exists(path)) return std::nullopt;
  BESA_ASSIGN(const std::string text, program::read_text_file(path, 2 * base::StatementId::kSize));
  const auto bytes = base::from_hex(text);
  base::StatementId out;
  if (bytes && base::StatementId::read(*bytes, out)) return out;
  return fail(ErrorKind::damaged, path + " is no statement's id: restore it from a backup");
}

Result<InviteRecord> Invites::read(const std::string& path) const {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kCeremonyFileBytes));
  InviteRecord out;
  auto bytes = wire::unarmour(kWord, "record of an invite", text, wire::kCeremonyFileBytes);
  if (!bytes) return fail(bytes.error().kind, path + ": " + bytes.error().message);
  out.bytes = std::move(*bytes);
  BESA_ASSIGN(out.terms, wire::decode_terms(out.bytes));
  out.revoked = program::exists(path_of(out.terms.member, kRevoked));
  BESA_ASSIGN(out.used_for, used_for(out.terms.member));
  return out;
}

Result<std::vector<InviteRecord>> Invites::all() const {
  std::vector<InviteRecord> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != kTerms) continue;
    BESA_ASSIGN(InviteRecord record, read(at->path().string()));
    out.push_back(std::move(record));
  }
  if (error && error != std::errc::no_such_file_or_directory) return fail(ErrorKind::io, "cannot read " + folder_);
  std::sort(out.begin(), out.end(), [](const InviteRecord& a, const InviteRecord& b) {
    return std::tie(a.terms.created, a.terms.member) < std::tie(b.terms.created, b.terms.member);
  });
  return out;
}

Result<std::optional<InviteRecord>> Invites::find(const base::MemberId& member) const {
  const std::string path = path_of(member, kTerms);
  if (!program::exists(path)) return std::nullopt;
  BESA_ASSIGN(InviteRecord record, read(path));
  return record;
}

Result<InviteRecord> Invites::find(const std::string& digits) const {
  BESA_ASSIGN(const std::vector<InviteRecord> records, all());
  const InviteRecord* found = nullptr;
  for (const InviteRecord& record : records) {
    if (digits.size() < kFewestDigits || !base::to_hex(record.terms.member.view()).starts_with(digits)) continue;
    if (found != nullptr)
      return fail(ErrorKind::not_found, "several invites begin with " + digits + ": give more digits");
    found = &record;
  }
  if (found != nullptr) return *found;
  return fail(ErrorKind::not_found, "no invite here begins with " + digits + ": see besa-admin invite list");
}

Status Invites::revoke(const base::MemberId& member) const { return write_mark(path_of(member, kRevoked), ""); }

Status Invites::use(const base::MemberId& member, const base::StatementId& enrolment) const {
  BESA_TRY(program::make_directory(folder_));
  BESA_TRY(write_mark(path_of(member, kUsed), base::to_hex(enrolment.view())));
  BESA_ASSIGN(const auto first, used_for(member));
  if (first && *first == enrolment) return {};
  return fail(ErrorKind::denied, "the invite was used for another request already: revoke it and make a new one");
}

}  // namespace besa::admin
