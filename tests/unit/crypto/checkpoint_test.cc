#include "core/checkpoint.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "core/merkle.h"
#include "crypto/secret/random.h"
#include "crypto/secret/sign.h"

namespace besa::core {
namespace {

using base::as_bytes;
using base::Digest;
using base::ErrorKind;
using base::TreeSize;
using crypto::SigningKey;

class CheckpointTest : public testing::Test {
 protected:
  const SigningKey secret_ = SigningKey::generate();
  const std::string origin_ = format_origin({"example.org", crypto::random_id<base::NetworkId>(), 0});
  const Checkpoint checkpoint_{origin_, TreeSize{20852163}, leaf_hash(as_bytes("a tree"))};

  std::string sign_text(const std::string& text, const std::string& name, const SigningKey& key) const {
    const NoteKey note_key = make_note_key(name, NoteKeyType::ed25519, key.public_key());
    return format_note({text, {note_signature(note_key, key.sign(as_bytes(text)))}});
  }
  std::string sign(const std::string& text) const { return sign_text(text, origin_, secret_); }
  base::Result<SignedCheckpoint> check(const std::string& note) const {
    return verify_checkpoint(note, origin_, secret_.public_key());
  }
};

TEST_F(CheckpointTest, RoundTrip) {
  const auto verified = check(sign(note_text(checkpoint_)));
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->checkpoint, checkpoint_);
}

// What gossip carries (size, root, signature) is enough to write the note again.
TEST_F(CheckpointTest, NoteIsRebuiltFromItsParts) {
  const std::string note = sign(note_text(checkpoint_));
  const auto verified = check(note);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(note_from(verified->checkpoint, secret_.public_key(), verified->signature), note);
}

TEST_F(CheckpointTest, LinesOfOthersAreIgnored) {
  const std::string text = note_text(checkpoint_);
  const NoteKey log = make_note_key(origin_, NoteKeyType::ed25519, secret_.public_key());
  const SigningKey stranger = SigningKey::generate();
  const NoteKey witness = make_note_key("witness", NoteKeyType::cosignature, stranger.public_key());
  const Note note{text, {note_cosignature(witness, 1, {}), note_signature(log, secret_.sign(as_bytes(text)))}};
  const auto verified = check(format_note(note));
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->signature, secret_.sign(as_bytes(text)));
}

// Row 38 of the attack table: each of these bodies is rightly signed, and refused nevertheless.
TEST_F(CheckpointTest, MalformedBodies) {
  const std::string root = base::base64_encode(checkpoint_.root.view());
  const std::string cases[] = {
      origin_ + "\n7\n",                 // two lines
      origin_ + "\n07\n" + root + "\n",  // leading zero
      origin_ + "\n00\n" + root + "\n",
      origin_ + "\n+7\n" + root + "\n",
      origin_ + "\n-7\n" + root + "\n",
      origin_ + "\n7 \n" + root + "\n",
      origin_ + "\n0x7\n" + root + "\n",
      origin_ + "\n7.0\n" + root + "\n",
      origin_ + "\n18446744073709551616\n" + root + "\n",  // 2^64
      origin_ + "\n7\n" + root.substr(0, 43) + "\n",       // no padding
      origin_ + "\n7\n" + root.substr(0, 42) + "?=\n",     // not base64
      origin_ + "\n7\n" + root + "=\n",
      origin_ + "\n7\n" + root + " \n",
      origin_ + "\n7\nYmFuYW5hcw==\n",             // a root of another length
      origin_ + "\n7\n" + root + "\n\n",           // an empty line behind
      origin_ + "\n\n7\n" + root + "\n",           // an empty line between
      "\n" + origin_ + "\n7\n" + root + "\n",      // an empty line before
      origin_ + "\n7\n" + root + "\nextension\n",  // ours have none
      "with space\n7\n" + root + "\n",
  };
  for (const std::string& text : cases) {
    const auto verified = check(sign(text));
    ASSERT_FALSE(verified.has_value()) << text;
    EXPECT_EQ(verified.error().kind, ErrorKind::malformed) << text;
  }
}

TEST_F(CheckpointTest, LargestAndSmallestSizes) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
    const Checkpoint checkpoint{origin_, TreeSize{size}, checkpoint_.root};
    EXPECT_EQ(parse_note_text(note_text(checkpoint)).value(), checkpoint);
  }
}

TEST_F(CheckpointTest, CrlfIsMalformed) {
  std::string note = sign(note_text(checkpoint_));
  for (std::size_t at = note.find('\n'); at != std::string::npos; at = note.find('\n', at + 2)) note.insert(at, "\r");
  EXPECT_EQ(check(note).error().kind, ErrorKind::malformed);
}

TEST_F(CheckpointTest, AnExtraEmptyLineIsMalformed) {
  const std::string note = sign(note_text(checkpoint_));
  EXPECT_EQ(check(note + "\n").error().kind, ErrorKind::malformed);
}

TEST_F(CheckpointTest, WrongOriginIsRefused) {
  const Checkpoint other{"other.example", checkpoint_.size, checkpoint_.root};
  // Signed under the other name: no line of ours.
  EXPECT_EQ(check(sign_text(note_text(other), other.origin, secret_)).error().kind, ErrorKind::bad_signature);
  // Signed under our name and key over a body that names another log.
  EXPECT_EQ(check(sign(note_text(other))).error().kind, ErrorKind::bad_signature);
}

TEST_F(CheckpointTest, OtherKeyUnderTheSameNameIsRefused) {
  const SigningKey other = SigningKey::generate();
  const auto verified = check(sign_text(note_text(checkpoint_), origin_, other));
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().kind, ErrorKind::bad_signature);
}

TEST_F(CheckpointTest, GoodNameWithAFalseSignatureIsRefused) {
  const base::Signature false_signature = secret_.sign(as_bytes("something else"));
  const auto verified = check(note_from(checkpoint_, secret_.public_key(), false_signature));
  ASSERT_FALSE(verified.has_value());
  EXPECT_EQ(verified.error().kind, ErrorKind::bad_signature);
}

TEST_F(CheckpointTest, ABadOriginArgumentIsAnError) {
  const auto verified = verify_checkpoint(sign(note_text(checkpoint_)), "two words", secret_.public_key());
  EXPECT_EQ(verified.error().kind, ErrorKind::malformed);
}

TEST(CheckpointBody, ExtensionLinesAreKept) {
  const std::string text = "Log\n9944\nYmFuYW5hcw==\nfirst\nsecond\n";
  const auto body = parse_checkpoint_body(text);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->extensions, (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(format_checkpoint_body(*body), text);
}

TEST(OriginTest, RoundTrip) {
  for (const Origin& origin : {Origin{"besa.example", crypto::random_id<base::NetworkId>(), 0},
                               Origin{"a/b/c", crypto::random_id<base::NetworkId>(), UINT64_MAX}}) {
    EXPECT_EQ(parse_origin(format_origin(origin)).value(), origin);
  }
}

TEST(OriginTest, MalformedTexts) {
  const std::string network(64, 'a');
  const std::string cases[] = {
      "",
      "/",
      "//",
      "name",
      "name/0",
      "name/" + network,
      "/" + network + "/0",
      "name/" + network + "/",
      "name/" + network + "/00",
      "name/" + network + "/-1",
      "name/" + network + "/1x",
      "name/" + network + "a/0",
      "name/" + network.substr(1) + "/0",
      "name/" + std::string(64, 'A') + "/0",
      "name/" + std::string(64, 'g') + "/0",
      "na me/" + network + "/0",
      "na+me/" + network + "/0",
      "name/" + network + "/18446744073709551616",
  };
  for (const std::string& text : cases) {
    const auto origin = parse_origin(text);
    ASSERT_FALSE(origin.has_value()) << text;
    EXPECT_EQ(origin.error().kind, ErrorKind::malformed);
  }
}

// --- Row 38, the last three: what a verified checkpoint may follow ---

class GrowthTest : public testing::Test {
 protected:
  std::vector<Digest> leaves_ = make_leaves();
  Checkpoint at(std::size_t size) const {
    return {"log", TreeSize{size}, root_of(std::span<const Digest>(leaves_).first(size))};
  }
  Proof proof(std::size_t from, std::size_t to) const {
    return consistency_proof(TreeSize{from}, std::span<const Digest>(leaves_).first(to));
  }
  static std::vector<Digest> make_leaves() {
    std::vector<Digest> leaves;
    for (const char* const text : {"a", "b", "c", "d", "e", "f", "g"}) leaves.push_back(leaf_hash(as_bytes(text)));
    return leaves;
  }
};

TEST_F(GrowthTest, HonestLogsGrow) {
  EXPECT_TRUE(check_growth(at(3), at(7), proof(3, 7)).has_value());
  EXPECT_TRUE(check_growth(at(7), at(7), {}).has_value());
  EXPECT_TRUE(check_growth(at(0), at(7), {}).has_value());
}

TEST_F(GrowthTest, ASmallerTreeIsMisbehaviour) {
  EXPECT_EQ(check_growth(at(7), at(3), proof(3, 7)).error().kind, ErrorKind::misbehaviour);
}

TEST_F(GrowthTest, AnotherRootAtTheSameSizeIsMisbehaviour) {
  Checkpoint forked = at(7);
  forked.root = at(6).root;
  EXPECT_EQ(check_growth(at(7), forked, {}).error().kind, ErrorKind::misbehaviour);
}

TEST_F(GrowthTest, AForgedProofIsMisbehaviour) {
  Proof forged = proof(3, 7);
  forged.back().bytes[0] ^= 1;
  EXPECT_EQ(check_growth(at(3), at(7), forged).error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(check_growth(at(3), at(7), {}).error().kind, ErrorKind::misbehaviour);
}

TEST_F(GrowthTest, TwoLogsCannotBeCompared) {
  Checkpoint other = at(7);
  other.origin = "another log";
  EXPECT_EQ(check_growth(at(3), other, proof(3, 7)).error().kind, ErrorKind::malformed);
}

}  // namespace
}  // namespace besa::core
