#include "agents/admin/agreement.h"

#include "crypto/secret/random.h"
#include "crypto/verify/hash.h"
#include "program/file.h"

namespace besa::admin {
namespace {

constexpr std::size_t kAgreementBytes = 64 * 1024 * 1024;

}  // namespace

base::Result<Agreement> hash_agreement(const std::string& path) { return hash_agreement(path, crypto::random_salt()); }

base::Result<Agreement> hash_agreement(const std::string& path, const base::Salt& salt) {
  BESA_ASSIGN(const base::Bytes document, program::read_file(path, kAgreementBytes));
  if (document.empty()) return base::fail(base::ErrorKind::malformed, path + " is empty: that is no agreement");
  return Agreement{salt, crypto::sha256_of({salt.view(), document})};
}

}  // namespace besa::admin
