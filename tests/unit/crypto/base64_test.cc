#include "base/base64.h"

#include <gtest/gtest.h>

#include "crypto/verify/ed25519.h"

namespace besa::crypto {
namespace {

using base::as_bytes;
using base::base64_decode;
using base::base64_encode;

// RFC 4648, section 10.
constexpr std::pair<const char*, const char*> kKnown[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, KnownTexts) {
  for (const auto& [bytes, text] : kKnown) {
    EXPECT_EQ(base64_encode(as_bytes(bytes)), text);
    const auto decoded = base64_decode(text);
    ASSERT_TRUE(decoded.has_value()) << text;
    EXPECT_EQ(base::as_text(*decoded), bytes);
  }
}

TEST(Base64, RefusesEveryOtherSpelling) {
  const char* const refused[] = {
      "Zg",       "Zg=",  "Zg===", "Zm8",   "Zm8==",  "Zm9v=",  "=",          "====",
      "Zh==",     "Zm9=", " Zg==", "Zg== ", "Z g==",  "Zg==\n", "Zm\n9v",     "Zg==Zg==",
      "Zm9v-_==", "_-__", "Z",     "Zm9vY", "Zm9v\t", "Zm9*",   "\xC3\xA9==",
  };
  for (const char* const text : refused) EXPECT_FALSE(base64_decode(text).has_value()) << text;
  EXPECT_FALSE(base64_decode(std::string_view("Zm9v\0", 5)).has_value());
}

// Found by fuzzing: libsodium 1.0.18 by itself takes bytes such as 0xD4 for digits.
TEST(Base64, RefusesEveryByteOutsideOfTheAlphabet) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < 4; ++place) {
      std::string text = "AAAA";
      text[place] = static_cast<char>(byte);
      const bool padding = byte == '=' && place == 3;
      const bool digit = alphabet.find(static_cast<char>(byte)) != std::string::npos;
      EXPECT_EQ(base64_decode(text).has_value(), digit || padding) << byte << " at " << place;
    }
  }
}

TEST(Base64, AllLengthsReturn) {
  base::Bytes bytes;
  for (int i = 0; i < 200; ++i) {
    const auto decoded = base64_decode(base64_encode(bytes));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(*decoded, bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 37));
  }
}

TEST(ConstantTime, ComparesLengthAndBytes) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sama")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sam")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), {}));
}

}  // namespace
}  // namespace besa::crypto
