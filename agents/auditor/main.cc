// besa-audit: take the log, check it, decide it again. Reads no content and needs no key that opens any.
#include <cstdio>
#include <functional>
#include <memory>

#include "agents/auditor/export.h"
#include "agents/auditor/show.h"
#include "program/cli11.h"
#include "program/command_line.h"
#include "program/exit_code.h"
#include "program/json.h"
#include "program/progress.h"
#include "tiles/reader.h"

namespace besa::auditor {
namespace {

using program::ExitCode;
using program::Json;
using Done = base::Result<ExitCode>;

struct Chosen {
  bool json = false;
  std::string network;
  std::string keys;
  std::string folder;
  std::uint64_t entry = 0;
  std::string held;  // folder of an earlier export
  std::function<Done()> run;
};

void print(const std::string& text) { std::fputs((text + "\n").c_str(), stdout); }

// Progress on the terminal; its line goes away with the last copy.
Progress shown_as(const char* what) {
  auto line = std::make_shared<std::unique_ptr<program::Progress>>();
  return [line, what](std::uint64_t done, std::uint64_t of) {
    if (!*line) *line = std::make_unique<program::Progress>(what, of);
    (*line)->at(done);
  };
}

std::string hex(const base::Digest& digest) { return base::to_hex(digest.view()); }

Done run_export(const Chosen& chosen) {
  BESA_ASSIGN(const NetworkFile network, read_network(chosen.network));
  BESA_ASSIGN(const crypto::TransportSecret secret, read_transport_key(chosen.keys));
  BESA_ASSIGN(const Exported exported, export_log(network, secret, chosen.folder, shown_as("exporting")));
  if (chosen.json) {
    print(
        program::to_line({{"entries", exported.size.value}, {"root", hex(exported.root)}, {"folder", chosen.folder}}));
  } else {
    print(std::to_string(exported.size.value) + " entries in " + chosen.folder + ", each with its proof.");
    print("Root " + hex(exported.root) + ". Next: besa-audit verify " + chosen.folder + " --network " + chosen.network);
  }
  return ExitCode::ok;
}

std::string where(const Problem& problem) {
  return problem.entry ? "entry " + std::to_string(problem.entry->value) : std::string("the log");
}

Json report_json(const Report& report) {
  Json out = {{"result", report.problem ? "problem" : "verified"},
              {"size", report.size.value},
              {"root", hex(report.root)},
              {"entries", report.entries},
              {"signatures", report.signatures},
              {"replayed_decisions", report.decisions},
              {"accepted", report.accepted},
              {"refused", report.refused},
              {"withheld", report.withheld},
              {"epoch", report.epoch}};
  if (!report.held.empty()) out["held"] = report.held;
  for (const auto& [type, count] : report.types) {
    out["types"][std::string(core::name_of(type))] = {
        {"accepted", count.accepted}, {"refused", count.refused}, {"items", count.items}};
  }
  if (!report.problem) return out;
  out["problem"] = {{"field", report.problem->field}, {"text", report.problem->text}};
  if (report.problem->entry) out["problem"]["entry"] = report.problem->entry->value;
  return out;
}

Done run_audit(const Chosen& chosen, Depth depth) {
  BESA_ASSIGN(const NetworkFile network, read_network(chosen.network));
  std::string held;
  if (!chosen.held.empty()) {
    BESA_ASSIGN(held, tiles::Reader::checkpoint(chosen.held));
  }
  BESA_ASSIGN(const Report report, audit(chosen.folder, network.anchor, depth,
                                         shown_as(depth == Depth::replay ? "replaying" : "verifying"), held));
  if (chosen.json) print(program::to_line(report_json(report)));
  if (report.problem) {
    std::fprintf(stderr, "besa-audit: %s does not hold: %s: %s\n", where(*report.problem).c_str(),
                 report.problem->field.c_str(), report.problem->text.c_str());
    return ExitCode::verification;
  }
  if (chosen.json) return ExitCode::ok;
  print("Verified: " + std::to_string(report.entries) + " entries, " + std::to_string(report.signatures) +
        " signatures, the tree, the checkpoint and every membership back to genesis.");
  if (!report.held.empty()) print(report.held);
  if (depth == Depth::replay) {
    print("Decided again: " + std::to_string(report.decisions) + " decisions, all equal (" +
          std::to_string(report.accepted) + " accepted, " + std::to_string(report.refused) + " refused).");
  }
  return ExitCode::ok;
}

Done run_show(const Chosen& chosen) {
  BESA_ASSIGN(const NetworkFile network, read_network(chosen.network));
  Json json;
  Shown shown{&json, {}};
  BESA_TRY(show(chosen.folder, network.anchor, base::Sequence{chosen.entry}, shown));
  print(chosen.json ? program::to_line(json) : shown.text);
  return ExitCode::ok;
}

CLI::App& add(CLI::App& app, const std::string& name, const std::string& what, const std::string& example,
              Chosen& chosen, std::function<Done()> run) {
  CLI::App* command = app.add_subcommand(name, what);
  program::add_examples(*command, example);
  program::add_json_flag(*command, chosen.json);
  command->add_option("--network", chosen.network, "the network's file, from somebody you trust")
      ->required()
      ->type_name("FILE");
  command->add_option("EXPORT", chosen.folder, "folder of the exported log")->required();
  command->callback([&chosen, run = std::move(run)] { chosen.run = run; });
  return *command;
}

void declare(CLI::App& app, Chosen& chosen) {
  CLI::App& take = add(app, "export", "Take the log from a running broker, as an appointed auditor",
                       "besa-audit export export-2025-03 --network network.json --keys ~/besa-auditor", chosen,
                       [&chosen] { return run_export(chosen); });
  take.add_option("--keys", chosen.keys, "folder with your keys (besa-node keys)")->required()->type_name("DIR");
  CLI::App& verify =
      add(app, "verify", "Check hashes, tree, checkpoint, every signature and membership back to genesis",
          "besa-audit verify export-2025-03 --network network.json", chosen,
          [&chosen] { return run_audit(chosen, Depth::verify); });
  CLI::App& replay = add(app, "replay", "Verify, and decide every entry again",
                         "besa-audit replay export-2025-03 --network network.json --json", chosen,
                         [&chosen] { return run_audit(chosen, Depth::replay); });
  for (CLI::App* command : {&verify, &replay}) {
    command->add_option("--held", chosen.held, "an earlier export of this log, to compare with")->type_name("EXPORT");
  }
  CLI::App& shown = add(app, "show", "Show one entry", "besa-audit show export-2025-03 17 --network network.json",
                        chosen, [&chosen] { return run_show(chosen); });
  shown.add_option("ENTRY", chosen.entry, "its sequence number")->required();
}

}  // namespace
}  // namespace besa::auditor

int main(int argc, char** argv) {
  using namespace besa;
  auditor::Chosen chosen;
  program::CommandLine line("besa-audit",
                            "Checks a Besa log without its content: exports, verifies and decides it again.",
                            "besa-audit export export-1 --network network.json --keys ~/besa-auditor\n"
                            "besa-audit verify export-1 --network network.json\n"
                            "besa-audit replay export-1 --network network.json");
  auditor::declare(line.app(), chosen);
  if (const auto code = line.parse(argc, argv)) return *code;
  const auto done = chosen.run();
  if (!done) return program::report("besa-audit", done.error());
  return program::to_int(*done);
}
