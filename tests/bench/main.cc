// besa_bench: the first figures of a broker, each against what this machine can do. script/bench builds and runs it.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "program/cli11.h"
#include "program/json.h"
#include "tests/bench/scenarios.h"

namespace besa::bench {
namespace {

struct Arguments {
  std::string broker;
  std::string folder;
  bool json = false;
  bool quick = false;
  bool keep = false;
  std::vector<std::string> only;  // names of scenarios; all if there is none
  bool wants(const std::string& name) const {
    return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
  }
};

Plan plan_of(const Arguments& arguments) {
  if (!arguments.quick) return {};
  Plan plan;
  plan.singles = 100;
  plan.frames = 6;
  return plan;
}

const std::vector<std::pair<const char*, Series Machine::*>>& figures() {
  static const std::vector<std::pair<const char*, Series Machine::*>> all = {
      {"verify", &Machine::verify},     {"sign", &Machine::sign},
      {"hashes", &Machine::hashes},     {"proof", &Machine::proof},
      {"flush", &Machine::flush},       {"commit", &Machine::commit},
      {"store", &Machine::store},       {"round_trip", &Machine::round_trip},
      {"exchange", &Machine::exchange}, {"pull_exchange", &Machine::pull_exchange}};
  return all;
}

void print_machine(const Machine& machine) {
  fmt::print("\n{:<16}{:>10}{:>10}{:>10}\n", "machine, us", "median", "lowest", "highest");
  for (const auto& [name, figure] : figures()) {
    const Series& series = machine.*figure;
    fmt::print("{:<16}{:>10.2f}{:>10.2f}{:>10.2f}\n", name, series.median(), series.lowest(), series.highest());
  }
}

void print_scenarios(const std::vector<Scenario>& scenarios) {
  fmt::print("\n{:<4}{:>12}{:>12}{:>12}{:>12}{:>8}{:>8}{:>12}{:>12}\n", "", "median", "lowest", "highest", "limit",
             "ratio", "goal", "broker us", "clients us");
  for (const Scenario& one : scenarios) {
    fmt::print("{:<4}{:>9.0f} {:<2}{:>9.0f} {:<2}{:>9.0f} {:<2}{:>9.0f} {:<2}{:>8.2f}{:>8}{:>12.0f}{:>12.0f}  {}\n",
               one.name, one.measured.median(), one.unit, one.measured.lowest(), one.unit, one.measured.highest(),
               one.unit, one.limit, one.unit, one.ratio(),
               fmt::format("{}{:.2f}", one.lower_is_better ? "<=" : ">=", one.goal), one.broker_us.median(),
               one.client_us.median(), one.met() ? "met" : "not met");
    fmt::print("    {}\n", one.what);
  }
}

program::Json json_of(const Series& series) {
  return {{"median", series.median()},
          {"lowest", series.lowest()},
          {"highest", series.highest()},
          {"rounds", series.rounds()}};
}

program::Json json_of(const Machine& machine, const std::vector<Scenario>& scenarios) {
  program::Json all = program::Json::object();
  for (const Scenario& one : scenarios) {
    all[one.name] = {{"ratio", one.ratio()},
                     {"goal", one.goal},
                     {"better", one.lower_is_better ? "lower" : "higher"},
                     {"met", one.met()},
                     {"unit", one.unit},
                     {"limit", one.limit},
                     {"measured", json_of(one.measured)},
                     {"broker_cpu_us", json_of(one.broker_us)},
                     {"clients_cpu_us", json_of(one.client_us)}};
  }
  program::Json machine_json = program::Json::object();
  for (const auto& [name, figure] : figures()) machine_json[name] = json_of(machine.*figure);
  return {{"scenarios", all}, {"machine_us", machine_json}, {"cores", cores()}};
}

int run(const Arguments& arguments) {
  std::string name = arguments.folder + "/bench-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) give_up("no folder can be made in " + arguments.folder);
  const std::filesystem::path folder = std::filesystem::absolute(name);
  const Plan plan = plan_of(arguments);
  fmt::print("bench: a broker with its log in {}\n", name);
  std::vector<Scenario> scenarios;
  Machine machine;
  {
    Stage stage(arguments.broker, folder);
    fmt::print("bench: what the machine can do\n");
    std::fflush(stdout);
    machine = measure_machine(stage.sizes(), folder, plan.rounds, arguments.quick);
    const Step step = [&plan](std::string_view scenario, int round) {
      fmt::print("bench: {}, round {} of {}\n", scenario, round, plan.rounds);
      std::fflush(stdout);
    };
    if (arguments.wants("S1")) scenarios.push_back(measure_s1(stage, machine, plan, step));
    if (arguments.wants("S2")) scenarios.push_back(measure_s2(stage, machine, plan, step));
    if (arguments.wants("S3")) scenarios.push_back(measure_s3(stage, machine, plan, step));
    if (!stage.end()) give_up("the broker did not end well; its log is " + name + "/broker.log");
  }
  if (!arguments.keep) std::filesystem::remove_all(folder);
  print_machine(machine);
  print_scenarios(scenarios);
  if (arguments.json) fmt::print("{}\n", program::to_line(json_of(machine, scenarios)));
  return 0;
}

}  // namespace
}  // namespace besa::bench

int main(int argc, char** argv) {
  besa::bench::Arguments arguments;
  CLI::App app("First figures: a real broker over CURVE on loopback, against what this machine can do");
  app.add_option("--broker", arguments.broker, "The program besa-broker")->required();
  app.add_option("--folder", arguments.folder, "Where the log may lie: a disk, not memory")->required();
  app.add_flag("--json", arguments.json, "One JSON object as the last line");
  app.add_flag("--quick", arguments.quick, "Short rounds: under a minute, with more noise");
  app.add_option("--scenario", arguments.only, "Only this one: S1, S2 or S3; may be given again")
      ->check(CLI::IsMember({"S1", "S2", "S3"}));
  app.add_flag("--keep", arguments.keep, "Keep the broker's folder");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return besa::bench::run(arguments);
}
