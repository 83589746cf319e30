// The auditor's pass over an exported log: nothing is believed, everything is checked again, in bounded memory but for
// the view. The export is read; the broker's database never is.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "core/checkpoint.h"
#include "core/codes.h"

namespace besa::auditor {

// What the auditor knows beforehand of the network.
struct Anchor {
  std::string name;
  base::NetworkId network;
  base::PublicKey log_key;
};

// The first thing that does not hold. `entry` is empty when it is about the log as a whole.
struct Problem {
  std::optional<base::Sequence> entry;
  std::string
      field;         // which part: checkpoint, root, tile, entry, statement, signatures, rows, membership, decision ...
  std::string text;  // one sentence
};

// What the log holds of one type of statement.
struct TypeCount {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t items = 0;  // of accepted ones: sections of an envelope, messages of a `received`
};

struct Report {
  base::TreeSize size;
  base::Digest root;
  std::uint64_t entries = 0;     // read
  std::uint64_t signatures = 0;  // verified
  std::uint64_t decisions = 0;   // decided again and equal
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::map<core::StatementType, TypeCount> types;
  std::uint64_t withheld = 0;  // messages kept back, by the effects of what was decided again
  std::uint64_t epoch = 0;     // of the checkpoint: how it counts the accepted losses
  std::string held;            // what became of the earlier checkpoint that was given, in one sentence
  std::optional<Problem> problem;
};

// A checkpoint of the anchor's log, of whatever epoch.
struct ShownNote {
  std::uint64_t epoch = 0;
  core::SignedCheckpoint checkpoint;
};
// Errors: malformed, bad_signature.
[[nodiscard]] base::Result<ShownNote> verify_note(const std::string& note, const Anchor& anchor);

enum class Depth {
  verify,  // hashes, tree, checkpoint, every signature, membership back to genesis
  replay   // and every decision, its effects and its time again, compared byte for byte
};

// Called now and then with the entries done so far.
using Progress = std::function<void(std::uint64_t done, std::uint64_t of)>;

// A log that does not hold is no error: it is in the report. Errors: not_found (no export there), io, malformed (the
// folder is no export at all).
// `held`: the checkpoint of an earlier export, or empty. It must be a beginning of this log, unless it lies past what
// an accepted loss kept.
[[nodiscard]] base::Result<Report> audit(const std::string& folder, const Anchor& anchor, Depth depth,
                                         const Progress& progress, const std::string& held = {});

}  // namespace besa::auditor
