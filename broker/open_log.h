// The log as every command but `init` opens it: one that is there.
#pragma once

#include <memory>

#include "broker/config.h"
#include "journal/journal.h"

namespace besa::broker {

// A missing disk or a mistyped path must not look like an empty log: whoever begins the log anew over an existing
// network tells its members two histories.
// Errors: configuration (no log there, file system, permissions), busy, damaged, full, io.
[[nodiscard]] base::Result<std::unique_ptr<journal::Journal>> open_log(const Config& config);

}  // namespace besa::broker
