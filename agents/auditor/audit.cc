#include "agents/auditor/audit.h"

#include "core/checkpoint.h"
#include "core/decide.h"
#include "core/merkle.h"
#include "tiles/reader.h"
#include "wire/statement.h"

namespace besa::auditor {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::uint64_t kProgressEntries = 256;

// Ends the pass over the entries; the problem itself is in the report.
tl::unexpected<base::Error> stop() { return fail(ErrorKind::bad_signature, "stopped at the first problem"); }

std::string hex(const base::Digest& digest) { return base::to_hex(digest.view()); }

class Pass {
 public:
  Pass(const Anchor& anchor, Depth depth, Report& report) : anchor_(anchor), depth_(depth), report_(report) {}

  // One record, in order. An error ends the pass: either `stop` after a problem, or reading itself failed.
  base::Status take(const tiles::Record& record) {
    const auto entry = core::decode_entry(record.entry);
    if (!entry) return problem(record.sequence, "entry", "does not decode: " + entry.error().message);
    if (entry->sequence != record.sequence) return problem(record.sequence, "entry", "names another sequence");
    auto statement = read_statement(record, *entry);
    if (!statement) return tl::unexpected(statement.error());
    auto verified = core::verify(std::move(*statement), entry->submitter, core::key_lookup(view_));
    if (!verified) return problem(record.sequence, "signatures", verified.error().message);
    report_.signatures += verified->statement().blocks.size();
    if (const auto* loss = std::get_if<core::LossAccepted>(&verified->statement().body)) {
      if (entry->decision.accepted()) losses_.emplace_back(record.sequence, *loss);
    }
    if (const auto brought = core::check_submitter(view_, *verified); !brought) {
      return problem(record.sequence, "submitter", brought.error().message);
    }
    BESA_TRY(decide_again(*verified, *entry, record));
    count(*entry);
    return {};
  }

  const std::vector<std::pair<base::Sequence, core::LossAccepted>>& losses() const { return losses_; }
  base::Result<std::optional<core::LossRecord>> last_loss() const { return core::read_loss(view_); }

 private:
  void count(const core::Entry& entry) {
    ++report_.entries;
    TypeCount& type = report_.types[entry.type];
    if (!entry.decision.accepted()) {
      ++report_.refused;
      ++type.refused;
      return;
    }
    ++report_.accepted;
    ++type.accepted;
    type.items += entry.decision.items.size();
  }

  base::Status problem(base::Sequence sequence, std::string field, std::string text) {
    report_.problem = Problem{sequence, std::move(field), std::move(text)};
    return stop();
  }

  // What lies beside an entry must be what the entry binds.
  base::Result<core::ParsedStatement> read_statement(const tiles::Record& record, const core::Entry& entry) {
    const auto bad = [&](const char* field, std::string text) {
      const base::Status status = problem(record.sequence, field, std::move(text));
      return tl::unexpected(status.error());
    };
    const auto beside = core::decode_beside(record.beside);
    if (!beside) return bad("beside", beside.error().message);
    std::vector<base::ByteView> rows(beside->rows.begin(), beside->rows.end());
    auto statement =
        wire::parse_statement(core::media_type(entry.type), beside->body, beside->blocks, rows, beside->policy);
    if (!statement) return bad("statement", statement.error().message);
    if (statement->id != entry.id) return bad("statement", "its hash is not the one in the entry");
    if (statement->blocks_hash != entry.blocks_hash) return bad("signatures", "their hash is not the one in the entry");
    if (statement->rows_root != entry.rows_root) return bad("rows", "their root is not the one in the entry");
    if (record.sequence.value == 0 && base::id_cast<base::NetworkId>(statement->id) != anchor_.network) {
      return bad("genesis", "this is the log of another network");
    }
    return statement;
  }

  base::Status decide_again(const core::Verified& verified, const core::Entry& entry, const tiles::Record& record) {
    const auto outcome = core::decide(view_, verified, entry.now);
    if (!outcome) return problem(record.sequence, "decision", outcome.error().message);
    const auto* decided = std::get_if<core::Decided>(&*outcome);
    if (decided == nullptr) return problem(record.sequence, "decision", "the statement was decided before");
    if (depth_ == Depth::replay || core::counts_as_governance(entry.type)) {
      if (const std::string field = difference(decided->entry, entry, depth_); !field.empty()) {
        return problem(record.sequence, depth_ == Depth::replay ? field : "membership",
                       "decided again, " + field + " differs: the log says " + words(entry) + ", the rules say " +
                           words(decided->entry));
      }
      ++report_.decisions;
    }
    for (const core::Effect& effect : decided->effects) {
      const bool kept_back = effect.code == core::EffectCode::message_state &&
                             effect.value == core::number_of(core::MessageState::withheld);
      report_.withheld += kept_back ? 1U : 0U;
    }
    return view_.apply(decided->changes);
  }

  static std::string words(const core::Entry& entry) {
    std::string out(core::name_of(entry.decision.verdict));
    if (entry.decision.reason != core::Reason::none) {
      out += " (" + std::string(core::name_of(entry.decision.reason)) + ", rule " +
             std::to_string(entry.decision.rule) + ")";
    }
    return out;
  }

  static std::string difference(const core::Entry& ours, const core::Entry& logged, Depth depth) {
    if (ours.decision.verdict != logged.decision.verdict) return "verdict";
    if (ours.decision.reason != logged.decision.reason) return "reason";
    if (ours.decision.rule != logged.decision.rule) return "rule";
    if (depth == Depth::verify) return {};
    if (ours.decision != logged.decision) return "items";
    if (ours.now != logged.now) return "now";
    if (ours.effects_chain != logged.effects_chain) return "effects chain";
    if (ours.governance_previous != logged.governance_previous) return "governance_previous";
    if (ours.keys_previous != logged.keys_previous) return "keys_previous";
    return core::encode_entry(ours) == core::encode_entry(logged) ? std::string() : "entry";
  }

  const Anchor& anchor_;
  Depth depth_;
  Report& report_;
  core::MemoryView view_;
  std::vector<std::pair<base::Sequence, core::LossAccepted>> losses_;
};

// The first thing about files, tiles and root that does not hold.
std::optional<Problem> tree_problem(const tiles::TreeReport& tree, const core::Checkpoint& checkpoint) {
  const bool entries_hold = !tree.damage && tree.root == checkpoint.root;
  if (tree.first_bad && !entries_hold) return Problem{tree.first_bad, "entry", "its hash is not the one in the tree"};
  if (tree.first_bad)
    return Problem{tree.first_bad, "tile", "the tile has another hash for it; the entry is the log's"};
  if (tree.damage) {
    const bool among_entries = tree.read.value < checkpoint.size.value;
    return Problem{among_entries ? std::optional(tree.read) : std::nullopt, "file", *tree.damage};
  }
  if (tree.root != checkpoint.root) {
    return Problem{std::nullopt, "root",
                   "the entries give " + hex(tree.root) + ", the checkpoint says " + hex(checkpoint.root)};
  }
  if (tree.bad_tile) return Problem{std::nullopt, "tile", *tree.bad_tile + " is not the hash of what lies below it"};
  return std::nullopt;
}

// The root that the log had at this size. Cost: the level-0 tiles up to there.
base::Result<base::Digest> root_at(const tiles::Reader& reader, base::TreeSize size) {
  core::Frontier frontier;
  for (std::uint64_t index = 0; frontier.size() < size; ++index) {
    BESA_ASSIGN(const std::vector<base::Digest> hashes, reader.tile(0, index));
    for (const base::Digest& hash : hashes) {
      if (frontier.size() < size) frontier.append(hash);
    }
    if (hashes.empty()) return fail(ErrorKind::malformed, "the tree is shorter than its checkpoint says");
  }
  return frontier.root();
}

// What only whoever has all of the log can see of the losses that it accepted.
base::Status check_losses(const tiles::Reader& reader, const Pass& pass, Report& report) {
  BESA_ASSIGN(const auto last, pass.last_loss());
  if (core::epoch_of(last) != report.epoch) {
    report.problem = Problem{std::nullopt, "checkpoint",
                             "it is of epoch " + std::to_string(report.epoch) +
                                 ", and the log has accepted the losses up to " + std::to_string(core::epoch_of(last))};
    return {};
  }
  for (const auto& [sequence, loss] : pass.losses()) {
    BESA_ASSIGN(const base::Digest root, root_at(reader, loss.kept_size));
    if (root == loss.kept_root) continue;
    report.problem = Problem{sequence, "kept root", "the loss names another root than this log has at the kept size"};
    return {};
  }
  return {};
}

// An earlier checkpoint is a beginning of this log, or lies in what an accepted loss gave up.
base::Status check_held(const tiles::Reader& reader, const Pass& pass, const ShownNote& held, Report& report) {
  const core::Checkpoint& checkpoint = held.checkpoint.checkpoint;
  const std::string size = std::to_string(checkpoint.size.value);
  BESA_ASSIGN(const auto last, pass.last_loss());
  const auto kept = core::kept_of(last, held.epoch);
  if (kept && checkpoint.size > *kept) {
    report.held = "The earlier checkpoint of " + size + " entries was lost from entry " + std::to_string(kept->value) +
                  " on; a quorum has accepted that.";
    return {};
  }
  const auto two = [&](const std::string& text) { report.problem = Problem{std::nullopt, "history", text}; };
  if (held.epoch > report.epoch || checkpoint.size > report.size) {
    two("the earlier checkpoint of " + size + " entries is newer than this log: it was set back");
    return {};
  }
  BESA_ASSIGN(const base::Digest root, root_at(reader, checkpoint.size));
  if (root != checkpoint.root) {
    two("the earlier checkpoint of " + size + " entries is no beginning of this log: keep both, they are evidence");
    return {};
  }
  report.held = "The earlier checkpoint of " + size + " entries is a beginning of this log.";
  return {};
}

// Every entry again, in order; the first that does not hold is the report's problem. Errors: io.
base::Status check_entries(const tiles::Reader& reader, Pass& pass, Report& report, const Progress& progress) {
  const auto done = reader.each(base::Sequence{0}, [&](const tiles::Record& record) {
    if (record.sequence.value % kProgressEntries == 0) progress(record.sequence.value, report.size.value);
    return pass.take(record);
  });
  if (!done && !report.problem) return done;
  return {};
}

}  // namespace

base::Result<ShownNote> verify_note(const std::string& note, const Anchor& anchor) {
  BESA_ASSIGN(const core::Note parsed, core::parse_note(note));
  BESA_ASSIGN(const core::CheckpointBody body, core::parse_checkpoint_body(parsed.text));
  // A checkpoint of another log fails below, under the origin that it should have.
  const auto origin = core::parse_origin(body.origin);
  const std::uint64_t epoch = origin ? origin->epoch : 0;
  BESA_ASSIGN(const core::SignedCheckpoint checkpoint,
              core::verify_checkpoint(note, core::format_origin({anchor.name, anchor.network, epoch}), anchor.log_key));
  return ShownNote{epoch, checkpoint};
}

base::Result<Report> audit(const std::string& folder, const Anchor& anchor, Depth depth, const Progress& progress,
                           const std::string& held) {
  BESA_ASSIGN(const std::string note, tiles::Reader::checkpoint(folder));
  Report report;
  const auto signed_checkpoint = verify_note(note, anchor);
  if (!signed_checkpoint) {
    report.problem = Problem{std::nullopt, "checkpoint", signed_checkpoint.error().message};
    return report;
  }
  const core::Checkpoint& checkpoint = signed_checkpoint->checkpoint.checkpoint;
  report.epoch = signed_checkpoint->epoch;
  report.size = checkpoint.size;
  report.root = checkpoint.root;
  const tiles::Reader reader(folder, checkpoint.size);
  BESA_ASSIGN(const tiles::TreeReport tree, tiles::verify(reader));
  const std::optional<Problem> problem = tree_problem(tree, checkpoint);
  if (problem && (problem->entry || problem->field != "root")) {
    report.problem = problem;
    return report;
  }
  // Tiles that were made again to fit other entries name none: the entry that was changed still betrays itself.
  Pass pass(anchor, depth, report);
  BESA_TRY(check_entries(reader, pass, report, progress));
  if (!problem && !report.problem) BESA_TRY(check_losses(reader, pass, report));
  if (!problem && !report.problem && !held.empty()) {
    BESA_ASSIGN(const ShownNote earlier, verify_note(held, anchor));
    BESA_TRY(check_held(reader, pass, earlier, report));
  }
  if (problem && report.problem) report.problem->text += "; and " + problem->text;
  if (problem && !report.problem) report.problem = problem;
  return report;
}

}  // namespace besa::auditor
