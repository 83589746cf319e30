// Can the broker be reached at all, before any key is used? A TCP connection, straight or through a SOCKS5 proxy, that
// is closed again.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace besa::node {

// `endpoint` tcp://HOST:PORT; `socks_proxy` HOST:PORT or empty. Waits at most about `timeout_ms` for each step; a name
// is looked up by the system, which has its own patience. Errors: unavailable, saying how far it got.
// Source: RFC 1928 (SOCKS5, without authentication, as libzmq speaks it).
[[nodiscard]] base::Status reach(const std::string& endpoint, const std::string& socks_proxy, std::uint32_t timeout_ms);

}  // namespace besa::node
