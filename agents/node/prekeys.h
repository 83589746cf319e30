// The private halves of this member's prekeys: one small file each, encrypted under the storage key, and really
// deleted. They never lie in the database, whose old pages would keep them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/bodies.h"
#include "crypto/secret/aead.h"
#include "crypto/secret/box.h"
#include "envelope/random.h"

namespace besa::node {

inline constexpr base::Duration kPrekeyLife = base::days(7);
inline constexpr base::Duration kPrekeyOverlap = base::days(1);
inline constexpr base::Duration kPrekeyReserve = base::days(10);  // new ones are published when less is covered
inline constexpr std::size_t kPrekeysAhead = 3;
// A message sealed to a prekey may travel for the longest life of a statement after the prekey ended.
inline constexpr base::Duration kPrekeyKept = base::days(30);

static_assert(kPrekeyReserve.ms < (kPrekeysAhead * (kPrekeyLife.ms - kPrekeyOverlap.ms)),
              "no prekeys for ever and ever");

class PrekeyBox {
 public:
  // `key` must outlive the box. Makes the folder. Errors: io, denied, damaged (a file of another storage key).
  [[nodiscard]] static base::Result<PrekeyBox> open(const std::string& folder, const crypto::StorageKey& key,
                                                    const base::MemberId& self);

  // New pairs, on the disk before they are given out. The first begins five minutes before `from`, which covers clocks
  // that differ; each lasts kPrekeyLife and overlaps the one before.
  [[nodiscard]] base::Result<std::vector<core::Prekey>> make(base::Timestamp from, std::size_t count);

  // Null if it is gone or was never here.
  const crypto::BoxSecret* find(const base::KeyId& id) const;

  // Overwrites and removes what can open nothing any more. Gives the number of files removed.
  [[nodiscard]] base::Result<std::size_t> remove_old(base::Timestamp now);
  std::size_t size() const { return keys_.size(); }

 private:
  struct Held {
    crypto::BoxSecret secret;
    base::Timestamp until;
  };
  PrekeyBox(std::string folder, const crypto::StorageKey& key, const base::MemberId& self)
      : folder_(std::move(folder)), key_(&key), self_(self) {}
  base::Status load(const std::string& name);
  std::string path_of(const base::KeyId& id) const;

  std::string folder_;
  const crypto::StorageKey* key_;
  base::MemberId self_;
  std::map<base::KeyId, Held> keys_;
};

}  // namespace besa::node
