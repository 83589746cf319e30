// The version of all programs of this build.
#pragma once

namespace besa::program {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace besa::program
