#include "tests/vectors/vectors.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace besa::vectors {

std::string folder() {
  const char* const named = std::getenv("BESA_VECTORS");
  return named != nullptr && *named != '\0' ? named : "../shared/vectors";
}

std::optional<Json> load(const std::string& file) {
  if (!std::filesystem::is_directory(folder())) return std::nullopt;
  std::ifstream in(folder() + "/" + file);
  EXPECT_TRUE(in.is_open()) << file << " is missing from the vectors";
  Json parsed = Json::parse(in, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << file << " is not JSON";
  return parsed.is_discarded() ? Json(nullptr) : parsed;
}

std::vector<Json> wycheproof_cases(const Json& file) {
  std::vector<Json> cases;
  for (const Json& group : file.at("testGroups")) {
    Json shared = group;
    shared.erase("tests");
    for (Json test : group.at("tests")) {
      test["group"] = shared;
      cases.push_back(std::move(test));
    }
  }
  EXPECT_GT(cases.size(), 0U);
  EXPECT_EQ(cases.size(), file.at("numberOfTests").get<std::size_t>());
  return cases;
}

base::Bytes unhex(const std::string& text) {
  const auto bytes = base::from_hex(text);
  EXPECT_TRUE(bytes.has_value()) << text;
  return bytes.value_or(base::Bytes{});
}

base::Bytes hex(const Json& object, const char* field) { return unhex(object.at(field).get<std::string>()); }

}  // namespace besa::vectors
