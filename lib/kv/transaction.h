// Inside of lib/kv: what a transaction holds, and LMDB's numbers as our errors. Not for other layers.
#pragma once

#include <lmdb.h>

#include <string>
#include <thread>

#include "base/check.h"
#include "kv/environment.h"

namespace besa::kv {

struct Transaction::State {
  MDB_txn* txn = nullptr;
  bool writes = false;
  std::thread::id thread = std::this_thread::get_id();  // a writer stays in it
  std::size_t dirty = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (txn == nullptr) return;
    BESA_CHECK(!writes || thread == std::this_thread::get_id());
    mdb_txn_abort(txn);
  }
};

// LMDB's or the system's number as an error that begins with `doing`.
tl::unexpected<base::Error> failure(int code, const std::string& doing);
// The same for a commit, where a full disk shows as EIO.
tl::unexpected<base::Error> commit_failure(int code);

}  // namespace besa::kv
