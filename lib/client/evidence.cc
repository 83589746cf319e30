#include "client/evidence.h"

namespace besa::client {

std::string_view name_of(Breach breach) {
  switch (breach) {
    case Breach::none: return "none";
    case Breach::checkpoint: return "checkpoint";
    case Breach::growth: return "growth";
    case Breach::inclusion: return "inclusion";
    case Breach::receipt: return "receipt";
    case Breach::beside: return "beside";
    case Breach::clock: return "clock";
    case Breach::entry: return "entry";
  }
  return "unknown";
}

namespace {

std::string format_entry(const wire::LogEntry& log) {
  std::string out = "--- entry, hex ---\n" + base::to_hex(log.entry) + "\n--- inclusion proof, hex ---\n";
  for (const base::Digest& hash : log.proof) out.append(base::to_hex(hash.view())).append("\n");
  out.append("--- body, hex ---\n").append(base::to_hex(log.body));
  out.append("\n--- signature blocks, hex ---\n").append(base::to_hex(log.blocks)).append("\n");
  return out;
}

}  // namespace

std::string format_evidence(const Evidence& evidence) {
  std::string out = "besa evidence v1\nbreach: ";
  out.append(name_of(evidence.breach)).append("\nwhat: ").append(evidence.what);
  out.append("\nseen_ms: ").append(std::to_string(evidence.seen.ms));
  out.append("\n\n--- note held before ---\n").append(evidence.held_note);
  out.append("\n--- note shown ---\n").append(evidence.shown_note);
  out.append("\n");
  if (evidence.entry) out.append(format_entry(*evidence.entry));
  out.append("--- reply, hex ---\n").append(base::to_hex(evidence.reply)).append("\n");
  return out;
}

}  // namespace besa::client
