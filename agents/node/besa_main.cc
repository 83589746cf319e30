// besa: the operator's command. It talks to the node of its agency over a Unix socket and keeps nothing itself.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "agents/node/code_input.h"
#include "agents/node/operator.h"
#include "agents/node/patience.h"
#include "base/limits.h"
#include "program/cli11.h"
#include "program/command_line.h"
#include "program/exit_code.h"
#include "program/file.h"
#include "program/hidden_line.h"
#include "program/json.h"

namespace besa::node {
namespace {

using program::ExitCode;
using program::Json;
using program::to_int;

constexpr std::size_t kNoteBytes = 64 * 1024;
constexpr const char* kDefaultSocket = "/run/besa-node/node.sock";

struct Options {
  std::string socket;
  bool json = false;
  std::string file;
  std::vector<std::string> to;
  std::string id;
  std::string consent;
  std::string message;
  std::string role = "caseworker";
  std::string person;
  std::string note_file;
  std::string reason;
  std::string set;
  std::string basis;
  std::vector<std::string> purposes;
  std::string request_id;
  bool with_code = false;
  bool dry_run = false;
  bool fitting = false;
  bool on_record = false;
  bool in_error = false;
};

using Say = std::string (*)(const Json&);

std::string socket_of(const Options& options) {
  if (!options.socket.empty()) return options.socket;
  const char* from_environment = std::getenv("BESA_SOCKET");
  return from_environment != nullptr ? from_environment : kDefaultSocket;
}

int failed(const base::Error& error) { return program::report("besa", error); }

// A file of the operator's that cannot be read as what it should be is wrong input, as the node itself would say.
int bad_file(const base::Error& error) {
  const int code = failed(error);
  return error.kind == base::ErrorKind::malformed ? to_int(ExitCode::usage) : code;
}

int show(const Options& options, const base::Result<program::HttpResponse>& response, Say say,
         const std::string& inside = "") {
  if (!response) return failed(response.error());
  const auto answer = program::parse_json(response->body, program::kHttpBodyBytes);
  if (!answer) return failed(answer.error());
  const bool well = response->status == 200;
  if (options.json) {
    std::printf("%s\n", program::to_line(*answer).c_str());
  } else {
    const Asked asked{options.file, inside, options.message.empty() ? "ID" : "--message"};
    const std::string text = well ? say(*answer) : "besa: " + say_error(*answer, asked);
    std::fputs(text.c_str(), well ? stdout : stderr);
  }
  return exit_code_of(response->status);
}

int get(const Options& options, const std::string& target, Say say) {
  const program::HttpClient client(socket_of(options));
  return show(options, client.get(target, kCommandWaitsMs), say);
}

int post(const Options& options, const std::string& target, Json body, Say say, const std::string& inside = "") {
  if (!options.request_id.empty()) body["request_id"] = options.request_id;
  const program::HttpClient client(socket_of(options));
  return show(options, client.post(target, program::to_line(body), kCommandWaitsMs), say, inside);
}

base::Result<Json> read_json(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, base::limits::kJsonBytes));
  auto json = program::parse_json(text);
  if (!json) return base::fail(json.error().kind, path + ": " + json.error().message);
  return json;
}

int send(const Options& options) {
  auto referral = read_json(options.file);
  if (!referral) return bad_file(referral.error());
  Json body = {{"referral", std::move(*referral)},
               {"dry_run", options.dry_run},
               {"fitting", options.fitting},
               {"on_record", options.on_record}};
  if (!options.to.empty()) body["to"] = options.to;
  if (!options.consent.empty()) body["consent"] = options.consent;
  return post(options, "/v1/send", std::move(body), say_sent, "/referral");
}

int update(const Options& options) {
  Json body = {{"message", options.id}};
  if (!options.file.empty()) {
    auto sections = read_json(options.file);
    if (!sections) return bad_file(sections.error());
    body["sections"] = sections->contains("sections") ? (*sections)["sections"] : *sections;
  }
  if (!options.set.empty()) body["set"] = options.set;
  if (!options.consent.empty()) body["consent"] = options.consent;
  return post(options, "/v1/update", std::move(body), say_queued, "/sections");
}

int record_consent(const Options& options) {
  auto consent = read_json(options.file);
  if (!consent) return bad_file(consent.error());
  return post(options, "/v1/consent", {{"consent", std::move(*consent)}, {"code", options.with_code}}, say_queued,
              "/consent");
}

int withdraw(const Options& options) {
  Json body = {{"consent", options.id}};
  if (!options.purposes.empty()) body["purposes"] = options.purposes;
  if (!options.to.empty()) body["from"] = options.to;
  return post(options, "/v1/withdraw", std::move(body), say_queued);
}

// The person's code is typed where it does not show, or comes through a pipe: a command line can be read by every user
// of the computer, and the shell remembers it. It is looked at here first, so that a mistake is said at once.
base::Result<std::string> read_code() {
  BESA_ASSIGN(std::string typed,
              program::read_hidden_line("The person's code (it does not show): ", envelope::kCodeTextBytes));
  const auto code = envelope::PersonCode::parse(typed);
  program::wipe_text(typed);
  if (!code) return base::fail(base::ErrorKind::malformed, say_fault(code.error()));
  return std::string(base::as_text(code->digits().view()));
}

int by_code(const Options& options, const std::string& target, Say say) {
  auto code = read_code();
  if (!code) return bad_file(code.error());
  Json rest = Json::object();
  if (!options.purposes.empty()) rest["purposes"] = options.purposes;
  if (!options.message.empty()) rest["message"] = options.message;
  std::string body = body_with_code(*code, rest);
  program::wipe_text(*code);
  auto response = program::HttpClient(socket_of(options)).post(target, body, kCommandWaitsMs);
  program::wipe_text(body);
  if (!response && response.error().kind == base::ErrorKind::unavailable) {
    response.error().message += say_unanswered(target != "/v1/person/find");
  }
  return show(options, response, say);
}

// A note is about a person, and a command line can be read by every user of the computer: it comes from a file or, as
// "-", from standard input. Its last newline is not part of it.
base::Result<std::string> read_note(const std::string& path) {
  std::string text;
  if (path == "-") {
    std::array<char, 4096> piece{};
    std::size_t got = 0;
    while (text.size() <= kNoteBytes && (got = std::fread(piece.data(), 1, piece.size(), stdin)) > 0) {
      text.append(piece.data(), got);
    }
    if (text.size() > kNoteBytes) return base::fail(base::ErrorKind::malformed, "the note is too long");
  } else {
    BESA_ASSIGN(text, program::read_text_file(path, kNoteBytes));
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

int answer(const Options& options, const std::string& target, Json body) {
  body["message"] = options.id;
  if (!options.note_file.empty()) {
    auto note = read_note(options.note_file);
    if (!note) return bad_file(note.error());
    if (!note->empty()) body["note"] = std::move(*note);
  }
  return post(options, target, std::move(body), say_queued);
}

// A subcommand with what all share.
CLI::App& add(CLI::App& parent, Options& options, const char* name, const char* about, const char* example) {
  CLI::App& command = *parent.add_subcommand(name, about);
  command.add_option("--socket", options.socket, "the node's socket (or BESA_SOCKET)");
  program::add_json_flag(command, options.json);
  program::add_examples(command, example);
  return command;
}

void add_id(CLI::App& command, Options& options, const char* about) {
  command.add_option("ID", options.id, about)->required();
}

void add_request_id(CLI::App& command, Options& options) {
  command.add_option("--request-id", options.request_id, "a name for this request: asked twice, it is done once");
}

void add_note(CLI::App& command, Options& options) {
  command.add_option("--note-file", options.note_file, "a file with a word to the sender, sealed; - is standard input");
}

void add_sending(CLI::App& app, Options& options) {
  CLI::App& send = add(app, options, "send", "Refer a person to other agencies",
                       "besa send referral.json --to shelter --to iom --consent c3 --dry-run\n"
                       "besa send referral.json --to shelter,iom --consent c3 --fitting");
  send.add_option("FILE", options.file, "the referral (JSON)")->required();
  send.add_option("--to", options.to, "local names of recipients; without it, the file's own")->delimiter(',');
  send.add_option("--consent", options.consent, "the consent that sections rest on, such as c3");
  send.add_flag("--dry-run", options.dry_run, "show what would go to whom by which rule; send nothing");
  send.add_flag("--fitting", options.fitting, "leave out, for each recipient, what may not go there");
  send.add_flag("--on-record", options.on_record, "send also what is refused here, so that the broker records it");
  add_request_id(send, options);
  CLI::App& update = add(app, options, "update", "Send more in a thread that this agency opened, or close it",
                         "besa update s17 more.json\nbesa update s17 --set closed");
  add_id(update, options, "the referral, such as s17");
  update.add_option("FILE", options.file, "sections (JSON)");
  update.add_option("--set", options.set, "closed or re_referred");
  update.add_option("--consent", options.consent, "another consent than the referral's");
  add_request_id(update, options);
  CLI::App& cancel = add(app, options, "cancel", "Call a referral back", "besa cancel s17");
  add_id(cancel, options, "the referral, such as s17");
  cancel.add_flag("--in-error", options.in_error, "it should never have been sent");
  add_request_id(cancel, options);
}

void add_receiving(CLI::App& app, Options& options) {
  add(app, options, "inbox", "List what came", "besa inbox");
  add(app, options, "threads", "List referrals and how they stand", "besa threads");
  add(app, options, "status", "Is the node well?", "besa status");
  CLI::App& show = add(app, options, "show", "Show a message: who received and opened it", "besa show s17");
  add_id(show, options, "a message, such as s17 or r42");
  CLI::App& explain = add(app, options, "explain", "Say in sentences what was decided, by which rule, and why",
                          "besa explain s17\nbesa explain 57");
  explain.add_option("ENTRY", options.id, "a message or consent such as s17, r42 or c3, or the number of a log entry")
      ->required();
  CLI::App& open = add(app, options, "open", "Read a message; the sender is told that a person did",
                       "besa open r42 --role caseworker --as worker7");
  add_id(open, options, "a received message, such as r42");
  open.add_option("--role", options.role, "caseworker, officer, medical, legal, interpreter, manager or system")
      ->required();
  open.add_option("--as", options.person, "a staff code of who reads it; others see an id that means nothing to them")
      ->required();
  CLI::App& accept = add(app, options, "accept", "Accept a referral",
                         "besa accept r42\necho 'Bed free tonight' | besa accept r42 --note-file -");
  add_id(accept, options, "a received referral, such as r42");
  add_note(accept, options);
  add_request_id(accept, options);
  CLI::App& decline = add(app, options, "decline", "Decline a referral", "besa decline r42 --reason no_capacity");
  add_id(decline, options, "a received referral, such as r42");
  decline.add_option("--reason", options.reason, "no_capacity, not_eligible, out_of_area, wrong_service …, sealed")
      ->required();
  add_note(decline, options);
  add_request_id(decline, options);
}

void add_settling(CLI::App& app, Options& options) {
  CLI::App& erase = add(app, options, "erase", "Say that what came under a withdrawn consent is erased; erases it here",
                        "besa erase r42");
  add_id(erase, options, "a message whose consent was taken back, such as r42");
  add_request_id(erase, options);
  CLI::App& keep = add(app, options, "keep", "Say on which other basis what came under a withdrawn consent is kept",
                       "besa keep r42 --basis legal_obligation");
  add_id(keep, options, "a message whose consent was taken back, such as r42");
  keep.add_option("--basis", options.basis, "legal_obligation, public_task, vital_interest, mandatory_report …")
      ->required();
  add_request_id(keep, options);
}

void add_consent(CLI::App& app, Options& options) {
  CLI::App& consent = *app.add_subcommand("consent", "Record, list and take back consents");
  CLI::App& record =
      add(consent, options, "record", "Record a consent that this agency took", "besa consent record consent.json");
  record.add_option("FILE", options.file, "the consent (JSON)")->required();
  record.add_flag("--with-code", options.with_code,
                  "make a code with which the person can take it back anywhere; it is shown once");
  add_request_id(record, options);
  add(consent, options, "list", "List the consents that this agency took", "besa consent list");
  CLI::App& withdraw = add(consent, options, "withdraw", "Take back a consent, whole or in part, as the person wishes",
                           "besa consent withdraw c3\nbesa consent withdraw c3 --from iom\n"
                           "besa consent withdraw c3 --purpose employment");
  add_id(withdraw, options, "the consent, such as c3");
  withdraw.add_option("--purpose", options.purposes, "only for this purpose")->delimiter(',');
  withdraw.add_option("--from", options.to, "only from this recipient, by its local name")->delimiter(',');
  add_request_id(withdraw, options);
}

void add_person(CLI::App& app, Options& options) {
  CLI::App& person = *app.add_subcommand("person", "What a person does with her code, at any agency");
  add(person, options, "find", "What was given under this code? The code is asked for, never an argument",
      "besa person find");
  CLI::App& withdraw =
      add(person, options, "withdraw", "Take back what was given under this code, as the person wishes",
          "besa person withdraw\nbesa person withdraw --purpose employment\n"
          "besa person withdraw --message r42");
  withdraw.add_option("--purpose", options.purposes, "only for this purpose")->delimiter(',');
  withdraw.add_option("--message", options.message, "the consent behind this message, if the code is that consent's");
}

int run_person(const CLI::App& person, const Options& options) {
  if (person.got_subcommand("find")) return by_code(options, "/v1/person/find", say_found);
  return by_code(options, "/v1/person/withdraw", say_taken_back);
}

int run_consent(const CLI::App& consent, const Options& options) {
  if (consent.got_subcommand("record")) return record_consent(options);
  if (consent.got_subcommand("withdraw")) return withdraw(options);
  return get(options, "/v1/consents", say_consents);
}

int dispatch(const CLI::App& app, const Options& options) {
  if (app.got_subcommand("send")) return send(options);
  if (app.got_subcommand("update")) return update(options);
  if (app.got_subcommand("inbox")) return get(options, "/v1/inbox", say_inbox);
  if (app.got_subcommand("threads")) return get(options, "/v1/threads", say_threads);
  if (app.got_subcommand("status")) return get(options, "/v1/status", say_status);
  if (app.got_subcommand("show")) return get(options, "/v1/message/" + program::url_encode(options.id), say_message);
  if (app.got_subcommand("explain")) {
    return get(options, "/v1/explain/" + program::url_encode(options.id), say_explained);
  }
  if (app.got_subcommand("accept")) return answer(options, "/v1/accept", Json::object());
  if (app.got_subcommand("decline")) return answer(options, "/v1/decline", {{"reason", options.reason}});
  if (app.got_subcommand("open")) {
    return post(options, "/v1/open", {{"message", options.id}, {"role", options.role}, {"person", options.person}},
                say_opened);
  }
  if (app.got_subcommand("erase")) return post(options, "/v1/erase", {{"message", options.id}}, say_queued);
  if (app.got_subcommand("keep")) {
    return post(options, "/v1/keep", {{"message", options.id}, {"basis", options.basis}}, say_queued);
  }
  if (app.got_subcommand("resume")) return post(options, "/v1/resume", Json::object(), say_resumed);
  return post(options, "/v1/cancel", {{"message", options.id}, {"in_error", options.in_error}}, say_queued);
}

int run(int argc, const char* const* argv) {
  Options options;
  program::CommandLine line(
      "besa", "Refer a person, read what came, answer.",
      "besa send referral.json --to shelter --dry-run\nbesa inbox\nbesa open r42 --role caseworker "
      "--as worker7");
  CLI::App& app = line.app();
  add_sending(app, options);
  add_receiving(app, options);
  add_settling(app, options);
  add_consent(app, options);
  add_person(app, options);
  add(app, options, "resume", "Go on after somebody has looked at the evidence of a stop", "besa resume");
  if (const auto code = line.parse(argc, argv)) return *code;
  if (app.got_subcommand("update") && options.file.empty() && options.set.empty()) {
    return line.usage("what is new? Give FILE or --set");
  }
  if (app.got_subcommand("consent")) return run_consent(*app.get_subcommand("consent"), options);
  if (app.got_subcommand("person")) return run_person(*app.get_subcommand("person"), options);
  return dispatch(app, options);
}

}  // namespace
}  // namespace besa::node

int main(int argc, char** argv) { return besa::node::run(argc, argv); }
