// The ceremony in which an agency joins, on the administrators' side: invite, approve, submit. Each prints for people,
// or one JSON object, and changes nothing with `dry_run`.
#pragma once

#include <string>
#include <vector>

#include "agents/admin/commands.h"

namespace besa::admin {

struct InviteOptions {
  std::string name;  // what the administrators call the agency
  std::string sector;
  std::string country;
  std::string parent;        // member id; empty: none
  std::string organisation;  // empty: the parent's, or a new one
  std::string agreement;     // document
  std::string endpoint;      // empty: that of the network's file
  std::string expires = "72h";
  std::uint16_t days = 365;
};
// `invites`: the folder of records; empty: below the keys.
[[nodiscard]] Done run_invite_create(const Common& common, const InviteOptions& options, const std::string& invites,
                                     bool dry_run);
[[nodiscard]] Done run_invite_list(const Common& common, const std::string& invites);
[[nodiscard]] Done run_invite_revoke(const Common& common, const std::string& invite, const std::string& invites,
                                     bool dry_run);

struct ApproveOptions {
  std::vector<std::string> requests;        // files, or folders of them
  std::string agreement;                    // empty: the document is not at hand
  std::string invites;                      // as above
  std::vector<std::string> made_by_others;  // fingerprints of invites that other administrators say they made
  bool compared = false;                    // the fingerprints were read over the phone: do not ask
  bool dry_run = false;
};
[[nodiscard]] Done run_approve(const Common& common, const ApproveOptions& options);

// `file` is a join request; approvals are found beside it, or named.
[[nodiscard]] Done run_submit_request(const Common& common, const std::string& file,
                                      const std::vector<std::string>& approvals, bool dry_run);

std::string invites_folder(const Common& common, const std::string& given);

}  // namespace besa::admin
