// An administrator's connection to the broker: brings signed statements, reads governance back with proofs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agents/admin/keys.h"
#include "client/session.h"

namespace besa::admin {

class Link {
 public:
  ~Link();
  // `folder` keeps genesis and newest checkpoint between calls (the keys folder). Connects and says hello.
  // Errors: unavailable, denied (not an administrator of this network), misbehaviour, configuration.
  [[nodiscard]] static base::Result<std::unique_ptr<Link>> open(const std::string& folder,
                                                                const AdministratorKeys& keys,
                                                                const NetworkFile& network);

  // The same, but as if for the first time, and nothing is kept: for a broker that was set back behind what this
  // administrator has seen.
  [[nodiscard]] static base::Result<std::unique_ptr<Link>> open_afresh(const std::string& folder,
                                                                       const AdministratorKeys& keys,
                                                                       const NetworkFile& network);

  // The network of the genesis that this folder keeps; zeros if it has met no broker so far.
  static base::NetworkId known_network(const std::string& folder);

  // Errors: as Session::submit; what the broker decided is in the entry.
  [[nodiscard]] base::Result<client::SubmitAnswer> submit(const wire::StatementParts& parts);
  [[nodiscard]] base::Result<client::SubmitAnswer> submit(const client::Submission& submission);
  // Governance that came since `open` goes to the archive, too.
  [[nodiscard]] base::Status keep_governance(const std::string& folder);
  // Does the broker's log begin with the tree of this size and root? Errors: as Session::check_beginning.
  [[nodiscard]] base::Status check_beginning(base::TreeSize size, const base::Digest& root);
  const client::Session& session() const { return *session_; }
  // The last accepted statement on a member, an auditor's appointment, or the policy: what a new one `replaces`.
  enum class Subject { member, auditor, policy, loss };
  [[nodiscard]] base::Result<base::StatementId> last_on(Subject subject, const base::MemberId& member);
  // The accepted statement that took the place of the one at `at` and ended what it had put in force, if one did.
  [[nodiscard]] base::Result<std::optional<base::Sequence>> replaced_by(const base::StatementId& id, base::Sequence at);

 private:
  Link() = default;
  [[nodiscard]] static base::Result<std::unique_ptr<Link>> connect(const AdministratorKeys& keys,
                                                                   const NetworkFile& network);
  client::SessionOptions options(const std::string& folder) const;
  [[nodiscard]] base::Status greet(const std::string& folder);
  [[nodiscard]] base::Status cross(const std::string& folder);
  [[nodiscard]] base::Status check_identity() const;
  std::unique_ptr<transport::Requester> requester_;
  std::optional<client::Session> session_;
  NetworkFile network_;
  base::OrganisationId organisation_;
};

}  // namespace besa::admin
