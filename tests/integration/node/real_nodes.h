// Two nodes and a broker, each a process of its own, that can be killed at any moment or at a named step.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "program/http.h"
#include "program/json.h"
#include "tests/integration/broker/real_broker.h"

namespace besa::node {

using program::Json;

// Words that stand in what these tests send, and must not stand anywhere in the clear.
inline constexpr const char* kPlanted[] = {"Plantedname", "Plantedstory", "planted-request", "Plantedreader"};

class RealNodes : public broker::RealBroker {
 protected:
  // A governed network with the police and the shelter, whose nodes have never run.
  void SetUp() override;

  // Added to the configuration of a node.
  virtual std::string more_config(const std::string&) const { return {}; }
  std::string place(const std::string& name) const { return folder_ / name; }
  const support::Agency& agency(const std::string& name) const { return name == "police" ? *police_ : *shelter_; }
  // `fail_point`: where it dies by itself.
  void start_node(const std::string& name, const std::string& fail_point = {});
  void kill_node(const std::string& name);
  // Whether it has died at its fail point within this many milliseconds.
  bool died(const std::string& name, int milliseconds);

  // Empty while the node is not there.
  std::optional<program::HttpResponse> ask(const std::string& name, std::string_view method, const std::string& target,
                                           const Json& body = Json()) const;
  Json look(const std::string& name, const std::string& target) const;
  bool ready(const std::string& name) const;

  // Asks the police's node to send message `number`; the caller repeats until it is answered. A repetition asks for
  // the same message, not for another. `more` goes into the request.
  bool send(int number, const Json& more = Json::object()) const;

  static bool eventually(const std::function<bool()>& condition);
  // Everything sent is in the inbox and acknowledged, once; nobody raised an alarm.
  void expect_arrived(std::size_t count) const;
  // No file of the network has a planted word in it.
  void expect_nothing_planted() const;
  // No number of the pair's counters is missing, for the recipient as for the sender. The nodes must not run.
  void expect_whole_counters(std::size_t count) const;
  // A rebuild of the stopped broker gives the same view.
  void expect_sound_broker() const;

  std::map<std::string, support::RunningProgram> processes_;

 private:
  void write_node(const std::string& name) const;
};

}  // namespace besa::node
