#include "core/signed_note.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/limits.h"
#include "crypto/secret/sign.h"

namespace besa::core {
namespace {

using base::as_bytes;
using base::ErrorKind;
using crypto::SigningKey;

constexpr const char* kText = "first line\nsecond line\n";

class SignedNoteTest : public testing::Test {
 protected:
  const SigningKey secret_ = SigningKey::generate();
  const NoteKey key_ = make_note_key("example.org/log", NoteKeyType::ed25519, secret_.public_key());
  const SigningKey witness_secret_ = SigningKey::generate();
  const NoteKey witness_ = make_note_key("witness", NoteKeyType::cosignature, witness_secret_.public_key());

  NoteSignature sign(const std::string& text) const { return note_signature(key_, secret_.sign(as_bytes(text))); }
  NoteSignature cosign(const std::string& text, std::uint64_t time_s) const {
    const auto signature = witness_secret_.sign(as_bytes(cosignature_message(text, time_s)));
    return note_cosignature(witness_, time_s, signature);
  }
  std::string line() const { return format_note({kText, {sign(kText)}}).substr(std::string(kText).size() + 1); }
};

TEST_F(SignedNoteTest, RoundTrip) {
  const Note note{kText, {sign(kText), cosign(kText, 1679315147)}};
  const auto parsed = parse_note(format_note(note));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, note);
  const NoteKey keys[] = {witness_, key_};
  const auto verified = verify_note(*parsed, keys);
  ASSERT_TRUE(verified.has_value());
  ASSERT_EQ(verified->verified.size(), 2U);
  EXPECT_EQ(verified->verified[0].key, 1U);
  EXPECT_EQ(verified->verified[0].time_s, 0U);
  EXPECT_EQ(verified->verified[1].key, 0U);
  EXPECT_EQ(verified->verified[1].time_s, 1679315147U);
}

TEST_F(SignedNoteTest, TheLastEmptyLineDivides) {
  const std::string text = "a\n\n\xE2\x80\x94 looks like a line\n\nb\n";
  const auto parsed = parse_note(format_note({text, {sign(text)}}));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->text, text);
}

TEST_F(SignedNoteTest, MalformedNotes) {
  const std::string good = line();
  const std::string body = kText;
  const std::string cases[] = {
      "",
      "\n",
      "\n\n",
      body,
      body + "\n",
      body + good,                                          // no empty line
      body + "\n" + good + "\n",                            // an empty line at the end
      body + "\n" + good + "\n" + good.substr(0, 5),        // cut off
      body + "\n" + good.substr(0, good.size() - 1),        // no last newline
      body + "\n\xE2\x80\x94" + good.substr(4),             // no space after the dash
      body + "\n-" + good.substr(3),                        // another dash
      body + "\n\xE2\x80\x94  " + good.substr(4),           // two spaces
      body + "\n\xE2\x80\x94 name\n",                       // no signature
      body + "\n\xE2\x80\x94 name \n",                      // an empty one
      body + "\n\xE2\x80\x94 name AAAAAA==\n",              // a key id and nothing more
      body + "\n\xE2\x80\x94 na+me AAAAAAA=\n",             // plus in the name
      body + "\n\xE2\x80\x94 na\xC2\xA0me AAAAAAA=\n",      // Unicode space in the name
      body + "\n\xE2\x80\x94 na\xE3\x80\x80me AAAAAAA=\n",  // Unicode space in the name
      body + "\n\xE2\x80\x94 name AAAAAAA\n",               // no padding
      body + "\n\xE2\x80\x94 name AAAAAAB=\n",              // unused bits are set
      body + "\n\xE2\x80\x94 name AAAA-AA=\n",              // the URL alphabet
      body + "\n\xE2\x80\x94 name AAAAAAA= \n",             // a space behind
      "a\r\n\r\n" + good,                                   // CRLF
      "a\r\n\n" + good,
      "a\tb\n\n" + good,  // a control character
      std::string("a\0b\n\n", 5) + good,
      "\xC3\n\n" + good,       // not UTF-8
      "a\n\n" + good + "b\n",  // text behind the signatures
  };
  for (const std::string& bytes : cases) {
    const auto parsed = parse_note(bytes);
    ASSERT_FALSE(parsed.has_value()) << bytes;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
  }
}

TEST_F(SignedNoteTest, AHundredSignaturesAndNotOneMore) {
  std::string note = std::string(kText) + "\n";
  for (std::size_t i = 0; i < base::limits::kNoteSignatures; ++i) note += line();
  EXPECT_TRUE(parse_note(note).has_value());
  EXPECT_FALSE(parse_note(note + line()).has_value());
}

TEST_F(SignedNoteTest, TooLongIsRefused) {
  const std::string text = std::string(kNoteBytes, 'a') + "\n";
  EXPECT_FALSE(parse_note(text + "\n" + line()).has_value());
}

TEST_F(SignedNoteTest, UnknownKeysAreIgnored) {
  const NoteSignature known = sign(kText);
  NoteSignature other_id = known;
  other_id.key_id ^= 1;
  NoteSignature other_name = known;
  other_name.name = "example.org/other";
  const auto verified = verify_note({kText, {other_id, known, other_name, other_name}}, {&key_, 1});
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->verified.size(), 1U);
  EXPECT_EQ(verified->unverified, (std::vector<std::size_t>{0, 2}));
}

TEST_F(SignedNoteTest, AFalseSignatureOfATrustedKeyRefusesTheNote) {
  const NoteSignature good = sign(kText);
  NoteSignature bad = good;
  bad.signature[10] ^= 1;
  NoteSignature shorter = good;
  shorter.signature.pop_back();
  for (const NoteSignature& line : {bad, shorter, sign("another text\n")}) {
    for (const auto& lines : {std::vector{line}, std::vector{good, line}, std::vector{line, good}}) {
      const auto verified = verify_note({kText, lines}, {&key_, 1});
      ASSERT_FALSE(verified.has_value());
      EXPECT_EQ(verified.error().kind, ErrorKind::bad_signature);
    }
  }
}

TEST_F(SignedNoteTest, WithoutATrustedSignatureThereIsNothing) {
  EXPECT_EQ(verify_note({kText, {sign(kText)}}, {}).error().kind, ErrorKind::bad_signature);
  EXPECT_EQ(verify_note({kText, {sign(kText)}}, {&witness_, 1}).error().kind, ErrorKind::bad_signature);
}

TEST_F(SignedNoteTest, ACosignatureBindsItsTime) {
  NoteSignature line = cosign(kText, 1000);
  EXPECT_TRUE(verify_note({kText, {line}}, {&witness_, 1}).has_value());
  line.signature[7] ^= 1;
  EXPECT_FALSE(verify_note({kText, {line}}, {&witness_, 1}).has_value());
}

TEST_F(SignedNoteTest, ACosignatureOfTimePast63BitsIsRefused) {
  const std::uint64_t time_s = std::uint64_t{1} << 63U;
  base::ByteWriter bytes;
  bytes.u64(time_s).raw(witness_secret_.sign(as_bytes(cosignature_message(kText, time_s))));
  const NoteSignature line{witness_.name, witness_.key_id, bytes.take()};
  EXPECT_FALSE(verify_note({kText, {line}}, {&witness_, 1}).has_value());
}

TEST_F(SignedNoteTest, APlainSignatureIsNoCosignature) {
  const NoteKey same_key = make_note_key("witness", NoteKeyType::ed25519, witness_secret_.public_key());
  EXPECT_NE(same_key.key_id, witness_.key_id);
  NoteSignature line = note_signature(same_key, witness_secret_.sign(as_bytes(kText)));
  EXPECT_TRUE(verify_note({kText, {line}}, {&same_key, 1}).has_value());
  line.key_id = witness_.key_id;
  EXPECT_FALSE(verify_note({kText, {line}}, {&witness_, 1}).has_value());
}

TEST(CosignatureMessage, IsTheSpecificationsExample) {
  const std::string text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  EXPECT_EQ(cosignature_message(text, 1679315147), "cosignature/v1\ntime 1679315147\n" + text);
}

TEST(VerifierKey, MalformedTexts) {
  const std::string good = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  ASSERT_TRUE(parse_verifier_key(good).has_value());
  const std::string cases[] = {
      "",
      "+",
      "++",
      "PeterNeumann",
      "PeterNeumann+c74f20a3",
      "PeterNeumann+c74f20a3+",
      "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",   // another id
      "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",   // upper case
      "PeterNeumann+0c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  // nine digits
      "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      good + "=",
      good + "\n",
      " " + good,
  };
  for (const std::string& text : cases) {
    const auto key = parse_verifier_key(text);
    ASSERT_FALSE(key.has_value()) << text;
    EXPECT_EQ(key.error().kind, ErrorKind::malformed);
  }
}

TEST(KeyName, Rules) {
  for (const char* const name : {"a", "example.org/log", "\xC3\xAB", "a-b_c:d"}) EXPECT_TRUE(is_key_name(name)) << name;
  for (const char* const name : {"", " ", "a b", "a+b", "a\nb", "a\x01", "\xC2\x85",
                                 "a\xE2\x80\x89"
                                 "b",
                                 "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x81\x9F", "\xFF"}) {
    EXPECT_FALSE(is_key_name(name)) << name;
  }
}

}  // namespace
}  // namespace besa::core
