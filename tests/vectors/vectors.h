// Reads the official vectors. The tests take whatever cases the files hold and ask that there is at least one.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace besa::vectors {

using Json = nlohmann::json;

// The folder that BESA_VECTORS names, or the default one.
std::string folder();

// The parsed file, or nothing if the whole folder is missing. A file missing from an existing folder, or one that is
// not JSON, fails the test and gives null.
std::optional<Json> load(const std::string& file);

// The test cases of a Wycheproof file, with their group's fields put into each under "group".
std::vector<Json> wycheproof_cases(const Json& file);

// The bytes that a field gives in hex; the test fails if it is not hex.
base::Bytes hex(const Json& object, const char* field);
base::Bytes unhex(const std::string& text);
// The same as one of our fixed widths.
template <class Id>
Id hex_id(const Json& object, const char* field) {
  Id id;
  EXPECT_TRUE(Id::read(hex(object, field), id)) << field << " in " << object;
  return id;
}

}  // namespace besa::vectors

// Declares `name` as the parsed file, or skips the test where there are no vectors at all.
#define BESA_VECTORS_OR_SKIP(name, file)                                                            \
  const auto name##_loaded = ::besa::vectors::load(file);                                           \
  if (!name##_loaded) {                                                                             \
    GTEST_SKIP() << "no official vectors in " << ::besa::vectors::folder() << ": set BESA_VECTORS"; \
  }                                                                                                 \
  const ::besa::vectors::Json& name = *name##_loaded;                                               \
  ASSERT_FALSE(name.is_null())
