#include "core/digests.h"

#include "crypto/verify/hash.h"

namespace besa::core {
namespace {

constexpr std::string_view kContextLabel("besa/1 context\0", 15);
constexpr std::string_view kSectionsLabel("besa/1 sections\0", 16);

}  // namespace

base::Digest content_hash(base::ByteView bytes) { return crypto::sha256(bytes); }

base::Digest context_hash(base::ByteView context) {
  return crypto::sha256_of({base::as_bytes(kContextLabel), context});
}

base::Digest sections_hash(const base::Digest& h0, base::ByteView section_list) {
  const base::Digest list = content_hash(section_list);
  return crypto::sha256_of({base::as_bytes(kSectionsLabel), h0.view(), list.view()});
}

}  // namespace besa::core
