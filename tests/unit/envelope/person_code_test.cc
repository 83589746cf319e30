// A person's code: one number in two writings, typed by people, and what is derived from it.
#include "envelope/person_code.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/secret/random.h"
#include "crypto/verify/hash.h"
#include "envelope/code_words.h"

namespace besa::envelope {
namespace {

using Kind = CodeFault::Kind;

std::string text_of(const crypto::SecretBytes& secret) { return std::string(base::as_text(secret.view())); }
std::string digits_of(std::string_view text) {
  const auto code = PersonCode::parse(text);
  return code ? text_of(code->digits()) : std::string();
}

TEST(CodeWords, AreFitForACard) {
  const auto words = code_words();
  ASSERT_EQ(words.size(), 2'048U);
  EXPECT_EQ(words.front(), "able");
  EXPECT_EQ(words.back(), "zucchini");
  std::set<std::string_view> beginnings;
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_TRUE(i == 0 || words[i - 1] < words[i]) << words[i];
    EXPECT_TRUE(words[i].size() >= 3 && words[i].size() <= 9) << words[i];
    EXPECT_EQ(words[i].find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string_view::npos) << words[i];
    EXPECT_TRUE(beginnings.insert(words[i].substr(0, 4)).second) << words[i] << " begins like another";
  }
}

// A card is for life: the list may never change. SHA-256 over the words, each with a line end.
TEST(CodeWords, AreFrozen) {
  crypto::Sha256 hash;
  for (const std::string_view word : code_words()) hash.update(base::as_bytes(word)).update(base::as_bytes("\n"));
  EXPECT_EQ(base::to_hex(hash.finish().view()), "518a6473b82d08aed17dfbbb52f2699d56ea6ced541fb1c03fe5dc76d7eef31f");
}

TEST(PersonCode, TheSameNumberInTwoWritings) {
  const std::string first(code_words()[0]);
  const std::string second(code_words()[1]);
  const std::string last(code_words()[2'047]);
  const auto six = [](const std::string& a, const std::string& rest) {
    return a + " " + rest + " " + rest + " " + rest + " " + rest + " " + rest;
  };
  const struct {
    std::string digits, words;
  } kTable[] = {{"00000000000000000000", six(first, first)},
                {"00000000000000000001", first + " " + first + " " + first + " " + first + " " + first + " " + second},
                {"00000000000000002047", first + " " + first + " " + first + " " + first + " " + first + " " + last},
                {"00000000000000002048", first + " " + first + " " + first + " " + first + " " + second + " " + first},
                {"36028797018963968000", ""},  // 1000 * 2^55, checked below
                {"73786976294838206463", six(last, last)}};
  for (const auto& row : kTable) {
    if (row.words.empty()) continue;
    EXPECT_EQ(digits_of(row.words), row.digits);
    EXPECT_EQ(text_of(PersonCode::parse(row.digits)->words()), row.words);
  }
  EXPECT_EQ(digits_of(six(std::string(code_words()[1'000]), first)), "36028797018963968000");
}

TEST(PersonCode, DrawnOnesComeBackFromBothWritings) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const PersonCode code = PersonCode::draw([](std::span<std::uint8_t> out) { crypto::random_bytes(out); });
    const std::string digits = text_of(code.digits());
    EXPECT_EQ(digits.size(), kCodeDigits);
    EXPECT_EQ(digits_of(digits), digits);
    EXPECT_EQ(digits_of(text_of(code.words())), digits);
    EXPECT_TRUE(seen.insert(digits).second);
  }
}

TEST(PersonCode, ForgivesSpacesHyphensAndCase) {
  const std::string words = "Apple ZEBRA wolf able zucchini river";
  const std::string digits = digits_of(words);
  ASSERT_EQ(digits.size(), kCodeDigits);
  for (const std::string text :
       {"apple-zebra-wolf-able-zucchini-river", "  apple  zebra\twolf\nable zucchini river\r\n"}) {
    EXPECT_EQ(digits_of(text), digits) << text;
  }
  std::string spaced;
  for (std::size_t i = 0; i < digits.size(); ++i) spaced += digits.substr(i, 1) + (i % 4 == 3 ? "-" : "");
  EXPECT_EQ(digits_of(spaced), digits);
}

TEST(PersonCode, MistakesAreNamed) {
  const struct {
    std::string text;
    Kind kind;
    std::size_t count, position;
  } kTable[] = {{"", Kind::neither, 0, 0},
                {" - ", Kind::neither, 0, 0},
                {"1234 apple", Kind::neither, 0, 0},
                {"1234567890123456789.", Kind::neither, 0, 0},
                {"\xD9\xA1\xD9\xA2", Kind::neither, 0, 0},
                {std::string(257, '1'), Kind::neither, 0, 0},
                {"1234567890123456789", Kind::digit_count, 19, 0},
                {"123456789012345678901", Kind::digit_count, 21, 0},
                {"73786976294838206464", Kind::too_large, 0, 0},
                {"99999999999999999999", Kind::too_large, 0, 0},
                {"apple zebra wolf able zucchini", Kind::word_count, 5, 0},
                {"apple zebra wolf able zucchini river river", Kind::word_count, 7, 0},
                {"apple zebra wolv able zucchini river", Kind::unknown_word, 6, 3},
                {"applezebra wolf able zucchini river river", Kind::unknown_word, 6, 1}};
  for (const auto& row : kTable) {
    const auto code = PersonCode::parse(row.text);
    ASSERT_FALSE(code.has_value()) << row.text;
    EXPECT_EQ(code.error().kind, row.kind) << row.text;
    EXPECT_EQ(code.error().count, row.count) << row.text;
    EXPECT_EQ(code.error().position, row.position) << row.text;
    EXPECT_EQ(code.error().word.empty(), row.kind != Kind::unknown_word) << "nothing of the code is said";
  }
}

TEST(PersonCode, TagAndKeyDependOnCodeAndNetworkOnly) {
  base::NetworkId network;
  network.bytes.fill(0x4E);
  const auto code = PersonCode::parse("01234567890123456789");
  const auto one = derive(*code, network);
  const auto again = derive(*PersonCode::parse(text_of(code->words())), network);
  ASSERT_TRUE(one && again);
  EXPECT_EQ(one->tag, again->tag);
  EXPECT_EQ(one->key.public_key(), again->key.public_key());
  base::NetworkId tail = network;  // only its first 16 bytes are the salt
  tail.bytes[31] ^= 1;
  EXPECT_EQ(derive(*code, tail)->tag, one->tag);
  base::NetworkId other = network;
  other.bytes[15] ^= 1;
  EXPECT_NE(derive(*code, other)->tag, one->tag);
  EXPECT_NE(derive(*PersonCode::parse("01234567890123456788"), network)->tag, one->tag);
}

// The same as the reference program of Argon2 gives: -id -t 3 -m 16 -p 1 -l 64, salt "saltsaltsaltsalt".
TEST(PersonCode, KnownValue) {
  base::NetworkId network;
  std::copy_n("saltsaltsaltsaltrest of the id..", 32, network.bytes.begin());
  const auto derived = derive(*PersonCode::parse("0123-4567-8901-2345-6789"), network);
  ASSERT_TRUE(derived.has_value());
  EXPECT_EQ(base::to_hex(derived->tag.view()), "6cba06df8d2e2c13876e8471078b44aebc00614984648164c145b9f5b6d55d5d");
  EXPECT_EQ(base::to_hex(derived->key.seed().view()),
            "284485d7ecf5c255d5d1d29784f1d073d96355a6d310582c3c34e71165d77607");
}

}  // namespace
}  // namespace besa::envelope
