#include "broker/decide_again.h"

#include "wire/statement.h"

namespace besa::broker {
namespace {

using base::ByteView;
using base::Result;

Result<core::Verified> read_statement(const core::Entry& entry, const core::Beside& beside, const core::View& view) {
  const std::vector<ByteView> rows(beside.rows.begin(), beside.rows.end());
  BESA_ASSIGN(auto parsed,
              wire::parse_statement(core::media_type(entry.type), beside.body, beside.blocks, rows, beside.policy));
  return core::verify(std::move(parsed), entry.submitter, core::key_lookup(view));
}

}  // namespace

Result<Verdict> decide_again(const core::View& view, ByteView entry_bytes, ByteView beside_bytes) {
  const auto entry = core::decode_entry(entry_bytes);
  const auto beside = core::decode_beside(beside_bytes);
  if (!entry || !beside) return Verdict("the entry does not read");
  const auto verified = read_statement(*entry, *beside, view);
  if (!verified) return Verdict("its statement does not hold: " + verified.error().message);
  auto outcome = core::decide(view, *verified, entry->now);
  if (!outcome && outcome.error().kind == base::ErrorKind::damaged) return tl::unexpected(outcome.error());
  if (!outcome) return Verdict(outcome.error().message);
  auto* decided = std::get_if<core::Decided>(&*outcome);
  if (decided == nullptr) return Verdict("the log holds this statement twice");
  if (!base::equal(core::encode_entry(decided->entry), entry_bytes)) return Verdict("another decision comes out");
  return Verdict(DecidedAgain{std::move(*decided), verified->statement()});
}

}  // namespace besa::broker
