// What besa-admin does, a function a command. Each prints for people, or one JSON object with `json`, and returns an
// error or the exit code.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "program/exit_code.h"

namespace besa::admin {

using Done = base::Result<program::ExitCode>;

struct Common {
  bool json = false;
  std::string keys;      // folder of an administrator's keys
  std::string network;   // network.json
  std::string out;       // file to write
  std::string replaces;  // hex; empty: asked from the broker
  std::uint32_t valid_days = 7;
};

[[nodiscard]] Done run_keys(const Common& common, const std::string& folder, const std::string& organisation);

struct GenesisOptions {
  std::string name;
  std::uint16_t threshold = 2;
  std::string broker;
  std::vector<std::string> administrators;
};
[[nodiscard]] Done run_genesis(const Common& common, const GenesisOptions& options);
[[nodiscard]] Done run_network(const Common& common, const std::string& genesis, const std::string& endpoint);

[[nodiscard]] Done run_sign(const Common& common, const std::string& file);
[[nodiscard]] Done run_show(const Common& common, const std::string& file);
struct CeremonyChoice;
// A statement file, or a join request with what `choice` says of it.
[[nodiscard]] Done run_submit(const Common& common, const std::string& file, const CeremonyChoice& choice);

struct EnrolOptions {
  std::string request;
  std::string sector;
  std::string country;
  std::string parent;
  std::string agreement;  // document
  std::string from;       // RFC 3339; empty: now
  std::uint32_t days = 365;
};
[[nodiscard]] Done run_enrol(const Common& common, const EnrolOptions& options);
// `type` is suspension, reinstatement or removal.
[[nodiscard]] Done run_standing(const Common& common, const std::string& type, const std::string& member);
[[nodiscard]] Done run_appoint(const Common& common, const std::string& member, std::uint32_t days);

struct LossOptions {
  double collect_hours = 24;
  std::string kept;  // SIZE:ROOT; empty: what the broker has
  std::string lost;  // a note; empty: this administrator's newest; or none
};
[[nodiscard]] Done run_loss_prepare(const Common& common, const LossOptions& options);
[[nodiscard]] Done run_loss_offer(const Common& common);

[[nodiscard]] Done run_policy_check(const Common& common, const std::string& file);
[[nodiscard]] Done run_policy_compile(const Common& common, const std::string& file);
[[nodiscard]] Done run_policy_adopt(const Common& common, const std::string& file);

}  // namespace besa::admin
