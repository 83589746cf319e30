#include "agents/node/planner.h"

#include <algorithm>

#include "agents/node/statement_maker.h"
#include "agents/node/words.h"
#include "core/consent.h"

namespace besa::node {
namespace {

using base::ErrorKind;

std::string rule_id_of(const core::View& view, std::uint16_t rule) {
  const auto policy = core::read_policy(view);
  if (!policy || !*policy || rule == 0 || rule > (*policy)->policy.rules.size()) return {};
  return (*policy)->policy.rules[rule - 1U].id;
}

Result<core::ConsentParty> party_of(const core::View& view, const base::MemberId& member) {
  BESA_ASSIGN(const auto record, core::read_member(view, member));
  return core::read_party_of(view, member, record.value_or(core::MemberRecord{}));
}

std::string cause_words(core::ConsentCause cause, const std::string& to) {
  switch (cause) {
    case core::ConsentCause::none: return "the consent carries it";
    case core::ConsentCause::not_yours: return "the consent was taken by another agency";
    case core::ConsentCause::withdrawn: return "the consent was withdrawn";
    case core::ConsentCause::not_in_force: return "the consent is not in force now";
    case core::ConsentCause::guardian_conflict: return "the consent was given by somebody in conflict with the person";
    case core::ConsentCause::excluded: return "the person excluded " + to;
    case core::ConsentCause::withheld: return "the person withheld this from " + to;
    case core::ConsentCause::not_allowed: return "the consent does not allow this to " + to + " for this purpose";
  }
  return "the consent does not carry it";
}

// Which sections the consent does not carry. The entry never says it; the agency that took the consent may know.
Result<std::vector<LeftOut>> uncovered(Node& node, const Draft& draft) {
  std::vector<LeftOut> out;
  const auto consent_draft = node.draft(draft.consent_draft);
  std::optional<core::ConsentRecord> consent;
  if (consent_draft) {
    BESA_ASSIGN(consent, core::read_consent(node.view, node.self, consent_draft->counter));
  }
  const std::string to = node.config.peers.name_of(draft.to);
  BESA_ASSIGN(const core::ConsentParty sender, party_of(node.view, node.self));
  BESA_ASSIGN(const core::ConsentParty recipient, party_of(node.view, draft.to));
  for (const SectionDraft& section : draft.sections) {
    if (section.basis != core::Basis::consent) continue;
    const core::ConsentCause cause = consent ? core::explain(*consent, node.self, sender, recipient, section.category,
                                                             draft.purpose, node.now(), false)
                                             : core::ConsentCause::not_yours;
    if (cause == core::ConsentCause::none) continue;
    out.push_back({section.category, core::Reason::not_covered, {}, cause_words(cause, to)});
  }
  return out;
}

// The sections that one refusal is about; empty if it is about the message as a whole.
Result<std::vector<LeftOut>> refused_sections(Node& node, const Draft& draft, const core::Decision& decision) {
  if (decision.reason == core::Reason::not_covered) return uncovered(node, draft);
  if (decision.items.empty() || decision.items[0].section >= draft.sections.size()) return std::vector<LeftOut>{};
  const core::Category category = draft.sections[decision.items[0].section].category;
  const std::string to = node.config.peers.name_of(draft.to);
  return std::vector<LeftOut>{
      {category, decision.reason, rule_id_of(node.view, decision.rule), refusal_words(decision.reason, category, to)}};
}

void drop(Draft& draft, const std::vector<LeftOut>& sections) {
  const auto is_dropped = [&](const SectionDraft& section) {
    return std::any_of(sections.begin(), sections.end(),
                       [&](const LeftOut& left) { return left.category == section.category; });
  };
  draft.sections.erase(std::remove_if(draft.sections.begin(), draft.sections.end(), is_dropped), draft.sections.end());
  const bool on_consent = std::any_of(draft.sections.begin(), draft.sections.end(),
                                      [](const SectionDraft& s) { return s.basis == core::Basis::consent; });
  if (!on_consent) draft.consent_draft = 0;
}

void take_refusal(const Node& node, Plan& out, const core::Decision& decision, std::vector<LeftOut> sections) {
  out.reason = decision.reason;
  out.rule_id = rule_id_of(node.view, decision.rule);
  const core::Category category = sections.empty() ? core::Category::none : sections.front().category;
  out.words = refusal_words(decision.reason, category, node.config.peers.name_of(out.draft.to));
  out.left_out.insert(out.left_out.end(), std::make_move_iterator(sections.begin()),
                      std::make_move_iterator(sections.end()));
}

}  // namespace

Result<Plan> plan(Node& node, Draft draft, bool fitting) {
  Plan out;
  const std::size_t most = draft.sections.size() + 1;
  out.draft = std::move(draft);
  for (std::size_t round = 0; round < most; ++round) {
    auto statement = unsealed(node, out.draft);
    if (!statement) {
      if (statement.error().kind != ErrorKind::not_found) return tl::unexpected(statement.error());
      out.known = false;
      out.words = statement.error().message;
      return out;
    }
    auto preview = core::preview(node.view, *statement, node.now());
    if (!preview) {
      if (preview.error().kind != ErrorKind::not_found) return tl::unexpected(preview.error());
      return base::fail(ErrorKind::unavailable, "no policy is known yet: this node has not reached its broker so far");
    }
    const core::Decision& decision = preview->decision;
    if (decision.accepted()) {
      for (std::size_t i = 0; i < out.draft.sections.size() && i < decision.items.size(); ++i) {
        out.draft.sections[i].rule = rule_id_of(node.view, decision.items[i].rule);
      }
      out.accepted = true;
      return out;
    }
    BESA_ASSIGN(std::vector<LeftOut> sections, refused_sections(node, out.draft, decision));
    if (!fitting || sections.empty() || sections.size() >= out.draft.sections.size()) {
      take_refusal(node, out, decision, std::move(sections));
      return out;
    }
    drop(out.draft, sections);
    out.left_out.insert(out.left_out.end(), sections.begin(), sections.end());
  }
  return base::fail(ErrorKind::damaged, "a local decision did not end");
}

}  // namespace besa::node
