#include "crypto/secret/hpke.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/check.h"
#include "crypto/secret/derive.h"
#include "crypto/verify/hmac.h"

namespace besa::crypto::hpke {
namespace {

constexpr std::uint8_t kModeBase = 0;

// Section 4.1: "KEM" | kem id. Section 5.1: "HPKE" | kem id | kdf id | aead id.
constexpr std::array<std::uint8_t, 5> kKemSuite{'K', 'E', 'M', 0x00, 0x20};
constexpr std::array<std::uint8_t, 10> kSuite{'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};

// Section 4: Extract(salt, "HPKE-v1" | suite | label | input key).
SecretBytes labeled_extract(base::ByteView suite, base::ByteView salt, std::string_view label,
                            base::ByteView input_key) {
  SecretBytes secret(base::Digest::kSize);
  base::Digest code = hmac_sha256_of(salt, {base::as_bytes("HPKE-v1"), suite, base::as_bytes(label), input_key});
  std::copy(code.bytes.begin(), code.bytes.end(), secret.writable().begin());
  wipe(code.bytes);
  return secret;
}

// Section 4: Expand(prk, length (2) | "HPKE-v1" | suite | label | info, length).
SecretBytes labeled_expand(base::ByteView suite, const SecretBytes& pseudorandom_key, std::string_view label,
                           base::ByteView info, std::uint16_t size) {
  base::ByteWriter labeled;
  labeled.u16(size).raw("HPKE-v1").raw(suite).raw(label).raw(info);
  return expand_secret(pseudorandom_key, labeled.bytes(), size);
}

// Section 4.1: ExtractAndExpand(dh, enc | pkRm).
SecretBytes extract_and_expand(const SecretBytes& exchanged, const base::BoxKey& encapsulation,
                               const base::BoxKey& recipient) {
  base::ByteWriter context;
  context.raw(encapsulation).raw(recipient);
  const SecretBytes early = labeled_extract(kKemSuite, {}, "eae_prk", exchanged.view());
  return labeled_expand(kKemSuite, early, "shared_secret", context.bytes(), 32);
}

}  // namespace

base::Result<SecretBytes> encapsulated_secret(const BoxSecret& ephemeral, const base::BoxKey& recipient) {
  BESA_ASSIGN(const SecretBytes exchanged, ephemeral.exchange(recipient));
  return extract_and_expand(exchanged, ephemeral.public_key(), recipient);
}

base::Result<SecretBytes> decapsulated_secret(const BoxSecret& recipient, const base::BoxKey& encapsulation) {
  BESA_ASSIGN(const SecretBytes exchanged, recipient.exchange(encapsulation));
  return extract_and_expand(exchanged, encapsulation, recipient.public_key());
}

Context key_schedule(const SecretBytes& shared_secret, base::ByteView info) {
  const SecretBytes psk_id_hash = labeled_extract(kSuite, {}, "psk_id_hash", {});
  const SecretBytes info_hash = labeled_extract(kSuite, {}, "info_hash", info);
  base::ByteWriter schedule;
  schedule.u8(kModeBase).raw(psk_id_hash.view()).raw(info_hash.view());
  const SecretBytes secret = labeled_extract(kSuite, shared_secret.view(), "secret", {});

  Context context;
  context.key = labeled_expand(kSuite, secret, "key", schedule.bytes(), kAeadKeyBytes);
  const SecretBytes nonce = labeled_expand(kSuite, secret, "base_nonce", schedule.bytes(), AeadNonce::kSize);
  BESA_CHECK(AeadNonce::read(nonce.view(), context.base_nonce));
  context.exporter_secret = labeled_expand(kSuite, secret, "exp", schedule.bytes(), 32);
  return context;
}

base::Result<Sealed> seal_with_known_ephemeral(const BoxSecret& ephemeral, const base::BoxKey& recipient,
                                               base::ByteView info, base::ByteView associated,
                                               base::ByteView plaintext) {
  BESA_ASSIGN(const SecretBytes shared_secret, encapsulated_secret(ephemeral, recipient));
  const Context context = key_schedule(shared_secret, info);
  return Sealed{ephemeral.public_key(), aead_seal(context.key, context.base_nonce, associated, plaintext)};
}

base::Result<Sealed> seal(const base::BoxKey& recipient, base::ByteView info, base::ByteView associated,
                          base::ByteView plaintext) {
  return seal_with_known_ephemeral(BoxSecret::generate(), recipient, info, associated, plaintext);
}

base::Result<SecretBytes> open(const BoxSecret& recipient, const base::BoxKey& encapsulation, base::ByteView info,
                               base::ByteView associated, base::ByteView ciphertext) {
  BESA_ASSIGN(const SecretBytes shared_secret, decapsulated_secret(recipient, encapsulation));
  const Context context = key_schedule(shared_secret, info);
  return aead_open_secret(context.key, context.base_nonce, associated, ciphertext);
}

}  // namespace besa::crypto::hpke
