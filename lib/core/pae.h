// Pre-authentication encoding of DSSE (version 1): what is hashed and signed instead of a bare body, so that bytes of
// one type can never be taken for bytes of another.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace besa::core {

// "DSSEv1" SP length of type SP type SP length of body SP body; lengths are ASCII decimal numbers of bytes.
base::Bytes pae(std::string_view type, base::ByteView body);

}  // namespace besa::core
