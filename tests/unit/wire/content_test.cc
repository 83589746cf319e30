#include "wire/content.h"

#include <gtest/gtest.h>

#include "samples.h"
#include "wire/content_tables.h"

namespace besa::wire {
namespace {

using base::Bytes;
using core::Category;

constexpr std::string_view kIdentity = R"({
  "names": [{"kind": "official", "first_name": "Arta", "second_name": "Shembulli", "certainty": "claimed"}],
  "birth_date": {"value": "1998-04-17", "certainty": "known"},
  "gender": "feminine",
  "citizenships": [{"country": "AL", "certainty": "known"}, {"certainty": "unknown"}],
  "identity_numbers": [{"type": "passport", "country": "AL", "number": "XX0000000"}]
})";

std::string fault_of(Category category, std::string_view json) {
  const auto content = content_from_json(category, json);
  return content ? "" : content.error().message;
}

TEST(Content, JsonComesBack) {
  const auto content = content_from_json(Category::identity, kIdentity);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_TRUE(check_content(Category::identity, *content));
  const auto json = content_to_json(Category::identity, *content);
  ASSERT_TRUE(json);
  EXPECT_NE(json->find(R"("first_name": "Arta")"), std::string::npos) << *json;
  EXPECT_NE(json->find(R"("certainty": "claimed")"), std::string::npos);
  EXPECT_EQ(json->find("not_said"), std::string::npos);
  EXPECT_EQ(*content_from_json(Category::identity, *json), *content);
}

TEST(Content, TooManyEntriesAreSaidWithThePlace) {
  std::string json = R"({"names": [{"kind": "official"})";
  for (int i = 0; i < 1000; ++i) json += R"(,{"kind": "official"})";
  json += "]}";
  const std::string fault = fault_of(Category::identity, json);
  EXPECT_EQ(fault, "/identity: holds more than a section may (at most 1000 entries in all)");
}

TEST(Content, EveryCategoryHasATableAndASchema) {
  for (std::uint16_t number = 1; number <= 22; ++number) {
    const auto category = static_cast<Category>(number);
    const auto content = content_from_json(category, "{}");
    ASSERT_TRUE(content) << core::name_of(category) << ": " << content.error().message;
    EXPECT_EQ(category_in(*content), category);
    EXPECT_EQ(*content_to_json(category, *content), "{}\n");
    EXPECT_NE(content_schema_json(category).find("\"additionalProperties\": false"), std::string::npos);
  }
  EXPECT_FALSE(content_from_json(Category::none, "{}"));
  EXPECT_FALSE(content_from_json(static_cast<Category>(23), "{}"));
}

TEST(Content, CodesMayComeInAnyOrderAndNoneTwice) {
  const auto content = content_from_json(Category::needs, R"({"services_requested": ["education", "shelter"]})");
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_NE(content_to_json(Category::needs, *content)->find("\"shelter\",\n    \"education\""), std::string::npos);
  EXPECT_EQ(fault_of(Category::needs, R"({"services_requested": ["shelter", "shelter"]})"),
            "/needs/services_requested: is not ascending, or names a code twice");
}

TEST(Content, AZeroThatWasSaidIsKept) {
  const auto content = content_from_json(Category::counts, R"({"counts": [{"name": "referred", "value": 0}]})");
  ASSERT_TRUE(content);
  EXPECT_NE(content_to_json(Category::counts, *content)->find("\"value\": 0"), std::string::npos);
}

TEST(Content, TextIsEscapedOnItsWayOut) {
  const std::string json = R"({"note": "she said \"no\"\nand C:\\x\t\u00eb"})";
  const auto content = content_from_json(Category::summary, json);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_NE(content_to_json(Category::summary, *content)->find(R"("she said \"no\"\nand C:\\x\t)"), std::string::npos);
}

struct FaultCase {
  Category category;
  std::string json;
  const char* fault;
};

TEST(Content, FaultsNameThePointerAndNeverTheValue) {
  const std::vector<FaultCase> cases = {
      {Category::identity, R"({"birth_date": {"value": "17.04.1998", "certainty": "known"}})",
       "/identity/birth_date/value: is not a calendar date (YYYY, YYYY-MM or YYYY-MM-DD)"},
      {Category::identity, R"({"birth_date": {"value": "1998"}})",
       "/identity/birth_date/certainty: must be known, claimed or unknown"},
      {Category::identity, R"({"birth_date": {"value": "1998", "certainty": "unknown"}})",
       "/identity/birth_date/certainty: is unknown, but there is a value"},
      {Category::identity, R"({"birth_date": {"certainty": "known"}})",
       "/identity/birth_date/certainty: is not unknown, but there is no value"},
      {Category::identity,
       R"({"names": [{"first_name": "A", "certainty": "known"}, {"first_name": "B\u202e", "certainty": "known"}]})",
       "/identity/names/1/first_name: holds an invisible or direction control"},
      {Category::identity, R"({"names": [{"first_name": "A\u0000B", "certainty": "known"}]})",
       "/identity/names/0/first_name: holds a NUL"},
      {Category::identity, R"({"names": [{"first_name": "Drite\u0308", "certainty": "known"}]})",
       "/identity/names/0/first_name: is not in normal form C"},
      {Category::identity, R"({"citizenships": [{"country": "Albania", "certainty": "known"}]})",
       "/identity/citizenships/0/country: is not an ISO 3166 code (two capitals)"},
      {Category::identity, R"({"gender": "Feminine"})", "/identity/gender: is not in its list of codes"},
      {Category::identity, R"({"gender": "feminine masculine"})", "/identity/gender: is not in its list of codes"},
      {Category::identity, R"({"gender": 1})", "/identity/gender: must be the name of a code"},
      {Category::identity, R"({"gender": null})", "/identity/gender: must not be null: leave it out"},
      {Category::identity, R"({"gender": "feminine", "gender": "masculine"})", "/identity/gender: is there twice"},
      {Category::identity, R"({"firstname": "Arta"})", "/identity/firstname: is not a field of the schema"},
      {Category::identity, R"({"Arta Shembulli": 1})", "/identity: has a field that the schema does not know"},
      {Category::identity, R"({"names": {}})", "/identity/names: must be an array"},
      {Category::identity, R"({"birth_date": []})", "/identity/birth_date: must be an object"},
      {Category::identity, R"([])", "/identity: must be an object"},
      {Category::contact, R"({"phones": [{"number": "069 123"}]})",
       "/contact/phones/0/number: is not an E.164 number (+ and 7 to 15 digits)"},
      {Category::contact, R"({"phones": [{"number": 355691234567}]})", "/contact/phones/0/number: must be a string"},
      {Category::contact, R"({"emails": [""]})", "/contact/emails/0: is empty"},
      {Category::summary, R"({"persons": 70000})", "/summary/persons: is too large"},
      {Category::summary, R"({"persons": -1})", "/summary/persons: must not be negative"},
      {Category::summary, R"({"persons": 1.5})", "/summary/persons: must be a whole number"},
      {Category::summary, R"({"persons": "2"})", "/summary/persons: must be a whole number"},
      {Category::summary, R"({"language": "Albanian"})",
       "/summary/language: is not an ISO 639 code (two or three small letters)"},
      {Category::exploitation, R"({"age_when_trafficked": 121})", "/exploitation/age_when_trafficked: is out of range"},
  };
  for (const auto& c : cases) EXPECT_EQ(fault_of(c.category, c.json), c.fault) << c.json;
}

TEST(Content, JsonIsStrict) {
  const std::vector<std::string> bad = {"",
                                        " ",
                                        "{",
                                        "{}x",
                                        "{} {}",
                                        "{'gender': 'feminine'}",
                                        "{gender: \"feminine\"}",
                                        "{\"persons\": 0x10}",
                                        "{\"persons\": +5}",
                                        "{\"persons\": 007}",
                                        "{\"persons\": 1,}",
                                        "{/*x*/}",
                                        "{} // x",
                                        "\xEF\xBB\xBF{}",
                                        std::string("{}\0{\"persons\": 1}", 17),
                                        "{\"note\": \"\xFF\"}",
                                        "{\"note\": \"a\nb\"}",
                                        "{\"persons\": NaN}",
                                        "{\"note\": \"\\ud800\"}"};
  for (const auto& json : bad) EXPECT_EQ(fault_of(Category::summary, json), "/summary: is not valid JSON") << json;
}

TEST(Content, SizeIsBounded) {
  std::string large = "{}";
  large.resize(1024 * 1024 + 1, ' ');
  EXPECT_EQ(fault_of(Category::summary, large), "/summary: is over 1 MiB");
}

TEST(Content, DeepNestingIsRefused) {
  std::string deep = R"({"names": )" + std::string(5000, '[') + std::string(5000, ']') + "}";
  EXPECT_NE(fault_of(Category::identity, deep), "");
}

TEST(Content, AContentOfAnotherCategoryIsRefused) {
  const auto content = content_from_json(Category::asylum, "{}");
  ASSERT_TRUE(content);
  for (std::uint16_t number = 1; number <= 22; ++number) {
    const auto category = static_cast<Category>(number);
    EXPECT_EQ(bool(check_content(category, *content)), category == Category::asylum) << core::name_of(category);
  }
}

TEST(Content, EveryCutAndTrailingByteIsRefused) {
  const Bytes whole = *content_from_json(Category::identity, kIdentity);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_FALSE(check_content(Category::identity, base::ByteView(whole).first(length))) << length;
  }
  for (const std::size_t more : {1u, 4u, 8u}) {
    Bytes longer = whole;
    longer.resize(whole.size() + more, 0);
    EXPECT_FALSE(check_content(Category::identity, longer));
  }
}

TEST(Content, AttachmentsKeepTheirNameInside) {
  const Attachment letter{"application/pdf", "Raport mjek\xC3\xABsor", Bytes(1000, 7)};
  const auto content = encode_attachment(Category::health, letter);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(category_in(*content), Category::health);
  const auto back = decode_attachment(Category::health, *content);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->title, letter.title);
  EXPECT_EQ(back->data, letter.data);
  EXPECT_FALSE(decode_attachment(Category::status, *content));
  EXPECT_FALSE(check_content(Category::health, *content));
  EXPECT_FALSE(encode_attachment(Category::health, {"pdf", "x", {}}));
  EXPECT_FALSE(encode_attachment(Category::health, {"", "x", {}}));
}

}  // namespace
}  // namespace besa::wire
