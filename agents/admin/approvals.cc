#include "agents/admin/approvals.h"

#include <algorithm>
#include <filesystem>

#include "core/records.h"
#include "crypto/verify/ed25519.h"
#include "program/file.h"

namespace besa::admin {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::fail;
using base::Result;

constexpr std::string_view kEnding = ".approval";
constexpr std::size_t kKeyDigits = 8;
constexpr std::size_t kMostFiles = 256;

// The files whose names begin with the request's, sorted.
Result<std::vector<std::string>> files_beside(const std::string& request) {
  std::vector<std::string> out;
  const std::string start = fs::path(request).filename().string() + ".";
  std::error_code error;
  for (fs::directory_iterator at(program::folder_of(request), error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(start) && name.ends_with(kEnding)) out.push_back(at->path().string());
  }
  if (error) return fail(ErrorKind::io, "cannot look for approvals beside " + request);
  std::sort(out.begin(), out.end());
  if (out.size() > kMostFiles) return fail(ErrorKind::malformed, "there are too many approvals beside " + request);
  return out;
}

Result<core::SignatureBlock> block_in(const std::string& path, const base::StatementId& enrolment) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kCeremonyFileBytes));
  BESA_ASSIGN(const wire::Approval approval, wire::decode_approval(text));
  if (approval.statement != enrolment) {
    return fail(ErrorKind::denied,
                "is of another request, or of this one before it was changed: let that administrator approve this one");
  }
  BESA_ASSIGN(const auto blocks, core::decode_blocks(approval.block));
  if (blocks.size() != 1 || blocks.front().size != 1)
    return fail(ErrorKind::malformed, "holds more than one signature");
  return blocks.front();
}

Result<core::AdministratorRecord> check_signer(const core::SignatureBlock& block, const base::StatementId& enrolment,
                                               const core::View& view) {
  BESA_ASSIGN(const auto administrator, core::read_administrator(view, block.key));
  if (!administrator) {
    return fail(ErrorKind::denied, "is by a key that is not, or no longer, an administrator's of this network");
  }
  const base::Bytes bytes = core::signed_bytes(base::id_cast<base::Digest>(enrolment));
  if (crypto::verify(administrator->signing_key, bytes, block.signature)) return *administrator;
  return fail(ErrorKind::bad_signature, "is not signed by the administrator that it names");
}

base::Status take(const std::string& path, const base::StatementId& enrolment, const core::View& view,
                  Approvals& approvals) {
  BESA_ASSIGN(core::SignatureBlock block, block_in(path, enrolment));
  BESA_ASSIGN(const core::AdministratorRecord administrator, check_signer(block, enrolment, view));
  const bool again = std::any_of(approvals.blocks.begin(), approvals.blocks.end(),
                                 [&](const core::SignatureBlock& known) { return known.key == block.key; });
  if (again) return {};
  approvals.blocks.push_back(std::move(block));
  approvals.organisations.push_back(administrator.organisation);
  return {};
}

}  // namespace

Result<ReadRequest> read_request(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kCeremonyFileBytes));
  auto file = wire::decode_join_request(text);
  if (!file) return fail(file.error().kind, path + ": " + file.error().message);
  auto checked = client::check_request(*file);
  if (!checked) return fail(checked.error().kind, path + ": " + checked.error().message);
  return ReadRequest{path, std::move(*file), std::move(*checked)};
}

std::string approval_path(const std::string& request, const base::KeyId& key) {
  return request + "." + base::to_hex(key.view()).substr(0, kKeyDigits) + std::string(kEnding);
}

Result<Approvals> gather_approvals(const std::string& request, const std::vector<std::string>& more,
                                   const base::StatementId& enrolment, const core::View& view) {
  BESA_ASSIGN(std::vector<std::string> files, files_beside(request));
  files.insert(files.end(), more.begin(), more.end());
  Approvals out;
  for (const std::string& path : files) {
    const base::Status taken = take(path, enrolment, view, out);
    if (!taken) out.not_counted.push_back("Not counted: " + path + " " + taken.error().message);
  }
  return out;
}

}  // namespace besa::admin
