#include "kv/copy.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/descriptor.h"
#include "kv/environment.h"
#include "kv/folder.h"
#include "kv/transaction.h"

namespace besa::kv {

base::Status copy_store(const std::filesystem::path& folder, const std::filesystem::path& target) {
  if (!Environment::exists(folder)) return base::fail(base::ErrorKind::not_found, "no store in " + folder.string());
  MDB_env* raw = nullptr;
  if (const int code = mdb_env_create(&raw); code != MDB_SUCCESS)
    return failure(code, "cannot open the store to copy it");
  const std::unique_ptr<MDB_env, decltype(&mdb_env_close)> env(raw, mdb_env_close);
  if (const int code = mdb_env_open(raw, folder.c_str(), MDB_RDONLY | MDB_NOTLS, 0600); code != MDB_SUCCESS) {
    return failure(code, "cannot open the store to copy it");
  }
  if (const int code = mdb_env_copy2(raw, target.c_str(), MDB_CP_COMPACT); code != MDB_SUCCESS) {
    return failure(code, "cannot copy the store");
  }
  const base::Descriptor copy(::open((target / "data.mdb").c_str(), O_RDWR | O_CLOEXEC));
  if (!copy || ::fchmod(copy.number(), 0600) != 0 || ::fsync(copy.number()) != 0) {
    return base::fail(base::ErrorKind::io, "cannot flush the copy of the store");
  }
  return flush_folder(target);
}

}  // namespace besa::kv
