// After the broker was restored from an older copy: the statement that accepts the loss, and what administrators offer
// again.
#include "agents/admin/archive.h"
#include "agents/admin/commands.h"
#include "agents/admin/draft.h"
#include "agents/admin/prepare.h"
#include "base/limits.h"
#include "program/file.h"
#include "program/json.h"
#include "program/time_text.h"
#include "wire/statement.h"
#include "wire/wire_error.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::Status;
using program::ExitCode;

constexpr std::size_t kNoteBytes = 64 * 1024;
constexpr double kMsPerHour = 3'600'000;

struct Kept {
  base::TreeSize size;
  base::Digest root;
};

// "SIZE:ROOT", or what the broker has now.
Result<Kept> find_kept(const std::string& text, const Link& link) {
  const core::Checkpoint& held = link.session().held()->checkpoint;
  if (text.empty()) return Kept{held.size, held.root};
  const std::size_t colon = text.find(':');
  Kept out;
  BESA_ASSIGN(out.root, parse_id<base::Digest>(colon == std::string::npos ? "" : text.substr(colon + 1), "--kept"));
  for (const char digit : text.substr(0, colon)) {
    if (digit < '0' || digit > '9' || out.size.value > held.size.value) {
      return fail(ErrorKind::malformed, "--kept is SIZE:ROOT, a size that the broker's log has");
    }
    out.size.value = 10 * out.size.value + static_cast<std::uint64_t>(digit - '0');
  }
  return out;
}

// The highest lost checkpoint known: from a file, or the newest that this administrator was shown.
Status put_lost(const std::string& path, const std::string& keys, const Link& link, core::LossAccepted& body) {
  body.epoch = link.session().epoch() + 1;
  if (path == "none") return {};
  BESA_ASSIGN(const std::string note, program::read_text_file(path.empty() ? keys + "/checkpoint" : path, kNoteBytes));
  const client::LogIdentity& log = *link.session().identity();
  body.lost_epoch = log.epoch_of(note).value_or(0);
  BESA_ASSIGN(const core::SignedCheckpoint lost,
              core::verify_checkpoint(note, log.origin(body.lost_epoch), log.log_key));
  if (lost.checkpoint.size <= body.kept_size) {
    return fail(ErrorKind::not_found,
                "this checkpoint does not lie past what is kept: give --lost FILE, the broker's state/rollback-seen");
  }
  body.lost_size = lost.checkpoint.size;
  body.lost_root = lost.checkpoint.root;
  body.lost_signature = lost.signature;
  body.epoch = std::max(body.epoch, body.lost_epoch + 1);
  return {};
}

client::Submission again(const LostGovernance& one, wire::LostReceipt receipt) {
  client::Submission out;
  out.parts.type = core::media_type(one.proven.entry.type);
  out.parts.body = one.proven.log.body;
  out.parts.blocks = one.proven.log.blocks;
  out.parts.policy = one.proven.log.policy;
  out.repeated = true;
  out.lost = std::move(receipt);
  return out;
}

}  // namespace

Done run_loss_prepare(const Common& common, const LossOptions& options) {
  BESA_TRY(check_free(common.out));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const auto link, Link::open_afresh(common.keys, keys, network));
  core::LossAccepted body;
  BESA_ASSIGN(const base::StatementId replaces, link->last_on(Link::Subject::loss, {}));
  body.header = new_header(network, replaces, common.valid_days);
  BESA_ASSIGN(const Kept kept, find_kept(options.kept, *link));
  body.kept_size = kept.size;
  body.kept_root = kept.root;
  BESA_TRY(put_lost(options.lost, common.keys, *link, body));
  body.until = clock_now() + base::Duration{static_cast<std::uint64_t>(options.collect_hours * kMsPerHour)};
  return finish_draft(common, make_draft(core::StatementType::loss_accepted, wire::encode_loss_accepted(body)));
}

Done run_loss_offer(const Common& common) {
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const auto link, Link::open(common.keys, keys, network));
  const Archive archive(common.keys);
  BESA_ASSIGN(const std::vector<LostGovernance> lost, archive.lost());
  std::size_t decided = 0;
  std::size_t collected = 0;
  for (const LostGovernance& one : lost) {
    const client::LogIdentity& log = *link->session().identity();
    BESA_ASSIGN(wire::LostReceipt receipt, client::lost_receipt(one.proven, log));
    BESA_ASSIGN(const client::SubmitAnswer answered, link->submit(again(one, std::move(receipt))));
    if (answered.entry) {
      BESA_TRY(Archive::settle(one));
      ++decided;
    } else if (answered.error == wire::WireError::recovering) {
      ++collected;
    } else {
      return fail(wire::error_kind_of(answered.error), "the broker did not take it: " + answered.detail);
    }
  }
  answer(common, {{"lost", lost.size()}, {"collected", collected}, {"decided", decided}},
         {std::to_string(lost.size()) + " statements lay in the lost part: " + std::to_string(collected) +
              " are collected, " + std::to_string(decided) + " are decided again.",
          collected > 0 ? "Run this again if the broker was started anew meanwhile, and once the recovery is over."
                        : "Nothing is left to offer."});
  return ExitCode::ok;
}

}  // namespace besa::admin
