#include "crypto/secret/secret_bytes.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "crypto/verify/initialise.h"

namespace besa::crypto {

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  if (size == 0) return;
  initialise();
  data_ = static_cast<std::uint8_t*>(sodium_malloc(size));
  BESA_CHECK(data_ != nullptr);
  std::fill_n(data_, size, std::uint8_t{0});
}

SecretBytes SecretBytes::copy_of(base::ByteView bytes) {
  SecretBytes copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.data_);
  return copy;
}

SecretBytes::~SecretBytes() { sodium_free(data_); }

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  if (this != &other) {
    sodium_free(data_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void wipe(std::span<std::uint8_t> bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace besa::crypto
