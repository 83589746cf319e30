#include "program/exit_code.h"

#include <cstdio>

#include "base/check.h"

namespace besa::program {

ExitCode exit_code(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::not_found: return ExitCode::not_found;
    case base::ErrorKind::denied: return ExitCode::refused;
    case base::ErrorKind::configuration: return ExitCode::configuration;
    case base::ErrorKind::busy:
    case base::ErrorKind::unavailable: return ExitCode::try_later;
    case base::ErrorKind::bad_signature:
    case base::ErrorKind::damaged:
    case base::ErrorKind::misbehaviour: return ExitCode::verification;
    case base::ErrorKind::malformed:
    case base::ErrorKind::unsupported:
    case base::ErrorKind::already_exists:
    case base::ErrorKind::full:
    case base::ErrorKind::io: return ExitCode::failed;
  }
  BESA_CHECK(false);
}

int report(std::string_view program, const base::Error& error) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(program.size()), program.data(), error.message.c_str());
  return to_int(exit_code(error.kind));
}

}  // namespace besa::program
