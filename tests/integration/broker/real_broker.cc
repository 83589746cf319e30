#include "tests/integration/broker/real_broker.h"

#include <signal.h>

#include <fstream>

#include "wire/statement_file.h"

namespace besa::broker {

RealBroker::RealBroker() {
  network_.now = clock_.now();
  BESA_CHECK(save_keys(keys_path(), {crypto::SigningKey::from_seed(network_.log_key().seed()).value(),
                                     crypto::TransportSecret::from_bytes(network_.broker_transport().view()).value()})
                 .has_value());
  write_config();
  write_genesis();
}

void RealBroker::write_config(const std::string& more) {
  std::ofstream(config_path()) << "state = \"" << state_path() << "\"\nkeys = \"" << keys_path() << "\"\n"
                               << more << "[listen]\nport = 0\n[log]\ntarget = \"stderr\"\n";
}

void RealBroker::write_genesis() {
  std::ofstream(genesis_path()) << wire::encode_statement_file(network_.genesis().parts).value();
}

void RealBroker::begin_log() const {
  const support::Finished init = run({"init", "--config", config_path(), "--genesis", genesis_path()});
  ASSERT_EQ(init.code, 0) << init.output;
}

support::Finished RealBroker::run(const std::vector<std::string>& arguments) {
  return support::run_program(BESA_BROKER, arguments);
}

void RealBroker::start_only(const std::vector<std::string>& environment) {
  std::filesystem::remove(state_path() + "/endpoint");
  process_.start(BESA_BROKER, {"run", "--config", config_path()}, folder_ / "log", environment);
}

void RealBroker::start() {
  start_only();
  ASSERT_FALSE(support::await_line(state_path() + "/endpoint").empty()) << "the broker did not start";
}

int RealBroker::end(int signal) { return process_.end(signal); }

void RealBroker::signal(int number) const { BESA_CHECK(::kill(process_.id(), number) == 0); }

void RealBroker::keep_port() const {
  const std::string at = endpoint();
  std::ofstream(config_path()) << "state = \"" << state_path() << "\"\nkeys = \"" << keys_path()
                               << "\"\n[listen]\nport = " << at.substr(at.rfind(':') + 1)
                               << "\n[log]\ntarget = \"stderr\"\n";
}

std::string RealBroker::endpoint() const { return support::first_line(state_path() + "/endpoint"); }

std::unique_ptr<transport::Requester> RealBroker::raw(const crypto::TransportSecret& secret) const {
  return support::requester_to(endpoint(), network_, secret);
}

Client RealBroker::connect(const crypto::TransportSecret& secret, const base::MemberId& self, client::SavedLog saved) {
  Client out = support::connect_to(endpoint(), network_, secret, self, saved);
  const auto met = out->hello();
  EXPECT_TRUE(met) << met.error().message;
  return out;
}

void RealBroker::govern(const std::vector<support::Signed>& statements) {
  const support::AdministratorKeys& administrator = network_.administrators()[0];
  Client client = connect(administrator.transport, base::id_cast<base::MemberId>(administrator.organisation));
  std::vector<client::Submission> submissions;
  for (const support::Signed& statement : statements) submissions.push_back({statement.parts, false});
  const auto answers = client->submit(submissions);
  ASSERT_TRUE(answers) << answers.error().message;
  for (const client::SubmitAnswer& answer : *answers) {
    ASSERT_TRUE(answer.entry) << answer.detail;
    EXPECT_TRUE(answer.entry->entry.decision.accepted()) << core::name_of(answer.entry->entry.decision.reason);
  }
}

core::Entry RealBroker::submit(Client& client, const support::Signed& statement, bool repeated) {
  const auto answers = client->submit({{statement.parts, repeated}});
  EXPECT_TRUE(answers) << answers.error().message;
  if (!answers || !answers->at(0).entry) {
    ADD_FAILURE() << (answers ? answers->at(0).detail : "no answer");
    return {};
  }
  return answers->at(0).entry->entry;
}

RealBroker::Resting RealBroker::send_on_consent() {
  core::ConsentRow theirs;
  theirs.member = shelter_->id;
  theirs.allow = {core::Category::contact};
  theirs.purposes = {core::Purpose::protection};
  core::ConsentRow own = theirs;
  own.member = police_->id;
  network_.now = clock_.now();
  crypto::SigningKey code = crypto::SigningKey::from_seed(base::Bytes(32, 7)).value();
  support::Signed consent = network_.consent(*police_, {theirs, own}, &code);
  support::MessageSpec spec;
  spec.sections = {{core::Category::contact, core::Basis::consent}};
  spec.consent = consent.reference;
  support::Signed message = network_.message(*police_, *shelter_, spec);
  Client police = connect(*police_);
  for (const support::Signed* statement : {&consent, &message}) {
    EXPECT_TRUE(submit(police, *statement).decision.accepted());
  }
  return {std::move(consent), std::move(message), std::move(code)};
}

bool RealBroker::lies_in_a_segment(const support::Signed& message) const {
  const std::string_view wanted = base::as_text(message.parts.chunks.at(0).data);
  for (const auto& file : std::filesystem::directory_iterator(state_path() + "/journal/segments")) {
    const base::Bytes content = support::read_file(file.path());
    if (base::as_text(content).find(wanted) != std::string_view::npos) return true;
  }
  return false;
}

void RealBroker::populate() {
  police_ = &network_.add_agency(core::Sector::border_police);
  shelter_ = &network_.add_agency(core::Sector::shelter);
  govern({network_.enrolment(*police_), network_.enrolment(*shelter_), network_.policy(support::small_policy())});
  for (support::Agency* agency : {police_, shelter_}) {
    Client client = connect(*agency);
    EXPECT_TRUE(submit(client, network_.prekeys(*agency)).decision.accepted());
  }
}

}  // namespace besa::broker
