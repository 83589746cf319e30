#include "agents/node/operator.h"

#include "program/exit_code.h"
#include "program/json.h"

namespace besa::node {
namespace {

using program::Json;

const Json& at(const Json& json, const char* name) {
  static const Json kNull;
  if (!json.is_object()) return kNull;
  const auto found = json.find(name);
  return found == json.end() ? kNull : *found;
}

std::string text(const Json& json, const char* name) {
  const Json& field = at(json, name);
  if (field.is_string()) return field.get<std::string>();
  return field.is_null() ? std::string() : program::to_line(field);
}

bool flag(const Json& json, const char* name) {
  const Json& field = at(json, name);
  return field.is_boolean() && field.get<bool>();
}

std::string section_line(const Json& section) {
  std::string out = "    " + text(section, "category") + " on " + text(section, "basis");
  if (text(section, "grant") == "later") out += ", after acceptance";
  const std::string rule = text(section, "rule");
  if (!rule.empty()) out += ", by rule " + rule;
  return out + "\n";
}

// What was dropped so that the rest fits, or, of a refused message, what stops it.
std::string left_out_lines(const Json& plan) {
  const char* label = text(plan, "decision") == "refused" ? "    may not go: " : "    left out: ";
  std::string out;
  for (const Json& left : at(plan, "left_out")) {
    out += label + text(left, "category") + ": " + text(left, "words");
    const std::string rule = text(left, "rule");
    if (!rule.empty()) out += " (rule " + rule + ")";
    out += "\n";
  }
  return out;
}

std::string plan_lines(const Json& plan, bool dry_run) {
  const std::string to = text(plan, "to");
  const std::string decision = text(plan, "decision");
  std::string out;
  if (decision == "refused") {
    out = "To " + to + ": refused, " + text(plan, "words") + " [" + text(plan, "reason") + "]";
    const std::string rule = text(plan, "rule");
    if (!rule.empty()) out += " (rule " + rule + ")";
    out += "\n";
  } else if (decision == "not_known_yet") {
    out = "To " + to + ": the broker decides; " + text(plan, "words") + "\n";
  } else {
    out = "To " + to + (dry_run ? ": would go\n" : ": goes\n");
  }
  if (decision != "refused") {
    for (const Json& section : at(plan, "sections")) out += section_line(section);
  }
  return out + left_out_lines(plan);
}

std::string categories(const Json& message) {
  std::string out;
  for (const Json& section : at(message, "sections")) {
    if (!out.empty()) out += ", ";
    out += text(section, "category");
  }
  return out;
}

std::string inbox_line(const Json& message) {
  std::string out = text(message, "message") + "  " + text(message, "from") + "  " + text(message, "kind");
  const std::string sets = text(message, "sets");
  if (!sets.empty()) out += " (" + sets + ")";
  out += "  " + text(message, "priority") + "  " + text(message, "at");
  if (at(message, "unreadable").is_object())
    return out + "  UNREADABLE: " + text(at(message, "unreadable"), "words") + "\n";
  out += (flag(message, "opened") ? "  opened" : "  NEW") + std::string("  ") + categories(message);
  const std::string withdrawn = text(message, "withdrawn");
  if (withdrawn == "answer_owed") out += "  CONSENT TAKEN BACK: erase it, or keep it on another basis";
  return out + "\n";
}

std::string event_line(const Json& event) {
  std::string what = text(event, "what");
  if (what == "hand_out") what = "handed out by the broker";
  if (what == "withhold") what = "kept back by the broker";
  if (what == "withdrawal" || what == "person_withdrawal") what = "consent taken back";
  if (what == "withdrawal_answer") what = "answered to the withdrawal";
  std::string out = "    " + text(event, "at") + "  " + what;
  const std::string by = text(event, "by");
  const std::string role = text(event, "role");
  if (!by.empty()) out += " by " + by;
  if (!role.empty()) out += " (" + role + ")";
  const std::string reason = text(event, "reason");
  if (!reason.empty()) out += ": " + reason;
  return out + "\n";
}

std::string refusal_lines(const Json& message) {
  if (text(message, "state") != "refused") return {};
  return "  Refused by the broker, on record: " + text(message, "words") + "\n";
}

std::string message_lines(const Json& message) {
  const bool sent = text(message, "direction") == "sent";
  std::string out =
      text(message, "message") + "  " + (sent ? "to " + text(message, "to") : "from " + text(message, "from"));
  out += "  " + text(message, "kind");
  const std::string sets = text(message, "sets");
  if (!sets.empty()) out += " (" + sets + ")";
  out += "  " + text(message, "state");
  out += "\n" + refusal_lines(message);
  const std::string note = text(message, "note");
  if (!note.empty()) out += "  " + note + "\n";
  for (const Json& section : at(message, "sections")) out += section_line(section);
  for (const Json& event : at(message, "events")) out += event_line(event);
  return out;
}

}  // namespace

int exit_code_of(unsigned status) {
  using program::ExitCode;
  if (status == 200) return to_int(ExitCode::ok);
  if (status == 422 || status == 403) return to_int(ExitCode::refused);
  if (status == 404) return to_int(ExitCode::not_found);
  if (status == 400) return to_int(ExitCode::usage);
  if (status == 503) return to_int(ExitCode::try_later);
  return to_int(ExitCode::failed);
}

std::string say_sent(const Json& answer) {
  const bool dry_run = flag(answer, "dry_run");
  std::string out;
  for (const Json& message : at(answer, "messages")) {
    out += plan_lines(message, dry_run);
    const std::string id = text(message, "message");
    if (!id.empty()) out += "  Queued as " + id + ". Look with: besa show " + id + "\n";
  }
  if (dry_run) out += "Nothing was sent.\n";
  return out;
}

std::string say_inbox(const Json& answer) {
  const Json& messages = at(answer, "messages");
  if (messages.empty()) return "No messages.\n";
  std::string out;
  for (const Json& message : messages) out += inbox_line(message);
  return out;
}

std::string say_message(const Json& answer) {
  std::string out = message_lines(answer);
  const Json& thread = at(answer, "thread");
  if (thread.is_null()) return out;
  if (text(answer, "state") != "refused") out += "Thread: " + text(answer, "words") + "\n";
  for (const Json& message : thread) {
    if (text(message, "message") != text(answer, "message")) out += message_lines(message);
  }
  return out;
}

std::string say_explained(const Json& answer) {
  std::string out = "Entry " + text(answer, "sequence") + ", " + text(answer, "at") + "\n";
  for (const Json& sentence : at(answer, "sentences")) out += sentence.get<std::string>() + "\n";
  return out;
}

std::string say_opened(const Json& answer) {
  std::string out =
      "From " + text(answer, "from") + ", " + text(answer, "kind") + ", " + text(answer, "priority") + "\n";
  for (const auto& [category, section] : at(answer, "sections").items()) {
    out += "\n" + category + " (" + text(section, "basis");
    for (const Json& code : at(section, "handling")) out += ", " + code.get<std::string>();
    out += ")\n" + program::to_pretty(at(section, "content")) + "\n";
  }
  for (const Json& category : at(answer, "sealed")) {
    out += "\n" + category.get<std::string>() + "\n  sealed until the sender releases it\n";
  }
  return out;
}

namespace {

// Neutral on purpose: whoever finds the card must not see what it is for.
std::string code_lines(const Json& code) {
  if (!code.is_object()) return {};
  return "The person's code, shown this once and kept nowhere:\n    " + text(code, "digits") + "\n    " +
         text(code, "words") +
         "\nBoth lines are the same code. Whoever has it can take the consent back at any agency. A card is optional: "
         "write nothing else on it.\n";
}

}  // namespace

std::string say_queued(const Json& answer) {
  const std::string state = text(answer, "state");
  if (state == "taken_back") return text(answer, "message") + " was taken back before it was sent.\n";
  const std::string consent = text(answer, "consent");
  const std::string withdrawn = text(answer, "withdrawn");
  if (!withdrawn.empty())
    return "Taking back " + (withdrawn == "whole" ? consent : "a part of " + consent) + " is queued.\n";
  if (!text(answer, "answer").empty()) return "The answer for " + text(answer, "message") + " is queued.\n";
  std::string out = "Queued as " + (consent.empty() ? text(answer, "message") : consent) + ".\n";
  out += code_lines(at(answer, "code"));
  for (const Json& note : at(answer, "notes")) out += "Note: " + note.get<std::string>() + ".\n";
  return out;
}

std::string say_found(const Json& answer) {
  std::string out;
  for (const Json& consent : at(answer, "consents")) {
    out += "A consent that was taken by " + text(consent, "taken_by") + ".\n";
  }
  return out + "To take it back: besa person withdraw\n";
}

std::string say_taken_back(const Json& answer) {
  const std::string what = text(answer, "withdrawn") == "whole" ? "The consent" : "That part of the consent";
  if (text(answer, "state") == "on_record") {
    return what + " is taken back, on record. Whoever got something under it is told and must answer.\n";
  }
  std::string out = what +
                    " is not taken back yet. That is signed and queued, and this node sends it as soon as the broker "
                    "can be reached: look with `besa status`. After 24 hours without the broker the person has to give "
                    "the code anew.\n";
  for (const Json& consent : at(answer, "consents")) {
    if (const std::string note = text(consent, "note"); !note.empty()) return out + "But " + note + ".\n";
  }
  return out;
}

std::string say_unanswered(bool takes_back) {
  if (!takes_back) return "; ask again";
  return "; do not take it that anything was taken back. Give the command again until it says 'on record' or 'queued': "
         "to "
         "take back twice does no harm";
}

std::string body_with_code(std::string_view digits, const Json& rest) {
  constexpr std::string_view kBefore = "{\"code\":\"";
  const std::string more = program::to_line(rest);
  std::string out;
  out.reserve(kBefore.size() + digits.size() + 2 + more.size());  // never moved, so that it can be wiped
  out.append(kBefore).append(digits).append("\"");
  if (!rest.empty()) out.append(",");
  return out.append(more, 1);
}

std::string say_resumed(const Json&) { return "The node sends again.\n"; }

std::string say_consents(const Json& answer) {
  const Json& consents = at(answer, "consents");
  if (consents.empty()) return "No consents.\n";
  std::string out;
  for (const Json& consent : consents) {
    const Json& said = at(consent, "record");
    out += text(consent, "consent") + "  " + text(consent, "state") + "  given by " + text(said, "given_by") +
           ", until " + text(said, "valid_until");
    const std::string withdrawn = text(consent, "withdrawn");
    if (!withdrawn.empty()) out += withdrawn == "whole" ? "  TAKEN BACK" : "  TAKEN BACK IN PART";
    const std::string pending = text(consent, "withdrawal");
    if (!pending.empty()) out += "  (taking it back: " + pending + ")";
    out += "\n" + refusal_lines(consent);
  }
  return out;
}

std::string say_threads(const Json& answer) {
  const Json& threads = at(answer, "threads");
  if (threads.empty()) return "No threads.\n";
  std::string out;
  for (const Json& thread : threads) {
    out += text(thread, "message") + "  with " + text(thread, "with") + ", opened by " + text(thread, "opened_by") +
           ": " + text(thread, "words") + "\n";
  }
  return out;
}

std::string say_status(const Json& answer) {
  const std::string trouble = text(answer, "trouble");
  std::string out = flag(answer, "connected") ? "Connected to the broker.\n"
                    : trouble.empty()         ? "Not connected so far.\n"
                                              : "Not connected: " + trouble + "\n";
  const std::string stopped = text(answer, "stopped");
  if (!stopped.empty()) out += "STOPPED, nothing is sent: " + stopped + "\n";
  out += flag(answer, "member_in_force") ? "This agency is a member in force.\n"
                                         : "This agency is not a member in force.\n";
  out += "Not opened: " + text(answer, "unopened") + ". Waiting to be sent: " + text(answer, "waiting") +
         ". Refused by the broker: " + text(answer, "refused") + ".\n";
  for (const Json& alarm : at(answer, "alarms")) {
    out += "ALARM: " + text(alarm, "words");
    const std::string evidence = text(alarm, "evidence");
    out += evidence.empty() ? "\n" : " (" + evidence + ")\n";
  }
  for (const Json& gap : at(answer, "gaps")) {
    if (!flag(gap, "alarm"))
      out += "Message " + text(gap, "number") + " of " + text(gap, "from") + " has not come so far.\n";
  }
  return out;
}

namespace {

// "/referral/sections/health" of referral.json -> "referral.json: /sections/health"; "/consent" -> "--consent".
std::string place_of(const std::string& pointer, const Asked& asked) {
  const bool in_file = !asked.file.empty() && !asked.inside.empty() && pointer.starts_with(asked.inside) &&
                       (pointer.size() == asked.inside.size() || pointer[asked.inside.size()] == '/');
  if (in_file) {
    const std::string rest = pointer.substr(asked.inside.size());
    return rest.empty() ? asked.file : asked.file + ": " + rest;
  }
  const std::pair<std::string_view, std::string_view> options[] = {{"/consent", "--consent"},
                                                                   {"/to", "--to"},
                                                                   {"/message", asked.message},
                                                                   {"/role", "--role"},
                                                                   {"/person", "--as"},
                                                                   {"/reason", "--reason"},
                                                                   {"/response/decline_reason", "--reason"},
                                                                   {"/response/text", "--note-file"},
                                                                   {"/note", "--note-file"},
                                                                   {"/set", "--set"},
                                                                   {"/purposes", "--purpose"},
                                                                   {"/from", "--from"},
                                                                   {"/basis", "--basis"},
                                                                   {"/code", "the code"},
                                                                   {"/entry", "ENTRY"},
                                                                   {"/request_id", "--request-id"}};
  for (const auto& [from, option] : options) {
    const bool in_list =
        (from == "/to" || from == "/purposes" || from == "/from") && pointer.starts_with(std::string(from) + "/");
    if (pointer == from || in_list) return std::string(option);
  }
  return pointer;
}

// After a refusal of a send: what happened to the other recipients, and what can be done.
std::string after_refusal(const Json& error) {
  if (flag(error, "on_record")) return "The refusal is on record.\n";
  const Json& recipients = at(error, "recipients");
  if (!recipients.is_number_integer()) return "Nothing was sent.\n";
  const bool others = recipients.get<std::int64_t>() > 1;
  const std::string to = text(error, "to");
  std::string out = others ? "Nothing was sent, to the other recipients neither: one refusal stops them all.\n"
                           : "Nothing was sent.\n";
  const std::size_t stopped = at(error, "left_out").size();
  const bool some_fit = stopped > 0 && stopped < at(error, "sections").size();
  if (!flag(error, "fitting") && some_fit) {
    out += "To send what may go, add --fitting; to see it first, --fitting --dry-run.\n";
  } else if (others) {
    out += "To send to the others only, leave " + to + " out of --to; to see them all, add --dry-run.\n";
  }
  return out;
}

}  // namespace

std::string say_error(const Json& answer, const Asked& asked) {
  const Json& error = at(answer, "error");
  const std::string pointer = text(error, "pointer");
  if (text(error, "code") != "refused") {
    return (pointer.empty() ? std::string() : place_of(pointer, asked) + ": ") + text(error, "message") + "\n";
  }
  const std::string to = text(error, "to");
  std::string out = (to.empty() ? "Refused: " : "To " + to + ": refused, ") + text(error, "message") + " [" +
                    text(error, "reason") + "]";
  const std::string rule = text(error, "rule");
  if (!rule.empty()) out += " (rule " + rule + ")";
  return out + "\n" + left_out_lines(error) + after_refusal(error);
}

}  // namespace besa::node
