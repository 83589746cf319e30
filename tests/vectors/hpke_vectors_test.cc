// RFC 9180, base mode, X25519 with HKDF-SHA256 and ChaCha20-Poly1305: every value that the file gives for our suite.
#include "crypto/secret/hpke.h"

#include "crypto/secret/derive.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

namespace hpke = crypto::hpke;
using base::Bytes;
using crypto::BoxSecret;

constexpr int kModeBase = 0;
constexpr int kModePsk = 1;
constexpr int kChaCha20Poly1305 = 3;

bool is_kem_of_ours(const Json& test) { return test.at("kem_id") == 0x20 && test.at("kdf_id") == 1; }
bool is_suite_of_ours(const Json& test) {
  return is_kem_of_ours(test) && test.at("mode") == kModeBase && test.at("aead_id") == kChaCha20Poly1305;
}

BoxSecret secret(const Json& test, const char* field) {
  auto key = BoxSecret::from_bytes(hex(test, field));
  EXPECT_TRUE(key.has_value());
  return std::move(*key);
}

TEST(Hpke, SharedSecretOfBothSides) {
  BESA_VECTORS_OR_SKIP(file, "hpke/hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json");
  std::size_t cases = 0;
  for (const Json& test : file) {
    // The modes with a pre-shared key use the same encapsulation; the authenticated ones do not.
    if (!is_kem_of_ours(test) || (test.at("mode") != kModeBase && test.at("mode") != kModePsk)) continue;
    ++cases;
    const BoxSecret recipient = secret(test, "skRm");
    const BoxSecret ephemeral = secret(test, "skEm");
    EXPECT_EQ(base::to_bytes(recipient.public_key().view()), hex(test, "pkRm"));
    EXPECT_EQ(base::to_bytes(ephemeral.public_key().view()), hex(test, "enc"));
    const auto sent = hpke::encapsulated_secret(ephemeral, recipient.public_key());
    const auto received = hpke::decapsulated_secret(recipient, ephemeral.public_key());
    ASSERT_TRUE(sent && received);
    EXPECT_EQ(base::to_bytes(sent->view()), hex(test, "shared_secret"));
    EXPECT_EQ(base::to_bytes(received->view()), hex(test, "shared_secret"));
  }
  EXPECT_GT(cases, 0U);
}

TEST(Hpke, KeySchedule) {
  BESA_VECTORS_OR_SKIP(file, "hpke/hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json");
  std::size_t cases = 0;
  for (const Json& test : file) {
    if (!is_suite_of_ours(test)) continue;
    ++cases;
    const auto shared = crypto::SecretBytes::copy_of(hex(test, "shared_secret"));
    const hpke::Context context = hpke::key_schedule(shared, hex(test, "info"));
    EXPECT_EQ(base::to_bytes(context.key.view()), hex(test, "key"));
    EXPECT_EQ(base::to_bytes(context.base_nonce.view()), hex(test, "base_nonce"));
    EXPECT_EQ(base::to_bytes(context.exporter_secret.view()), hex(test, "exporter_secret"));
  }
  EXPECT_GT(cases, 0U);
}

// Section 5.2: the nonce of a later message of the same context.
crypto::AeadNonce nonce_of(const hpke::Context& context, std::uint64_t number) {
  crypto::AeadNonce nonce = context.base_nonce;
  for (std::size_t i = 0; i < 8; ++i) nonce.bytes[11 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  return nonce;
}

TEST(Hpke, EveryEncryption) {
  BESA_VECTORS_OR_SKIP(file, "hpke/hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json");
  std::size_t cases = 0;
  for (const Json& test : file) {
    if (!is_suite_of_ours(test)) continue;
    const auto shared = hpke::decapsulated_secret(secret(test, "skRm"), hex_id<base::BoxKey>(test, "enc"));
    ASSERT_TRUE(shared.has_value());
    const hpke::Context context = hpke::key_schedule(*shared, hex(test, "info"));
    for (const Json& message : test.at("encryptions")) {
      ++cases;
      const crypto::AeadNonce nonce = nonce_of(context, message.at("seq").get<std::uint64_t>());
      EXPECT_EQ(base::to_bytes(nonce.view()), hex(message, "nonce"));
      EXPECT_EQ(crypto::aead_seal(context.key, nonce, hex(message, "aad"), hex(message, "pt")), hex(message, "ct"));
      const auto opened = crypto::aead_open(context.key, nonce, hex(message, "aad"), hex(message, "ct"));
      ASSERT_TRUE(opened.has_value());
      EXPECT_EQ(*opened, hex(message, "pt"));
    }
  }
  EXPECT_GT(cases, 0U);
}

TEST(Hpke, SingleShot) {
  BESA_VECTORS_OR_SKIP(file, "hpke/hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json");
  std::size_t cases = 0;
  for (const Json& test : file) {
    if (!is_suite_of_ours(test)) continue;
    const BoxSecret recipient = secret(test, "skRm");
    for (const Json& message : test.at("encryptions")) {
      if (message.at("seq") != 0) continue;
      ++cases;
      const Bytes info = hex(test, "info");
      const Bytes associated = hex(message, "aad");
      const auto sealed = hpke::seal_with_known_ephemeral(secret(test, "skEm"), recipient.public_key(), info,
                                                          associated, hex(message, "pt"));
      ASSERT_TRUE(sealed.has_value());
      EXPECT_EQ(base::to_bytes(sealed->encapsulation.view()), hex(test, "enc"));
      EXPECT_EQ(sealed->ciphertext, hex(message, "ct"));
      const auto opened = hpke::open(recipient, sealed->encapsulation, info, associated, sealed->ciphertext);
      ASSERT_TRUE(opened.has_value());
      EXPECT_EQ(base::to_bytes(opened->view()), hex(message, "pt"));
    }
  }
  EXPECT_GT(cases, 0U);
}

// Section 5.3. Besa exports nothing; the cases check the exporter secret and HKDF once more.
TEST(Hpke, EveryExport) {
  BESA_VECTORS_OR_SKIP(file, "hpke/hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json");
  const Bytes suite{'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, 0x03};
  std::size_t cases = 0;
  for (const Json& test : file) {
    if (!is_suite_of_ours(test)) continue;
    const auto shared = crypto::SecretBytes::copy_of(hex(test, "shared_secret"));
    const hpke::Context context = hpke::key_schedule(shared, hex(test, "info"));
    for (const Json& value : test.at("exports")) {
      ++cases;
      const auto size = value.at("L").get<std::uint16_t>();
      base::ByteWriter info;
      info.u16(size).raw("HPKE-v1").raw(suite).raw("sec").raw(hex(value, "exporter_context"));
      const auto exported = crypto::expand_secret(context.exporter_secret, info.bytes(), size);
      EXPECT_EQ(base::to_bytes(exported.view()), hex(value, "exported_value"));
    }
  }
  EXPECT_GT(cases, 0U);
}

// The mode is part of the key schedule: what was sealed in another mode does not open in ours.
TEST(Hpke, OtherModesGiveOtherKeys) {
  BESA_VECTORS_OR_SKIP(file, "hpke/hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json");
  for (const Json& test : file) {
    if (is_suite_of_ours(test) || test.at("encryptions").empty()) continue;
    const auto shared = hpke::decapsulated_secret(secret(test, "skRm"), hex_id<base::BoxKey>(test, "enc"));
    ASSERT_TRUE(shared.has_value());
    const hpke::Context context = hpke::key_schedule(*shared, hex(test, "info"));
    EXPECT_NE(base::to_bytes(context.key.view()), hex(test, "key"));
  }
}

}  // namespace
}  // namespace besa::vectors
