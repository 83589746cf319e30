#include "tests/unit/agents/node/node_world.h"

#include "base/check.h"
#include "crypto/secret/random.h"
#include "tests/support/agency_keys.h"

namespace besa::node {
namespace {

core::Rule rule(const std::string& id, core::Sector from, core::CodeSet<core::Sector> to, core::Purpose purpose) {
  core::Rule out;
  out.id = id;
  out.from = {from};
  out.to = to;
  out.kind = {core::Kind::referral};
  out.purpose = {purpose};
  return out;
}

}  // namespace

core::Policy story_policy() {
  using core::Basis;
  using core::Category;
  core::Policy policy;
  policy.retention_days = 30;
  policy.basis.push_back({Basis::legal_obligation, core::ReferenceType::legal_ground, {}});
  core::Rule never;
  never.id = "jobs-never-story";
  never.deny = true;
  never.to = {core::Sector::employment_service};
  never.except = {Category::summary, Category::identity, Category::contact, Category::skills, Category::response};
  core::Rule care = rule("law-to-care", core::Sector::border_police, {core::Sector::shelter, core::Sector::iom},
                         core::Purpose::protection);
  care.send[Basis::legal_obligation] = {Category::summary, Category::identity};
  care.send[Basis::consent] = {Category::contact, Category::needs, Category::health};
  core::Rule jobs =
      rule("care-to-jobs", core::Sector::shelter, {core::Sector::employment_service}, core::Purpose::employment);
  jobs.send[Basis::consent] = {Category::identity, Category::contact, Category::skills, Category::exploitation};
  policy.rules = {never, care, jobs};
  return policy;
}

NodeWorld::NodeWorld()
    : log_(program::LogLevel::debug,
           [this](program::LogLevel, std::string_view line) { log_lines_.emplace_back(line); }) {
  std::vector<support::Agency*> agencies;
  const std::pair<const char*, core::Sector> members[] = {{"police", core::Sector::border_police},
                                                          {"shelter", core::Sector::shelter},
                                                          {"iom", core::Sector::iom},
                                                          {"jobs", core::Sector::employment_service}};
  for (const auto& [name, sector] : members) {
    places_[name].agency = &network_.add_agency(sector);
    agencies.push_back(places_[name].agency);
  }
  broker_.begin(agencies, story_policy());
  for (const auto& [name, sector] : members) open(name);
}

void NodeWorld::open(const std::string& name) {
  Place& place = places_.at(name);
  NodeConfig config;
  config.state = folder_ / name;
  config.network = network_.id();
  for (const auto& [other, its] : places_) config.peers.add(other, its.agency->id);
  auto opened = Node::open(config, keys_of(*place.agency),
                           {clock_, [](std::span<std::uint8_t> out) { crypto::random_bytes(out); }, log_});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  place.node = std::move(*opened);
  place.worker = std::make_unique<Worker>(*place.node, broker_.exchange(place.agency->id));
}

void NodeWorld::crash(const std::string& name) {
  places_.at(name).worker.reset();
  places_.at(name).node.reset();
}

void NodeWorld::settle() {
  for (int i = 0; i < 10; ++i) {
    const std::size_t before = broker_.size();
    for (auto& [name, place] : places_) {
      if (!place.worker) continue;
      const auto result = place.worker->round();
      ASSERT_TRUE(result.has_value()) << name << ": " << result.error().message;
    }
    if (broker_.size() == before) return;
  }
  ADD_FAILURE() << "the network does not come to rest";
}

program::HttpResponse NodeWorld::call(const std::string& name, const std::string& path, const Json& body) {
  program::HttpRequest request;
  request.method = body.is_null() ? "GET" : "POST";
  request.path = path;
  request.body = body.is_null() ? std::string() : program::to_line(body);
  return Desk(node(name)).handle(request);
}

Json NodeWorld::post(const std::string& name, const std::string& path, const Json& body) {
  const program::HttpResponse response = call(name, path, body);
  EXPECT_EQ(response.status, 200U) << response.body;
  return program::parse_json(response.body, program::kHttpBodyBytes).value_or(Json::object());
}

Json NodeWorld::get(const std::string& name, const std::string& path) { return post(name, path, Json()); }

Json NodeWorld::failing(const std::string& name, const std::string& path, const Json& body, unsigned status) {
  const program::HttpResponse response = call(name, path, body);
  EXPECT_EQ(response.status, status) << response.body;
  return program::parse_json(response.body, program::kHttpBodyBytes).value_or(Json::object())["error"];
}

Json NodeWorld::referral() {
  return {
      {"purpose", "protection"},
      {"priority", "urgent_72h"},
      {"person_class", "adult"},
      {"references", {{{"type", "legal_ground"}, {"text", "article 12"}}}},
      {"sections",
       {{"summary", {{"basis", "legal_obligation"}, {"content", {{"gender", "feminine"}, {"language", "en"}}}}},
        {"identity",
         {{"basis", "legal_obligation"},
          {"handling", {"no_onward"}},
          {"content", {{"names", {{{"kind", "official"}, {"first_name", "Lirije"}, {"certainty", "claimed"}}}}}}}},
        {"health",
         {{"basis", "consent"}, {"content", {{"physical", {{{"description", "Fracture of the left wrist."}}}}}}}}}}};
}

Json NodeWorld::consent() {
  return {
      {"person_class", "adult"},
      {"given_by", "self"},
      {"form", "written"},
      {"checks",
       {"interview", "purpose", "actual_and_potential_use", "research_use", "request_data", "retention", "withdrawal"}},
      {"valid_until", "2026-01-01T00:00:00Z"},
      {"kept_here", {{"language", "sq"}}},
      {"rows",
       {{{"member", "shelter"}, {"allow", {"contact", "health"}}, {"purposes", {"protection"}}},
        {{"member", "iom"}, {"allow", {"contact"}}, {"purposes", {"protection"}}},
        {{"member", "police"}, {"allow", {"needs"}}, {"purposes", {"protection"}}}}}};
}

std::string NodeWorld::record_consent() {
  const std::string id = post("police", "/v1/consent", {{"consent", consent()}})["consent"].get<std::string>();
  settle();
  return id;
}

std::string NodeWorld::refer() {
  const std::string consent_id = record_consent();
  const Json sent =
      post("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}, {"consent", consent_id}});
  settle();
  return sent["messages"][0]["message"].get<std::string>();
}

Json NodeWorld::newest(const std::string& name) {
  const Json messages = get(name, "/v1/inbox")["messages"];
  return messages.empty() ? Json::object() : messages[0];
}

std::vector<std::string> NodeWorld::alarm_kinds(const std::string& name) {
  std::vector<std::string> out;
  const Json status = get(name, "/v1/status");
  for (const Json& alarm : status["alarms"]) out.push_back(alarm["kind"].get<std::string>());
  return out;
}

}  // namespace besa::node
