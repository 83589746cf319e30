#include "core/pae.h"

#include <string>

namespace besa::core {

base::Bytes pae(std::string_view type, base::ByteView body) {
  base::ByteWriter out;
  out.raw("DSSEv1 ").raw(std::to_string(type.size())).raw(" ").raw(type);
  out.raw(" ").raw(std::to_string(body.size())).raw(" ").raw(body);
  return out.take();
}

}  // namespace besa::core
