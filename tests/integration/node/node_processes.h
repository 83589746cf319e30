// Two nodes as processes around a broker that is one.
#pragma once

#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "program/file.h"
#include "program/http_client.h"
#include "program/json.h"
#include "program/key_file.h"
#include "tests/integration/broker/real_broker.h"

namespace besa::node {

using program::Json;

// Words that stand in what these tests send, and must not stand anywhere in the clear.
inline constexpr const char* kPlanted[] = {"Plantedname", "Plantedstory", "planted-request", "Plantedreader"};

class NodeProcesses : public broker::RealBroker {
 protected:
  void SetUp() override {
    const support::Finished init = run({"init", "--config", config_path(), "--genesis", genesis_path()});
    ASSERT_EQ(init.code, 0) << init.output;
    start();
    police_ = &network_.add_agency(core::Sector::border_police);
    shelter_ = &network_.add_agency(core::Sector::shelter);
    govern({network_.enrolment(*police_), network_.enrolment(*shelter_), network_.policy(support::small_policy())});
    for (const auto& [name, agency] : {std::pair("police", police_), std::pair("shelter", shelter_)}) {
      write_node(name, *agency);
      start_node(name);
    }
  }
  // Added to the configuration of a node.
  virtual std::string more_config(const std::string&) const { return {}; }
  std::string place(const std::string& name) const { return folder_ / name; }

  void write_node(const std::string& name, const support::Agency& agency) const {
    const std::string keys = place(name) + "-keys";
    ASSERT_TRUE(program::make_directory(keys));
    ASSERT_TRUE(program::write_key_file(keys + "/signing.key", "member-signing", agency.signing.seed().view()));
    ASSERT_TRUE(program::write_key_file(keys + "/witness.key", "member-witness", agency.witness.seed().view()));
    ASSERT_TRUE(program::write_key_file(keys + "/transport.key", "member-transport", agency.transport.view()));
    ASSERT_TRUE(program::write_key_file(keys + "/storage.key", "member-storage", base::Bytes(32, agency.id.bytes[0])));
    const auto hex = [](const auto& id) { return base::to_hex(id.view()); };
    std::ofstream(keys + "/member.request.json")
        << program::to_line({{"member", hex(agency.id)},
                             {"organisation", hex(agency.organisation)},
                             {"signing_key", hex(agency.signing.public_key())},
                             {"witness_key", hex(agency.witness.public_key())},
                             {"transport_key", hex(agency.transport.public_key())}});
    std::ofstream(place(name) + ".toml") << "state = \"" << place(name) << "\"\nkeys = \"" << keys << "\"\nsocket = \""
                                         << place(name) << ".sock\"\nnetwork = \"" << hex(network_.id())
                                         << "\"\npoll = \"200ms\"\n[broker]\nendpoint = \"" << endpoint()
                                         << "\"\ntransport_key = \"" << hex(network_.broker_transport().public_key())
                                         << "\"\n[peer.police]\nmember = \"" << hex(police_->id)
                                         << "\"\n[peer.shelter]\nmember = \"" << hex(shelter_->id)
                                         << "\"\n[log]\ntarget = \"stderr\"\nlevel = \"debug\"\n"
                                         << more_config(name);
  }

  void start_node(const std::string& name) {
    processes_[name].start(BESA_NODE, {"run", "--config", place(name) + ".toml"}, place(name) + ".log");
  }
  void kill_node(const std::string& name) {
    ASSERT_EQ(processes_.at(name).end(SIGKILL), -SIGKILL) << name << " ended by itself";
  }

  // Empty while the node is not there.
  std::optional<program::HttpResponse> ask(const std::string& name, std::string_view method, const std::string& target,
                                           const Json& body = Json()) {
    const program::HttpClient client(place(name) + ".sock");
    auto response = client.request(method, target, body.is_null() ? "" : program::to_line(body), 10'000);
    if (!response) return std::nullopt;
    return std::move(*response);
  }
  Json look(const std::string& name, const std::string& target) {
    const auto response = ask(name, "GET", target);
    if (!response) return Json::object();
    return program::parse_json(response->body, program::kHttpBodyBytes).value_or(Json::object());
  }

  // Sends under a request id of its own; the caller tries again until it is answered.
  bool send(int number) {
    const Json identity = {
        {"names", {{{"kind", "official"}, {"first_name", "Plantedname"}, {"certainty", "claimed"}}}}};
    const Json referral = {{"purpose", "protection"},
                           {"priority", "normal_2weeks"},
                           {"person_class", "adult"},
                           {"references", {{{"type", "legal_ground"}, {"text", "Plantedstory"}}}},
                           {"sections", {{"identity", {{"basis", "legal_obligation"}, {"content", identity}}}}}};
    const auto answer =
        ask("police", "POST", "/v1/send",
            {{"referral", referral}, {"to", {"shelter"}}, {"request_id", "planted-request-" + std::to_string(number)}});
    if (!answer) return false;
    EXPECT_EQ(answer->status, 200U) << answer->body;
    return true;
  }

  static bool eventually(const std::function<bool()>& condition) {
    for (int i = 0; i < 600; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  bool ready(const std::string& name) {
    const Json status = look(name, "/v1/status");
    return status.value("connected", false) && status.value("prekeys", 0) > 0;
  }
  std::size_t messages(const std::string& name, const std::string& list) {
    const Json found = look(name, list);
    return found.contains("messages") ? found["messages"].size() : 0;
  }

  void expect_nothing_planted() {
    for (const auto& at : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!at.is_regular_file()) continue;
      const base::Bytes content = support::read_file(at.path());
      for (const std::string_view word : kPlanted) {
        EXPECT_EQ(base::as_text(content).find(word), std::string_view::npos) << word << " in " << at.path();
      }
    }
  }

  std::map<std::string, support::RunningProgram> processes_;
};

}  // namespace besa::node
