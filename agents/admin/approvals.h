// Approvals of a join request: files of their own beside it, so that administrators in different places never write to
// one file. REQUEST.0123abcd.approval, after the first digits of the key that signed.
#pragma once

#include <string>
#include <vector>

#include "client/joining.h"
#include "core/view.h"

namespace besa::admin {

struct ReadRequest {
  std::string path;
  wire::JoinRequest file;
  client::CheckedRequest checked;
};
// Errors: not_found, io; those of check_request, with the file in front.
[[nodiscard]] base::Result<ReadRequest> read_request(const std::string& path);

std::string approval_path(const std::string& request, const base::KeyId& key);

struct Approvals {
  std::vector<core::SignatureBlock> blocks;  // sound, one an administrator
  std::vector<base::OrganisationId> organisations;
  std::vector<std::string> not_counted;  // one sentence a file: why, and what to do
};
// What lies beside the request, and `more`. An approval counts if it is of just this enrolment and signed by somebody
// who is an administrator in this view. Errors: io.
[[nodiscard]] base::Result<Approvals> gather_approvals(const std::string& request, const std::vector<std::string>& more,
                                                       const base::StatementId& enrolment, const core::View& view);

}  // namespace besa::admin
