// Operating errors as values. A refused message is not an error: it is a core::Decision. A broken contract is a CHECK.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace besa::base {

// What kind of trouble it is, for exit codes and for callers that react. The message says the rest.
enum class ErrorKind {
  malformed,       // bytes that are not what they should be
  bad_signature,   // a signature, proof or commitment that does not verify
  unsupported,     // well formed, but a later version of Besa
  not_found,       // no such thing
  already_exists,  // would overwrite
  denied,          // permissions, or not yours
  busy,            // try again later
  full,            // disk, map or quota
  io,              // the operating system said no
  damaged,         // stored data is not what was stored
  configuration,   // the administrator must change something
  unavailable,     // the peer cannot be reached
  misbehaviour,    // a peer broke a promise: evidence is kept
};

std::string_view to_string(ErrorKind kind);

// An error. `message` is one sentence that names the next step; never personal data, keys or payload.
struct Error {
  ErrorKind kind;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

// Passes the error of an expression on; otherwise goes on.
#define BESA_TRY(expression)                                 \
  do {                                                       \
    if (auto besa_status = (expression); !besa_status) {     \
      return tl::unexpected(std::move(besa_status).error()); \
    }                                                        \
  } while (false)

#define BESA_CONCAT_INNER(a, b) a##b
#define BESA_CONCAT(a, b) BESA_CONCAT_INNER(a, b)
#define BESA_ASSIGN_INNER(result, declaration, expression) \
  auto result = (expression);                              \
  if (!result) {                                           \
    return tl::unexpected(std::move(result).error());      \
  }                                                        \
  declaration = std::move(*result)
// BESA_ASSIGN(auto x, f()): x is the value, or the function returns the error.
#define BESA_ASSIGN(declaration, expression) \
  BESA_ASSIGN_INNER(BESA_CONCAT(besa_result_, __LINE__), declaration, expression)

}  // namespace besa::base
