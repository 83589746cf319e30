#include "agents/admin/link.h"

#include "agents/admin/archive.h"
#include "client/epoch.h"
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
    case Link::Subject::loss: return std::holds_alternative<core::LossAccepted>(body);
    case Link::Subject::policy: return std::holds_alternative<core::PolicyAdoption>(body);
  }
  return false;
}

}  // namespace

Link::~Link() = default;

base::Result<std::unique_ptr<Link>> Link::connect(const AdministratorKeys& keys, const NetworkFile& network) {
  std::unique_ptr<Link> link(new Link);
  link->network_ = network;
  link->organisation_ = keys.organisation;
  transport::RequesterOptions options;
  options.endpoint = network.endpoint;
  options.broker = network.broker_transport_key;
  BESA_ASSIGN(link->requester_, transport::Requester::create(options, keys.transport, crypto::random_bits));
  return link;
}

// Without a folder nothing is kept.
client::SessionOptions Link::options(const std::string& folder) const {
  client::SessionOptions out;
  out.network = network_.network;
  out.self = base::id_cast<base::MemberId>(organisation_);
  out.exchange = client::exchange_over(*requester_);
  out.keep = [folder](const std::string& note) {
    return folder.empty() ? base::Status{} : program::write_file(folder + "/checkpoint", base::as_bytes(note));
  };
  out.now = [] { return program::SystemClock().now(); };
  return out;
}

base::Status Link::check_beginning(base::TreeSize size, const base::Digest& root) {
  return session_->check_beginning(size, root);
}

base::Status Link::check_identity() const {
  if (session_->identity()->log_key == network_.broker_log_key) return {};
  return fail(ErrorKind::configuration,
              "the network's file names another log key than its genesis: get the file from somebody you trust");
}

base::Result<std::unique_ptr<Link>> Link::open(const std::string& folder, const AdministratorKeys& keys,
                                               const NetworkFile& network) {
  BESA_ASSIGN(std::unique_ptr<Link> link, connect(keys, network));
  BESA_ASSIGN(client::Session opened, client::Session::create(link->options(folder), saved(folder)));
  link->session_.emplace(std::move(opened));
  BESA_TRY(link->greet(folder));
  BESA_TRY(link->check_identity());
  BESA_TRY(program::write_file(folder + "/genesis", link->session_->genesis()));
  BESA_TRY(Archive(folder).follow(*link->session_));
  return link;
}

base::Result<std::unique_ptr<Link>> Link::open_afresh(const std::string& folder, const AdministratorKeys& keys,
                                                      const NetworkFile& network) {
  BESA_ASSIGN(std::unique_ptr<Link> link, connect(keys, network));
  BESA_ASSIGN(client::Session opened, client::Session::create(link->options({}), {saved(folder).genesis, {}}));
  link->session_.emplace(std::move(opened));
  BESA_TRY(link->session_->hello());
  BESA_TRY(link->check_identity());
  core::MemoryView view;
  BESA_TRY(client::follow_governance(*link->session_, view));
  return link;
}

base::Status Link::greet(const std::string& folder) {
  const base::Status met = session_->hello();
  if (!met && session_->newer_epoch()) return cross(folder);
  return met;
}

// After an accepted loss: the new epoch is followed once a quorum has begun it and all that was kept is there.
base::Status Link::cross(const std::string& folder) {
  BESA_ASSIGN(client::Session fresh, client::Session::create(options({}), {session_->genesis(), {}}));
  fresh.remember_earlier(session_->held_note());
  BESA_ASSIGN(const client::Epoch epoch, client::study_epoch(fresh, session_->epoch()));
  const core::Checkpoint& held = session_->held()->checkpoint;
  if (held.size <= epoch.kept) BESA_TRY(fresh.check_beginning(held.size, held.root));
  const Archive archive(folder);
  BESA_TRY(archive.check(fresh, epoch.kept));
  BESA_TRY(archive.lose(epoch.kept));
  BESA_TRY(program::write_file(folder + "/checkpoint", base::as_bytes(fresh.held_note())));
  BESA_ASSIGN(client::Session next, client::Session::create(options(folder), saved(folder)));
  session_.emplace(std::move(next));
  return session_->hello();
}

base::NetworkId Link::known_network(const std::string& folder) {
  const base::Bytes genesis = saved(folder).genesis;
  if (genesis.empty()) return {};
  return base::id_cast<base::NetworkId>(core::statement_id(core::StatementType::genesis, genesis));
}

base::Result<client::SubmitAnswer> Link::submit(const client::Submission& submission) {
  BESA_ASSIGN(auto answers, session_->submit({submission}));
  return std::move(answers.front());
}

base::Result<client::SubmitAnswer> Link::submit(const wire::StatementParts& parts) {
  return submit(client::Submission{parts, true});
}

base::Status Link::keep_governance(const std::string& folder) { return Archive(folder).follow(*session_); }

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

base::Result<std::optional<base::Sequence>> Link::replaced_by(const base::StatementId& id, base::Sequence at) {
  base::Sequence next = session_->governance();
  while (next > at) {
    BESA_ASSIGN(const client::ProvenEntry proven, session_->entry(next));
    BESA_ASSIGN(const core::ParsedStatement statement, client::parse(proven));
    const auto* header = core::governance_header(statement.body);
    if (proven.entry.decision.accepted() && header != nullptr && header->replaces == id) return next;
    if (proven.entry.governance_previous >= next) {
      return fail(ErrorKind::misbehaviour, "the chain of governance entries does not lead back to genesis");
    }
    next = proven.entry.governance_previous;
  }
  return std::nullopt;
}

}  // namespace besa::admin
