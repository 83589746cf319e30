#include "tests/integration/node/real_nodes.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <set>
#include <thread>

#include "agents/node/pair_watch.h"
#include "agents/node/statement_maker.h"
#include "agents/node/store.h"
#include "program/file.h"
#include "program/http_client.h"
#include "program/key_file.h"

namespace besa::node {
namespace {

using namespace std::chrono_literals;

base::Bytes storage_key(const support::Agency& agency) { return base::Bytes(32, agency.id.bytes[0]); }

std::unique_ptr<Store> open_store(const std::string& state, const support::Agency& agency) {
  auto store = Store::open(state + "/store", crypto::StorageKey::from_bytes(storage_key(agency)).value());
  EXPECT_TRUE(store.has_value()) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

}  // namespace

void RealNodes::SetUp() {
  begin_log();
  start();
  keep_port();
  police_ = &network_.add_agency(core::Sector::border_police);
  shelter_ = &network_.add_agency(core::Sector::shelter);
  govern({network_.enrolment(*police_), network_.enrolment(*shelter_), network_.policy(support::small_policy())});
  write_node("police");
  write_node("shelter");
}

void RealNodes::write_node(const std::string& name) const {
  const support::Agency& from = agency(name);
  const std::string keys = place(name) + "-keys";
  ASSERT_TRUE(program::make_directory(keys));
  ASSERT_TRUE(program::write_key_file(keys + "/signing.key", "member-signing", from.signing.seed().view()));
  ASSERT_TRUE(program::write_key_file(keys + "/witness.key", "member-witness", from.witness.seed().view()));
  ASSERT_TRUE(program::write_key_file(keys + "/transport.key", "member-transport", from.transport.view()));
  ASSERT_TRUE(program::write_key_file(keys + "/storage.key", "member-storage", storage_key(from)));
  const auto hex = [](const auto& id) { return base::to_hex(id.view()); };
  std::ofstream(keys + "/member.request.json")
      << program::to_line({{"member", hex(from.id)},
                           {"organisation", hex(from.organisation)},
                           {"signing_key", hex(from.signing.public_key())},
                           {"witness_key", hex(from.witness.public_key())},
                           {"transport_key", hex(from.transport.public_key())}});
  std::ofstream(place(name) + ".toml") << "state = \"" << place(name) << "\"\nkeys = \"" << keys << "\"\nsocket = \""
                                       << place(name) << ".sock\"\nnetwork = \"" << hex(network_.id())
                                       << "\"\npoll = \"200ms\"\n[broker]\nendpoint = \"" << endpoint()
                                       << "\"\ntransport_key = \"" << hex(network_.broker_transport().public_key())
                                       << "\"\n[peer.police]\nmember = \"" << hex(police_->id)
                                       << "\"\n[peer.shelter]\nmember = \"" << hex(shelter_->id)
                                       << "\"\n[log]\ntarget = \"stderr\"\nlevel = \"debug\"\n"
                                       << more_config(name);
}

void RealNodes::start_node(const std::string& name, const std::string& fail_point) {
  std::vector<std::string> environment;
  if (!fail_point.empty()) environment.push_back("BESA_FAIL_POINT=" + fail_point);
  processes_[name].start(BESA_NODE, {"run", "--config", place(name) + ".toml"}, place(name) + ".log", environment);
}

void RealNodes::kill_node(const std::string& name) {
  ASSERT_EQ(processes_.at(name).end(SIGKILL), -SIGKILL) << name << " ended by itself";
}

bool RealNodes::died(const std::string& name, int milliseconds) {
  const auto code = processes_.at(name).ended(milliseconds);
  EXPECT_TRUE(!code || *code == -SIGKILL) << name << " ended with " << *code;
  return code.has_value();
}

std::optional<program::HttpResponse> RealNodes::ask(const std::string& name, std::string_view method,
                                                    const std::string& target, const Json& body) const {
  const program::HttpClient client(place(name) + ".sock");
  auto response = client.request(method, target, body.is_null() ? "" : program::to_line(body), 10'000);
  if (!response) return std::nullopt;
  return std::move(*response);
}

Json RealNodes::look(const std::string& name, const std::string& target) const {
  const auto response = ask(name, "GET", target);
  if (!response) return Json::object();
  return program::parse_json(response->body, program::kHttpBodyBytes).value_or(Json::object());
}

bool RealNodes::ready(const std::string& name) const {
  const Json status = look(name, "/v1/status");
  return status.value("connected", false) && status.value("prekeys", 0) > 0;
}

bool RealNodes::send(int number, const Json& more) const {
  const Json identity = {{"names", {{{"kind", "official"}, {"first_name", "Plantedname"}, {"certainty", "claimed"}}}}};
  const Json referral = {{"purpose", "protection"},
                         {"priority", "normal_2weeks"},
                         {"person_class", "adult"},
                         {"references", {{{"type", "legal_ground"}, {"text", "Plantedstory"}}}},
                         {"sections", {{"identity", {{"basis", "legal_obligation"}, {"content", identity}}}}}};
  Json request = {
      {"referral", referral}, {"to", {"shelter"}}, {"request_id", "planted-request-" + std::to_string(number)}};
  request.merge_patch(more);
  const auto answer = ask("police", "POST", "/v1/send", request);
  if (!answer) return false;
  EXPECT_EQ(answer->status, 200U) << answer->body;
  return true;
}

bool RealNodes::eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 1'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

void RealNodes::expect_arrived(std::size_t count) const {
  const auto inbox = [&] { return look("shelter", "/v1/inbox").value("messages", Json::array()); };
  const auto received = [&] {
    const Json threads = look("police", "/v1/threads").value("threads", Json::array());
    const auto known =
        std::count_if(threads.begin(), threads.end(), [](const Json& t) { return t["state"] == "received"; });
    return threads.size() == count && static_cast<std::size_t>(known) == count;
  };
  EXPECT_TRUE(eventually([&] { return inbox().size() >= count; })) << inbox().size() << " of " << count;
  EXPECT_TRUE(eventually(received)) << look("police", "/v1/threads").dump();
  std::set<std::string> distinct;
  const Json messages = inbox();
  for (const Json& message : messages) distinct.insert(message["id"].get<std::string>());
  EXPECT_EQ(messages.size(), count);
  EXPECT_EQ(distinct.size(), count);
  for (const char* name : {"police", "shelter"}) {
    const Json status = look(name, "/v1/status");
    EXPECT_TRUE(status.contains("alarms") && status["alarms"].empty()) << name << ": " << status.dump();
  }
}

void RealNodes::expect_nothing_planted() const {
  for (const auto& at : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!at.is_regular_file()) continue;
    const base::Bytes content = support::read_file(at.path());
    for (const std::string_view word : kPlanted) {
      EXPECT_EQ(base::as_text(content).find(word), std::string_view::npos) << word << " in " << at.path();
    }
  }
}

void RealNodes::expect_whole_counters(std::size_t count) const {
  const auto shelter = open_store(place("shelter"), *shelter_);
  const auto police = open_store(place("police"), *police_);
  ASSERT_TRUE(shelter && police);
  const auto heard = shelter->get(Box::senders, police_->id.view());
  ASSERT_TRUE(heard && *heard);
  const auto watch = PairWatch::decode(**heard);
  ASSERT_TRUE(watch.has_value());
  EXPECT_TRUE(watch->gaps().empty());
  EXPECT_EQ(watch->highest(), count);
  const auto pairs = police->scan(Box::pairs, shelter_->id.view(), {}, count + 1);
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(pairs->size(), count);
  for (const kv::Row& row : *pairs) EXPECT_EQ(row.value, base::Bytes{static_cast<std::uint8_t>(PairFate::accepted)});
}

void RealNodes::expect_sound_broker() const {
  const auto view = run({"dump", "--config", config_path()});
  ASSERT_EQ(view.code, 0) << view.output;
  const auto rebuilt = run({"rebuild", "--config", config_path()});
  EXPECT_EQ(rebuilt.code, 0) << rebuilt.output;
  EXPECT_EQ(run({"dump", "--config", config_path()}).output, view.output);
}

}  // namespace besa::node
