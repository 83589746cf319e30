#include "envelope/payload.h"

#include "base/check.h"
#include "base/limits.h"
#include "crypto/secret/aead.h"
#include "crypto/secret/derive.h"
#include "wire/chunks.h"

namespace besa::envelope {
namespace {

using base::Bytes;
using base::ByteView;
using crypto::SecretBytes;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceZeros = 7;

// label || index (2) || category (2)
Bytes section_info(std::string_view label, std::uint16_t index, core::Category category) {
  base::ByteWriter writer;
  writer.raw(label).u16(index).u16(core::number_of(category));
  return writer.take();
}

// 0^7 || chunk (4) || last (1)
crypto::AeadNonce chunk_nonce(std::uint32_t chunk, bool last) {
  base::ByteWriter writer;
  for (std::size_t i = 0; i < kNonceZeros; ++i) writer.u8(0);
  writer.u32(chunk).u8(last ? 1 : 0);
  crypto::AeadNonce nonce;
  BESA_CHECK(crypto::AeadNonce::read(writer.bytes(), nonce));
  return nonce;
}

// H0 || index (2)
Bytes chunk_associated(const base::Digest& h0, std::uint16_t index) {
  base::ByteWriter writer;
  writer.raw(h0).u16(index);
  return writer.take();
}

}  // namespace

SectionKeys section_keys(const base::Digest& h0, std::uint16_t index, core::Category category, const SecretBytes& cek) {
  const SecretBytes prk = crypto::extract_secret(h0.view(), cek.view());
  SectionKeys out;
  out.key = crypto::expand_secret(prk, section_info("besa/1 payload", index, category), kKeyBytes);
  const SecretBytes commitment = crypto::expand_secret(prk, section_info("besa/1 commit", index, category), kKeyBytes);
  BESA_CHECK(base::Commitment::read(commitment.view(), out.commitment));
  return out;
}

Bytes pad_content(ByteView content, std::uint32_t padded) {
  BESA_CHECK(content.size() + wire::kContentLengthBytes <= padded);
  base::ByteWriter writer;
  writer.sized(content);
  Bytes out = writer.take();
  out.resize(padded, 0);
  return out;
}

std::optional<Bytes> unpad_content(ByteView plaintext) {
  base::ByteReader reader(plaintext);
  const ByteView content = reader.sized();
  if (!reader.ok() || wire::padded_length(content.size()) != plaintext.size()) return std::nullopt;
  const ByteView rest = reader.raw(reader.left());
  const bool zeros = std::all_of(rest.begin(), rest.end(), [](std::uint8_t b) { return b == 0; });
  return zeros ? std::optional(base::to_bytes(content)) : std::nullopt;
}

std::vector<Bytes> seal_chunks(const base::Digest& h0, std::uint16_t index, const SecretBytes& key,
                               ByteView plaintext) {
  const Bytes associated = chunk_associated(h0, index);
  std::vector<Bytes> out;
  std::uint32_t chunk = 0;
  while (!plaintext.empty()) {
    const ByteView piece = plaintext.first(std::min(plaintext.size(), base::limits::kChunkBytes));
    plaintext = plaintext.subspan(piece.size());
    out.push_back(crypto::aead_seal(key, chunk_nonce(chunk++, plaintext.empty()), associated, piece));
  }
  return out;
}

base::Result<Bytes> open_chunks(const base::Digest& h0, std::uint16_t index, const SecretBytes& key,
                                std::span<const Bytes> chunks) {
  const Bytes associated = chunk_associated(h0, index);
  Bytes out;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const auto nonce = chunk_nonce(static_cast<std::uint32_t>(i), i + 1 == chunks.size());
    BESA_ASSIGN(const Bytes piece, crypto::aead_open(key, nonce, associated, chunks[i]));
    out.insert(out.end(), piece.begin(), piece.end());
  }
  return out;
}

Bytes grant_info(std::uint16_t suite, const base::Digest& h1) {
  base::ByteWriter writer;
  writer.raw("besa/1 grant").u16(suite).raw(h1);
  return writer.take();
}

}  // namespace besa::envelope
