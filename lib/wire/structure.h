// Inside lib/wire: FlatBuffers' verifier, driven by reflection.
//
// The library has such a driver of its own, reflection's Verify; version 2.0.8 of it follows the offset of a table
// field before it has checked that the offset lies in the buffer, and reads outside. So this one asks the library's
// Verifier about every single place before anything is read there.
#pragma once

#include <flatbuffers/reflection.h>

#include "base/bytes.h"
#include "wire/check.h"

namespace besa::wire {

// Whether every table, vector and string of the buffer lies inside it and is aligned, within depth and tables.
// The bytes must be aligned to 8 in memory and hold at least 8.
bool is_sound(const reflection::Schema& schema, const reflection::Object& root, base::ByteView bytes,
              const Bounds& bounds);

}  // namespace besa::wire
