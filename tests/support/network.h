// A whole network in memory, with real keys and real signatures: administrators, agencies, a policy, and statements as
// they travel to a broker. Derived from small numbers, so that a failing test fails again the same way.
//
//   Network network;
//   Agency& police = network.add_agency(core::Sector::border_police);
//   broker takes network.genesis(), network.enrolment(police), network.policy(small_policy()), network.prekeys(police)
//   broker takes network.message(police, shelter, {{Category::summary, Basis::legal_obligation}})
//
// Ciphertext is of the right shape and under the right roots, but seals nothing: a broker cannot tell.
// A test adds tests/support/network.cc to its sources and links besa_wire and besa_crypto_secret.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/policy.h"
#include "core/statement.h"
#include "crypto/secret/box.h"
#include "crypto/secret/sign.h"
#include "crypto/secret/transport_key.h"
#include "wire/messages.h"

namespace besa::support {

inline constexpr base::Timestamp kNetworkStart{1'760'000'000'000};

// A statement ready to be submitted, and how others name it.
struct Signed {
  wire::StatementParts parts;
  base::StatementId id;
  base::Reference reference;  // of a member's statement
};

struct AdministratorKeys {
  base::OrganisationId organisation;
  crypto::SigningKey signing;
  crypto::TransportSecret transport;
};

struct Agency {
  base::MemberId id;
  base::OrganisationId organisation;
  core::Sector sector = core::Sector::none;
  base::MemberId parent;
  crypto::SigningKey signing;
  crypto::SigningKey witness;
  crypto::TransportSecret transport;
  crypto::BoxSecret prekey;
  base::StatementId governance;  // newest governance statement made about it: what the next one replaces

  base::KeyId signing_key() const { return core::member_key_id(id, signing.public_key()); }
};

struct SectionSpec {
  core::Category category = core::Category::none;
  core::Basis basis = core::Basis::none;
  core::Grant grant = core::Grant::now;
  std::size_t content_bytes = 100;
};

struct MessageSpec {
  core::Kind kind = core::Kind::referral;
  core::Purpose purpose = core::Purpose::protection;
  core::Priority priority = core::Priority::normal_2weeks;
  core::PersonClass person_class = core::PersonClass::adult;
  core::Sets sets = core::Sets::none;
  std::vector<SectionSpec> sections;
  base::Reference thread;   // none: opens one
  base::Reference consent;  // or none
  base::Duration life = base::days(10);
};

// Border police to shelter and IOM (a basis of law or consent), shelter to employment service (consent only, never the
// story), and an answer back in any thread.
core::Policy small_policy();

// The lookup tag that goes with a code's key: here its public half, since no code was typed.
inline base::LookupTag tag_of(const crypto::SigningKey& code) {
  return base::id_cast<base::LookupTag>(code.public_key());
}

class Network {
 public:
  Network();

  base::Timestamp now = kNetworkStart;  // what statements are dated by; tests move it
  std::string name = "test.example";

  // Broker and administrators (three, of as many organisations; two must sign).
  const crypto::SigningKey& log_key() const { return log_key_; }
  const crypto::TransportSecret& broker_transport() const { return broker_transport_; }
  const std::vector<AdministratorKeys>& administrators() const { return administrators_; }
  // Zeros until `genesis` was called.
  const base::NetworkId& id() const { return id_; }

  Agency& add_agency(core::Sector sector, const base::MemberId& parent = {});

  // Governance, signed by the first `signatures` administrators. Each remembers itself as the last of its subject.
  Signed genesis(std::size_t signatures = 2);
  Signed enrolment(Agency& agency, std::size_t signatures = 2);
  Signed suspension(Agency& agency) { return standing_change(agency, core::StatementType::suspension); }
  Signed reinstatement(Agency& agency) { return standing_change(agency, core::StatementType::reinstatement); }
  Signed removal(Agency& agency) { return standing_change(agency, core::StatementType::removal); }
  Signed policy(const core::Policy& policy);
  Signed appointment(const Agency& auditor, base::Duration length = base::days(30));
  // Those that are there, but for the last one; signed by the first two.
  Signed administrators_without_last();
  // The header is filled in.
  Signed loss(core::LossAccepted body, std::size_t signatures = 2);

  // Of members. Counters follow the clock, as formats ask for; `counter` overrides.
  Signed prekeys(Agency& agency);  // makes a fresh one, in force for 20 days
  // To fresh keys, which the agency signs with from then on. The old signing key signs for so long.
  Signed rotation(Agency& agency, base::Duration overlap = base::days(7));
  // Rows are padded to 16; all checks answered yes; valid for 30 days from now.
  // With `code`, it carries that person's code key.
  Signed consent(Agency& author, std::vector<core::ConsentRow> rows, const crypto::SigningKey* code = nullptr);
  Signed withdrawal(Agency& author, const base::Reference& consent);  // the whole
  // Takes back the whole; signed with the code, for this member to bring.
  Signed person_withdrawal(const Agency& bringer, const base::Reference& consent, const crypto::SigningKey& code);
  Signed message(Agency& from, const Agency& to, const MessageSpec& spec);
  Signed message(Agency& from, const Agency& to, std::vector<SectionSpec> sections) {
    MessageSpec spec;
    spec.sections = std::move(sections);
    return message(from, to, spec);
  }
  Signed received(Agency& by, std::vector<base::Reference> messages);
  Signed opened(Agency& by, const base::Reference& message);
  std::optional<std::uint64_t> counter;  // of the next member's statement only

 private:
  core::GovernanceHeader governance_header(const base::StatementId& replaces);
  core::MemberHeader member_header(const Agency& author, base::Duration life = base::days(10));
  Signed by_quorum(core::StatementType type, base::Bytes body, std::size_t signatures,
                   std::vector<core::SignatureBlock> more = {});
  Signed by_member(core::StatementType type, base::Bytes body, const Agency& author, base::Counter used);
  Signed standing_change(Agency& agency, core::StatementType type);
  base::Counter next_counter();
  base::Salt next_salt();
  base::Bytes next_bytes(std::size_t size);
  base::Bytes seed();

  std::uint64_t drawn_ = 0;
  std::uint64_t last_counter_ = 0;
  base::NetworkId id_;
  base::StatementId policy_;
  base::StatementId appointment_;
  base::StatementId loss_;
  base::StatementId change_;
  crypto::SigningKey log_key_;
  crypto::TransportSecret broker_transport_;
  std::vector<AdministratorKeys> administrators_;
  std::deque<Agency> agencies_;
};

}  // namespace besa::support
