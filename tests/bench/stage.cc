#include "tests/bench/stage.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "broker/keys.h"
#include "program/clock.h"
#include "wire/statement_file.h"

namespace besa::bench {
namespace {

template <class T>
T must(base::Result<T> result, const char* what) {
  if (!result) give_up(std::string(what) + ": " + result.error().message);
  return std::move(*result);
}

void must_accept(client::Session& session, const std::vector<support::Signed>& statements) {
  std::vector<client::Submission> submissions;
  for (const support::Signed& statement : statements) submissions.push_back({statement.parts, false});
  for (const client::SubmitAnswer& answer : must(session.submit(submissions), "submitting")) {
    if (!answer.entry) give_up("a statement has no entry: " + answer.detail);
    const core::Decision& decision = answer.entry->entry.decision;
    if (!decision.accepted()) give_up("a statement was refused: " + std::string(core::name_of(decision.reason)));
  }
}

std::vector<client::Submission> frame_of(const std::vector<support::Signed>& statements, std::size_t from,
                                         std::size_t count) {
  std::vector<client::Submission> out;
  for (std::size_t i = from; i < std::min(from + count, statements.size()); ++i) {
    out.push_back({statements[i].parts, false});
  }
  return out;
}

void must_have_receipts(const base::Result<std::vector<client::SubmitAnswer>>& answers) {
  if (!answers) give_up("submitting: " + answers.error().message);
  for (const client::SubmitAnswer& answer : *answers) {
    if (!answer.entry) give_up("no receipt: " + answer.detail);
    if (!answer.entry->entry.decision.accepted()) {
      give_up("refused: " + std::string(core::name_of(answer.entry->entry.decision.reason)));
    }
  }
}

}  // namespace

void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::fflush(nullptr);
  std::_Exit(1);
}

Stage::Stage(const std::string& broker_program, const std::filesystem::path& folder) : folder_(folder) {
  network_.now = program::SystemClock().now();
  const broker::Keys keys{must(crypto::SigningKey::from_seed(network_.log_key().seed()), "log key"),
                          must(crypto::TransportSecret::from_bytes(network_.broker_transport().view()), "key")};
  if (auto saved = broker::save_keys(folder / "keys", keys); !saved) give_up(saved.error().message);
  const std::string config = folder / "broker.toml";
  std::ofstream(config) << "state = \"" << (folder / "state").string() << "\"\nkeys = \"" << (folder / "keys").string()
                        << "\"\n[listen]\nport = 0\n[log]\ntarget = \"stderr\"\nlevel = \"warning\"\n";
  const std::string genesis = folder / "genesis.besa";
  std::ofstream(genesis) << must(wire::encode_statement_file(network_.genesis().parts), "genesis");
  const auto begun = support::run_program(broker_program, {"init", "--config", config, "--genesis", genesis});
  if (begun.code != 0) give_up("the log did not begin: " + begun.output);
  broker_.start(broker_program, {"run", "--config", config}, folder / "broker.log");
  if (support::await_line(folder_ / "state" / "endpoint").empty()) give_up("the broker did not start");

  std::vector<support::Signed> governance = {network_.policy(support::small_policy())};
  for (int i = 0; i < kSenders; ++i) senders_.push_back(&network_.add_agency(core::Sector::border_police));
  recipient_ = &network_.add_agency(core::Sector::shelter);
  parking_ = &network_.add_agency(core::Sector::shelter);
  for (support::Agency* agency : senders_) governance.push_back(network_.enrolment(*agency));
  for (support::Agency* agency : {recipient_, parking_}) governance.push_back(network_.enrolment(*agency));
  govern(governance);
  for (support::Agency* agency : {recipient_, parking_}) {
    const support::Signed prekeys = network_.prekeys(*agency);
    run_alone([&](const std::function<void()>& ready) {
      support::Client client = connect(*agency);
      ready();
      must_accept(*client, {prekeys});
      return Done{};
    });
  }
}

support::Client Stage::connect(const support::Agency& agency) const {
  support::Client client =
      support::connect_to(support::first_line(folder_ / "state" / "endpoint"), network_, agency.transport, agency.id);
  if (auto met = client->hello(); !met) give_up("hello: " + met.error().message);
  return client;
}

void Stage::govern(const std::vector<support::Signed>& statements) const {
  run_alone([&](const std::function<void()>& ready) {
    const support::AdministratorKeys& administrator = network_.administrators().front();
    support::Client client =
        support::connect_to(support::first_line(folder_ / "state" / "endpoint"), network_, administrator.transport,
                            base::id_cast<base::MemberId>(administrator.organisation));
    if (auto met = client->hello(); !met) give_up("hello: " + met.error().message);
    ready();
    must_accept(*client, statements);
    return Done{};
  });
}

std::vector<support::Signed> Stage::messages(int sender, int count, bool parked) {
  network_.now = program::SystemClock().now();
  support::Agency& from = *senders_.at(static_cast<std::size_t>(sender));
  std::vector<support::Signed> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(
        network_.message(from, parked ? *parking_ : *recipient_,
                         {{core::Category::summary, core::Basis::legal_obligation, core::Grant::now, 1'500}}));
  }
  return out;
}

Work Stage::sending(int sender, const std::vector<support::Signed>& statements, int in_flight) const {
  return [this, sender, &statements, in_flight](const std::function<void()>& ready) {
    support::Client client = connect(this->sender(sender));
    std::vector<std::vector<client::Submission>> frames;
    for (std::size_t i = 0; i < statements.size(); i += static_cast<std::size_t>(in_flight)) {
      frames.push_back(frame_of(statements, i, static_cast<std::size_t>(in_flight)));
    }
    ready();
    Done done;
    done.from_us = steady_us();
    for (const auto& frame : frames) {
      const double sent = steady_us();
      const auto answers = client->submit(frame);
      done.parts_us.push_back(steady_us() - sent);
      must_have_receipts(answers);
    }
    done.to_us = steady_us();
    return done;
  };
}

Sizes Stage::sizes() {
  const auto submit_bytes = [](const std::vector<support::Signed>& statements) {
    wire::SubmitRequest request;
    for (const support::Signed& statement : statements) request.statements.push_back(statement.parts);
    wire::Request whole;
    whole.body = std::move(request);
    return must(wire::encode_request(whole), "a request").size();
  };
  const std::vector<support::Signed> one = messages(0, 1, true);
  const std::vector<support::Signed> many = messages(0, kInFlight, true);
  Sizes out;
  out.body = one[0].parts.body.size();
  out.blocks = one[0].parts.blocks.size();
  out.ciphertext = one[0].parts.chunks.at(0).data.size();
  out.request_one = submit_bytes(one);
  out.request_many = submit_bytes(many);
  const Done seen = run_alone([&](const std::function<void()>& ready) {
    support::Client client = connect(sender(0));
    ready();
    const auto first = client->submit(frame_of(one, 0, 1));
    must_have_receipts(first);
    must_have_receipts(client->submit(frame_of(many, 0, kInFlight)));
    const wire::LogEntry& log = first->front().entry->log;
    Done done;
    done.parts_us = {static_cast<double>(log.entry.size()), static_cast<double>(log.proof.size() * 32)};
    return done;
  });
  out.entry = static_cast<std::size_t>(seen.parts_us[0]);
  // A reply: each entry with a path of about 20 hashes once the log is large, and one checkpoint with its proof.
  const std::size_t receipt = out.entry + 20 * 32 + 40;
  out.reply_one = receipt + 1'000;
  out.reply_many = kInFlight * receipt + 1'000;
  out.pull_many = kInFlight * (receipt + out.body + out.blocks + out.ciphertext) + 1'000;
  return out;
}

double Stage::broker_cpu_us() const {
  std::ifstream file("/proc/" + std::to_string(broker_.id()) + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

bool Stage::end() { return broker_.end(SIGTERM) == 0; }

}  // namespace besa::bench
