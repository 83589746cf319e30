#include "tests/bench/machine.h"

#include <fcntl.h>
#include <lmdb.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <unistd.h>

#include "base/bytes.h"
#include "tests/bench/children.h"
#include "tests/bench/curve.h"

namespace besa::bench {
namespace {

using base::Bytes;

template <class Action>
double cpu_each(int times, const Action& action) {
  const double from = own_cpu_us();
  for (int i = 0; i < times; ++i) action();
  return (own_cpu_us() - from) / times;
}

Bytes random_of(std::size_t size) {
  Bytes out(size);
  randombytes_buf(out.data(), out.size());
  return out;
}

class Sha {
 public:
  Sha() : context_(EVP_MD_CTX_new()), sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {}
  ~Sha() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(sha256_);
  }
  Sha(const Sha&) = delete;
  Sha& operator=(const Sha&) = delete;
  void hash(const Bytes& bytes) {
    unsigned char out[32];
    BESA_CHECK(EVP_DigestInit_ex2(context_, sha256_, nullptr) == 1);
    BESA_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
    BESA_CHECK(EVP_DigestFinal_ex(context_, out, nullptr) == 1);
  }

 private:
  EVP_MD_CTX* context_;
  EVP_MD* sha256_;
};

void measure_signatures(Machine& machine, int times) {
  unsigned char key[crypto_sign_PUBLICKEYBYTES];
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
  unsigned char signature[crypto_sign_BYTES];
  const Bytes text = random_of(64);
  crypto_sign_keypair(key, secret);
  machine.sign.add(
      cpu_each(times, [&] { crypto_sign_detached(signature, nullptr, text.data(), text.size(), secret); }));
  machine.verify.add(
      cpu_each(times, [&] { BESA_CHECK(crypto_sign_verify_detached(signature, text.data(), text.size(), key) == 0); }));
}

// Body (the id), blocks, ciphertext (the root), the entry's leaf and one node above it.
void measure_hashes(Machine& machine, const Sizes& sizes, int times) {
  Sha sha;
  const std::vector<Bytes> pieces = {random_of(sizes.body), random_of(sizes.blocks), random_of(sizes.ciphertext + 1),
                                     random_of(sizes.entry + 1), random_of(65)};
  machine.hashes.add(cpu_each(times, [&] {
    for (const Bytes& piece : pieces) sha.hash(piece);
  }));
  machine.proof.add(cpu_each(times, [&] {
    for (int i = 0; i < 20; ++i) sha.hash(pieces.back());
  }));
}

// A file of zeros, flushed ahead, that fills from its beginning.
class Filled {
 public:
  explicit Filled(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600)) {
    BESA_CHECK(file_ >= 0);
    const Bytes zeros(std::size_t{1} << 20);
    for (int i = 0; i < 64; ++i) BESA_CHECK(::write(file_, zeros.data(), zeros.size()) > 0);
    BESA_CHECK(::fsync(file_) == 0);
  }
  ~Filled() { ::close(file_); }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;
  void add(const Bytes& bytes) {
    if (at_ + bytes.size() > (std::size_t{64} << 20)) at_ = 0;
    BESA_CHECK(::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at_)) ==
               static_cast<ssize_t>(bytes.size()));
    BESA_CHECK(::fdatasync(file_) == 0);
    at_ += bytes.size();
  }

 private:
  int file_;
  std::size_t at_ = 0;
};

// The rows that no broker with this log can do without: the entry, what lies beside it, one node of the tree.
class Store {
 public:
  Store(const std::filesystem::path& folder, const Sizes& sizes)
      : entry_(random_of(sizes.entry)), beside_(random_of(sizes.body + sizes.blocks)), node_(random_of(32)) {
    std::filesystem::create_directory(folder);
    BESA_CHECK(mdb_env_create(&environment_) == 0);
    BESA_CHECK(mdb_env_set_mapsize(environment_, std::size_t{4} << 30) == 0);
    BESA_CHECK(mdb_env_set_maxdbs(environment_, 3) == 0);
    BESA_CHECK(mdb_env_open(environment_, folder.c_str(), 0, 0600) == 0);
  }
  ~Store() { mdb_env_close(environment_); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  void add(int messages) {
    MDB_txn* transaction = nullptr;
    BESA_CHECK(mdb_txn_begin(environment_, nullptr, 0, &transaction) == 0);
    for (int i = 0; i < messages; ++i) {
      put(transaction, "log", entry_);
      put(transaction, "beside", beside_);
      put(transaction, "node", node_);
      ++next_;
    }
    BESA_CHECK(mdb_txn_commit(transaction) == 0);
  }

 private:
  void put(MDB_txn* transaction, const char* table, const Bytes& value) {
    MDB_dbi dbi = 0;
    BESA_CHECK(mdb_dbi_open(transaction, table, MDB_CREATE, &dbi) == 0);
    Bytes key = base::ByteWriter().u64(next_).take();
    MDB_val k{key.size(), key.data()};
    MDB_val v{value.size(), const_cast<std::uint8_t*>(value.data())};
    BESA_CHECK(mdb_put(transaction, dbi, &k, &v, 0) == 0);
  }
  Bytes entry_;
  Bytes beside_;
  Bytes node_;
  MDB_env* environment_ = nullptr;
  std::uint64_t next_ = 0;
};

constexpr int kStoredTogether = 256;

void measure_disk(Machine& machine, Filled& file, Store& store, const Sizes& sizes, int times) {
  const Bytes one = random_of(sizes.stored());
  const Bytes many = random_of(sizes.stored() * kStoredTogether);
  Series flushes;
  Series commits;
  for (int i = 0; i < times; ++i) {
    const double from = steady_us();
    file.add(one);
    const double flushed = steady_us();
    store.add(1);
    flushes.add(flushed - from);
    commits.add(steady_us() - flushed);
  }
  machine.flush.add(flushes.median());
  machine.commit.add(commits.median());
  machine.store.add(cpu_each(times / 10 + 1,
                             [&] {
                               file.add(many);
                               store.add(kStoredTogether);
                             }) /
                    kStoredTogether);
}

void measure_wire(Machine& machine, const Sizes& sizes, int times) {
  machine.round_trip.add(measure_curve(sizes.request_one, sizes.reply_one, times).passed_us);
  machine.exchange.add(measure_curve(sizes.request_many, sizes.reply_many, times / 4 + 1).cpu_us / 64);
  machine.pull_exchange.add(measure_curve(100, sizes.pull_many, times / 4 + 1).cpu_us / 64);
}

}  // namespace

Machine measure_machine(const Sizes& sizes, const std::filesystem::path& folder, int rounds, bool quick) {
  BESA_CHECK(sodium_init() >= 0);
  Machine machine;
  Filled file(folder / "bench-segment");
  Store store(folder / "bench-store", sizes);
  for (int round = 0; round < rounds; ++round) {
    measure_signatures(machine, quick ? 500 : 2'000);
    measure_hashes(machine, sizes, quick ? 2'000 : 10'000);
    measure_disk(machine, file, store, sizes, quick ? 50 : 200);
    measure_wire(machine, sizes, quick ? 200 : 1'000);
  }
  return machine;
}

}  // namespace besa::bench
