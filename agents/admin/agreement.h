// The data-sharing agreement that an enrolment rests on: only its salted hash is signed.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"

namespace besa::admin {

// The salt is what shows one day which document it was.
struct Agreement {
  base::Salt salt;
  base::Digest hash;
};

// Errors: not_found, io, malformed (empty, or over 64 MiB).
[[nodiscard]] base::Result<Agreement> hash_agreement(const std::string& path);
[[nodiscard]] base::Result<Agreement> hash_agreement(const std::string& path, const base::Salt& salt);

}  // namespace besa::admin
