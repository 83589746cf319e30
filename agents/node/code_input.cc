#include "agents/node/code_input.h"

#include <vector>

#include "envelope/code_words.h"
#include "program/nearest.h"

namespace besa::node {
namespace {

constexpr std::size_t kTelling = 4;  // letters by which a word is told from all others
constexpr std::size_t kGroup = 4;    // digits

// By its first letters, else by edits.
std::string nearest_word(const std::string& typed) {
  const auto words = envelope::code_words();
  for (const std::string_view word : words) {
    if (typed.size() >= kTelling && word.substr(0, kTelling) == typed.substr(0, kTelling)) return std::string(word);
  }
  return program::nearest(typed, std::vector<std::string>(words.begin(), words.end()));
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
  const std::string near = nearest_word(fault.word);
  return "word " + std::to_string(fault.position) + " is not in the list" +
         (near.empty() ? std::string() : "; did you mean '" + near + "'?");
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
