// The disk of the broker is destroyed and an older copy restored: what was acknowledged arrives once, what was
// withdrawn does not, and the log that comes of it can be decided again. A broker as a process of its own; the
// agencies' nodes with their real stores, over real sockets.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "agents/auditor/audit.h"
#include "agents/auditor/export.h"
#include "agents/node/crossing.h"
#include "agents/node/desk.h"
#include "agents/node/worker.h"
#include "base/limits.h"
#include "crypto/secret/random.h"
#include "program/json.h"
#include "tests/integration/broker/real_broker.h"
#include "tests/support/agency_keys.h"

namespace besa::node {
namespace {

using program::Json;
using testing::HasSubstr;

core::Policy care_policy() {
  using core::Basis;
  using core::Category;
  core::Policy policy;
  policy.retention_days = 30;
  core::Rule care;
  care.id = "law-to-care";
  care.from = {core::Sector::border_police};
  care.to = {core::Sector::shelter};
  care.kind = {core::Kind::referral};
  care.purpose = {core::Purpose::protection};
  care.send[Basis::legal_obligation] = {Category::summary, Category::identity};
  care.send[Basis::consent] = {Category::contact, Category::health};
  policy.rules = {care};
  return policy;
}

class LossTest : public broker::RealBroker {
 protected:
  struct Place {
    support::Agency* agency = nullptr;
    std::unique_ptr<transport::Requester> requester;
    std::unique_ptr<Node> node;
    std::unique_ptr<Worker> worker;
  };

  LossTest() : log_(program::LogLevel::error, [](program::LogLevel, std::string_view) {}) {}

  void SetUp() override {
    begin_log();
    start();
    police_ = &network_.add_agency(core::Sector::border_police);
    shelter_ = &network_.add_agency(core::Sector::shelter);
    auditor_ = &network_.add_agency(core::Sector::auditor);
    govern({network_.enrolment(*police_), network_.enrolment(*shelter_), network_.enrolment(*auditor_),
            network_.policy(care_policy())});
    places_["police"].agency = police_;
    places_["shelter"].agency = shelter_;
    for (auto& [name, place] : places_) open(name, place);
    meet();
    post("police", "/v1/consent", {{"consent", consent()}});
    rounds();
  }

  void open(const std::string& name, Place& place) {
    NodeConfig config;
    config.state = folder_ / ("node-" + name);
    config.network = network_.id();
    for (const auto& [other, its] : places_) config.peers.add(other, its.agency->id);
    auto opened = Node::open(config, keys_of(*place.agency),
                             {clock_, [](std::span<std::uint8_t> out) { crypto::random_bytes(out); }, log_});
    ASSERT_TRUE(opened) << opened.error().message;
    place.node = std::move(*opened);
  }
  // New connections, as after every start of the broker.
  void meet() {
    for (auto& [name, place] : places_) {
      place.requester = raw(place.agency->transport);
      place.worker = std::make_unique<Worker>(*place.node, client::exchange_over(*place.requester));
    }
  }
  base::Status round(const std::string& name) { return places_.at(name).worker->round(); }
  void rounds(int count = 4) {
    for (int i = 0; i < count; ++i) {
      for (auto& [name, place] : places_) {
        const auto done = place.worker->round();
        ASSERT_TRUE(done) << name << ": " << done.error().message;
      }
    }
  }

  Json post(const std::string& name, const std::string& path, const Json& body) {
    program::HttpRequest request;
    request.method = body.is_null() ? "GET" : "POST";
    request.path = path;
    request.body = body.is_null() ? std::string() : program::to_line(body);
    const program::HttpResponse response = Desk(*places_.at(name).node).handle(request);
    EXPECT_EQ(response.status, 200U) << response.body;
    return program::parse_json(response.body, program::kHttpBodyBytes).value_or(Json::object());
  }
  static Json consent() {
    return {{"person_class", "adult"},
            {"given_by", "self"},
            {"form", "written"},
            {"checks",
             {"interview", "purpose", "actual_and_potential_use", "research_use", "request_data", "retention",
              "withdrawal"}},
            {"valid_until", "2027-01-01T00:00:00Z"},
            {"kept_here", {{"language", "sq"}}},
            {"rows",
             {{{"member", "shelter"}, {"allow", {"contact", "health"}}, {"purposes", {"protection"}}},
              {{"member", "police"}, {"allow", {"contact"}}, {"purposes", {"protection"}}}}}};
  }
  void send(const std::string& language, const std::string& on_consent = {}) {
    Json sections = {
        {"summary", {{"basis", "legal_obligation"}, {"content", {{"gender", "feminine"}, {"language", language}}}}}};
    Json body = {{"to", {"shelter"}}};
    if (!on_consent.empty()) {
      sections = {{"health", {{"basis", "consent"}, {"content", {{"physical", {{{"description", "A fracture."}}}}}}}}};
      body["consent"] = on_consent;
    }
    body["referral"] = {
        {"purpose", "protection"}, {"priority", "urgent_72h"}, {"person_class", "adult"}, {"sections", sections}};
    const Json sent = post("police", "/v1/send", body);
    EXPECT_EQ(sent["messages"].size(), 1U) << sent;
  }
  // References of what lies in the shelter's inbox, one a message.
  std::map<base::Reference, int> arrived() {
    std::map<base::Reference, int> out;
    const std::lock_guard lock(places_.at("shelter").node->mutex);
    for (const auto& [sequence, message] : places_.at("shelter").node->inbox()) ++out[message.reference];
    return out;
  }
  std::vector<Draft> sent_drafts(core::StatementType type) {
    std::vector<Draft> out;
    const std::lock_guard lock(places_.at("police").node->mutex);
    for (const auto& [number, draft] : places_.at("police").node->drafts()) {
      if (draft.type == type) out.push_back(draft);
    }
    return out;
  }
  base::Reference reference_of(const Draft& draft) const { return {police_->id, draft.counter, draft.id}; }
  Json status(const std::string& name) { return post(name, "/v1/status", Json()); }
  std::vector<std::string> alarms(const std::string& name) {
    std::vector<std::string> out;
    const Json shown = status(name);
    for (const Json& alarm : shown["alarms"]) out.push_back(alarm["kind"].get<std::string>());
    return out;
  }

  void back_up() {
    ASSERT_EQ(end(SIGTERM), 0);
    std::filesystem::copy(state_path(), folder_ / "backup", std::filesystem::copy_options::recursive);
    start();
    meet();
  }
  void lose_the_disk() {
    end(SIGKILL);
    std::filesystem::remove_all(state_path());
    std::filesystem::copy(folder_ / "backup", state_path(), std::filesystem::copy_options::recursive);
    start();
    meet();
  }

  broker::Client administrator() {
    const support::AdministratorKeys& keys = network_.administrators()[0];
    return connect(keys.transport, base::id_cast<base::MemberId>(keys.organisation));
  }
  // What the administrators sign: the tree as it stands there now, and the note that a node showed.
  support::Signed loss(const core::Checkpoint& kept, std::uint64_t seconds, std::size_t signatures = 2) {
    network_.now = clock_.now();
    core::LossAccepted body;
    body.kept_size = kept.size;
    body.kept_root = kept.root;
    const std::string note = places_.at("police").node->saved_log()->note;
    const std::string origin = core::format_origin({network_.name, network_.id(), 0});
    const auto lost = core::verify_checkpoint(note, origin, network_.log_key().public_key());
    EXPECT_TRUE(lost);
    body.lost_size = lost->checkpoint.size;
    body.lost_root = lost->checkpoint.root;
    body.lost_signature = lost->signature;
    body.epoch = 1;
    until_ = network_.now + base::Duration{seconds * 1'000};
    body.until = until_;
    return network_.loss(body, signatures);
  }
  void wait_for_the_end() {
    while (clock_.now() < until_ + base::Duration{1'500}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  auditor::Anchor anchor() const { return {network_.name, network_.id(), network_.log_key().public_key()}; }
  void take_export(const std::string& folder) {
    const auditor::NetworkFile file{anchor(), network_.broker_transport().public_key(), endpoint()};
    const auto exported = auditor::export_log(file, auditor_->transport, folder, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(exported) << exported.error().message;
  }

  program::Logger log_;
  support::Agency* auditor_ = nullptr;
  std::map<std::string, Place> places_;
  base::Timestamp until_;
};

TEST_F(LossTest, WhatWasAcknowledgedArrivesOnceAndWhatWasWithdrawnNever) {
  send("en");
  rounds();
  back_up();

  // After the copy: a message that arrives, its receipt, one on consent that is taken back, new governance, and a
  // message under it that was not fetched yet.
  send("fr");
  rounds();
  send("de", "c1");
  ASSERT_TRUE(round("police"));
  post("police", "/v1/withdraw", {{"consent", "c1"}});
  ASSERT_TRUE(round("police"));
  network_.now = clock_.now();
  const support::Signed policy = network_.policy(care_policy());
  const support::Signed appointment = network_.appointment(*auditor_);
  wire::LostReceipt policy_receipt;
  wire::LostReceipt appointment_receipt;
  {
    broker::Client governing = administrator();
    const auto answers = governing->submit({{policy.parts, false}, {appointment.parts, false}});
    ASSERT_TRUE(answers && answers->at(0).entry && answers->at(1).entry);
    policy_receipt = client::lost_receipt(*answers->at(0).entry, *governing->identity()).value();
    appointment_receipt = client::lost_receipt(*answers->at(1).entry, *governing->identity()).value();
  }
  ASSERT_TRUE(round("police"));
  send("it");
  ASSERT_TRUE(round("police"));
  take_export(folder_ / "export-before");
  const auto before = arrived();
  ASSERT_EQ(before.size(), 2U);

  lose_the_disk();
  EXPECT_FALSE(round("police"));
  EXPECT_FALSE(round("police")) << "the broker has seen its own later note";
  std::ifstream text(folder_ / "log");
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(text), {}), HasSubstr("rollback_seen"));
  EXPECT_TRUE(std::filesystem::exists(state_path() + "/rollback-seen"));
  EXPECT_TRUE(places_.at("police").node->stopped().empty()) << "a loss is no lie yet: the node tries again";

  broker::Client governing = administrator();
  const core::Checkpoint kept = governing->held()->checkpoint;
  const auto alone = governing->submit({{loss(kept, 8, 1).parts, false}});
  ASSERT_TRUE(alone && alone->at(0).entry);
  EXPECT_EQ(alone->at(0).entry->entry.decision.reason, core::Reason::below_threshold);
  const auto accepted = governing->submit({{loss(kept, 8).parts, false}});
  EXPECT_FALSE(accepted);
  EXPECT_EQ(governing->newer_epoch(), 1U) << "the reply itself is of the new epoch";

  rounds(2);
  EXPECT_THAT(alarms("police"), testing::Contains("loss"));
  EXPECT_THAT(std::as_const(places_.at("police").node->saved_log()->note), HasSubstr("/1\n"));
  EXPECT_EQ(arrived(), before) << "what was taken stays, and nothing is handed out";
  {
    broker::Client again = administrator();
    const auto offered =
        again->submit({{policy.parts, true, policy_receipt}, {appointment.parts, true, appointment_receipt}});
    ASSERT_TRUE(offered) << offered.error().message;
    EXPECT_EQ(offered->at(0).error, wire::WireError::recovering);
  }
  send("es");
  ASSERT_TRUE(round("police"));
  wait_for_the_end();
  rounds(12);

  const std::vector<Draft> messages = sent_drafts(core::StatementType::envelope);
  ASSERT_EQ(messages.size(), 5U);
  const auto after = arrived();
  for (const Draft& draft : messages) {
    EXPECT_EQ(draft.state, DraftState::accepted) << draft.note;
    EXPECT_EQ(draft.lost, 0U);
    const bool withdrawn = draft.sections.at(0).basis == core::Basis::consent;
    const auto found = after.find(reference_of(draft));
    EXPECT_EQ(found == after.end() ? 0 : found->second, withdrawn ? 0 : 1) << draft.number;
  }
  EXPECT_EQ(after.size(), 4U);
  EXPECT_EQ(sent_drafts(core::StatementType::withdrawal).at(0).state, DraftState::accepted);
  EXPECT_THAT(alarms("police"), testing::Not(testing::Contains("growth")));
  EXPECT_FALSE(std::filesystem::exists(state_path() + "/rollback-seen"));

  // A node that is opened again reads the same.
  Place& shelter = places_.at("shelter");
  shelter.worker.reset();
  shelter.node.reset();
  open("shelter", shelter);
  meet();
  rounds(2);
  EXPECT_EQ(arrived(), after);

  // And the whole can be decided again, by the auditor and by the broker.
  take_export(folder_ / "export-after");
  std::ifstream held(folder_ / "export-before/checkpoint");
  const std::string note(std::istreambuf_iterator<char>(held), {});
  const auto report = auditor::audit(
      folder_ / "export-after", anchor(), auditor::Depth::replay, [](std::uint64_t, std::uint64_t) {}, note);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->problem) << report->problem->field << ": " << report->problem->text;
  EXPECT_EQ(report->epoch, 1U);
  EXPECT_THAT(report->held, HasSubstr("a quorum has accepted"));
  EXPECT_EQ(end(SIGTERM), 0);
  const base::Bytes log = support::read_file(folder_ / "log");
  EXPECT_THAT(std::string(base::as_text(log)),
              testing::AllOf(HasSubstr("recovery_ends_at"), HasSubstr("recovery_ended")));
  const auto rebuilt = run({"rebuild", "--config", config_path()});
  EXPECT_EQ(rebuilt.code, 0) << rebuilt.output;
}

// A person comes while the broker collects. Her withdrawal is kept and decided before anything goes out, also of a
// consent that lay in the lost part, and however much that is new waits in front of it.
TEST_F(LossTest, WhatIsTakenBackWhileTheBrokerCollectsNeverGoesOut) {
  send("en", "c1");
  ASSERT_TRUE(round("police"));
  back_up();
  const Json lost = post("police", "/v1/consent", {{"consent", consent()}});
  ASSERT_TRUE(round("police"));
  send("de", lost["consent"].get<std::string>());
  send("fr");
  ASSERT_TRUE(round("police"));
  lose_the_disk();
  EXPECT_FALSE(round("police"));
  broker::Client governing = administrator();
  EXPECT_FALSE(governing->submit({{loss(governing->held()->checkpoint, 10).parts, false}}));
  rounds(2);
  for (std::size_t i = 0; i < base::limits::kStatementsPerSubmit + 2; ++i) send("it");
  post("police", "/v1/withdraw", {{"consent", "c1"}});
  post("police", "/v1/withdraw", {{"consent", lost["consent"]}});
  ASSERT_TRUE(round("police"));
  for (const Draft& draft : sent_drafts(core::StatementType::withdrawal)) {
    EXPECT_TRUE(draft.is_open());
    EXPECT_THAT(draft.note, HasSubstr("before anything goes out again"));
  }
  ASSERT_LT(clock_.now(), until_) << "the machine is too slow for this test";
  wait_for_the_end();
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(round("shelter")) << "it asks before the police has said anything more";
  rounds(4);
  for (const Draft& draft : sent_drafts(core::StatementType::withdrawal)) {
    EXPECT_EQ(draft.state, DraftState::accepted) << draft.note;
  }
  const auto after = arrived();
  for (const Draft& draft : sent_drafts(core::StatementType::envelope)) {
    const bool withdrawn = draft.sections.at(0).basis == core::Basis::consent;
    EXPECT_EQ(after.contains(reference_of(draft)), !withdrawn) << draft.number;
  }
  EXPECT_EQ(after.size(), base::limits::kStatementsPerSubmit + 3);
}

// The same log, set back and grown anew by whoever holds its key, without a quorum: that is a split view.
TEST_F(LossTest, ALossThatNobodyAcceptedIsALie) {
  back_up();
  send("fr");
  rounds();
  lose_the_disk();
  broker::Client governing = administrator();
  core::Checkpoint forged = governing->held()->checkpoint;
  forged.origin = core::format_origin({network_.name, network_.id(), 1});
  Place& police = places_.at("police");
  const client::Exchange honest = client::exchange_over(*police.requester);
  // Every reply comes under a checkpoint of a later epoch, signed by the log's own key.
  police.worker = std::make_unique<Worker>(*police.node, [&](base::ByteView frame, std::uint32_t timeout) {
    auto request = wire::decode_request(frame).value();
    request.checkpoint_size = {};
    request.checkpoint_root = {};
    if (auto* hello = std::get_if<wire::HelloRequest>(&request.body)) hello->note.clear();
    const auto plain = wire::encode_request(request).value();
    auto answered = honest(plain, timeout);
    if (!answered) return answered;
    auto reply = wire::decode_reply(*answered).value();
    if (reply.proofs) {
      const std::string text = core::note_text(forged);
      reply.proofs->checkpoint =
          core::note_from(forged, network_.log_key().public_key(), network_.log_key().sign(base::as_bytes(text)));
    }
    return wire::encode_reply(reply);
  });
  EXPECT_FALSE(round("police"));
  EXPECT_FALSE(police.node->stopped().empty());
  EXPECT_THAT(police.node->stopped(), HasSubstr("no quorum"));
  EXPECT_FALSE(alarms("police").empty());
  EXPECT_THAT(std::as_const(police.node->saved_log()->note), HasSubstr("/0\n")) << "nothing of it was followed";
}

}  // namespace
}  // namespace besa::node
