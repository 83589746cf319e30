// The log as the commands open it.
#pragma once

#include <memory>

#include "broker/config.h"
#include "broker/recovery.h"

namespace besa::broker {

// A missing disk or a mistyped path must not look like an empty log: whoever begins the log anew over an existing
// network tells its members two histories. For `rebuild`: nothing is recovered yet.
// Errors: configuration (no log there, file system, permissions), busy, damaged, full, io.
[[nodiscard]] base::Result<std::unique_ptr<journal::Journal>> open_log_only(const Config& config);

struct OpenLog {
  std::unique_ptr<journal::Journal> journal;
  Recovery recovery;
};

// The same; the view is looked at (all of it if it is small, otherwise the beginning), and what a crash left to be
// recovered is.
[[nodiscard]] base::Result<OpenLog> open_log(const Config& config);

}  // namespace besa::broker
