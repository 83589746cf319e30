// The checked door for FlatBuffers: nothing of a buffer is read before this said yes.
//
// FlatBuffers' own verifier only promises that reading stays inside the buffer. On top of it this walks the buffer by
// reflection, so that no field can be forgotten, and refuses everything that is not one plain, complete table:
//
//  1. size: at least 8 bytes and at most the given bound;
//  2. FlatBuffers' verifier, asked place by place (structure.h): depth <= 8, tables <= 1,000, every offset inside and
//  aligned;
//  3. coverage ("exact size"): each table, vtable, vector and string lies in bytes of its own; only a vtable may be
//     used twice. What no object covers is at most 7 zero bytes in a row: the padding that builders write. The
//     buffer ends where its last object does, rounded up to 4. So there are no trailing bytes, no hidden bytes, and
//     no amplification by many references to one child;
//  4. fields: no field that the schema does not know, and each field as its attributes in schemas/*.fbs say:
//       bytes: "N"    a [ubyte] of exactly N bytes, required; with `count`, a whole number of items of N bytes
//       bytes: "any"  a [ubyte] of any length (another layer's bytes)
//       count: "A..B" how many elements a vector has; an absent vector has none
//       codes: "set"  a vector of codes: ascending, none twice, none zero
//       text: "KIND"  a string of this kind (see text.h)
//       range: "A..B" an integer in these bounds
//     An enum value must be in its list, a bool 0 or 1, a table in a vector is required as a whole.
//
// Errors: malformed, with the JSON pointer of the field and the rule that it broke; never the value.
// Cost: linear in the size; about 10 us for an envelope body.
// Source: schemas/*.fbs; FlatBuffers internals ("Encoding").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace besa::wire {

// The schema files.
enum class Family { governance, member, envelope, policy, wire, sections, ceremony };

struct Bounds {
  std::size_t most_bytes = base::limits::kBodyBytes;
  std::size_t most_tables = base::limits::kFlatBufferTables;
  std::string_view identifier = {};  // four characters behind the root offset, if the format has them
};

// Checks `bytes` as one buffer whose root is the named table ("Genesis") of the family. The bytes may lie anywhere:
// an unaligned view is copied first.
[[nodiscard]] base::Status check(Family family, std::string_view table, base::ByteView bytes,
                                 const Bounds& bounds = {});

// Fields whose schema does not say how to check them, as "Table.field". Empty for every family, which a test pins: a
// field cannot be added without its rule.
std::vector<std::string> fields_without_rule(Family family);

}  // namespace besa::wire
