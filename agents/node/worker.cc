#include "agents/node/worker.h"

#include "agents/node/crossing.h"
#include "agents/node/echo.h"
#include "client/governance.h"

#include <algorithm>

namespace besa::node {
namespace {

using base::ErrorKind;
using base::fail;

constexpr int kMostPasses = 1'000;  // of outbox and intake in one round
constexpr std::uint32_t kFirstPauseMs = 500;
constexpr std::uint32_t kMostPauseMs = 30'000;

}  // namespace

Worker::Worker(Node& node, client::Exchange exchange)
    : node_(node), exchange_(std::move(exchange)), outbox_(node), intake_(node) {}

client::SessionOptions Worker::session_options() {
  client::SessionOptions options;
  options.network = node_.config.network;
  options.self = node_.self;
  options.exchange = exchange_;
  options.keep = [this](const std::string& note) { return node_.keep_checkpoint(note); };
  options.now = [this] { return node_.now(); };
  return options;
}

// The log goes on in a new epoch: looked at with a session that keeps nothing until all of it was verified.
Status Worker::cross() {
  client::SessionOptions options = session_options();
  options.keep = [](const std::string&) { return Status{}; };
  BESA_ASSIGN(client::Session fresh, client::Session::create(std::move(options), {session_->genesis(), {}}));
  fresh.remember_earlier(session_->held_note());
  const Status crossed = cross_epoch(node_, *session_, fresh);
  if (!crossed) {
    if (fresh.evidence()) session_.emplace(std::move(fresh));
    return crossed;
  }
  outbox_.forget_places();
  session_.reset();
  return begin();
}

Status Worker::begin() {
  if (!session_) {
    BESA_ASSIGN(const client::SavedLog saved, node_.saved_log());
    BESA_ASSIGN(client::Session made, client::Session::create(session_options(), saved));
    session_.emplace(std::move(made));
    greeted_ = false;
  }
  if (greeted_) return {};
  const Status met = session_->hello();
  if (!met && session_->newer_epoch()) return cross();
  BESA_TRY(met);
  BESA_TRY(node_.keep_genesis(session_->genesis()));
  greeted_ = true;
  return {};
}

// Fetches, decides and keeps every governance entry up to the newest.
Status Worker::follow_governance() {
  std::vector<client::ProvenEntry> missing;
  {
    // The view is only changed by this thread; the lock is for readers on others.
    BESA_ASSIGN(missing,
                client::missing_governance(node_.view, session_->governance(),
                                           [this](base::Sequence sequence) { return session_->entry(sequence); }));
  }
  for (const client::ProvenEntry& proven : missing) {
    BESA_ASSIGN(const core::ParsedStatement statement, client::parse(proven));
    const std::lock_guard lock(node_.mutex);
    const Status taken = node_.take(proven, statement);
    if (!taken && taken.error().kind == ErrorKind::misbehaviour)
      return session_->accuse(taken.error().message, &proven);
    BESA_TRY(taken);
    node_.log().info("governance_applied", {{"sequence", proven.entry.sequence}});
  }
  // Also at first contact: an epoch that no accepted loss has begun is somebody's invention.
  BESA_ASSIGN(const auto loss, core::read_loss(node_.view));
  if (session_->epoch() != core::epoch_of(loss)) {
    return session_->accuse("the broker shows an epoch of its log that no quorum of administrators has begun");
  }
  return {};
}

Status Worker::work() {
  BESA_TRY(begin());
  BESA_TRY(follow_governance());
  node_.errands.run(*session_);
  BESA_TRY(outbox_.take_back(*session_));  // what comes in may be much
  {
    const std::lock_guard lock(node_.mutex);
    BESA_TRY(outbox_.keep_prekeys());
  }
  for (int pass = 0; pass < kMostPasses; ++pass) {
    BESA_ASSIGN(const bool more, intake_.run(*session_));
    BESA_TRY(follow_governance());
    if (node_.config.echo) {
      const std::lock_guard lock(node_.mutex);
      BESA_TRY(answer_tests(node_));
    }
    BESA_ASSIGN(const bool decided, outbox_.run(*session_));
    BESA_TRY(follow_governance());
    if (!more && !decided) break;
  }
  return intake_.check_gossip(*session_);
}

void Worker::keep_evidence(const base::Error& error) {
  if (session_ && !session_->evidence()) std::ignore = session_->accuse(error.message);
  const bool shown = session_ && session_->evidence();
  const bool clock = shown && session_->evidence()->breach == client::Breach::clock;
  const std::string evidence = shown ? client::format_evidence(*session_->evidence()) : std::string();
  const std::string kind = shown ? std::string(client::name_of(session_->evidence()->breach)) : "entry";
  node_.raise(kind, std::to_string(node_.now().ms), error.message, evidence);
  node_.stop_sending(error.message, !clock);
}

// Notes how the round ended.
void Worker::settle(const Status& result) {
  const std::lock_guard lock(node_.mutex);
  node_.contact.connected = result.has_value();
  if (result) {
    failures_ = 0;
    node_.contact.last = node_.now();
    node_.contact.trouble.clear();
    if (session_->held()) node_.contact.log_size = session_->held()->checkpoint.size;
    return;
  }
  ++failures_;
  retry_after_ms_ = session_ ? session_->retry_after_ms() : 0;
  greeted_ = false;
  if (node_.contact.trouble != result.error().message) {
    node_.log().warning("round_failed", {{"error", result.error()}});
    node_.contact.trouble = result.error().message;
  }
  if (result.error().kind == ErrorKind::misbehaviour && node_.stopped().empty()) keep_evidence(result.error());
}

Status Worker::round() {
  const Status result = attempt();
  if (!result) node_.errands.fail(result.error());
  return result;
}

Status Worker::attempt() {
  {
    const std::lock_guard lock(node_.mutex);
    BESA_TRY(outbox_.tidy());
    if (!node_.stopped().empty()) return fail(ErrorKind::misbehaviour, node_.stopped());
  }
  if (session_ && session_->evidence()) session_.reset();  // somebody looked and resumed
  const Status result = work();
  settle(result);
  return result;
}

std::uint32_t Worker::pause_ms() const {
  const std::uint32_t grown = kFirstPauseMs << std::min(failures_, 6U);
  const std::uint32_t pause = std::min(std::max(grown, retry_after_ms_), kMostPauseMs);
  // Half of it by chance, so that nodes do not come back all at once.
  std::array<std::uint8_t, 8> bytes{};
  node_.random()(bytes);
  return pause / 2 + static_cast<std::uint32_t>(base::ByteReader(bytes).u64() % (pause / 2 + 1));
}

}  // namespace besa::node
