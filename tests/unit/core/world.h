// A network in memory for decision tests: administrators, members, a policy, and statements that are really signed.
// Everything is derived from small numbers, so that a failing test fails again the same way.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "core/decide.h"
#include "crypto/secret/sign.h"

namespace besa::core {

constexpr Timestamp kStart{1'760'000'000'000};

struct TestMember {
  MemberId id;
  OrganisationId organisation;
  Sector sector = Sector::none;
  crypto::SigningKey signing;
  crypto::SigningKey witness;
  TransportKey transport;
  base::BoxKey prekey;
  std::uint64_t counter = 0;
};

class World {
 public:
  World();

  // Decides and applies; the outcome must be a decision. Appends owed ticks first.
  Decided run(const ParsedStatement& statement, const MemberId& submitter);
  Outcome outcome(const ParsedStatement& statement, const MemberId& submitter);
  void run_ticks();  // those that are owed
  void drain();      // until nothing is due
  // Whatever the library says, errors too.
  Result<Outcome> try_decide(const ParsedStatement& statement, const MemberId& submitter) const;

  // Genesis, these members (organisations 210 and on), the small policy, a prekey each.
  void begin(const std::vector<std::pair<std::string, Sector>>& members);
  TestMember& member(const std::string& name) { return members_.at(name); }
  void enrol(const std::string& name, Sector sector, std::uint8_t organisation, const MemberId& parent = {});
  void publish_prekey(const std::string& name);
  void adopt(const Policy& policy);

  // Statements, signed and ready.
  ParsedStatement governance(StatementType type, Body body, std::size_t signatures = 2,
                             std::optional<Policy> policy = std::nullopt);
  ParsedStatement enrolment(const std::string& name, Sector sector, std::uint8_t organisation,
                            const MemberId& parent = {}, std::size_t signatures = 2, bool possess = true);
  ParsedStatement standing(StatementType type, const std::string& name, std::size_t signatures = 2);
  // With `code`, the consent carries that person's code key.
  ParsedStatement consent(const std::string& author, std::vector<ConsentRow> rows,
                          const crypto::SigningKey* code = nullptr);
  Envelope letter(const std::string& from, const std::string& to, std::vector<Section> sections);
  Envelope reply(const std::string& from, const Reference& thread, Kind kind, Sets sets);
  ParsedStatement sign(const std::string& author, Envelope body, const Reference& consent = {});
  ParsedStatement report(StatementType type, const std::string& author, std::vector<Reference> messages);
  ParsedStatement opened(const std::string& author, const Reference& message);
  ParsedStatement withdrawal(const std::string& author, Narrowing narrowing);
  ParsedStatement person_withdrawal(const std::string& bringer, Narrowing narrowing, const crypto::SigningKey& code,
                                    base::Duration life = base::hours(24));
  ParsedStatement withdrawal_answer(const std::string& author, const Reference& message, DebtAnswer answer,
                                    Basis basis = Basis::none);
  ParsedStatement unreadable(const std::string& author, const Reference& message);
  ParsedStatement hand_out(StatementType type, const std::string& member, std::vector<Reference> messages) const;
  ParsedStatement finish(StatementType type, Body body) const;  // id from fresh bytes, no signature
  void sign_with(ParsedStatement& statement, const crypto::SigningKey& key, const KeyId& id) const;

  MemberHeader header(const std::string& author);
  GovernanceHeader governance_header(const StatementId& replaces = {}) const;
  StatementId last_on(const MemberId& member) const;

  MemoryView view;
  Timestamp now = kStart;
  NetworkId network;
  StatementId policy;
  StatementId policy_before;
  std::vector<crypto::SigningKey> administrators;  // of the organisations 201, 202, 203
  std::vector<Entry> log;
  Genesis genesis;

 private:
  std::map<std::string, TestMember> members_;
};

OrganisationId organisation(std::uint8_t number);
MemberId member_id(std::uint8_t number);
crypto::SigningKey signing_key(std::uint8_t number);
Section section(Category category, Basis basis, Grant grant = Grant::now);
// A row for one member, allowing categories for a purpose.
ConsentRow allow_row(const MemberId& member, CodeSet<Category> allow,
                     CodeSet<Purpose> purposes = {Purpose::protection});
// Rows padded with empty ones to 16.
std::vector<ConsentRow> padded(std::vector<ConsentRow> rows);
// Police to shelter and IOM, shelter to employment service; deny rule for jobs; see world.cc.
Policy small_policy();
Reference ref(const ParsedStatement& statement);

}  // namespace besa::core
