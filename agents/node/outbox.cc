#include "agents/node/outbox.h"

#include <algorithm>

#include "agents/node/statement_maker.h"
#include "agents/node/withdrawing.h"
#include "base/fail_point.h"
#include "base/limits.h"
#include "client/governance.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

using base::ErrorKind;

constexpr std::size_t kFrameReserve = 16 * 1024;
constexpr base::Duration kAskPrekeysAgain = base::minutes(10);

bool closes_pair(const Draft& draft) { return draft.type == core::StatementType::envelope && draft.pair != 0; }

// Refusals that another sealing mends.
bool is_stale(core::Reason reason) {
  return reason == core::Reason::policy_stale || reason == core::Reason::recipient_unavailable ||
         reason == core::Reason::counter_ahead;
}

std::string rule_id_of(const core::View& view, std::uint16_t rule) {
  const auto policy = core::read_policy(view);
  if (!policy || !*policy || rule == 0 || rule > (*policy)->policy.rules.size()) return {};
  return (*policy)->policy.rules[rule - 1U].id;
}

Result<core::ParsedStatement> parse_own(const wire::StatementParts& parts) {
  const std::vector<base::ByteView> rows(parts.rows.begin(), parts.rows.end());
  return wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy);
}

}  // namespace

Status Outbox::keep_prekeys() {
  // Also one that was refused a short while ago: each makes new keys, and the reason has to go away first.
  const bool under_way = std::any_of(node_.drafts().begin(), node_.drafts().end(), [&](const auto& item) {
    const Draft& draft = item.second;
    const bool in_vain = draft.state != DraftState::accepted && node_.now() < draft.made + kPrekeysAgain;
    return draft.type == core::StatementType::prekeys && (draft.is_open() || in_vain);
  });
  BESA_ASSIGN(const Timestamp covered, prekeys_cover(node_.view, node_.self));
  if (under_way || covered >= node_.now() + kPrekeyReserve) return {};
  Draft draft;
  draft.type = core::StatementType::prekeys;
  BESA_ASSIGN(const std::uint64_t number, node_.add(std::move(draft)));
  node_.log().info("prekeys_renewed", {{"draft", number}});
  return {};
}

Status Outbox::tidy() {
  if (tidied_ && node_.now() < *tidied_ + kTidyEvery) return {};
  BESA_TRY(forget_old());
  BESA_ASSIGN(const std::size_t removed, node_.prekeys.remove_old(node_.now()));
  if (removed > 0) node_.log().info("prekeys_removed", {{"count", removed}});
  watch_brought(node_);
  tidied_ = node_.now();
  return {};
}

// Signed bytes and ciphertext past their time; what was said and what became of it stays.
Status Outbox::forget_old() {
  Store::Batch batch;
  for (const auto& [number, draft] : node_.drafts()) {
    if (!draft.is_open() && draft.made + kStatementsKept < node_.now()) batch.erase(Box::signed_, number_key(number));
  }
  return node_.store().commit(batch);
}

// Asks for the prekeys of everybody that a waiting message goes to, where none in force is known or it was refused.
Status Outbox::fetch_prekeys(client::Session& session) {
  std::set<base::MemberId> wanted;
  {
    const std::lock_guard lock(node_.mutex);
    for (const auto& [number, draft] : node_.drafts()) {
      if (draft.type != core::StatementType::envelope || draft.state != DraftState::waiting) continue;
      BESA_ASSIGN(const auto known, prekey_in_force(node_.view, draft.to, node_.now()));
      const auto asked = asked_.find(draft.to);
      const bool due = asked == asked_.end() || asked->second + kAskPrekeysAgain < node_.now();
      if (stale_.contains(draft.to) || due || !known) wanted.insert(draft.to);
    }
  }
  for (const base::MemberId& member : wanted) {
    auto proven = session.prekeys(member);
    const std::lock_guard lock(node_.mutex);
    if (!proven && proven.error().kind != ErrorKind::not_found) return tl::unexpected(proven.error());
    // Under governance that is not known here yet: first that, then the same question again.
    BESA_ASSIGN(const auto head, core::read_head(node_.view));
    if (proven && (!head || head->governance < proven->entry.governance_previous)) continue;
    asked_[member] = node_.now();
    stale_.erase(member);
    if (!proven) continue;
    BESA_ASSIGN(const core::ParsedStatement statement, client::parse(*proven));
    if (!check_signatures(node_.view, node_.key_history, *proven, statement)) {
      return session.accuse("the broker shows prekeys that their member never signed", &*proven);
    }
    BESA_TRY(node_.take(*proven, statement));
  }
  return {};
}

Status Outbox::fail(Draft draft, const std::string& words) {
  draft.state = DraftState::failed;
  draft.note = words;
  return node_.update(draft);
}

Status Outbox::wait(Draft draft, const std::string& words) {
  if (draft.note == words) return {};
  draft.note = words;
  return node_.update(draft);
}

// Seals and signs one draft; the signed bytes are on the disk when it returns.
Status Outbox::sign(Draft& draft, const client::Session& session) {
  BESA_ASSIGN(const base::Counter counter, node_.next_counter());
  auto made = make_statement(node_, draft, counter, session.held());
  if (!made) {
    if (made.error().kind != ErrorKind::malformed) return tl::unexpected(made.error());
    return fail(draft, made.error().message);
  }
  if (!*made) return made->error().never ? fail(draft, made->error().words) : wait(draft, made->error().words);
  if (wire::frame_cost((*made)->parts) + kFrameReserve > base::limits::kFrameBytes) {
    return fail(draft, "the message is too large for this version: send less at once");
  }
  draft.state = DraftState::sent;
  draft.offered = false;
  draft.attempts += 1;
  draft.id = (*made)->id;
  draft.counter = counter;
  draft.pair = (*made)->pair;
  draft.note.clear();
  Store::Batch batch;
  batch.put(Box::signed_, number_key(draft.number), encode_parts((*made)->parts));
  if (closes_pair(draft)) put_pair(batch, draft.to, draft.pair, PairFate::open);
  BESA_FAIL_POINT("statement_signed");
  BESA_TRY(node_.update(draft, std::move(batch)));
  BESA_FAIL_POINT("statement_stored");
  return {};
}

Result<std::optional<wire::LostReceipt>> Outbox::receipt_of(const Draft& draft, const client::Session& session) {
  if (draft.lost == 0) return std::nullopt;
  BESA_ASSIGN(const auto row, node_.store().get(Box::log, number_key(draft.lost)));
  if (!row || !session.identity()) return base::fail(ErrorKind::damaged, "a lost receipt is missing from the store");
  BESA_ASSIGN(const client::ProvenEntry proven, decode_proven(*row));
  BESA_ASSIGN(wire::LostReceipt out, client::lost_receipt(proven, *session.identity()));
  return out;
}

// When the recovery is over, what was offered has its new receipt for the asking; when none is left to ask for, what
// the operator was told is over, too.
Status Outbox::end_loss() {
  BESA_ASSIGN(const auto head, core::read_head(node_.view));
  if (!head) return {};
  const bool ended = recovers_ && !head->recovering;
  recovers_ = head->recovering;
  if (recovers_) return {};
  if (ended) {
    undecided_.clear();
    held_.reset();
  }
  const bool left =
      std::any_of(node_.drafts().begin(), node_.drafts().end(), [](const auto& item) { return item.second.lost != 0; });
  BESA_ASSIGN(const auto loss, core::read_loss(node_.view));
  if (loss && !left) node_.end_alarm("loss", std::to_string(loss->epoch));
  return {};
}

// It takes back something of ours that lies in a lost part of the log.
bool Outbox::names_lost(const Draft& draft) const {
  return std::any_of(node_.drafts().begin(), node_.drafts().end(), [&](const auto& item) {
    const Draft& other = item.second;
    if (!other.is_offered_again()) return false;
    const base::Reference reference{node_.self, other.counter, other.id};
    return other.number == draft.consent_draft || (!draft.messages.empty() && draft.messages.front() == reference);
  });
}

Outbox::Choice Outbox::choice_of(const Draft& draft) const {
  if (draft.lost != 0) return Choice::lost;
  return only_takes_back(draft.type) ? Choice::takes_back : Choice::ordinary;
}

bool Outbox::is_due(const Draft& draft, Choice choice) const {
  if (!draft.is_open() || choice_of(draft) != choice) return false;
  // A recovering broker keeps it and decides it behind what it names. Any other would refuse it, and the consent that
  // comes after it would hold.
  if (choice == Choice::takes_back && !recovers_ && names_lost(draft)) return false;
  const auto answered = undecided_.find(draft.number);
  const bool pauses = answered != undecided_.end() && node_.now() < answered->second + kOfferEvery;
  return !pauses || (choice == Choice::takes_back && !recovers_);
}

// Counters need no order. What takes back names only what is on record, and so may overtake all the rest; what was lost
// the broker puts in order itself. Of both goes first what it has not answered yet. The rest may name each other and
// stays in order.
std::vector<std::uint64_t> Outbox::due(Choice choice) const {
  std::vector<std::uint64_t> out;
  if (choice == Choice::ordinary && recovers_ && held_ && node_.now() < *held_ + kOfferEvery) return out;
  for (const auto& [number, draft] : node_.drafts()) {
    if (is_due(draft, choice)) out.push_back(number);
  }
  if (choice == Choice::ordinary) return out;
  const auto place = [&](std::uint64_t number) {
    const auto answered = undecided_.find(number);
    const base::Timestamp last = answered == undecided_.end() ? base::Timestamp{} : answered->second;
    return std::pair(last, !only_takes_back(node_.drafts().at(number).type));
  };
  std::stable_sort(out.begin(), out.end(), [&](std::uint64_t a, std::uint64_t b) { return place(a) < place(b); });
  return out;
}

// The next drafts that fit into one frame, all signed.
Result<std::vector<std::uint64_t>> Outbox::prepare(const client::Session& session, Choice choice) {
  std::vector<std::uint64_t> chosen;
  std::size_t bytes = kFrameReserve;
  std::size_t tables = 0;
  for (const std::uint64_t number : due(choice)) {
    if (chosen.size() == base::limits::kStatementsPerSubmit) break;
    BESA_ASSIGN(Draft draft, node_.draft(number));
    if (draft.state == DraftState::waiting) BESA_TRY(sign(draft, session));
    BESA_ASSIGN(draft, node_.draft(number));
    if (draft.state != DraftState::sent) continue;
    BESA_ASSIGN(const auto stored, node_.store().get(Box::signed_, number_key(number)));
    if (!stored) return base::fail(ErrorKind::damaged, "a signed statement is missing from the store");
    BESA_ASSIGN(const wire::StatementParts parts, decode_parts(*stored));
    BESA_ASSIGN(const auto lost, receipt_of(draft, session));
    bytes += wire::frame_cost(parts) + (lost ? wire::frame_cost(*lost) : 0);
    tables += wire::table_cost(parts) + (lost ? 1U : 0U);
    if (!chosen.empty() && (bytes > base::limits::kFrameBytes || tables > base::limits::kFrameTables / 2)) break;
    chosen.push_back(number);
  }
  return chosen;
}

// Accepted or refused, on record.
Status Outbox::take_entry(Draft& draft, const wire::StatementParts& parts, const client::ProvenEntry& proven) {
  const core::Decision& decision = proven.entry.decision;
  draft.sequence = proven.entry.sequence;
  draft.decided = proven.entry.now;
  draft.refusal = decision.reason;
  draft.rule = decision.rule;
  draft.rule_id = rule_id_of(node_.view, decision.rule);
  Store::Batch batch;
  const bool was_lost = draft.lost != 0;
  if (was_lost) batch.erase(Box::log, number_key(draft.lost));
  draft.lost = 0;
  if (closes_pair(draft)) {
    put_pair(batch, draft.to, draft.pair, decision.accepted() ? PairFate::accepted : PairFate::voided);
  }
  draft.state = decision.accepted() ? DraftState::accepted : DraftState::refused;
  if (!decision.items.empty() && decision.items[0].section < draft.sections.size() && !decision.accepted()) {
    draft.refused_section = draft.sections[decision.items[0].section].category;
  }
  for (std::size_t i = 0; decision.accepted() && i < draft.sections.size() && i < decision.items.size(); ++i) {
    draft.sections[i].rule = rule_id_of(node_.view, decision.items[i].rule);
  }
  // The recipient may have it from before the loss: whether it goes out anew, somebody decides who knows.
  if (was_lost) draft.note = decision.accepted() ? "" : "accepted before the broker's loss, refused after it";
  if (!was_lost && !decision.accepted() && is_stale(decision.reason) && draft.attempts < kMostSealings) {
    draft.state = DraftState::waiting;
    stale_.insert(draft.to);
  }
  // The recovery was over sooner than this node knew: said again when its consent has come.
  const bool early = draft.type == core::StatementType::withdrawal && !decision.accepted() && names_lost(draft);
  if (early && draft.attempts < kMostSealings) {
    draft.state = DraftState::waiting;
  }
  if (decision.reason == core::Reason::counter_ahead) BESA_TRY(node_.pull_back_counter());
  node_.log().info("statement_decided", {{"draft", draft.number},
                                         {"sequence", draft.sequence},
                                         {"accepted", decision.accepted()},
                                         {"reason", core::number_of(decision.reason)}});
  BESA_ASSIGN(const core::ParsedStatement statement, parse_own(parts));
  BESA_TRY(node_.take(proven, statement));
  BESA_FAIL_POINT("own_entry_taken");
  if (draft.type == core::StatementType::withdrawal_answer && decision.accepted()) {
    BESA_TRY(settle_withdrawal(node_, draft));
    BESA_FAIL_POINT("erased");
  }
  BESA_TRY(node_.update(draft, std::move(batch)));
  BESA_FAIL_POINT("receipt_taken");
  return {};
}

// It stays as it is, and is sent again. Many may be so for hours: the log says it once a minute.
Status Outbox::take_undecided(Draft draft, wire::WireError error) {
  if (const auto count = said_[error].happened(node_.now())) {
    node_.log().warning("statements_not_decided_yet",
                        {{"draft", draft.number}, {"error", static_cast<std::uint16_t>(error)}, {"answers", *count}});
  }
  const bool takes_back = only_takes_back(draft.type);
  if (draft.lost != 0 || takes_back) undecided_[draft.number] = node_.now();
  if (draft.lost != 0) return {};
  const bool recovering = error == wire::WireError::recovering;
  if (recovering && takes_back) {
    return wait(std::move(draft),
                "the broker recovers from a loss: it keeps this, hands nothing out meanwhile, and decides it before "
                "anything goes out again; let this node run until then");
  }
  if (recovering) held_ = node_.now();
  return wait(std::move(draft), "the broker cannot take it now; it is sent again");
}

Status Outbox::take_answer(std::uint64_t number, const wire::StatementParts& parts,
                           const client::SubmitAnswer& answer) {
  BESA_ASSIGN(Draft draft, node_.draft(number));
  if (!answer.entry && wire::is_temporary(answer.error)) return take_undecided(std::move(draft), answer.error);
  undecided_.erase(number);
  if (answer.entry) return take_entry(draft, parts, *answer.entry);
  node_.log().warning("statement_not_decided",
                      {{"draft", number}, {"error", static_cast<std::uint16_t>(answer.error)}});
  if (answer.error == wire::WireError::counter_too_old && draft.attempts < kMostSealings) {
    draft.state = DraftState::waiting;
    Store::Batch batch;
    if (closes_pair(draft)) put_pair(batch, draft.to, draft.pair, PairFate::voided);
    return node_.update(draft, std::move(batch));
  }
  Store::Batch batch;
  if (closes_pair(draft)) put_pair(batch, draft.to, draft.pair, PairFate::voided);
  draft.state = DraftState::failed;
  draft.note = "the broker did not decide it: " + std::string(wire::name_of(answer.error));
  return node_.update(draft, std::move(batch));
}

// Each entry of this member names the newest keys that the log has in its name. Keys that this node never published are
// somebody else's doing: its signing key is in other hands, or the state folder is an old copy.
Status Outbox::watch_own_keys(client::Session& session, base::Sequence keys) {
  if (keys <= own_keys_) return {};
  auto proven = session.entry(keys);
  if (!proven && proven.error().kind != ErrorKind::not_found && proven.error().kind != ErrorKind::denied) {
    return tl::unexpected(proven.error());
  }
  const std::lock_guard lock(node_.mutex);
  own_keys_ = keys;
  const bool ours = proven && std::any_of(node_.drafts().begin(), node_.drafts().end(), [&](const auto& item) {
                      return item.second.type == core::StatementType::prekeys && item.second.id == proven->entry.id;
                    });
  if (ours || (proven && core::is_governance(proven->entry.type))) return {};
  client::Evidence evidence;
  evidence.breach = client::Breach::entry;
  evidence.what = "keys in this agency's name that its node never published";
  evidence.seen = node_.now();
  evidence.held_note = session.held_note();
  if (proven) evidence.entry = proven->log;
  node_.raise("foreign_keys", std::to_string(keys.value),
              "The log has keys in this agency's name that this node never published: its signing key may be in other "
              "hands. Ask an administrator to suspend it.",
              client::format_evidence(evidence));
  return {};
}

Result<Outbox::Frame> Outbox::fill(const client::Session& session, Choice choice) {
  Frame out;
  BESA_TRY(end_loss());
  BESA_ASSIGN(out.numbers, prepare(session, choice));
  for (const std::uint64_t number : out.numbers) {
    BESA_ASSIGN(Draft draft, node_.draft(number));
    BESA_ASSIGN(const auto stored, node_.store().get(Box::signed_, number_key(number)));
    BESA_ASSIGN(wire::StatementParts parts, decode_parts(stored.value_or(Bytes{})));
    BESA_ASSIGN(auto lost, receipt_of(draft, session));
    out.submissions.push_back({std::move(parts), draft.offered, std::move(lost)});
    if (draft.offered) continue;
    draft.offered = true;
    BESA_TRY(node_.update(draft));
    BESA_FAIL_POINT("offer_noted");
  }
  return out;
}

Result<Outbox::Sent> Outbox::submit(client::Session& session, Choice choice) {
  Frame frame;
  {
    const std::lock_guard lock(node_.mutex);
    BESA_ASSIGN(frame, fill(session, choice));
  }
  if (frame.numbers.empty()) return Sent{};
  BESA_ASSIGN(const std::vector<client::SubmitAnswer> answers, session.submit(frame.submissions));
  BESA_FAIL_POINT("submitted");
  Sent out{true, choice == Choice::lost || (choice == Choice::takes_back && recovers_)};
  base::Sequence keys;
  {
    const std::lock_guard lock(node_.mutex);
    for (std::size_t i = 0; i < frame.numbers.size(); ++i) {
      BESA_TRY(take_answer(frame.numbers[i], frame.submissions[i].parts, answers[i]));
      out.more = out.more || answers[i].entry.has_value();
      if (answers[i].entry) keys = std::max(keys, answers[i].entry->entry.keys_previous);
    }
    watch_brought(node_);
  }
  BESA_TRY(watch_own_keys(session, keys));
  return out;
}

Result<bool> Outbox::take_back(client::Session& session) {
  BESA_ASSIGN(const Sent sent, submit(session, Choice::takes_back));
  return sent.more;
}

Result<bool> Outbox::run(client::Session& session) {
  BESA_ASSIGN(const bool more, take_back(session));
  BESA_ASSIGN(const Sent lost, submit(session, Choice::lost));
  if (lost.any) return true;
  BESA_TRY(fetch_prekeys(session));
  BESA_ASSIGN(const Sent rest, submit(session, Choice::ordinary));
  return more || rest.more;
}

}  // namespace besa::node
