// The ceremony in which an agency joins, with real programs, a real broker and three administrators with keys of their
// own, each in its folder: admin0, admin1, admin2.
#pragma once

#include "program/json.h"
#include "tests/integration/broker/real_broker.h"
#include "wire/ceremony.h"

namespace besa::ceremony {

using program::Json;
using support::Finished;
using Words = std::vector<std::string>;

class Ceremony : public broker::RealBroker {
 protected:
  void SetUp() override;

  std::string at(const std::string& name) const { return folder_ / name; }
  std::string read(const std::string& name) const;
  void write(const std::string& name, const std::string& content) const;

  // Runs besa-admin or besa-node without a terminal. Words that begin with '@' name something in the test's folder.
  Finished admin(const Words& words, const std::string& fail_point = "") const {
    return type(BESA_ADMIN, words, fail_point);
  }
  Finished node(const Words& words, const std::string& fail_point = "") const {
    return type(BESA_NODE, words, fail_point);
  }
  static void expect(const Finished& ran, int code, const std::string& said);

  // The steps. Each gives what it printed as JSON.
  Words invite_words(const std::string& out, const Words& more = {}) const;
  Json invite(const std::string& out, const Words& more = {}) const;
  Json join(const std::string& invite, const std::string& folder) const;
  // Only admin0 makes invites here: the others are told their fingerprints.
  Words approve_words(const std::string& administrator, const std::string& request, const Words& more = {}) const;
  void approve(const std::string& administrator, const std::string& request, const Words& more = {}) const;
  Finished submit(const std::string& request, const Words& more = {}) const;
  // Invite and join; gives the request's name below the test's folder.
  std::string asked(const std::string& folder);

  // Changes an invite's terms as nobody may; its token stays good.
  void change_invite(const std::string& file, const std::function<void(wire::InviteTerms&)>& change) const;
  // A request from an invite with keys of the test's choosing, as a hostile program makes it.
  void forge_request(const std::string& invite, const std::string& out, const crypto::SigningKey& signing,
                     const crypto::SigningKey& witness, const base::TransportKey& transport) const;

  // Whether the log knows the member as one in force.
  std::optional<core::MemberRecord> member(const std::string& request) const;
  std::size_t log_size();
  // Names and contents of all files below the test's folder but the broker's.
  std::map<std::string, std::string> all_files() const;

 private:
  Finished type(const char* program, const Words& words, const std::string& fail_point) const;
  void write_administrator(const std::string& name, const support::AdministratorKeys& keys) const;
};

}  // namespace besa::ceremony
