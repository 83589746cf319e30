#include "base/result.h"

#include "base/check.h"

namespace besa::base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed: return "malformed";
    case ErrorKind::bad_signature: return "bad_signature";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::already_exists: return "already_exists";
    case ErrorKind::denied: return "denied";
    case ErrorKind::busy: return "busy";
    case ErrorKind::full: return "full";
    case ErrorKind::io: return "io";
    case ErrorKind::damaged: return "damaged";
    case ErrorKind::configuration: return "configuration";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::misbehaviour: return "misbehaviour";
  }
  BESA_CHECK(false);
}

}  // namespace besa::base
