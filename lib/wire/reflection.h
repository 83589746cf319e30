// Inside lib/wire: the reflection of the schemas, and the walk behind check.h for any schema.
// FlatBuffers' types stay in this header and the .cc files.
#pragma once

#include <flatbuffers/reflection.h>

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/check.h"

namespace besa::wire {

// The embedded reflection of a schema file.
const reflection::Schema& schema_of(Family family);
base::ByteView schema_bytes(Family family);
// "besa.schema.Genesis", "besa.section.Identity"
std::string qualified_name(Family family, std::string_view table);

// check() for any schema whose fields carry our attributes. `pointer` is put before the pointers in errors.
[[nodiscard]] base::Status check_reflected(const reflection::Schema& schema, const reflection::Object& root,
                                           base::ByteView bytes, const Bounds& bounds, std::string_view pointer = {});

// The value of an attribute of a field, none if it has not got it.
std::optional<std::string_view> attribute(const reflection::Field& field, const char* name);
struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};
// Reads "A..B".
std::optional<NumberRange> parse_range(std::string_view text);

// The name of the rule that a field lacks; empty if it has all it needs.
std::string_view missing_rule(const reflection::Field& field, const reflection::Schema& schema);

}  // namespace besa::wire
