// The name of a JSON value without its weight; see json.h.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace besa::program {

using Json = nlohmann::ordered_json;

}  // namespace besa::program
