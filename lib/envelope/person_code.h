// A person's code: a random number that is shown to a person once, and from which a lookup tag and a signing key are
// derived wherever it is typed in again. It never leaves the memory of the program that made or read it.
//
// Shapes: a number below 2^66, written as 20 decimal digits or as 6 words of 11 bits each, highest first: the same
// number. The network salts the derivation, so that a code is worth nothing in another one.
// Source: docs/protocol.md "The person's code".
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/secret_bytes.h"
#include "crypto/secret/sign.h"
#include "envelope/random.h"

namespace besa::envelope {

inline constexpr std::size_t kCodeDigits = 20;
inline constexpr std::size_t kCodeParts = 6;        // words
inline constexpr std::size_t kCodeTextBytes = 256;  // more is no code, however it is spaced

// What is wrong with a text that should be a code. Never the code: at most one word that is in no list.
struct CodeFault {
  enum class Kind { neither, digit_count, too_large, word_count, unknown_word };
  Kind kind = Kind::neither;
  std::size_t count = 0;     // digits or words that were there
  std::size_t position = 0;  // of the unknown word, from 1
  std::string word;          // the unknown one, in small letters
};

// Move-only, wiped when it ends, no formatter: logging one does not compile.
class PersonCode {
 public:
  static PersonCode draw(const RandomSource& random);
  // Spaces, hyphens and line ends may stand anywhere between digits or words; the case does not matter.
  [[nodiscard]] static tl::expected<PersonCode, CodeFault> parse(std::string_view text);

  // 20 digits, without spaces.
  crypto::SecretBytes digits() const;
  // 6 words with a space between them.
  crypto::SecretBytes words() const;

 private:
  PersonCode();
  std::uint16_t part(std::size_t index) const;
  void set_part(std::size_t index, std::uint16_t value);
  bool append_digit(std::uint16_t digit);
  crypto::SecretBytes parts_;  // six numbers of 11 bits, two bytes each, highest first
};

// What is derived from a code.
struct PersonKey {
  base::LookupTag tag;
  crypto::SigningKey key;
};

// Argon2id over the 20 digits, salted with the first 16 bytes of the network's id: tag (32), then Ed25519 seed (32).
// Errors: full (64 MiB cannot be had). Cost: 64 MiB and about 0.2 s; callers let one run at a time.
[[nodiscard]] base::Result<PersonKey> derive(const PersonCode& code, const base::NetworkId& network);

}  // namespace besa::envelope
