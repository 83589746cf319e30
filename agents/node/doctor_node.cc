// The doctor's look at the running node, and the test referral to the echo member and back.
#include <chrono>
#include <thread>

#include "agents/node/doctor.h"
#include "program/http_client.h"
#include "program/json.h"
#include "program/time_text.h"

namespace besa::node {
namespace {

using program::ExitCode;
using program::Json;

constexpr std::uint32_t kAnswerMs = 5'000;
constexpr std::uint32_t kLookMs = 200;

std::optional<Json> ask(const program::HttpClient& client, const std::string& path) {
  const auto response = client.get(path, kAnswerMs);
  if (!response || response->status != 200) return std::nullopt;
  auto json = program::parse_json(response->body, program::kHttpBodyBytes);
  if (!json) return std::nullopt;
  return std::move(*json);
}

bool look_at_status(const program::HttpClient& client, const NodeConfig& config, Findings& findings) {
  const auto status = ask(client, "/v1/status");
  if (!status) {
    findings.warn("node", "no node listens on " + config.socket, "start it: besa-node run --config …");
    return false;
  }
  const std::string stopped = status->value("stopped", "");
  const std::string trouble = status->value("trouble", "");
  const std::size_t alarms = status->value("alarms", Json::array()).size();
  if (!stopped.empty()) {
    findings.fail("node", "it has stopped sending: " + stopped, "besa status shows the evidence; then besa resume",
                  ExitCode::verification);
    return false;
  }
  if (!trouble.empty()) {
    findings.warn("node", trouble, "besa status; it tries again by itself");
  } else if (alarms > 0) {
    findings.warn("node", std::to_string(alarms) + " alarms", "besa status says each, and what to do");
  } else {
    findings.ok("node", "runs, without alarms");
  }
  return true;
}

Json test_referral(const std::string& echo) {
  const Json summary = {{"basis", "not_personal"}, {"content", {{"note", "connection test"}}}};
  const Json referral = {{"kind", "test"},
                         {"purpose", "service_referral"},
                         {"priority", "normal_2weeks"},
                         {"person_class", "adult"},
                         {"sections", {{"summary", summary}}}};
  return {{"referral", referral}, {"to", {echo}}};
}

// The local id of the test, or why there is none.
base::Result<std::string> send_test(const program::HttpClient& client, const std::string& echo) {
  BESA_ASSIGN(const auto response, client.post("/v1/send", program::to_line(test_referral(echo)), kAnswerMs));
  BESA_ASSIGN(const Json json, program::parse_json(response.body, program::kHttpBodyBytes));
  if (response.status == 200 && json.contains("messages") && !json["messages"].empty()) {
    return json["messages"][0].value("message", "");
  }
  const std::string why = json.contains("error") ? json["error"].value("message", "") : "";
  return base::fail(base::ErrorKind::denied, why.empty() ? "the node did not take it" : why);
}

struct Journey {
  std::string state;  // of the thread, or of the draft
  std::string words;
  std::uint64_t ms = 0;
};

bool is_over(const std::string& state) {
  return state == "declined" || state == "refused" || state == "failed" || state == "undeliverable";
}

Journey follow(const program::HttpClient& client, const std::string& id, std::uint64_t patience_ms) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  Journey out;
  while (!is_over(out.state) && out.ms < patience_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookMs));
    if (const auto message = ask(client, "/v1/message/" + id)) {
      out.state = message->value("state", "");
      out.words = message->value("words", "");
    }
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    out.ms = static_cast<std::uint64_t>(passed.count());
  }
  return out;
}

std::string seconds(std::uint64_t ms) {
  return std::to_string(ms / 1'000) + "." + std::to_string(ms % 1'000 / 100) + " s";
}

void look_at_echo(const program::HttpClient& client, const DoctorOptions& options, Findings& findings) {
  const char* const check = "test referral";
  const auto sent = send_test(client, options.echo);
  if (!sent) {
    findings.fail(check, sent.error().message, "besa explain, or ask the administrators which rule is for tests");
    return;
  }
  const auto patience = program::parse_duration(options.patience);
  const Journey journey = follow(client, *sent, patience ? patience->ms : 0);
  if (journey.state == "declined") {  // as the echo member answers: see echo.cc
    findings.ok(check, "to " + options.echo + " and back in " + seconds(journey.ms));
    return;
  }
  const bool arrived = journey.state == "received" || journey.state == "opened";
  if (arrived) {
    findings.warn(check, options.echo + " has received it and has not answered after " + seconds(journey.ms),
                  "the way there is good; ask who keeps that member whether it answers tests ([echo] answer = true)");
    return;
  }
  findings.fail(
      check,
      "after " + seconds(journey.ms) + " it is " + journey.state + (journey.words.empty() ? "" : ": " + journey.words),
      "besa show " + *sent + ", besa explain " + *sent);
}

}  // namespace

void look_at_node(const NodeConfig& config, const DoctorOptions& options, Findings& findings) {
  const program::HttpClient client(config.socket);
  if (!look_at_status(client, config, findings) || options.dry_run) return;
  if (config.peers.find(options.echo)) {
    look_at_echo(client, options, findings);
    return;
  }
  findings.warn("test referral", "not tried: this agency knows no peer '" + options.echo + "'",
                "ask the administrators for the id of the echo member and add [peer." + options.echo +
                    "] to the configuration, or name another agency with --echo");
}

}  // namespace besa::node
