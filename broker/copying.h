// Whole files and folders, copied so that they are on the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace besa::broker {

// From the last block to the first, of the size that the file has at the beginning: of a file that grows in place, the
// copy is never without something that lies before what it has. Mode 0600. Errors: not_found, full, io.
[[nodiscard]] base::Status copy_backwards(const std::string& from, const std::string& to,
                                          const std::function<void(std::uint64_t)>& copied);

}  // namespace besa::broker
