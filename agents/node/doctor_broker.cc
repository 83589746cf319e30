// The doctor's look at the broker: reachability, handshake, governance decided again, this member's keys, the policy.
#include "agents/node/doctor.h"
#include "agents/node/reach.h"
#include "client/epoch.h"
#include "client/session.h"
#include "core/records.h"
#include "crypto/secret/random.h"
#include "program/clock.h"
#include "program/time_text.h"
#include "transport/requester.h"

namespace besa::node {
namespace {

using base::ErrorKind;
using program::ExitCode;

constexpr std::uint32_t kReachMs = 5'000;
constexpr std::uint64_t kWarnDays = 60;
constexpr std::uint64_t kShownDigits = 8;

const char* fix_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::denied:
      return "before the administrators say that your enrolment is in force this is as it must be; after it, ask them "
             "whether this agency was suspended or enrolled with other keys";
    case ErrorKind::misbehaviour:
      return "check this computer's clock first; then show this line to the administrators: the broker is not the one "
             "that they signed for, or does not tell the truth";
    case ErrorKind::unavailable:
      return "is transport_key the one of the invite? Otherwise the broker is busy or down: try again in a minute";
    case ErrorKind::malformed:
    case ErrorKind::bad_signature:
    case ErrorKind::unsupported:
    case ErrorKind::not_found:
    case ErrorKind::already_exists:
    case ErrorKind::busy:
    case ErrorKind::full:
    case ErrorKind::io:
    case ErrorKind::damaged:
    case ErrorKind::configuration: break;
  }
  return "try again in a minute; if it stays, show this line to the broker's owner";
}

ExitCode code_of(ErrorKind kind) {
  const bool later = kind == ErrorKind::unavailable || kind == ErrorKind::busy;
  return later ? ExitCode::try_later : program::exit_code(kind);
}

bool look_at_way(const NodeConfig& config, Findings& findings) {
  const auto reached = reach(config.endpoint, config.socks_proxy, kReachMs);
  const std::string way = config.socks_proxy.empty() ? "" : " through the proxy " + config.socks_proxy;
  if (reached) {
    findings.ok("reachability", config.endpoint + way);
    return true;
  }
  findings.fail("reachability", reached.error().message,
                config.socks_proxy.empty() ? "check the network and that a firewall lets connections out to this port; "
                                             "endpoint in the configuration is the one of the invite?"
                                           : "check that the proxy runs and lets connections out; socks_proxy and "
                                             "endpoint in the configuration are right?",
                ExitCode::try_later);
  return false;
}

client::SessionOptions options_of(const NodeConfig& config, const NodeKeys& keys, transport::Requester& requester) {
  client::SessionOptions out;
  out.network = config.network;
  out.self = keys.member;
  out.exchange = client::exchange_over(requester);
  out.keep = [](const std::string&) { return base::Status{}; };  // the running node keeps its own
  out.now = [] { return program::SystemClock().now(); };
  return out;
}

void look_at_prekeys(client::Session& session, const NodeKeys& keys, Findings& findings) {
  const auto newest = session.prekeys(keys.member);
  if (newest) {
    findings.ok("prekeys", "the newest are log entry " + std::to_string(newest->entry.sequence.value));
  } else {
    findings.warn("prekeys", "none is in force: nobody can send to this agency now",
                  "start the node, which publishes them by itself: besa-node run --config …");
  }
}

// "in force until ..., N days more"
std::string until_words(base::Timestamp until, std::uint64_t days) {
  return program::format_time(until) + ", " + std::to_string(days) + " days more";
}

void look_at_policy(const core::View& view, const core::MemberRecord& member, Findings& findings) {
  const auto policy = core::read_policy(view);
  if (!policy || !*policy) {
    findings.warn("policy", "none is in force: nothing may be sent", "ask the administrators to adopt one");
    return;
  }
  const core::Policy& rules = (*policy)->policy;
  const auto opens = std::count_if(rules.rules.begin(), rules.rules.end(), [&](const core::Rule& rule) {
    return !rule.deny && rule.from.contains(member.sector);
  });
  const auto gets = std::count_if(rules.rules.begin(), rules.rules.end(), [&](const core::Rule& rule) {
    return !rule.deny && rule.to.contains(member.sector);
  });
  const std::string said = base::to_hex((*policy)->id.view()).substr(0, kShownDigits) + ": a " +
                           std::string(core::name_of(member.sector)) + " may open threads by " + std::to_string(opens) +
                           " of its " + std::to_string(rules.rules.size()) + " rules and gets them by " +
                           std::to_string(gets);
  if (opens + gets > 0) {
    findings.ok("policy", said);
  } else {
    findings.warn("policy", said, "no rule speaks of this agency: ask the administrators");
  }
}

}  // namespace

void look_at_member(const core::View& view, const NodeKeys& keys, base::Timestamp now, Findings& findings) {
  const auto found = core::read_member(view, keys.member);
  if (!found || !*found) {
    findings.fail("key validity", "this member is not in the log", "ask the administrators to submit its enrolment");
    return;
  }
  const core::MemberRecord& member = **found;
  const std::string until = program::format_time(member.until);
  if (member.standing != core::Standing::in_force) {
    const bool removed = member.standing == core::Standing::removed;
    findings.fail("key validity", "this member is " + std::string(core::name_of(member.standing)),
                  removed ? "that is for good: ask the administrators for a new invite"
                          : "ask the administrators why, and to reinstate it if it is safe");
  } else if (member.signing_key != core::member_key_id(keys.member, keys.signing.public_key()) ||
             member.transport_key != keys.transport.public_key()) {
    findings.fail("key validity", "the log has other keys in this agency's name",
                  "if you did not change them, have the member suspended at once", ExitCode::verification);
  } else if (now < member.from) {
    findings.fail("key validity", "in force only from " + program::format_time(member.from), "check the clock; wait");
  } else if (now >= member.until) {
    findings.fail("key validity", "ran out " + until, "ask the administrators for a new enrolment");
  } else {
    const std::uint64_t days = (member.until.ms - now.ms) / base::days(1).ms;
    if (days >= kWarnDays) {
      findings.ok("key validity", "in force until " + until_words(member.until, days));
    } else {
      findings.warn("key validity", "in force until " + until_words(member.until, days),
                    "ask the administrators for a new enrolment in time");
    }
  }
  look_at_policy(view, member, findings);
}

bool look_at_broker(const NodeConfig& config, const NodeKeys& keys, Findings& findings) {
  if (!look_at_way(config, findings)) return false;
  transport::RequesterOptions options;
  options.endpoint = config.endpoint;
  options.broker = config.broker;
  options.socks_proxy = config.socks_proxy;
  const auto requester = transport::Requester::create(options, keys.transport, crypto::random_bits);
  auto session = requester ? client::Session::create(options_of(config, keys, **requester), {})
                           : tl::unexpected(requester.error());
  const base::Status met = session ? session->hello() : tl::unexpected(session.error());
  if (!met) {
    findings.fail("handshake", met.error().message, fix_of(met.error().kind), code_of(met.error().kind));
    return false;
  }
  findings.ok("handshake", "CURVE, as the member that its log knows");
  core::MemoryView view;
  const auto followed = client::follow_governance(*session, view);
  if (!followed) {
    findings.fail("log", followed.error().message, fix_of(followed.error().kind), code_of(followed.error().kind));
    return false;
  }
  findings.ok("log", std::to_string(followed->size()) + " governance entries, each decided again here");
  look_at_member(view, keys, program::SystemClock().now(), findings);
  look_at_prekeys(*session, keys, findings);
  return true;
}

}  // namespace besa::node
