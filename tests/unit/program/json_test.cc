#include "program/json.h"

#include <gtest/gtest.h>

namespace besa::program {
namespace {

TEST(Json, KeepsValuesAndTheirOrder) {
  const std::string_view text = R"({"z":1,"a":[true,null,-5,18446744073709551615,1.5],"t":"é\n"})";
  const auto json = parse_json(text);
  ASSERT_TRUE(json);
  EXPECT_EQ(to_line(*json), text);
}

TEST(Json, ScalarsAlone) {
  EXPECT_EQ(parse_json(" 7 ").value(), Json(7));
  EXPECT_EQ(parse_json("\"x\"").value(), Json("x"));
  EXPECT_EQ(parse_json("[]").value(), Json::array());
  EXPECT_EQ(parse_json("{}").value(), Json::object());
}

struct Bad {
  const char* name;
  std::string text;
};

class BadJson : public testing::TestWithParam<Bad> {};

TEST_P(BadJson, IsRefused) {
  const auto json = parse_json(GetParam().text);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().kind, base::ErrorKind::malformed);
  EXPECT_EQ(json.error().message.find("Maria"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadJson,
    testing::Values(Bad{"Empty", ""}, Bad{"Blank", "  "}, Bad{"Nul", std::string("\0", 1)},
                    Bad{"GarbageAfterNul", std::string("{}\0Maria", 8)}, Bad{"Trailing", "{} Maria"},
                    Bad{"TwoValues", "{}{}"}, Bad{"Comment", "{} // Maria"}, Bad{"Comment2", "/* Maria */ {}"},
                    Bad{"SingleQuotes", "{'a':1}"}, Bad{"Bare", "{Maria:1}"}, Bad{"TrailingComma", "[1,]"},
                    Bad{"Plus", "[+5]"}, Bad{"LeadingZero", "[007]"}, Bad{"Hex", "[0x10]"}, Bad{"NaN", "[NaN]"},
                    Bad{"TooLargeNumber", "[18446744073709551616]"}, Bad{"Infinite", "[1e999]"},
                    Bad{"Bom", "\xef\xbb\xbf{}"}, Bad{"InvalidUtf8", "\"\xff\""}, Bad{"Overlong", "\"\xc0\xaf\""},
                    Bad{"Surrogate", "\"\xed\xa0\x80\""}, Bad{"LoneSurrogateEscape", "\"\\ud800\""},
                    Bad{"ControlInText", "\"a\nMaria\""}, Bad{"EscapedNul", "{\"a\":\"Maria\\u0000\"}"},
                    Bad{"EscapedNulKey", "{\"Maria\\u0000\":1}"}, Bad{"KeyTwice", "{\"Maria\":1,\"Maria\":2}"},
                    Bad{"KeyTwiceEscaped", "{\"a\":1,\"\\u0061\":2}"}, Bad{"Open", "{\"a\":"},
                    Bad{"TooDeep", std::string(kJsonDepth + 2, '[') + std::string(kJsonDepth + 2, ']')},
                    Bad{"MuchTooDeep", std::string(100'000, '[')},
                    Bad{"TooLong", '"' + std::string(base::limits::kJsonBytes, 'x') + '"'}),
    [](const auto& param) { return std::string{param.param.name}; });

TEST(Json, AMistakeHasItsPlace) {
  struct Case {
    const char* text;
    const char* said;
  };
  const Case cases[] = {
      {"", "JSON: there is nothing in it"},
      {"{\n  \"a\": 1,\n  \"b\" 2\n}", "JSON: line 3, column 7: it is no JSON here"},
      {"{\"a\": [1, 2}", "JSON: line 1, column 12: "},
      {"{\"a\": [{\"b\": \"x\\u0000\"}]}", "JSON: /a/0/b: holds a NUL"},
      {"{\"a\": {\"b\": 1, \"b\": 2}}", "JSON: /a: names a field twice"},
      {"[{\"Maria X\": {\"b\": 1, \"b\": 2}}]", "JSON: /0/...: names a field twice"},
  };
  for (const Case& test : cases) {
    const auto json = parse_json(test.text);
    ASSERT_FALSE(json) << test.text;
    EXPECT_EQ(json.error().message.rfind(test.said, 0), 0U) << json.error().message;
  }
}

TEST(Json, OutputNeverThrows) {
  EXPECT_EQ(to_line(Json{{"a", "\xff"}}), "{\"a\":\"\xef\xbf\xbd\"}");
  EXPECT_EQ(to_pretty(Json{{"a", 1}}), "{\n  \"a\": 1\n}");
}

TEST(Json, FieldsAreNamedByPointer) {
  const Json json{{"name", "x"}, {"count", 3}, {"below", -1}, {"yes", true}};
  EXPECT_EQ(json_text(json, "name").value(), "x");
  EXPECT_EQ(json_number(json, "count").value(), 3u);
  EXPECT_TRUE(json_boolean(json, "yes").value());
  EXPECT_EQ(json_text(json, "none", "/a").error().message, "/a/none is missing");
  EXPECT_EQ(json_text(json, "count").error().message, "/count must be a text");
  EXPECT_EQ(json_number(json, "below").error().message, "/below must be a whole number from 0");
  EXPECT_EQ(json_boolean(json, "name").error().message, "/name must be true or false");
  EXPECT_FALSE(json_text(Json(3), "name"));
}

}  // namespace
}  // namespace besa::program
