#include "tests/integration/broker/real_broker.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "crypto/secret/random.h"
#include "wire/statement_file.h"

extern char** environ;

namespace besa::broker {
namespace {

using namespace std::chrono_literals;

pid_t spawn(const std::vector<std::string>& arguments, int output) {
  std::vector<std::string> all = {BESA_BROKER};
  all.insert(all.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : all) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  BESA_CHECK(posix_spawn_file_actions_init(&actions) == 0);
  BESA_CHECK(posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0);
  BESA_CHECK(posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO) == 0);
  pid_t child = -1;
  BESA_CHECK(posix_spawn(&child, BESA_BROKER, &actions, nullptr, pointers.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

int wait_for(pid_t child) {
  int status = 0;
  BESA_CHECK(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

RealBroker::RealBroker() {
  network_.now = clock_.now();
  BESA_CHECK(save_keys(keys_path(), {crypto::SigningKey::from_seed(network_.log_key().seed()).value(),
                                     crypto::TransportSecret::from_bytes(network_.broker_transport().view()).value()})
                 .has_value());
  write_config();
  write_genesis();
}

RealBroker::~RealBroker() {
  if (process_ > 0) end(SIGKILL);
}

void RealBroker::write_config(const std::string& more) {
  std::ofstream(config_path()) << "state = \"" << state_path() << "\"\nkeys = \"" << keys_path() << "\"\n"
                               << more << "[listen]\nport = 0\n[log]\ntarget = \"stderr\"\n";
}

void RealBroker::write_genesis() {
  std::ofstream(genesis_path()) << wire::encode_statement_file(network_.genesis().parts).value();
}

Finished RealBroker::run(const std::vector<std::string>& arguments) {
  int ends[2];
  BESA_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = spawn(arguments, ends[1]);
  ::close(ends[1]);
  Finished out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    out.output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  out.code = wait_for(child);
  return out;
}

void RealBroker::start() {
  std::filesystem::remove(state_path() + "/endpoint");
  const int log = ::open((folder_ / "log").c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  process_ = spawn({"run", "--config", config_path()}, log);
  ::close(log);
  for (int i = 0; i < 1'000 && endpoint().empty(); ++i) std::this_thread::sleep_for(20ms);
  ASSERT_FALSE(endpoint().empty()) << "the broker did not start";
}

int RealBroker::end(int signal) {
  BESA_CHECK(process_ > 0);
  ::kill(process_, signal);
  return wait_for(std::exchange(process_, -1));
}

std::string RealBroker::endpoint() const {
  std::ifstream file(state_path() + "/endpoint");
  std::string line;
  std::getline(file, line);
  return line;
}

std::unique_ptr<transport::Requester> RealBroker::raw(const crypto::TransportSecret& secret) const {
  transport::RequesterOptions options;
  options.endpoint = endpoint();
  options.broker = network_.broker_transport().public_key();
  options.backoff_first_ms = 20;
  auto made = transport::Requester::create(options, secret, [] {
    std::uint64_t out = 0;
    crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&out), sizeof out});
    return out;
  });
  BESA_CHECK(made.has_value());
  return std::move(*made);
}

Client RealBroker::connect(const crypto::TransportSecret& secret, const base::MemberId& self, client::SavedLog saved) {
  Client out;
  out.requester = raw(secret);
  client::SessionOptions options;
  options.network = network_.id();
  options.self = self;
  options.exchange = client::exchange_over(*out.requester);
  options.keep = [](const std::string&) -> base::Status { return {}; };
  options.now = [this] { return clock_.now(); };
  auto session = client::Session::create(std::move(options), saved);
  BESA_CHECK(session.has_value());
  out.session.emplace(std::move(*session));
  const auto met = out.session->hello();
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
