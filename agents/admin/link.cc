#include "agents/admin/link.h"

#include "crypto/secret/random.h"
#include "program/clock.h"
#include "program/file.h"
#include "transport/requester.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kKeptBytes = 64 * 1024;
constexpr std::size_t kMostGovernance = 100'000;

client::SavedLog saved(const std::string& folder) {
  client::SavedLog out;
  if (auto genesis = program::read_file(folder + "/genesis", kKeptBytes)) out.genesis = std::move(*genesis);
  if (auto note = program::read_text_file(folder + "/checkpoint", kKeptBytes)) out.note = std::move(*note);
  return out;
}

bool speaks_of(const core::Body& body, Link::Subject subject, const base::MemberId& member) {
  switch (subject) {
    case Link::Subject::member: {
      if (const auto* enrolment = std::get_if<core::Enrolment>(&body)) return enrolment->member == member;
      const auto* change = std::get_if<core::StandingChange>(&body);
      return change != nullptr && change->member == member;
    }
    case Link::Subject::auditor: {
      const auto* appointment = std::get_if<core::AuditorAppointment>(&body);
      return appointment != nullptr && appointment->auditor == member;
    }
    case Link::Subject::policy: return std::holds_alternative<core::PolicyAdoption>(body);
  }
  return false;
}

}  // namespace

Link::~Link() = default;

base::Result<std::unique_ptr<Link>> Link::open(const std::string& folder, const AdministratorKeys& keys,
                                               const NetworkFile& network) {
  std::unique_ptr<Link> link(new Link);
  transport::RequesterOptions options;
  options.endpoint = network.endpoint;
  options.broker = network.broker_transport_key;
  BESA_ASSIGN(link->requester_, transport::Requester::create(options, keys.transport, crypto::random_bits));
  client::SessionOptions session;
  session.network = network.network;
  session.self = base::id_cast<base::MemberId>(keys.organisation);
  session.exchange = client::exchange_over(*link->requester_);
  session.keep = [folder](const std::string& note) {
    return program::write_file(folder + "/checkpoint", base::as_bytes(note));
  };
  session.now = [] { return program::SystemClock().now(); };
  BESA_ASSIGN(client::Session opened, client::Session::create(std::move(session), saved(folder)));
  link->session_.emplace(std::move(opened));
  BESA_TRY(link->session_->hello());
  if (link->session_->identity()->log_key != network.broker_log_key) {
    return fail(ErrorKind::configuration,
                "the network's file names another log key than its genesis: get the file from somebody you trust");
  }
  BESA_TRY(program::write_file(folder + "/genesis", link->session_->genesis()));
  return link;
}

base::NetworkId Link::known_network(const std::string& folder) {
  const base::Bytes genesis = saved(folder).genesis;
  if (genesis.empty()) return {};
  return base::id_cast<base::NetworkId>(core::statement_id(core::StatementType::genesis, genesis));
}

base::Result<client::SubmitAnswer> Link::submit(const wire::StatementParts& parts) {
  BESA_ASSIGN(auto answers, session_->submit({client::Submission{parts, true}}));
  return std::move(answers.front());
}

base::Result<base::StatementId> Link::last_on(Subject subject, const base::MemberId& member) {
  base::Sequence at = session_->governance();
  for (std::size_t seen = 0; seen < kMostGovernance; ++seen) {
    BESA_ASSIGN(const client::ProvenEntry proven, session_->entry(at));
    BESA_ASSIGN(const core::ParsedStatement statement, client::parse(proven));
    if (proven.entry.decision.accepted() && speaks_of(statement.body, subject, member)) return statement.id;
    if (at.value == 0) return base::StatementId{};
    if (proven.entry.governance_previous >= at) {
      return fail(ErrorKind::misbehaviour, "the chain of governance entries does not lead back to genesis");
    }
    at = proven.entry.governance_previous;
  }
  return fail(ErrorKind::full, "more governance entries than this version follows");
}

}  // namespace besa::admin
