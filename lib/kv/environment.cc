#include "kv/environment.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/check.h"
#include "base/descriptor.h"
#include "kv/checksum.h"
#include "kv/file_system.h"
#include "kv/folder.h"
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

// Held until the descriptor closes, also when the process is killed.
Result<int> take_lock(const std::filesystem::path& folder) {
  base::Descriptor file(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return system_failure("cannot open the store's lock file");
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure("cannot lock the store");
    return base::fail(ErrorKind::busy, "another process has the store " + folder.string() + " open: stop it first");
  }
  return file.release();
}

// LMDB ends the process when a page is not what it must be: say what that means for whoever reads it at night.
void name_damage(MDB_env*, const char*) {
  std::fputs("The database is damaged: check the disk, then restore a backup. ", stderr);
}

// Pages that were cut off a file would end the process without a word when they are looked at; as zeros they are found
// to be none. (A file may be shorter than its page count by pages that were freed before they were written.)
Status cover_lost_pages(MDB_env* env) {
  MDB_envinfo info{};
  MDB_stat stat{};
  int file = -1;
  if (mdb_env_info(env, &info) != MDB_SUCCESS || mdb_env_stat(env, &stat) != MDB_SUCCESS ||
      mdb_env_get_fd(env, &file) != MDB_SUCCESS) {
    return base::fail(ErrorKind::io, "cannot look at the open store");
  }
  struct stat about{};
  if (::fstat(file, &about) != 0) return system_failure("cannot look at the store's file");
  const auto wanted = static_cast<off_t>((info.me_last_pgno + 1) * std::uint64_t{stat.ms_psize});
  if (about.st_size >= wanted) return {};
  if (::ftruncate(file, wanted) != 0) return system_failure("the store's file is cut short and cannot be filled up");
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

bool Environment::exists(const std::filesystem::path& folder) {
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(folder / "data.mdb", absent);
  return !absent && bytes > 0;
}

Result<std::unique_ptr<Environment>> Environment::open(const std::filesystem::path& folder, const Options& options) {
  BESA_TRY(file_system_fit(folder));
  BESA_TRY(make_private_folder(folder));
  auto state = std::make_unique<State>();
  BESA_ASSIGN(state->lock, take_lock(folder));
  const auto set_up = [&] {
    if (const int code = mdb_env_create(&state->env); code != MDB_SUCCESS) return code;
    mdb_env_set_assert(state->env, name_damage);
    if (const int code = mdb_env_set_mapsize(state->env, options.map_bytes); code != MDB_SUCCESS) return code;
    if (const int code = mdb_env_set_maxdbs(state->env, options.max_tables); code != MDB_SUCCESS) return code;
    if (const int code = mdb_env_set_maxreaders(state->env, options.max_readers); code != MDB_SUCCESS) return code;
    return mdb_env_open(state->env, folder.c_str(), kFlags, 0600);
  };
  if (const int code = set_up(); code != MDB_SUCCESS) return failure(code, "cannot open the store");
  BESA_TRY(cover_lost_pages(state->env));
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
