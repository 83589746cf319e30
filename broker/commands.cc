#include "broker/commands.h"

#include <iostream>

#include "broker/backup.h"
#include "broker/keys.h"
#include "broker/open_log.h"
#include "broker/rebuild.h"
#include "broker/sequencer.h"
#include "crypto/secret/random.h"
#include "program/clock.h"
#include "program/exit_code.h"
#include "program/file.h"
#include "program/progress.h"
#include "wire/statement.h"
#include "wire/statement_file.h"

namespace besa::broker {
namespace {

using base::ErrorKind;
using base::Result;
using program::ExitCode;

Result<core::ParsedStatement> read_genesis(const std::string& path) {
  BESA_ASSIGN(const std::string text, program::read_text_file(path, wire::kStatementFileBytes));
  auto decoded = wire::decode_statement_file(text);
  if (!decoded) return base::fail(decoded.error().kind, path + ": " + decoded.error().message);
  const wire::StatementParts parts = std::move(*decoded);
  const std::vector<base::ByteView> rows(parts.rows.begin(), parts.rows.end());
  BESA_ASSIGN(auto parsed, wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy));
  if (parsed.type != core::StatementType::genesis) {
    return base::fail(ErrorKind::malformed, path + " holds another statement than a genesis");
  }
  return parsed;
}

base::Status check_names_us(const core::ParsedStatement& statement, const Keys& keys) {
  const auto& genesis = std::get<core::Genesis>(statement.body);
  const bool ours =
      genesis.broker_log_key == keys.log.public_key() && genesis.broker_transport_key == keys.transport.public_key();
  if (ours) return {};
  return base::fail(ErrorKind::configuration, "genesis names the keys of another broker: check the keys folder");
}

// Nobody signed before the first statement: its signers are all introduced by it.
Result<std::optional<core::KnownKey>> no_key(const core::KeyId&) { return std::nullopt; }

}  // namespace

Result<int> make_keys_command(const std::string& folder) {
  BESA_TRY(make_keys(folder));
  std::cout << "Keys made in " << folder << ". Give broker.public.json to the administrators for genesis;\n"
            << "the two .key files never leave this machine, except into a sealed backup.\n";
  return to_int(ExitCode::ok);
}

Result<int> check_config_command(const std::string& config) {
  BESA_ASSIGN(const Config loaded, load_config(config));
  BESA_TRY(load_keys(loaded.keys));
  std::cout << "The configuration is fine.\n";
  return to_int(ExitCode::ok);
}

Result<int> init_command(const std::string& config, const std::string& genesis) {
  BESA_ASSIGN(const Config loaded, load_config(config));
  BESA_ASSIGN(const Keys keys, load_keys(loaded.keys));
  BESA_ASSIGN(auto parsed, read_genesis(genesis));
  BESA_TRY(check_names_us(parsed, keys));
  BESA_ASSIGN(const core::Verified verified, core::verify(std::move(parsed), {}, no_key));
  BESA_TRY(program::make_directory(loaded.state));
  BESA_ASSIGN(const auto journal, journal::Journal::open(loaded.journal_folder()));
  BESA_TRY(recover(*journal));
  Counters counters;
  SequencerOptions options{loaded.batch_statements, [] { return crypto::random_salt(); }};
  BESA_ASSIGN(const auto sequencer, Sequencer::open(*journal, keys.log, std::move(options), counters));
  BESA_TRY(sequencer->begin(verified, program::SystemClock().now()));
  std::cout << "The log of network " << base::to_hex(verified.statement().id.view()) << " has begun.\n";
  return to_int(ExitCode::ok);
}

Result<int> backup_command(const std::string& config, const std::string& to) {
  BESA_ASSIGN(const Config loaded, load_config(config));
  std::optional<program::Progress> progress;
  BESA_ASSIGN(const Manifest made,
              back_up(loaded, to, program::SystemClock().now(), [&](std::uint64_t done, std::uint64_t all) {
                if (!progress) progress.emplace("copying bytes", all);
                progress->at(done);
              }));
  progress.reset();
  std::cout
      << "Backup of " << made.files.size() << " files in " << to << ". Keys and configuration are not in it.\n"
      << "It holds ciphertext that the broker may purge later: remove backups when they are not needed any more.\n";
  return to_int(ExitCode::ok);
}

Result<int> restore_command(const std::string& config, const std::string& from, bool verify) {
  BESA_ASSIGN(const Config loaded, load_config(config));
  std::optional<program::Progress> progress;
  std::uint64_t of = 0;
  BESA_ASSIGN(const Restored restored, restore(loaded, from, verify, [&](std::uint64_t done, std::uint64_t all) {
                if (all != of) progress.emplace("restoring", all);
                of = all;
                progress->at(done);
              }));
  progress.reset();
  std::cout << restored.size.value << " entries restored" << (restored.verified ? ", each decided again and equal" : "")
            << ". If members hold receipts that are newer than the backup, the broker\n"
            << "will stop appending when the first of them shows one: the administrators then decide about the loss.\n"
            << "Write down what is kept, size and root; the administrators need it (loss prepare --kept):\n"
            << restored.size.value << ":" << base::to_hex(restored.root.view()) << "\n";
  return to_int(ExitCode::ok);
}

Result<int> rebuild_command(const std::string& config) {
  BESA_ASSIGN(const Config loaded, load_config(config));
  BESA_ASSIGN(const auto journal, open_log_only(loaded));
  std::optional<program::Progress> progress;
  BESA_ASSIGN(const Rebuilt rebuilt, rebuild(*journal, [&](std::uint64_t done, std::uint64_t all) {
                if (!progress) progress.emplace("deciding the log again", all);
                progress->at(done);
              }));
  progress.reset();
  if (rebuilt.differs) {
    std::cerr << "Entry " << rebuilt.differs->value << " differs: " << rebuilt.why << ".\n"
              << "The view ends before it, and the broker will not start on it. Restore a backup.\n";
    return to_int(ExitCode::verification);
  }
  BESA_ASSIGN(const Recovery recovery, recover(*journal));
  BESA_TRY(journal->save_checkpoint());
  std::cout << rebuilt.entries + recovery.entries << " entries decided again, all equal.\n";
  return to_int(ExitCode::ok);
}

Result<int> dump_command(const std::string& config) {
  BESA_ASSIGN(const Config loaded, load_config(config));
  BESA_ASSIGN(const OpenLog log, open_log(loaded));
  BESA_ASSIGN(const journal::Snapshot snapshot, log.journal->snapshot());
  BESA_ASSIGN(const std::string text, core::dump(snapshot.view()));
  std::cout << text;
  return to_int(ExitCode::ok);
}

}  // namespace besa::broker
