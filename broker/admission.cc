#include "broker/admission.h"

#include <algorithm>

#include "wire/chunks.h"
#include "wire/statement.h"

namespace besa::broker {
namespace {

using base::Bytes;
using base::ByteView;
using wire::WireError;

tl::unexpected<Refusal> mismatch(std::string detail) {
  return refuse(WireError::ciphertext_mismatch, std::move(detail));
}

// The chunks of one section, which `chunks` begins with.
Answered<std::size_t> check_section(const core::Section& section, std::uint16_t index,
                                    std::span<const journal::Chunk> chunks) {
  std::vector<Bytes> pieces;
  for (const journal::Chunk& chunk : chunks) {
    if (chunk.section != index) break;
    if (chunk.chunk != pieces.size()) return mismatch("the chunks of a section are not one after the other");
    pieces.push_back(chunk.bytes);
  }
  if (!wire::check_chunks(section.padded_length, section.ciphertext_root, pieces)) {
    return mismatch("the ciphertext of a section is not what the message says it is");
  }
  return pieces.size();
}

Answered<std::vector<journal::Chunk>> check_ciphertext(const core::Body& body, std::vector<wire::Chunk> sent) {
  std::vector<journal::Chunk> chunks;
  for (wire::Chunk& chunk : sent) chunks.push_back({chunk.section, chunk.index, std::move(chunk.data)});
  std::sort(chunks.begin(), chunks.end(), [](const journal::Chunk& a, const journal::Chunk& b) {
    return std::tie(a.section, a.chunk) < std::tie(b.section, b.chunk);
  });
  std::span<const journal::Chunk> rest(chunks);
  if (const auto* envelope = std::get_if<core::Envelope>(&body)) {
    for (std::size_t i = 0; i < envelope->sections.size(); ++i) {
      BESA_ASSIGN(const std::size_t used, check_section(envelope->sections[i], static_cast<std::uint16_t>(i), rest));
      rest = rest.subspan(used);
    }
  }
  if (!rest.empty()) return mismatch("there is ciphertext of no section");
  return chunks;
}

// The core says which of its rules was broken by the kind of error.
Refusal submitter_refusal(const base::Error& error) {
  if (error.kind == base::ErrorKind::denied) return {WireError::wrong_submitter, error.message};
  if (error.kind == base::ErrorKind::malformed) return {WireError::wrong_network, error.message};
  if (error.kind == base::ErrorKind::already_exists) return {WireError::denied, error.message};
  return error;
}

struct Read {
  core::ParsedStatement statement;
  std::vector<journal::Chunk> ciphertext;
};

Answered<Read> read_parts(wire::StatementParts parts) {
  const std::vector<ByteView> rows(parts.rows.begin(), parts.rows.end());
  BESA_ASSIGN(core::ParsedStatement parsed,
              wire::parse_statement(parts.type, parts.body, parts.blocks, rows, parts.policy));
  BESA_ASSIGN(std::vector<journal::Chunk> ciphertext, check_ciphertext(parsed.body, std::move(parts.chunks)));
  return Read{std::move(parsed), std::move(ciphertext)};
}

Answered<Offered> offered(wire::StatementParts parts, const wire::LostReceipt& lost, const base::MemberId& submitter,
                          const core::View& view) {
  const std::size_t bytes = wire::frame_cost(parts) + sizeof(Offered);
  BESA_ASSIGN(Read read, read_parts(std::move(parts)));
  if (const auto fits = core::check_submitter(view, read.statement, submitter); !fits) {
    return tl::unexpected<Refusal>(submitter_refusal(fits.error()));
  }
  BESA_ASSIGN(const LogName log, log_name(view));
  BESA_ASSIGN(const auto place, check_lost(lost, read.statement, log));
  return Offered{std::move(read.statement), submitter, std::move(read.ciphertext), place.first, place.second, bytes};
}

Answered<Submitted> admitted(wire::StatementParts parts, const base::MemberId& submitter, const core::View& view) {
  BESA_ASSIGN(Read read, read_parts(std::move(parts)));
  auto verified = core::verify(std::move(read.statement), submitter, core::key_lookup(view));
  if (!verified) {
    const bool brought = verified.error().kind == base::ErrorKind::denied;
    if (brought) return refuse(WireError::wrong_submitter, verified.error().message);
    return tl::unexpected<Refusal>(Refusal(verified.error()));
  }
  if (const auto fits = core::check_submitter(view, *verified); !fits) {
    return tl::unexpected<Refusal>(submitter_refusal(fits.error()));
  }
  return Submitted{std::move(*verified), std::move(read.ciphertext)};
}

}  // namespace

Admission admit_again(wire::StatementParts parts, const wire::LostReceipt& lost, const base::MemberId& submitter,
                      const core::View& view) {
  auto result = offered(std::move(parts), lost, submitter, view);
  if (!result) return std::move(result).error();
  return std::move(*result);
}

Admission admit(wire::StatementParts parts, const base::MemberId& submitter, const core::View& view) {
  auto result = admitted(std::move(parts), submitter, view);
  if (!result) return std::move(result).error();
  return std::move(*result);
}

}  // namespace besa::broker
