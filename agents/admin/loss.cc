// After the broker was restored from an older copy: the statement that accepts the loss, and what administrators offer
// again.
#include <algorithm>
#include <charconv>

#include "agents/admin/archive.h"
#include "agents/admin/commands.h"
#include "agents/admin/draft.h"
#include "agents/admin/prepare.h"
#include "agents/admin/words.h"
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
using program::Json;

constexpr std::size_t kNoteBytes = 64 * 1024;
constexpr double kMsPerHour = 3'600'000;

struct Kept {
  base::TreeSize size;
  base::Digest root;
};

// "SIZE:ROOT".
Result<Kept> parse_kept(const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  Kept out;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, out.size.value);
  if (error != std::errc() || end != text.data() + colon || out.size.value == 0 || colon == text.size()) {
    return fail(ErrorKind::malformed, "--kept is SIZE:ROOT, as besa-broker restore printed them: SIZE is at least 1");
  }
  BESA_ASSIGN(out.root, parse_id<base::Digest>(text.substr(colon + 1), "the root in --kept"));
  return out;
}

// What the restored copy held, with which the broker's log must begin. What the broker has now is no answer: it may
// have written something since, of which no agency has kept anything.
Status check_kept(const Kept& given, Link& link) {
  const core::Checkpoint& held = link.session().held()->checkpoint;
  if (given.size > held.size) {
    return fail(ErrorKind::malformed,
                "--kept names more than the broker's log has: that ends at " + std::to_string(held.size.value));
  }
  const Status begins = link.check_beginning(given.size, given.root);
  if (!begins && begins.error().kind == ErrorKind::misbehaviour) {
    return fail(ErrorKind::malformed,
                "--kept has not the root that the broker's log has at this size: both are what "
                "besa-broker restore printed, or besa-audit export of the restored log");
  }
  return begins;
}

// The highest lost checkpoint known: from a file, or the newest that this administrator was shown.
Status put_lost(const std::string& path, const std::string& keys, const Link& link, core::LossAccepted& body) {
  body.epoch = link.session().epoch() + 1;
  if (path == "none") return {};
  BESA_ASSIGN(const std::string note, program::read_text_file(path.empty() ? keys + "/checkpoint" : path, kNoteBytes));
  const client::LogIdentity& log = *link.session().identity();
  body.lost_epoch = log.epoch_of(note).value_or(0);
  auto verified = core::verify_checkpoint(note, log.origin(body.lost_epoch), log.log_key);
  if (!verified) {
    return fail(ErrorKind::malformed, (path.empty() ? keys + "/checkpoint" : path) + ": no checkpoint of this log (" +
                                          verified.error().message + "): give --lost FILE, the broker's " +
                                          "state/rollback-seen");
  }
  const core::SignedCheckpoint& lost = *verified;
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

// What became of what was offered again. What was in force before the loss may be refused after it, if nobody offered
// the statement that it replaces: somebody has to know.
struct Offered {
  std::size_t collected = 0;
  std::size_t decided = 0;
  Json refused = Json::array();
  Json not_taken = Json::array();
  std::vector<std::string> words;

  // Neither decided nor collected. The others are offered all the same.
  void turned_away(const LostGovernance& one, const base::Error& why) {
    const std::string type(core::name_of(one.proven.entry.type));
    const std::string id = hex(one.proven.entry.id);
    not_taken.push_back(
        {{"statement", id}, {"type", type}, {"was", one.proven.entry.sequence.value}, {"words", why.message}});
    words.push_back("Not taken: " + type + " " + id + ", entry " + std::to_string(one.proven.entry.sequence.value) +
                    " of the lost log: " + why.message + ".");
  }
  Status take(const LostGovernance& one, const client::SubmitAnswer& answered) {
    if (!answered.entry) {
      ++collected;
      return {};
    }
    ++decided;
    const core::Entry& entry = answered.entry->entry;
    if (!entry.decision.accepted()) refuse(one.proven.entry, entry);
    return Archive::settle(one, entry.decision.accepted());
  }
  void refuse(const core::Entry& before, const core::Entry& after) {
    const std::string type(core::name_of(after.type));
    const std::string why = reason_words(after.decision.reason);
    refused.push_back({{"statement", hex(after.id)},
                       {"type", type},
                       {"was", before.sequence.value},
                       {"sequence", after.sequence.value},
                       {"reason", core::name_of(after.decision.reason)},
                       {"words", why}});
    words.push_back("Refused, and no longer in force: " + type + " " + hex(after.id) + ", entry " +
                    std::to_string(before.sequence.value) + " of the lost log, now entry " +
                    std::to_string(after.sequence.value) + ": " + why + ".");
  }
  Json json(std::size_t lost) const {
    return {
        {"lost", lost}, {"collected", collected}, {"decided", decided}, {"refused", refused}, {"not_taken", not_taken}};
  }
  bool whole() const { return refused.empty() && not_taken.empty(); }
  std::vector<std::string> lines(std::size_t lost) const {
    std::vector<std::string> out = {
        std::to_string(lost) + " statements lay in the lost part: " + std::to_string(collected) + " are collected, " +
        std::to_string(decided) + " are decided again, " + std::to_string(refused.size()) + " of these refused; " +
        std::to_string(not_taken.size()) + " were not taken."};
    out.insert(out.end(), words.begin(), words.end());
    out.emplace_back(next());
    return out;
  }
  const char* next() const {
    if (!not_taken.empty())
      return "Mend what was not taken if you can, and run this again; prepare anew what stays out.";
    if (collected > 0) return "Run this again if the broker was started anew meanwhile, and once the recovery is over.";
    return "Nothing is left to offer.";
  }
};

// One of them. Errors: the broker cannot be reached, or misbehaves: then none of the others can be offered either.
Status offer_one(Link& link, const LostGovernance& one, Offered& offered) {
  auto receipt = client::lost_receipt(one.proven, *link.session().identity());
  if (!receipt) {
    offered.turned_away(one, receipt.error());
    return {};
  }
  BESA_ASSIGN(const client::SubmitAnswer answered, link.submit(again(one, std::move(*receipt))));
  if (answered.entry || answered.error == wire::WireError::recovering) return offered.take(one, answered);
  offered.turned_away(one, {wire::error_kind_of(answered.error), answered.detail});
  return {};
}

}  // namespace

Done run_loss_prepare(const Common& common, const LossOptions& options) {
  BESA_TRY(check_free(common.out));
  BESA_ASSIGN(const Kept kept, parse_kept(options.kept));
  BESA_ASSIGN(const NetworkFile network, read_network(common.network));
  BESA_ASSIGN(const AdministratorKeys keys, load_keys(common.keys));
  BESA_ASSIGN(const auto link, Link::open_afresh(common.keys, keys, network));
  core::LossAccepted body;
  BESA_ASSIGN(const base::StatementId replaces, link->last_on(Link::Subject::loss, {}));
  body.header = new_header(network, replaces, common.valid_days);
  BESA_TRY(check_kept(kept, *link));
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
  Offered offered;
  Status reached;
  for (const LostGovernance& one : lost) {
    reached = offer_one(*link, one, offered);
    if (!reached) break;
  }
  // What became of those before is said, whatever ended it.
  answer(common, offered.json(lost.size()), offered.lines(lost.size()));
  BESA_TRY(reached);
  return offered.whole() ? ExitCode::ok : ExitCode::refused;
}

}  // namespace besa::admin
