// Inside lib/wire: which table and which identifier belong to a category.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "core/codes.h"
#include "wire/reflection.h"

namespace besa::wire {

// "BR02": record of category 2; "BA02": attachment.
std::string content_identifier(core::Form form, core::Category category);
// "EmergencyCare"
std::string content_table_name(core::Category category);
// The table of a category. The category must be in the list.
const reflection::Object& content_table(core::Category category);
Bounds content_bounds(std::string_view identifier);

// Whether the JSON has the shape of the table: known fields, none twice, no null, values of the right JSON type, enum
// values by their names, integers in their width. Errors name the pointer. FlatBuffers' own JSON parser is too
// generous in all of these.
[[nodiscard]] base::Status check_json_shape(const reflection::Schema& schema, const reflection::Object& table,
                                            std::string_view json, std::string_view pointer);
// Sorts the code vectors of a buffer that FlatBuffers has built: people write codes in any order.
void sort_codes(const reflection::Schema& schema, const reflection::Object& object, flatbuffers::Table& table);
// A checked buffer as JSON.
std::string json_of(const reflection::Schema& schema, const reflection::Object& object,
                    const flatbuffers::Table& table);

// The value of an enum field by number; null if the field has no enum or the number is in no list.
const reflection::Enum* enum_of(const reflection::Schema& schema, const reflection::Type& type);

}  // namespace besa::wire
