// The broker's two secret keys as files of a folder, and what of them goes into genesis.
#pragma once

#include <string>

#include "crypto/secret/sign.h"
#include "crypto/secret/transport_key.h"

namespace besa::broker {

struct Keys {
  crypto::SigningKey log;
  crypto::TransportSecret transport;
};

// Makes the folder, both keys (files of mode 0600, never over existing ones) and `broker.public.json`:
// {"log_key": HEX, "transport_key": HEX}. Errors: already_exists, denied, full, io.
[[nodiscard]] base::Status make_keys(const std::string& folder);
// The same with keys that exist, as a restored backup would bring them.
[[nodiscard]] base::Status save_keys(const std::string& folder, const Keys& keys);
// From `folder`, or from where the service manager lent them (program::key_folder).
// Errors: not_found, denied (others may read them), malformed.
[[nodiscard]] base::Result<Keys> load_keys(const std::string& folder);

}  // namespace besa::broker
