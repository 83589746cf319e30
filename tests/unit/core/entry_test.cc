#include "core/entry.h"

#include <gtest/gtest.h>

#include <random>

#include "crypto/verify/hash.h"

namespace besa::core {
namespace {

template <class Id>
Id id_of(std::uint8_t number) {
  Id out;
  out.bytes.fill(number);
  return out;
}

Reference reference_number(std::uint8_t number) {
  return {id_of<MemberId>(number), Counter{number}, id_of<StatementId>(number)};
}

Item section_item(std::uint16_t section, Verdict verdict) {
  Item item;
  item.section = section;
  item.verdict = verdict;
  item.reason = 33;
  item.rule = 7;
  item.basis = Basis::consent;
  return item;
}

Entry sample_entry() {
  Entry entry;
  entry.sequence = Sequence{5};
  entry.now = Timestamp{1'700'000'000'000};
  entry.type = StatementType::tick;
  entry.id = id_of<StatementId>(1);
  entry.blocks_hash = id_of<Digest>(2);
  entry.rows_root = id_of<Digest>(3);
  entry.submitter = id_of<MemberId>(4);
  entry.decision = {Verdict::accepted, Reason::none, 0, {section_item(0, Verdict::accepted)}};
  entry.decision.items[0].reference = reference_number(9);
  entry.effects_chain = id_of<Digest>(6);
  entry.governance_previous = Sequence{2};
  entry.keys_previous = Sequence{3};
  return entry;
}

std::string repeat(const char* two_digits, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += two_digits;
  return out;
}

// The layout field by field, written out: these bytes are leaves of trees that exist.
TEST(Entry, HasTheFrozenBytes) {
  const std::string expected =
      "01"                                                          // version
      "0000000000000005"                                            // sequence
      "0000018bcfe56800"                                            // now
      "1c6170706c69636174696f6e2f766e642e626573612e7469636b2e7631"  // type
      + repeat("01", 32) + repeat("02", 32) + repeat("03", 32) + repeat("04", 16) +
      "01"
      "0000"
      "0000"
      "0001"                                                        // verdict, reason, rule, count
      + repeat("09", 16) + "0000000000000009" + repeat("09", 32) +  // item: reference
      "0000"
      "01"
      "0021"
      "0007"
      "01"  // section ... basis
      + repeat("06", 32) +
      "0000000000000002"
      "0000000000000003";
  EXPECT_EQ(base::to_hex(encode_entry(sample_entry())), expected);
}

TEST(Entry, ComesBackWhole) {
  Entry entry = sample_entry();
  EXPECT_EQ(decode_entry(encode_entry(entry)).value(), entry);
  entry.type = StatementType::envelope;
  entry.decision = {Verdict::refused, Reason::denied, 4, {section_item(3, Verdict::refused)}};
  EXPECT_EQ(decode_entry(encode_entry(entry)).value(), entry);
  entry.decision.items.clear();
  EXPECT_EQ(decode_entry(encode_entry(entry)).value(), entry);
}

TEST(Entry, TheLargestFitsTheLimit) {
  Entry entry = sample_entry();
  entry.type = StatementType::auditor_appointment;
  entry.decision.items.assign(256, section_item(1, Verdict::accepted));
  const Bytes bytes = encode_entry(entry);
  EXPECT_LT(bytes.size(), 65'535U);
  EXPECT_EQ(decode_entry(bytes).value(), entry);
}

TEST(Entry, EveryTruncationAndEveryExtraByteIsMalformed) {
  Bytes bytes = encode_entry(sample_entry());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto back = decode_entry(ByteView(bytes).first(size));
    ASSERT_FALSE(back.has_value()) << size;
    EXPECT_EQ(back.error().kind, base::ErrorKind::malformed);
  }
  bytes.push_back(0);
  EXPECT_FALSE(decode_entry(bytes).has_value());
}

// Offsets in the sample: 17 is the length of the type, then 28 bytes of it and 112 of hashes and submitter.
constexpr std::size_t kTypeAt = 17;
constexpr std::size_t kDecisionAt = kTypeAt + 1 + 28 + 112;

TEST(Entry, RefusesWhatNoEncoderWrites) {
  const struct {
    const char* what;
    std::size_t at;
    std::uint8_t value;
  } kCases[] = {
      {"version 0", 0, 0},
      {"version 2", 0, 2},
      {"type length 0", kTypeAt, 0},
      {"type length one more", kTypeAt, 29},
      {"another type", kTypeAt + 21, 'T'},
      {"verdict none", kDecisionAt, 0},
      {"verdict 3", kDecisionAt, 3},
      {"item count 0 leaves bytes over", kDecisionAt + 6, 0},
      {"item count over 256", kDecisionAt + 5, 2},
      {"item verdict none", kDecisionAt + 7 + 58, 0},
      {"item verdict 9", kDecisionAt + 7 + 58, 9},
  };
  for (const auto& c : kCases) {
    Bytes bytes = encode_entry(sample_entry());
    ASSERT_NE(bytes[c.at], c.value) << c.what;
    bytes[c.at] = c.value;
    EXPECT_FALSE(decode_entry(bytes).has_value()) << c.what;
  }
}

// Whatever decodes encodes to the very same bytes.
TEST(Entry, DecodedFlipsRoundTrip) {
  const Bytes good = encode_entry(sample_entry());
  std::size_t decoded = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto entry = decode_entry(bytes);
    if (!entry) continue;
    ++decoded;
    EXPECT_EQ(encode_entry(*entry), bytes) << bit;
    EXPECT_NE(*entry, sample_entry()) << bit;
  }
  EXPECT_GT(decoded, 1000U);
}

TEST(Decision, IsTheMiddleOfTheEntry) {
  const Bytes decision = encode_decision(sample_entry().decision);
  const Bytes entry = encode_entry(sample_entry());
  EXPECT_TRUE(base::equal(ByteView(entry).subspan(kDecisionAt, decision.size()), decision));
}

// --- effects ---

TEST(Effects, HaveTheFrozenBytes) {
  const Effect effect = {EffectCode::purge, reference_number(9), 2, id_of<MemberId>(5), 0x0102};
  const std::string expected = "000d" + repeat("09", 16) + "0000000000000009" + repeat("09", 32) + "0002" +
                               repeat("05", 16) + "0000000000000102";
  EXPECT_EQ(base::to_hex(encode_effect(effect)), expected);
}

TEST(Effects, ChainBeginsWithItsNameAndThePreviousOne) {
  const Digest previous = id_of<Digest>(8);
  Bytes bytes = base::to_bytes(base::as_bytes("besa/1 effects"));
  bytes.push_back(0);
  bytes.insert(bytes.end(), previous.bytes.begin(), previous.bytes.end());
  EXPECT_EQ(chain_effects(previous, {}), crypto::sha256(bytes));
}

TEST(Effects, ChainDoesNotDependOnTheirOrder) {
  std::vector<Effect> effects;
  for (std::uint8_t i = 0; i < 8; ++i) {
    effects.push_back({static_cast<EffectCode>(1 + i % 3), reference_number(i), i, id_of<MemberId>(i), i});
  }
  const Digest first = chain_effects({}, effects);
  std::mt19937 random(7);
  std::shuffle(effects.begin(), effects.end(), random);
  EXPECT_EQ(chain_effects({}, effects), first);
  effects[0].value += 1;
  EXPECT_NE(chain_effects({}, effects), first);
}

// Decisions sort effects as values, the chain sorts them as bytes: it must be one order.
TEST(Effects, SortAsTheirBytes) {
  std::vector<Effect> effects;
  std::mt19937 random(11);
  for (int i = 0; i < 500; ++i) {
    Effect effect{static_cast<EffectCode>(1 + random() % 3), reference_number(static_cast<std::uint8_t>(random() % 3)),
                  static_cast<std::uint16_t>(random()), id_of<MemberId>(static_cast<std::uint8_t>(random() % 3)),
                  (std::uint64_t{random()} << 32) | random()};
    effect.reference.counter.value = std::uint64_t{random()} << (random() % 32);
    effects.push_back(effect);
  }
  std::sort(effects.begin(), effects.end());
  EXPECT_TRUE(std::is_sorted(effects.begin(), effects.end(),
                             [](const Effect& a, const Effect& b) { return encode_effect(a) < encode_effect(b); }));
}

// --- beside ---

TEST(Beside, ComesBackWhole) {
  const Beside samples[] = {
      {{1, 2, 3}, {4}, {{5, 6}, {}, {7}}, {8, 9}},
      {{1}, {}, {}, {}},
      {{}, {}, {{}}, {}},
  };
  for (const Beside& beside : samples) {
    const auto back = decode_beside(encode_beside(beside));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->body, beside.body);
    EXPECT_EQ(back->blocks, beside.blocks);
    EXPECT_EQ(back->rows, beside.rows);
    EXPECT_EQ(back->policy, beside.policy);
  }
}

TEST(Beside, HasTheFrozenBytes) {
  EXPECT_EQ(base::to_hex(encode_beside({{1, 2}, {3}, {{4}, {5, 6}}, {7}})),
            "00000002"
            "0102"
            "00000001"
            "03"
            "0000000b"
            "00000001"
            "04"
            "00000002"
            "0506"
            "00000001"
            "07");
}

TEST(Beside, EveryTruncationAndEveryExtraByteIsMalformed) {
  Bytes bytes = encode_beside({{1, 2, 3}, {4}, {{5, 6}, {7}}, {8, 9}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_beside(ByteView(bytes).first(size)).has_value()) << size;
  }
  bytes.push_back(0);
  EXPECT_FALSE(decode_beside(bytes).has_value());
}

TEST(Beside, ARowCannotReachPastTheRows) {
  Bytes bytes = encode_beside({{}, {}, {{5, 6}}, {8, 9}});
  bytes[4 + 4 + 4 + 3] = 3;  // the row's length, one more than the rows hold
  EXPECT_FALSE(decode_beside(bytes).has_value());
}

TEST(Beside, IsTakenFromTheStatementAsReceived) {
  ParsedStatement statement;
  statement.body_bytes = {1};
  statement.blocks_bytes = {2};
  statement.rows_bytes = {{3}};
  statement.policy_bytes = {4};
  EXPECT_EQ(encode_beside(beside_of(statement)), encode_beside({{1}, {2}, {{3}}, {4}}));
}

}  // namespace
}  // namespace besa::core
