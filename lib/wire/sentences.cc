#include "wire/sentences.h"

namespace besa::wire {
namespace {

using core::Body;
using core::Item;
using core::ParsedStatement;
using core::Reason;
using core::StatementType;

std::string text(std::string_view view) { return std::string(view); }
template <class Code>
std::string code(Code value) {
  return text(core::name_of(value));
}

std::string count_of(std::size_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

// "a referral", "an update"
std::string with_article(const std::string& noun) {
  return (std::string_view("aeiou").find(noun.front()) == std::string_view::npos ? "a " : "an ") + noun;
}

std::string who(const core::Entry& entry, const ParsedStatement* statement, const Names& names) {
  if (core::is_governance(entry.type)) return "the administrators";
  if (core::is_broker(entry.type)) return "the broker";
  if (core::is_person(entry.type)) return "a person, by her code, at " + names.member(entry.submitter);
  const auto header = statement == nullptr ? std::nullopt : core::author_header(*statement);
  return names.member(header ? header->author : entry.submitter);
}

std::string governance_words(StatementType type, const Body& body, const Names& names) {
  if (const auto* genesis = std::get_if<core::Genesis>(&body)) return "began the network " + genesis->name;
  if (const auto* enrolment = std::get_if<core::Enrolment>(&body)) {
    return "enrolled " + names.member(enrolment->member) + " as " + code(enrolment->sector);
  }
  if (const auto* change = std::get_if<core::StandingChange>(&body)) {
    const bool removal = type == StatementType::removal;
    const std::string verb = type == StatementType::suspension ? "suspended " : removal ? "removed " : "reinstated ";
    return verb + names.member(change->member);
  }
  if (const auto* change = std::get_if<core::AdministratorChange>(&body)) {
    return "put " + count_of(change->administrators.size(), "administrator") + " in charge, " +
           count_of(change->threshold, "signature") + " needed";
  }
  if (const auto* appointment = std::get_if<core::AuditorAppointment>(&body)) {
    return "appointed " + names.member(appointment->auditor) + " as auditor";
  }
  return type == StatementType::policy_adoption ? "adopted a policy" : "signed " + with_article(code(type));
}

std::string envelope_words(const core::Envelope& envelope, const Names& names) {
  const core::Context& context = envelope.context;
  std::string out = "sent " + with_article(code(context.kind));
  if (context.sets != core::Sets::none) out += " (" + code(context.sets) + ")";
  out += " to " + names.member(context.recipient) + " for " + code(context.purpose) + ", " + code(context.priority);
  if (context.break_glass != core::BreakGlass::none) out += ", breaking the glass: " + code(context.break_glass);
  return out;
}

std::string narrowing_words(const core::Narrowing& narrowing, const Names& names) {
  std::string out = "took back ";
  out += narrowing.is_whole() ? "the whole of " : "a part of ";
  return out + "the consent that " + names.message(narrowing.reference) + " is or came under";
}

std::string report_words(StatementType type, const Body& body, const Names& names) {
  if (const auto* report = std::get_if<core::UnreadableReport>(&body)) {
    return "could not read " + names.message(report->message) + ": " + code(report->reason);
  }
  if (const auto* opened = std::get_if<core::Opened>(&body)) {
    return "opened " + names.message(opened->message) + ", as " + code(opened->role);
  }
  if (const auto* answer = std::get_if<core::WithdrawalAnswer>(&body)) {
    std::string out = "said that " + names.message(answer->message) + " is " + code(answer->answer);
    if (answer->basis != core::Basis::none) out += " on " + code(answer->basis);
    return out;
  }
  if (const auto* acknowledgement = std::get_if<core::Acknowledgement>(&body)) {
    const std::string verb = type == StatementType::received ? "received " : "erased ";
    return verb + count_of(acknowledgement->messages.size(), "message");
  }
  if (const auto* prekeys = std::get_if<core::Prekeys>(&body)) {
    return "published " + count_of(prekeys->keys.size(), "encryption key");
  }
  if (std::holds_alternative<core::KeyRotation>(body)) return "put new keys in the place of its own";
  return std::holds_alternative<core::Consent>(body) ? "recorded a consent" : "signed " + with_article(code(type));
}

std::string broker_words(StatementType type, const Body& body, const Names& names) {
  if (const auto* hand_out = std::get_if<core::HandOut>(&body)) {
    const std::string messages = count_of(hand_out->messages.size(), "message");
    const std::string member = names.member(hand_out->member);
    return type == StatementType::hand_out ? "handed " + messages + " to " + member
                                           : "kept " + messages + " back from " + member;
  }
  return type == StatementType::tick ? "noted that time has passed" : "wrote " + with_article(code(type));
}

std::string what(const core::Entry& entry, const ParsedStatement* statement, const Names& names) {
  if (statement == nullptr) return "brought a statement of the type " + code(entry.type) + ", which is not shown here";
  const Body& body = statement->body;
  if (core::is_governance(entry.type)) return governance_words(entry.type, body, names);
  if (core::is_broker(entry.type)) return broker_words(entry.type, body, names);
  if (const auto* envelope = std::get_if<core::Envelope>(&body)) return envelope_words(*envelope, names);
  if (const auto* withdrawal = std::get_if<core::Withdrawal>(&body)) {
    return narrowing_words(withdrawal->narrowing, names);
  }
  if (const auto* withdrawal = std::get_if<core::PersonWithdrawal>(&body)) {
    return narrowing_words(withdrawal->narrowing, names);
  }
  return report_words(entry.type, body, names);
}

const core::Section* section_of(const ParsedStatement* statement, const Item& item) {
  const auto* envelope = statement == nullptr ? nullptr : std::get_if<core::Envelope>(&statement->body);
  if (envelope == nullptr || item.section >= envelope->sections.size()) return nullptr;
  return &envelope->sections[item.section];
}

std::string item_name(const ParsedStatement* statement, const Item& item, const Names& names) {
  if (!item.reference.is_none()) return names.message(item.reference);
  if (const core::Section* section = section_of(statement, item); section != nullptr) return code(section->category);
  return item.section == core::kNoSection ? std::string("it") : "section " + std::to_string(item.section);
}

ExplainedItem explain_item(const core::Entry& entry, const ParsedStatement* statement, const Item& item,
                           const Names& names) {
  ExplainedItem out;
  out.what = item_name(statement, item, names);
  if (entry.type == StatementType::tick) {
    out.words = out.what + ": due was " + code(static_cast<core::DueCode>(item.reason));
    return out;
  }
  const core::Section* section = section_of(statement, item);
  const core::Basis basis = item.basis == core::Basis::none && section != nullptr ? section->basis : item.basis;
  if (basis != core::Basis::none) out.basis = code(basis);
  if (item.rule != 0) out.rule = names.rule(item.rule);
  out.words = out.what + (out.basis.empty() ? "" : " on " + out.basis);
  const bool good = item.verdict == core::Verdict::accepted;
  out.words += good ? ": accepted" : ": refused, " + text(why_of(static_cast<Reason>(item.reason)).why);
  if (!good) out.words += " [" + code(static_cast<Reason>(item.reason)) + "]";
  if (!out.rule.empty()) out.words += " (rule " + out.rule + ")";
  if (good && section != nullptr && section->grant == core::Grant::later) out.words += ", granted after acceptance";
  return out;
}

void say_all(const core::Entry& entry, Explanation& out) {
  std::string first = out.who + " " + out.what + ".";
  if (first.front() >= 'a' && first.front() <= 'z') first.front() = static_cast<char>(first.front() - 'a' + 'A');
  out.sentences.push_back(first);
  if (entry.decision.accepted()) {
    out.sentences.push_back(core::is_broker(entry.type) ? "It is on record." : "It was accepted.");
  } else {
    std::string refused = "It was refused: " + out.verdict + " [" + code(entry.decision.reason) + "]";
    if (!out.rule.empty()) refused += ", by rule " + out.rule;
    out.sentences.push_back(refused + ".");
  }
  for (const ExplainedItem& item : out.items) out.sentences.push_back(item.words + ".");
  if (entry.decision.accepted()) return;
  if (entry.type == StatementType::envelope && !out.items.empty()) {
    out.sentences.emplace_back("One section that fails refuses the whole message; the checks end with the first.");
  }
  out.sentences.push_back("What would have been needed: " + out.needed + ".");
}

}  // namespace

Explanation explain(const core::Entry& entry, const ParsedStatement* statement, const Names& names) {
  Explanation out;
  out.who = who(entry, statement, names);
  out.what = what(entry, statement, names);
  const Why why = why_of(entry.decision.reason);
  out.verdict = entry.decision.accepted() ? "accepted" : text(why.why);
  out.needed = text(why.needed);
  if (entry.decision.rule != 0) out.rule = names.rule(entry.decision.rule);
  for (const Item& item : entry.decision.items) out.items.push_back(explain_item(entry, statement, item, names));
  say_all(entry, out);
  return out;
}

}  // namespace besa::wire
