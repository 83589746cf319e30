// Nodes of several agencies around one broker in memory: real stores on a temporary folder, real keys, no socket and no
// thread. Time stands still until a test moves it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "agents/node/desk.h"
#include "agents/node/node.h"
#include "agents/node/worker.h"
#include "program/json.h"
#include "tests/support/fake_broker.h"
#include "tests/support/temporary_folder.h"

namespace besa::node {

using program::Json;

// A clock that reads the network's time, shifted.
class NetworkClock final : public program::Clock {
 public:
  explicit NetworkClock(const support::Network& network) : network_(network) {}
  base::Timestamp now() const override { return network_.now; }
  base::Duration since_boot() const override { return {network_.now.ms}; }

 private:
  const support::Network& network_;
};

// A policy with room for the story: police to shelter and IOM, shelter to jobs, never the story to jobs.
core::Policy story_policy();

class NodeWorld : public testing::Test {
 protected:
  NodeWorld();

  struct Place {
    support::Agency* agency = nullptr;
    std::unique_ptr<Node> node;
    std::unique_ptr<Worker> worker;
  };

  // Opens (or opens again after a crash) the node of an agency.
  void open(const std::string& name);
  void crash(const std::string& name);
  Node& node(const std::string& name) { return *places_.at(name).node; }
  support::Agency& agency(const std::string& name) { return *places_.at(name).agency; }

  // One round of the worker. `settle`: rounds of everybody until nothing moves.
  base::Status round(const std::string& name) { return places_.at(name).worker->round(); }
  void settle();

  // The local API.
  program::HttpResponse call(const std::string& name, const std::string& path, const Json& body);
  Json post(const std::string& name, const std::string& path, const Json& body);  // must answer 200
  Json get(const std::string& name, const std::string& path);
  Json failing(const std::string& name, const std::string& path, const Json& body, unsigned status);  // the error

  // A referral of an invented person, on legal obligation and consent.
  static Json referral();
  static Json consent();
  // Records the consent at the police and settles; its id.
  std::string record_consent();
  // Sends the referral to the shelter and settles; the id at the police.
  std::string refer();
  // The newest message in an inbox.
  Json newest(const std::string& name);
  std::vector<std::string> alarm_kinds(const std::string& name);

  support::Network network_;
  support::FakeBroker broker_{network_};
  NetworkClock clock_{network_};
  support::TemporaryFolder folder_;
  std::vector<std::string> log_lines_;
  program::Logger log_;
  std::map<std::string, Place> places_;
};

}  // namespace besa::node
