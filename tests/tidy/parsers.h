// What reads bytes that a stranger can choose, and the fuzz target that throws such bytes at it.
#pragma once

#include <span>
#include <string_view>

namespace besa::tidy {

struct Parser {
  std::string_view declared_in;  // header, below the root
  std::string_view fuzz_target;  // tests/fuzz/fuzz_NAME.cc
};

std::span<const Parser> parsers();

// Headers that only pass a library's names on and so open no namespace of ours.
bool is_bridge(std::string_view path);

}  // namespace besa::tidy
