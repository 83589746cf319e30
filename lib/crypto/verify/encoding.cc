#include "crypto/verify/encoding.h"

#include <sodium.h>

namespace besa::crypto {

std::string base64_encode(base::ByteView bytes) {
  // The library counts a terminating zero, which std::string has room for behind its end.
  std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL) - 1, '\0');
  sodium_bin2base64(text.data(), text.size() + 1, bytes.data(), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  return text;
}

std::optional<base::Bytes> base64_decode(std::string_view text) {
  if (text.empty()) return base::Bytes{};
  if (text.size() % 4 != 0) return std::nullopt;
  base::Bytes bytes(text.size() / 4 * 3);
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  // libsodium 1.0.18 takes some bytes above 0x7F for digits; writing the text again finds them.
  if (base64_encode(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace besa::crypto
