// Memory for secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace besa::crypto {

// Bytes that must not leak: between guard pages, kept out of swap and core dumps where the system allows it, wiped when
// the object ends. It can be moved and not copied; it has no comparison and no way to print it, so logging one does not
// compile. To compare, use equal_constant_time on the views.
//
// Cost: a few pages and system calls for each object, so one for each key, not one for each byte.
class SecretBytes {
 public:
  // Nothing; size 0.
  SecretBytes() = default;
  // `size` zeros.
  explicit SecretBytes(std::size_t size);
  // A copy; wiping the original is the caller's business.
  static SecretBytes copy_of(base::ByteView bytes);
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  // Said out loud where a second copy is really wanted.
  SecretBytes clone() const { return copy_of(view()); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Valid as long as the object is neither moved from nor destroyed.
  base::ByteView view() const { return {data_, size_}; }
  std::span<std::uint8_t> writable() { return {data_, size_}; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Overwrites bytes that lay in ordinary memory; the compiler cannot drop it.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace besa::crypto
