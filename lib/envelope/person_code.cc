#include "envelope/person_code.h"

#include <algorithm>
#include <vector>

#include "crypto/secret/argon2.h"
#include "envelope/code_words.h"

namespace besa::envelope {
namespace {

constexpr std::uint16_t kPartMask = kCodeWords - 1;
static_assert(crypto::kArgon2OutputBytes == base::LookupTag::kSize + crypto::SigningKey::kSeedBytes);

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool separates(char c) { return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r'; }

tl::unexpected<CodeFault> fault(CodeFault::Kind kind, std::size_t count = 0) {
  return tl::unexpected(CodeFault{kind, count, 0, {}});
}

// The number of a word; none for one that is not in the list.
std::optional<std::uint16_t> number_of_word(std::string_view word) {
  const auto words = code_words();
  const auto found = std::lower_bound(words.begin(), words.end(), word);
  if (found == words.end() || *found != word) return std::nullopt;
  return static_cast<std::uint16_t>(found - words.begin());
}

// The letters or digits between separators, as they lie in `text`.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t from = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && !separates(text[at])) continue;
    if (at > from) out.push_back(text.substr(from, at - from));
    from = at + 1;
  }
  return out;
}

}  // namespace

PersonCode::PersonCode() : parts_(2 * kCodeParts) {}

std::uint16_t PersonCode::part(std::size_t index) const {
  const base::ByteView bytes = parts_.view();
  return static_cast<std::uint16_t>(bytes[2 * index] << 8 | bytes[2 * index + 1]);
}

void PersonCode::set_part(std::size_t index, std::uint16_t value) {
  parts_.writable()[2 * index] = static_cast<std::uint8_t>(value >> 8);
  parts_.writable()[2 * index + 1] = static_cast<std::uint8_t>(value & 0xFF);
}

// Ten times the number, and the digit. False if it does not stay below 2^66.
bool PersonCode::append_digit(std::uint16_t digit) {
  std::uint32_t carry = digit;
  for (std::size_t i = kCodeParts; i-- > 0;) {
    const std::uint32_t value = std::uint32_t{part(i)} * 10 + carry;
    set_part(i, static_cast<std::uint16_t>(value & kPartMask));
    carry = value >> kCodeWordBits;
  }
  return carry == 0;
}

PersonCode PersonCode::draw(const RandomSource& random) {
  PersonCode out;
  random(out.parts_.writable());
  for (std::size_t i = 0; i < kCodeParts; ++i) out.set_part(i, out.part(i) & kPartMask);
  return out;
}

tl::expected<PersonCode, CodeFault> PersonCode::parse(std::string_view text) {
  using Kind = CodeFault::Kind;
  if (text.size() > kCodeTextBytes) return fault(Kind::neither);
  crypto::SecretBytes plain = crypto::SecretBytes::copy_of(base::as_bytes(text));
  for (std::uint8_t& c : plain.writable()) c = static_cast<std::uint8_t>(small(static_cast<char>(c)));
  const std::string_view letters = base::as_text(plain.view());
  const auto digits = static_cast<std::size_t>(std::count_if(letters.begin(), letters.end(), is_digit));
  const auto others = static_cast<std::size_t>(std::count_if(letters.begin(), letters.end(), is_letter));
  const auto spaces = static_cast<std::size_t>(std::count_if(letters.begin(), letters.end(), separates));
  const bool one_kind = (digits == 0) != (others == 0) && digits + others + spaces == letters.size();
  if (!one_kind) return fault(Kind::neither);
  PersonCode out;
  if (digits > 0) {
    if (digits != kCodeDigits) return fault(Kind::digit_count, digits);
    for (const char c : letters) {
      if (is_digit(c) && !out.append_digit(static_cast<std::uint16_t>(c - '0'))) return fault(Kind::too_large);
    }
    return out;
  }
  const std::vector<std::string_view> words = pieces_of(letters);
  if (words.size() != kCodeParts) return fault(Kind::word_count, words.size());
  for (std::size_t i = 0; i < kCodeParts; ++i) {
    const auto number = number_of_word(words[i]);
    if (!number) return tl::unexpected(CodeFault{Kind::unknown_word, kCodeParts, i + 1, std::string(words[i])});
    out.set_part(i, *number);
  }
  return out;
}

crypto::SecretBytes PersonCode::digits() const {
  PersonCode left;
  std::copy_n(parts_.view().begin(), parts_.size(), left.parts_.writable().begin());
  crypto::SecretBytes out(kCodeDigits);
  for (std::size_t at = kCodeDigits; at-- > 0;) {
    std::uint32_t remainder = 0;
    for (std::size_t i = 0; i < kCodeParts; ++i) {
      const std::uint32_t value = remainder << kCodeWordBits | left.part(i);
      left.set_part(i, static_cast<std::uint16_t>(value / 10));
      remainder = value % 10;
    }
    out.writable()[at] = static_cast<std::uint8_t>('0' + remainder);
  }
  return out;
}

crypto::SecretBytes PersonCode::words() const {
  std::size_t size = kCodeParts - 1;
  for (std::size_t i = 0; i < kCodeParts; ++i) size += code_words()[part(i)].size();
  crypto::SecretBytes out(size);
  auto at = out.writable().begin();
  for (std::size_t i = 0; i < kCodeParts; ++i) {
    const std::string_view word = code_words()[part(i)];
    if (i > 0) *at++ = ' ';
    at = std::copy(word.begin(), word.end(), at);
  }
  return out;
}

base::Result<PersonKey> derive(const PersonCode& code, const base::NetworkId& network) {
  base::Salt salt;
  std::copy_n(network.bytes.begin(), salt.bytes.size(), salt.bytes.begin());
  const crypto::SecretBytes digits = code.digits();
  BESA_ASSIGN(const crypto::SecretBytes derived, crypto::argon2id(digits.view(), salt));
  base::LookupTag tag;
  std::copy_n(derived.view().begin(), tag.bytes.size(), tag.bytes.begin());
  BESA_ASSIGN(auto key, crypto::SigningKey::from_seed(derived.view().subspan(tag.bytes.size())));
  return PersonKey{tag, std::move(key)};
}

}  // namespace besa::envelope
