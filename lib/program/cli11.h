// CLI11, for the one source file of a program that declares its options. Heavy: include it nowhere else.
#pragma once

#include <CLI/CLI.hpp>  // IWYU pragma: export
