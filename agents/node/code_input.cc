#include "agents/node/code_input.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "envelope/code_words.h"
#include "program/nearest.h"

namespace besa::node {
namespace {

constexpr std::size_t kTelling = 4;  // letters by which a word is told from all others
constexpr std::size_t kMostAlike = 3;
constexpr std::size_t kGroup = 4;  // digits

// Those that begin with as much of it as any does, at least two letters; at most three.
std::string alike(const std::string& typed) {
  for (std::size_t letters = std::min(kTelling - 1, typed.size()); letters >= 2; --letters) {
    std::string out;
    std::size_t count = 0;
    for (const std::string_view word : envelope::code_words()) {
      if (count == kMostAlike || !word.starts_with(typed.substr(0, letters))) continue;
      out += (count++ == 0 ? "'" : ", '") + std::string(word) + "'";
    }
    if (count > 0) return "; words like it are " + out;
  }
  return "; read it again from the card";
}

// By its first letters, else by edits, else some that begin like it.
std::string what_it_may_be(const std::string& typed) {
  const auto words = envelope::code_words();
  for (const std::string_view word : words) {
    if (typed.size() >= kTelling && word.substr(0, kTelling) == typed.substr(0, kTelling)) {
      return "; did you mean '" + std::string(word) + "'?";
    }
  }
  const std::string near = program::did_you_mean(typed, std::vector<std::string>(words.begin(), words.end()));
  return near.empty() ? alike(typed) : near;
}

}  // namespace

std::string say_fault(const envelope::CodeFault& fault) {
  using Kind = envelope::CodeFault::Kind;
  const std::string count = std::to_string(fault.count);
  switch (fault.kind) {
    case Kind::neither: return "a code is 20 digits or 6 words, with spaces or hyphens between them and nothing else";
    case Kind::digit_count: return "a code has 20 digits; these are " + count;
    case Kind::too_large: return "no code has so high a number: one of the first digits is mistyped";
    case Kind::word_count: return "a code has 6 words; these are " + count;
    case Kind::unknown_word: break;
  }
  return "word " + std::to_string(fault.position) + " is not in the list" + what_it_may_be(fault.word);
}

std::string in_groups(base::ByteView digits) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % kGroup == 0) out += ' ';
    out += static_cast<char>(digits[i]);
  }
  return out;
}

}  // namespace besa::node
