// Secret keys on disk. A file is two lines of text:
//
//   besa-key v1 KIND
//   HEX
//
// KIND says what the key is for (letters a-z, digits, '-'), so that a key cannot be loaded in another's place. Created
// with mode 0600 and never over an existing file. Refused when anyone but the owner can read it or when it belongs to
// somebody else. All buffers are wiped after use.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace besa::program {

// The raw bytes of a key between file and lib/crypto. Move-only, wiped when destroyed.
class KeyBytes {
 public:
  KeyBytes() = default;
  explicit KeyBytes(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  ~KeyBytes() { wipe(); }
  KeyBytes(const KeyBytes&) = delete;
  KeyBytes& operator=(const KeyBytes&) = delete;
  KeyBytes(KeyBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  KeyBytes& operator=(KeyBytes&& other) noexcept;

  base::ByteView view() const { return bytes_; }

 private:
  void wipe() noexcept;
  base::Bytes bytes_;
};

inline constexpr std::size_t kKeyFileBytes = 4096;

// Where the keys of a program lie: the folder that the service manager lent it (LoadCredential=,
// CREDENTIALS_DIRECTORY), if that holds `file`, otherwise `configured`. Files of that folder may be root's, readable by
// our group: systemd lends them so, in a folder that only we may enter. Source: systemd.exec(5), CREDENTIALS.
std::string key_folder(const std::string& configured, std::string_view file);

// Errors: not_found, denied (readable by others, or not ours: the message names the chmod that mends it), malformed
// (not a key file, or of another kind), io.
[[nodiscard]] base::Result<KeyBytes> read_key_file(const std::string& path, std::string_view kind);

// Errors: already_exists, denied, full, io. A BESA_CHECK guards `kind`.
[[nodiscard]] base::Status write_key_file(const std::string& path, std::string_view kind, base::ByteView key);

}  // namespace besa::program
