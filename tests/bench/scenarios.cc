#include "tests/bench/scenarios.h"

#include <sched.h>

#include "tests/bench/recipient.h"

namespace besa::bench {
namespace {

double clients_cpu_us(const std::vector<Done>& done) {
  double sum = 0;
  for (const Done& one : done) sum += one.cpu_us;
  return sum;
}

// From the first beginning to the last end of all senders, and a recipient.
double passed_us(const std::vector<Done>& done) {
  double from = done.front().from_us;
  double to = done.front().to_us;
  for (const Done& one : done) {
    from = std::min(from, one.from_us);
    to = std::max(to, one.to_us);
  }
  return to - from;
}

void many_round(Stage& stage, const Plan& plan, bool with_recipient, Scenario& scenario) {
  std::vector<std::vector<support::Signed>> statements;
  for (int i = 0; i < kSenders; ++i) statements.push_back(stage.messages(i, plan.frames * kInFlight, !with_recipient));
  std::vector<Work> works;
  for (int i = 0; i < kSenders; ++i) {
    works.push_back(stage.sending(i, statements[static_cast<std::size_t>(i)], kInFlight));
  }
  const int all = plan.frames * kInFlight * kSenders;
  if (with_recipient) works.push_back(receiving(stage, all));
  const double before = stage.broker_cpu_us();
  const std::vector<Done> done = run_together(works);
  scenario.measured.add(all * 1e6 / passed_us(done));
  scenario.client_us.add(clients_cpu_us(done) / all);
  scenario.broker_us.add((stage.broker_cpu_us() - before) / all);
}

Scenario measure_many(Stage& stage, const Plan& plan, bool with_recipient, Scenario scenario, const Step& step) {
  for (int round = 1; round <= plan.rounds; ++round) {
    step(scenario.name, round);
    many_round(stage, plan, with_recipient, scenario);
  }
  return scenario;
}

}  // namespace

unsigned cores() {
  cpu_set_t set;
  BESA_CHECK(::sched_getaffinity(0, sizeof set, &set) == 0);
  return static_cast<unsigned>(CPU_COUNT(&set));
}

double s1_limit_us(const Machine& machine) {
  return machine.round_trip.median() + machine.sign.median() + machine.verify.median() + machine.hashes.median() +
         machine.flush.median();
}

double s2_limit_us(const Machine& machine) {
  const double client = machine.verify.median() / kInFlight + machine.proof.median();
  return machine.verify.median() + machine.hashes.median() + machine.exchange.median() + machine.store.median() +
         client;
}

double s3_limit_us(const Machine& machine) {
  const double recipient = machine.verify.median() + machine.hashes.median() + machine.pull_exchange.median() +
                           (machine.sign.median() + machine.verify.median()) / kInFlight;
  return s2_limit_us(machine) + recipient;
}

Scenario measure_s1(Stage& stage, const Machine& machine, const Plan& plan, const Step& step) {
  Scenario scenario;
  scenario.name = "S1";
  scenario.what = "one client, one in flight: send to receipt, p50";
  scenario.unit = "us";
  scenario.lower_is_better = true;
  scenario.goal = 2.0;
  scenario.limit = s1_limit_us(machine);
  for (int round = 1; round <= plan.rounds; ++round) {
    step(scenario.name, round);
    const std::vector<support::Signed> statements = stage.messages(0, plan.singles, true);
    const double before = stage.broker_cpu_us();
    const Done done = run_alone(stage.sending(0, statements, 1));
    Series each;
    for (const double part : done.parts_us) each.add(part);
    scenario.measured.add(each.median());
    scenario.client_us.add(done.cpu_us / plan.singles);
    scenario.broker_us.add((stage.broker_cpu_us() - before) / plan.singles);
  }
  return scenario;
}

Scenario measure_s2(Stage& stage, const Machine& machine, const Plan& plan, const Step& step) {
  Scenario scenario;
  scenario.name = "S2";
  scenario.what = "four clients, 64 in flight each: receipts a second";
  scenario.unit = "/s";
  scenario.goal = 0.65;
  scenario.limit = cores() * 1e6 / s2_limit_us(machine);
  return measure_many(stage, plan, false, std::move(scenario), step);
}

Scenario measure_s3(Stage& stage, const Machine& machine, const Plan& plan, const Step& step) {
  Scenario scenario;
  scenario.name = "S3";
  scenario.what = "the same with a recipient that pulls and acknowledges: messages a second";
  scenario.unit = "/s";
  scenario.goal = 0.60;
  scenario.limit = cores() * 1e6 / s3_limit_us(machine);
  return measure_many(stage, plan, true, std::move(scenario), step);
}

}  // namespace besa::bench
