#include "envelope/sign.h"

#include "base/check.h"
#include "base/limits.h"
#include "core/merkle.h"

namespace besa::envelope {

core::SignatureBlock sign_statement(core::StatementType type, base::ByteView body, const crypto::SigningKey& key,
                                    const base::KeyId& key_id) {
  return sign_id(core::statement_id(type, body), key, key_id);
}

core::SignatureBlock sign_id(const base::StatementId& id, const crypto::SigningKey& key, const base::KeyId& key_id) {
  core::SignatureBlock block;
  block.key = key_id;
  block.signature = key.sign(core::signed_bytes(base::id_cast<base::Digest>(id)));
  return block;
}

std::vector<core::SignatureBlock> sign_bundle(std::span<const base::StatementId> ids, const crypto::SigningKey& key,
                                              const base::KeyId& key_id) {
  BESA_CHECK(!ids.empty() && ids.size() <= base::limits::kBundleStatements);
  std::vector<base::Digest> leaves;
  for (const base::StatementId& id : ids) leaves.push_back(base::id_cast<base::Digest>(id));
  const base::Signature signature = key.sign(core::signed_bytes(core::root_of(leaves)));
  std::vector<core::SignatureBlock> blocks;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    core::SignatureBlock block;
    block.key = key_id;
    block.index = static_cast<std::uint32_t>(i);
    block.size = static_cast<std::uint32_t>(ids.size());
    block.path = core::inclusion_proof(i, leaves);
    block.signature = signature;
    blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace besa::envelope
