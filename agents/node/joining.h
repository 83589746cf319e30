// besa-node join: an agency that was invited makes its keys, checks the network itself, and writes its join request.
#pragma once

#include <string>

#include "base/result.h"

namespace besa::node {

struct JoinOptions {
  std::string invite;                // file
  std::string folder = "besa-node";  // for keys, configuration, request
  std::string out;                   // a copy of the request; empty: none
  std::string socks_proxy;           // host:port, or empty
  bool dry_run = false;
  bool json = false;
};

// Prints for people, or one JSON object. Run again with the same invite and folder it goes on where it was ended, and
// gives the same request. Errors: denied (expired, or a clock that is wrong: both times are named; another network or
// member in the folder), bad_signature, malformed, io, full.
[[nodiscard]] base::Status join(const JoinOptions& options);

}  // namespace besa::node
