// What the administrator does when the disk does not take what the broker writes.
#pragma once

#include "base/result.h"
#include "program/log.h"

namespace besa::broker {

inline program::Literal remedy(base::ErrorKind kind) {
  if (kind == base::ErrorKind::full) {
    return "make room on the disk of the state folder, what was acknowledged is safe; if there is room, look at the "
           "disk";
  }
  if (kind == base::ErrorKind::damaged) return "stop, run besa-broker rebuild; if that fails, restore a backup";
  if (kind == base::ErrorKind::io) return "look at the disk; the broker ends, start it again then";
  return "look at the lines before";
}

}  // namespace besa::broker
