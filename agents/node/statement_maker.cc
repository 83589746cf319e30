#include "agents/node/statement_maker.h"

#include <algorithm>

#include "agents/node/consent_input.h"
#include "base/limits.h"
#include "envelope/consent.h"
#include "envelope/seal.h"
#include "envelope/sign.h"
#include "wire/content.h"
#include "wire/statement.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using base::Reference;

constexpr std::uint64_t kVoidBits = 64;

// Keys count down, so that a scan begins with the newest.
std::uint64_t pair_of(const kv::Row& row) {
  return UINT64_MAX - base::ByteReader(base::ByteView(row.key).subspan(base::MemberId::kSize)).u64();
}

bool gone(DraftState state) {
  return state == DraftState::refused || state == DraftState::failed || state == DraftState::dropped;
}

// The reference of what another draft became.
tl::expected<Reference, NotYet> resolve(const Node& node, std::uint64_t number, const char* what) {
  const auto found = node.drafts().find(number);
  if (found == node.drafts().end() || gone(found->second.state)) {
    return tl::unexpected(NotYet{std::string("the ") + what + " that it rests on was not accepted", true});
  }
  if (found->second.state != DraftState::accepted) {
    return tl::unexpected(NotYet{std::string("waits for the ") + what + " that it rests on", false});
  }
  return Reference{node.self, found->second.counter, found->second.id};
}

struct Links {
  Reference thread;
  Reference consent;
};

tl::expected<Links, NotYet> resolve_links(const Node& node, const Draft& draft) {
  Links out;
  out.thread = draft.thread;
  if (draft.thread_draft != 0) {
    auto thread = resolve(node, draft.thread_draft, "message");
    if (!thread) return tl::unexpected(thread.error());
    out.thread = *thread;
  }
  if (draft.consent_draft != 0) {
    auto consent = resolve(node, draft.consent_draft, "consent");
    if (!consent) return tl::unexpected(consent.error());
    out.consent = *consent;
  }
  return out;
}

bool rests_on_consent(const Draft& draft) {
  return std::any_of(draft.sections.begin(), draft.sections.end(),
                     [](const SectionDraft& section) { return section.basis == core::Basis::consent; });
}

core::MemberHeader header_for(const Node& node, core::StatementType type, base::Counter counter) {
  core::MemberHeader header;
  header.network = node.config.network;
  node.random()(header.salt.bytes);
  header.author = node.self;
  header.counter = counter;
  header.created = node.now();
  header.expires = header.created + life_of(node, type);
  return header;
}

Result<core::Context> context_for(const Node& node, const Draft& draft, const Links& links, base::Counter counter) {
  core::Context context;
  context.network = node.config.network;
  context.suite = core::kSuite1;
  context.sender = node.self;
  context.sender_key = node.signing_id;
  context.counter = counter;
  context.created = node.now();
  context.expires = context.created + life_of(node, core::StatementType::envelope);
  context.recipient = draft.to;
  context.kind = draft.kind;
  context.purpose = draft.purpose;
  context.priority = draft.priority;
  context.person_class = draft.person_class;
  context.thread = links.thread;
  context.reply_to = draft.reply_to;
  context.sets = draft.sets;
  context.break_glass = draft.break_glass;
  for (const ReferenceDraft& reference : draft.references) {
    context.references.push_back({reference.type, salted_hash(reference.salt, reference.text)});
  }
  BESA_ASSIGN(const auto policy, core::read_policy(node.view));
  if (policy) context.policy = policy->id;
  return context;
}

// Body and blocks of any statement but an envelope.
Made finish(const Node& node, core::StatementType type, Bytes body, std::vector<Bytes> rows = {}) {
  Made made;
  made.id = core::statement_id(type, body);
  made.parts.type = core::media_type(type);
  made.parts.blocks = core::encode_block(envelope::sign_id(made.id, node.signing(), node.signing_id));
  made.parts.body = std::move(body);
  made.parts.rows = std::move(rows);
  return made;
}

Result<Making> make_envelope(Node& node, const Draft& draft, base::Counter counter,
                             const std::optional<core::SignedCheckpoint>& held) {
  const auto links = resolve_links(node, draft);
  if (!links) return Making(tl::unexpect, links.error());
  BESA_ASSIGN(const auto prekey, prekey_in_force(node.view, draft.to, node.now()));
  if (!prekey) return Making(tl::unexpect, NotYet{"the recipient has published no key in force yet", false});
  envelope::SealInput input;
  BESA_ASSIGN(input.context, context_for(node, draft, *links, counter));
  input.prekey = *prekey;
  if (rests_on_consent(draft) && !links->consent.is_none()) input.consent = links->consent;
  for (const SectionDraft& section : draft.sections) {
    BESA_ASSIGN(Bytes content, wire::content_from_json(section.category, section.content));
    input.sections.push_back(
        {section.category, core::Form::record, section.grant, section.basis, section.handling, std::move(content)});
  }
  BESA_ASSIGN(const auto pair, next_pair(node.store(), draft.to));
  input.gossip.pair_counter = pair.first;
  input.gossip.voided = pair.second;
  if (held) {
    input.gossip.size = held->checkpoint.size;
    input.gossip.root = held->checkpoint.root;
    input.gossip.log_signature = held->signature;
  }
  BESA_ASSIGN(const envelope::Sealed sealed, envelope::seal(input, node.random()));
  Made made;
  made.id = sealed.id;
  made.pair = pair.first;
  made.parts = envelope::parts_of(sealed, {envelope::sign_id(sealed.id, node.signing(), node.signing_id)});
  return Making(std::move(made));
}

Result<Making> make_prekeys(Node& node, base::Counter counter) {
  BESA_ASSIGN(const base::Timestamp covered, prekeys_cover(node.view, node.self));
  const base::Timestamp from{std::max(node.now().ms, covered.ms - std::min(covered.ms, kPrekeyOverlap.ms))};
  core::Prekeys body;
  body.header = header_for(node, core::StatementType::prekeys, counter);
  BESA_ASSIGN(body.keys, node.prekeys.make(from, kPrekeysAhead));
  return Making(finish(node, core::StatementType::prekeys, wire::encode_prekeys(body)));
}

Result<Making> make_consent(Node& node, const Draft& draft, base::Counter counter) {
  BESA_ASSIGN(const program::Json json, program::parse_json(draft.consent));
  auto input = read_consent(json, node.config.peers, draft.consent_salt, draft.made);
  if (!input) return Making(tl::unexpect, NotYet{input.error().pointer + ": " + input.error().message, true});
  input->consent.header = header_for(node, core::StatementType::consent, counter);
  input->consent.code_tag = draft.code_tag;
  input->consent.code_key = draft.code_key;
  BESA_ASSIGN(envelope::ConsentParts parts, envelope::build_consent(input->consent, input->rows, node.random()));
  return Making(finish(node, core::StatementType::consent, std::move(parts.body), std::move(parts.rows)));
}

Result<Making> make_withdrawal(const Node& node, const Draft& draft, base::Counter counter) {
  core::Withdrawal body;
  body.header = header_for(node, draft.type, counter);
  const auto consent = node.drafts().find(draft.consent_draft);
  if (consent != node.drafts().end() && consent->second.is_offered_again()) {
    // Known, and decided before what takes it back.
    body.narrowing.reference = {node.self, consent->second.counter, consent->second.id};
  } else {
    const auto links = resolve_links(node, draft);
    if (!links) return Making(tl::unexpect, links.error());
    body.narrowing.reference = links->consent;
  }
  for (const core::Purpose purpose : draft.purposes) body.narrowing.purposes.insert(purpose);
  body.narrowing.rows = draft.rows;
  return Making(finish(node, draft.type, wire::encode_withdrawal(body)));
}

Making make_report(const Node& node, const Draft& draft, base::Counter counter) {
  const core::MemberHeader header = header_for(node, draft.type, counter);
  if (draft.type == core::StatementType::unreadable) {
    return finish(node, draft.type, wire::encode_unreadable({header, draft.messages.front(), draft.reason}));
  }
  if (draft.type == core::StatementType::opened) {
    return finish(node, draft.type, wire::encode_opened({header, draft.messages.front(), draft.role, draft.person}));
  }
  if (draft.type == core::StatementType::withdrawal_answer) {
    return finish(node, draft.type,
                  wire::encode_withdrawal_answer({header, draft.messages.front(), draft.answer, draft.kept_on}));
  }
  return finish(node, draft.type, wire::encode_acknowledgement({header, draft.messages}));
}

// What rules look at in a section, without its ciphertext.
core::Section unsealed_section(const SectionDraft& draft) {
  core::Section section;
  section.category = draft.category;
  section.form = core::Form::record;
  section.grant = draft.grant;
  section.basis = draft.basis;
  section.handling = draft.handling;
  section.padded_length = base::limits::kSmallestPadding;
  return section;
}

}  // namespace

base::Duration life_of(const Node& node, core::StatementType type) {
  base::Duration life = type == core::StatementType::envelope ? node.config.life : base::limits::kStatementLife;
  const auto policy = core::read_policy(node.view);
  if (policy && *policy && (*policy)->policy.life_hours != 0) {
    life = std::min(life, base::hours((*policy)->policy.life_hours));
  }
  return life;
}

Result<base::Timestamp> prekeys_cover(const core::View& view, const base::MemberId& member) {
  BESA_ASSIGN(const auto rows, view.scan(core::Table::prekey, member.view(), {}, 1024));
  base::Timestamp covered;
  for (const core::ViewRow& row : rows) {
    base::KeyId key;
    if (!base::KeyId::read(base::ByteView(row.key).subspan(base::MemberId::kSize), key)) continue;
    BESA_ASSIGN(const auto prekey, core::read_prekey(view, member, key));
    if (prekey) covered = std::max(covered, prekey->until);
  }
  return covered;
}

Result<std::optional<base::BoxKey>> prekey_in_force(const core::View& view, const base::MemberId& member,
                                                    Timestamp now) {
  BESA_ASSIGN(const auto rows, view.scan(core::Table::prekey, member.view(), {}, 1024));
  std::optional<core::PrekeyRecord> best;
  for (const core::ViewRow& row : rows) {
    base::KeyId key;
    if (!base::KeyId::read(base::ByteView(row.key).subspan(base::MemberId::kSize), key)) continue;
    BESA_ASSIGN(const auto prekey, core::read_prekey(view, member, key));
    if (!prekey || prekey->from > now || now >= prekey->until) continue;
    if (!best || prekey->until > best->until) best = *prekey;
  }
  if (!best) return std::nullopt;
  return best->key;
}

Result<std::pair<std::uint64_t, std::uint64_t>> next_pair(const Store& store, const base::MemberId& to) {
  BESA_ASSIGN(const auto rows, store.scan(Box::pairs, to.view(), {}, kVoidBits));
  const std::uint64_t next = rows.empty() ? 1 : pair_of(rows.front()) + 1;
  std::uint64_t voided = 0;
  for (const kv::Row& row : rows) {
    const std::uint64_t back = next - 1 - pair_of(row);
    if (back < kVoidBits && !row.value.empty() && row.value[0] == static_cast<std::uint8_t>(PairFate::voided)) {
      voided |= std::uint64_t{1} << back;
    }
  }
  return std::pair{next, voided};
}

void put_pair(Store::Batch& batch, const base::MemberId& to, std::uint64_t pair, PairFate fate) {
  const std::uint8_t value = static_cast<std::uint8_t>(fate);
  batch.put(Box::pairs, base::ByteWriter().raw(to).u64(UINT64_MAX - pair).bytes(), base::ByteView(&value, 1));
}

Result<Making> make_statement(Node& node, const Draft& draft, base::Counter counter,
                              const std::optional<core::SignedCheckpoint>& held) {
  if (draft.type == core::StatementType::envelope) return make_envelope(node, draft, counter, held);
  if (draft.type == core::StatementType::prekeys) return make_prekeys(node, counter);
  if (draft.type == core::StatementType::consent) return make_consent(node, draft, counter);
  if (draft.type == core::StatementType::withdrawal) return make_withdrawal(node, draft, counter);
  return make_report(node, draft, counter);
}

Result<core::ParsedStatement> unsealed(Node& node, const Draft& draft) {
  const auto links = resolve_links(node, draft);
  if (!links) return base::fail(ErrorKind::not_found, links.error().words);
  core::Envelope envelope;
  BESA_ASSIGN(envelope.context, context_for(node, draft, *links, base::Counter{node.now().ms}));
  for (const SectionDraft& section : draft.sections) envelope.sections.push_back(unsealed_section(section));
  core::ParsedStatement statement;
  statement.type = core::StatementType::envelope;
  if (rests_on_consent(draft) && !links->consent.is_none()) {
    core::EnvelopeRow row;
    row.role = core::RowRole::consent;
    row.reference = links->consent;
    statement.envelope_rows.push_back(row);
  }
  statement.body = std::move(envelope);
  return statement;
}

}  // namespace besa::node
