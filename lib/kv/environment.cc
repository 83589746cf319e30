#include "kv/environment.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "base/check.h"
#include "kv/checksum.h"
#include "kv/file_system.h"
#include "kv/transaction.h"

namespace besa::kv {
namespace {

using base::ErrorKind;

// Reader slots belong to transactions, not to threads: two readers in one thread, or a reader that moves, are no error.
// It says nothing about durability; flags that do (NOSYNC, NOMETASYNC, MAPASYNC, WRITEMAP) are never set.
constexpr unsigned kFlags = MDB_NOTLS;

tl::unexpected<base::Error> system_failure(std::string_view doing) {
  return base::fail(ErrorKind::io, std::string(doing) + ": " + strerror(errno));
}

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

Status make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("cannot make the store's folder");
  struct stat about{};
  if (::stat(folder.c_str(), &about) != 0) return system_failure("cannot look at the store's folder");
  if (!S_ISDIR(about.st_mode)) return base::fail(ErrorKind::configuration, "the store's path is not a folder");
  if ((about.st_mode & 077) != 0) {
    return base::fail(ErrorKind::configuration, "others may read the store's folder: set its mode to 0700");
  }
  return {};
}

// Held until the descriptor closes, also when the process is killed.
Result<int> take_lock(const std::filesystem::path& folder) {
  Descriptor file(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.number() < 0) return system_failure("cannot open the store's lock file");
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure("cannot lock the store");
    return base::fail(ErrorKind::busy, "another process has this store open: stop it first");
  }
  return file.release();
}

Status flush_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.number() < 0 || ::fsync(opened.number()) != 0) return system_failure("cannot flush the store's folder");
  return {};
}

}  // namespace

struct Environment::State {
  int lock = -1;
  MDB_env* env = nullptr;

  ~State() {
    if (env != nullptr) mdb_env_close(env);
    if (lock >= 0) ::close(lock);
  }
};

Environment::Environment(std::unique_ptr<State> state) : state_(std::move(state)) {}
Environment::~Environment() = default;

Result<std::unique_ptr<Environment>> Environment::open(const std::filesystem::path& folder, const Options& options) {
  BESA_TRY(file_system_fit(folder));
  BESA_TRY(make_folder(folder));
  auto state = std::make_unique<State>();
  BESA_ASSIGN(state->lock, take_lock(folder));
  const auto set_up = [&] {
    if (const int code = mdb_env_create(&state->env); code != MDB_SUCCESS) return code;
    if (const int code = mdb_env_set_mapsize(state->env, options.map_bytes); code != MDB_SUCCESS) return code;
    if (const int code = mdb_env_set_maxdbs(state->env, options.max_tables); code != MDB_SUCCESS) return code;
    if (const int code = mdb_env_set_maxreaders(state->env, options.max_readers); code != MDB_SUCCESS) return code;
    return mdb_env_open(state->env, folder.c_str(), kFlags, 0600);
  };
  if (const int code = set_up(); code != MDB_SUCCESS) return failure(code, "cannot open the store");
  BESA_TRY(flush_folder(folder));
  std::unique_ptr<Environment> out(new Environment(std::move(state)));
  BESA_TRY(out->clear_dead_readers());
  return out;
}

Result<std::vector<Table>> Environment::tables(std::span<const std::string_view> names) {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(state_->env, nullptr, 0, &txn); code != MDB_SUCCESS) {
    return failure(code, "cannot begin to open tables");
  }
  std::vector<Table> out;
  for (const std::string_view name : names) {
    Table table;
    if (const int code = mdb_dbi_open(txn, std::string(name).c_str(), MDB_CREATE, &table.handle); code != MDB_SUCCESS) {
      mdb_txn_abort(txn);
      return failure(code, "cannot open table " + std::string(name));
    }
    table.seed = checksum(0, base::as_bytes(name));
    out.push_back(table);
  }
  if (const int code = mdb_txn_commit(txn); code != MDB_SUCCESS) return commit_failure(code);
  return out;
}

Result<ReadTransaction> Environment::read() const {
  auto state = std::make_unique<Transaction::State>();
  if (const int code = mdb_txn_begin(state_->env, nullptr, MDB_RDONLY, &state->txn); code != MDB_SUCCESS) {
    return failure(code, "cannot begin to read");
  }
  return ReadTransaction(std::move(state));
}

Result<WriteTransaction> Environment::write() {
  auto state = std::make_unique<Transaction::State>();
  if (const int code = mdb_txn_begin(state_->env, nullptr, 0, &state->txn); code != MDB_SUCCESS) {
    return failure(code, "cannot begin to write");
  }
  state->writes = true;
  return WriteTransaction(std::move(state));
}

Result<int> Environment::clear_dead_readers() const {
  int dead = 0;
  if (const int code = mdb_reader_check(state_->env, &dead); code != MDB_SUCCESS) {
    return failure(code, "cannot check the store's readers");
  }
  return dead;
}

Environment::Usage Environment::usage() const {
  MDB_envinfo info{};
  MDB_stat stat{};
  BESA_CHECK(mdb_env_info(state_->env, &info) == MDB_SUCCESS && mdb_env_stat(state_->env, &stat) == MDB_SUCCESS);
  return {(info.me_last_pgno + 1) * std::uint64_t{stat.ms_psize}, info.me_mapsize};
}

}  // namespace besa::kv
