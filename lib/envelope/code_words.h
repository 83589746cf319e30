// The words of which a person's code is made.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace besa::envelope {

inline constexpr std::size_t kCodeWordBits = 11;
inline constexpr std::size_t kCodeWords = std::size_t{1} << kCodeWordBits;

// English, the only list of this version: 2,048 words in alphabetical order; the place of a word is its number. Frozen:
// a word that moves would turn every card with it into another code.
std::span<const std::string_view> code_words();

}  // namespace besa::envelope
