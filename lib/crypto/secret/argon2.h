// Argon2id (RFC 9106): a key from something a person can write on a card.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret/secret_bytes.h"

namespace besa::crypto {

inline constexpr std::size_t kArgon2MemoryBytes = std::size_t{64} * 1024 * 1024;
inline constexpr unsigned kArgon2Passes = 3;
inline constexpr std::size_t kArgon2OutputBytes = 64;

// Argon2id version 1.3, one lane, 64 MiB, 3 passes: 64 bytes. `full` if the memory cannot be had.
// Cost: 64 MiB and about 0.2 s; callers limit how often it runs.
[[nodiscard]] base::Result<SecretBytes> argon2id(base::ByteView password, const base::Salt& salt);

}  // namespace besa::crypto
