// DSSE: the pre-authentication encoding.
#include "core/pae.h"
#include "tests/vectors/vectors.h"

namespace besa::vectors {
namespace {

TEST(Dsse, Pae) {
  BESA_VECTORS_OR_SKIP(file, "c2sp/dsse_pae_vector.json");
  const std::string type = file.at("payload_type");
  const std::string body = file.at("body");
  EXPECT_EQ(base::as_text(core::pae(type, base::as_bytes(body))), file.at("pae").get<std::string>());
}

}  // namespace
}  // namespace besa::vectors
