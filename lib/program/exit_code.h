// The exit codes of every Besa program. Scripts rely on them: they do not change.
#pragma once

#include "base/result.h"

namespace besa::program {

enum class ExitCode : int {
  ok = 0,
  failed = 1,         // something went wrong that is none of the below
  usage = 2,          // the command line is wrong
  verification = 3,   // a signature, proof, hash or replay does not hold
  not_found = 4,      // no such message, key, member
  refused = 5,        // the rules said no, or access was denied
  try_later = 75,     // as EX_TEMPFAIL: the peer is busy or cannot be reached
  configuration = 78  // as EX_CONFIG: the administrator must change something
};

ExitCode exit_code(base::ErrorKind kind);
inline int to_int(ExitCode code) { return static_cast<int>(code); }

// Writes "PROGRAM: message" to stderr and gives the code to leave main with.
int report(std::string_view program, const base::Error& error);

}  // namespace besa::program
