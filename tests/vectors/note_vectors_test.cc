// C2SP: signed notes, verifier keys, the deterministic signer, and checkpoint bodies.
#include "base/base64.h"
#include "core/checkpoint.h"
#include "core/signed_note.h"
#include "crypto/secret/sign.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

using core::NoteKey;

std::vector<NoteKey> trusted_keys(const Json& test) {
  std::vector<NoteKey> keys;
  for (const Json& text : test.at("trusted")) {
    auto key = core::parse_verifier_key(text.get<std::string>());
    EXPECT_TRUE(key.has_value()) << text;
    if (key) keys.push_back(*key);
  }
  return keys;
}

void check_names(const Json& test, const core::Note& note, const core::VerifiedNote& verified) {
  Json good = Json::array();
  for (const auto& signature : verified.verified) good.push_back(note.signatures.at(signature.signature).name);
  Json unknown = Json::array();
  for (const std::size_t place : verified.unverified) unknown.push_back(note.signatures.at(place).name);
  EXPECT_EQ(good, test.at("verified"));
  EXPECT_EQ(unknown, test.at("unverified"));
}

TEST(SignedNote, Notes) {
  BESA_VECTORS_OR_SKIP(file, "c2sp/signed_note_vectors.json");
  ASSERT_GT(file.at("notes").size(), 0U);
  for (const Json& test : file.at("notes")) {
    SCOPED_TRACE(test.at("name").dump());
    const base::Bytes bytes = hex(test, "note");
    const auto note = core::parse_note(base::as_text(bytes));
    const std::string error = test.value("error", "");
    ASSERT_EQ(note.has_value(), error != "malformed");
    if (!note) {
      EXPECT_EQ(note.error().kind, base::ErrorKind::malformed);
      continue;
    }
    EXPECT_EQ(core::format_note(*note), base::as_text(bytes));
    const auto verified = core::verify_note(*note, trusted_keys(test));
    ASSERT_EQ(verified.has_value(), test.at("ok").get<bool>());
    if (verified) {
      check_names(test, *note, *verified);
    } else {
      EXPECT_EQ(verified.error().kind, base::ErrorKind::bad_signature);
    }
  }
}

TEST(SignedNote, VerifierKeys) {
  BESA_VECTORS_OR_SKIP(file, "c2sp/signed_note_vectors.json");
  ASSERT_GT(file.at("vkeys").size(), 0U);
  for (const Json& test : file.at("vkeys")) {
    SCOPED_TRACE(test.dump());
    const std::string text = test.at("vkey");
    const auto key = core::parse_verifier_key(text);
    ASSERT_EQ(key.has_value(), test.at("ok").get<bool>());
    if (key) {
      EXPECT_EQ(core::format_verifier_key(*key), text);
    }
  }
}

// "PRIVATE+KEY+name+id+base64(type | seed)"
TEST(SignedNote, SignerIsDeterministic) {
  BESA_VECTORS_OR_SKIP(file, "c2sp/signed_note_vectors.json");
  const Json& signer = file.at("signer");
  const auto key = core::parse_verifier_key(signer.at("vkey").get<std::string>());
  ASSERT_TRUE(key.has_value());
  const std::string stored = signer.at("skey");
  const std::size_t last = stored.find('+', stored.find(key->name) + key->name.size() + 1);
  const auto bytes = base::base64_decode(std::string_view(stored).substr(last + 1));
  ASSERT_TRUE(bytes && bytes->size() == 33);
  const auto secret = crypto::SigningKey::from_seed(base::ByteView(*bytes).subspan(1));
  ASSERT_TRUE(secret.has_value());
  EXPECT_EQ(secret->public_key(), key->key);

  const std::string text = signer.at("text");
  const core::Note note{text, {core::note_signature(*key, secret->sign(base::as_bytes(text)))}};
  EXPECT_EQ(core::format_note(note), text + "\n" + signer.at("sig_line").get<std::string>());
}

// "lenient-only" marks what another parser takes although the specification forbids it: we are strict.
TEST(Checkpoint, Bodies) {
  BESA_VECTORS_OR_SKIP(file, "c2sp/checkpoint_body_vectors.json");
  ASSERT_GT(file.at("cases").size(), 0U);
  for (const Json& test : file.at("cases")) {
    SCOPED_TRACE(test.at("desc").dump());
    const std::string text = test.at("body");
    const auto body = core::parse_checkpoint_body(text);
    ASSERT_EQ(body.has_value(), test.at("ok") == Json(true));
    if (!body) continue;
    EXPECT_EQ(body->origin, test.at("origin"));
    EXPECT_EQ(body->size.value, test.at("size").get<std::uint64_t>());
    if (test.contains("hash_b64")) {
      EXPECT_EQ(base::base64_encode(body->root), test.at("hash_b64"));
    }
    std::string rest;
    for (const std::string& line : body->extensions) rest += line + "\n";
    EXPECT_EQ(rest, test.at("rest"));
    EXPECT_EQ(core::format_checkpoint_body(*body), text);
  }
}

}  // namespace
}  // namespace besa::vectors
