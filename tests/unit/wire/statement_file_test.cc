#include "wire/statement_file.h"

#include <gtest/gtest.h>

namespace besa::wire {
namespace {

using base::Bytes;
using base::ErrorKind;

StatementParts sample(std::size_t body_bytes) {
  StatementParts parts;
  parts.type = "application/vnd.besa.genesis.v1";
  parts.body = Bytes(body_bytes, 7);
  parts.blocks = {1, 2, 3};
  parts.rows = {{4, 5}, {6}};
  parts.policy = Bytes(300, 9);
  return parts;
}

std::string file_of(const StatementParts& parts) { return encode_statement_file(parts).value(); }

TEST(StatementFileTest, ComesBackAsItWas) {
  for (const std::size_t size : {0u, 1u, 56u, 57u, 58u, 32u * 1024}) {
    const auto back = decode_statement_file(file_of(sample(size)));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, sample(size));
  }
}

TEST(StatementFileTest, IsTextOfShortLines) {
  const std::string text = file_of(sample(500));
  EXPECT_TRUE(text.starts_with("besa-statement v1\n"));
  EXPECT_EQ(text.back(), '\n');
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = text.find('\n', from);
    EXPECT_LE(end - from, 76u);
    from = end + 1;
  }
}

TEST(StatementFileTest, CarriesNoCiphertext) {
  StatementParts parts = sample(5);
  parts.chunks.push_back({0, 0, {1}});
  EXPECT_TRUE(decode_statement_file(file_of(parts))->chunks.empty());
}

TEST(StatementFileTest, TooLargeIsFull) {
  const auto text = encode_statement_file(sample(base::limits::kFrameBytes));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::full);
}

struct Damage {
  const char* name;
  ErrorKind kind;
  std::string (*apply)(std::string);
};

class DamagedFileTest : public testing::TestWithParam<Damage> {};

TEST_P(DamagedFileTest, IsRefused) {
  const auto back = decode_statement_file(GetParam().apply(file_of(sample(200))));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Files, DamagedFileTest,
    testing::Values(
        Damage{"empty", ErrorKind::malformed, [](std::string) { return std::string(); }},
        Damage{"another_header", ErrorKind::malformed, [](std::string text) { return "-----BEGIN-----\n" + text; }},
        Damage{"later_version", ErrorKind::unsupported,
               [](std::string text) { return text.replace(text.find('1'), 1, "2"); }},
        Damage{"header_only", ErrorKind::malformed, [](std::string) { return std::string("besa-statement v1\n"); }},
        Damage{"no_last_newline", ErrorKind::malformed,
               [](std::string text) { return text.substr(0, text.size() - 1); }},
        Damage{"empty_line_more", ErrorKind::malformed, [](std::string text) { return text + "\n"; }},
        Damage{"windows_line_ends", ErrorKind::malformed,
               [](std::string text) { return text.insert(text.find('\n', 20), "\r"); }},
        Damage{"joined_lines", ErrorKind::malformed,
               [](std::string text) { return text.erase(text.find('\n', 20), 1); }},
        Damage{"cut", ErrorKind::malformed, [](std::string text) { return text.substr(0, 96) + "\n"; }},
        Damage{"foreign_letter", ErrorKind::malformed,
               [](std::string text) {
                 text[30] = '*';
                 return text;
               }}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace besa::wire
