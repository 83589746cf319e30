#include "crypto/verify/hash.h"

#include <openssl/evp.h>

#include <utility>

#include "base/check.h"

namespace besa::crypto {
namespace {

// Looked up once: a look-up for each hash would cost three times the hash of a tree node.
const EVP_MD* sha256_method() {
  static EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  BESA_CHECK(method != nullptr);
  return method;
}

void begin(EVP_MD_CTX* context) {
  BESA_CHECK(context != nullptr);
  BESA_CHECK(EVP_DigestInit_ex2(context, sha256_method(), nullptr) == 1);
}

void add(EVP_MD_CTX* context, base::ByteView bytes) {
  BESA_CHECK(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
}

base::Digest end(EVP_MD_CTX* context) {
  base::Digest digest;
  BESA_CHECK(EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr) == 1);
  return digest;
}

struct ThreadContext {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ThreadContext() = default;
  ThreadContext(const ThreadContext&) = delete;
  ThreadContext& operator=(const ThreadContext&) = delete;
  ~ThreadContext() { EVP_MD_CTX_free(context); }
};

EVP_MD_CTX* thread_context() {
  thread_local ThreadContext holder;
  return holder.context;
}

}  // namespace

base::Digest sha256(base::ByteView bytes) { return sha256_of({bytes}); }

base::Digest sha256_of(std::initializer_list<base::ByteView> pieces) {
  EVP_MD_CTX* const context = thread_context();
  begin(context);
  for (const base::ByteView piece : pieces) add(context, piece);
  return end(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { begin(context_); }

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}

Sha256& Sha256::operator=(Sha256&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

Sha256& Sha256::update(base::ByteView bytes) {
  BESA_CHECK(context_ != nullptr);
  add(context_, bytes);
  return *this;
}

base::Digest Sha256::finish() {
  BESA_CHECK(context_ != nullptr);
  const base::Digest digest = end(context_);
  EVP_MD_CTX_free(std::exchange(context_, nullptr));
  return digest;
}

}  // namespace besa::crypto
