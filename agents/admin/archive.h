// All governance that this administrator has seen, entry by entry with its receipt, in the keys folder: after a loss
// the administrators offer again what the broker no longer has.
#pragma once

#include <string>
#include <vector>

#include "client/session.h"

namespace besa::admin {

struct LostGovernance {
  std::string path;
  client::ProvenEntry proven;
};

class Archive {
 public:
  explicit Archive(const std::string& keys_folder) : folder_(keys_folder + "/governance") {}

  // Fetches what is new and decides it again, as every node does: nothing is kept that the quorum has not signed, and
  // the epoch must be one that a quorum has begun. Errors: those of the session; misbehaviour, io, damaged.
  [[nodiscard]] base::Status follow(client::Session& session) const;
  // What all that is kept leads to. Errors: damaged, io.
  [[nodiscard]] base::Result<core::MemoryView> replay() const;
  // The first entry, with the signatures of the quorum. Errors: not_found (no broker was met so far).
  [[nodiscard]] base::Result<wire::LogEntry> genesis() const;
  // Does the log still hold everything from below `kept`? Errors: those of the session; misbehaviour.
  [[nodiscard]] base::Status check(client::Session& fresh, base::TreeSize kept) const;
  // What lies past `kept` is lost, and waits to be offered again.
  [[nodiscard]] base::Status lose(base::TreeSize kept) const;
  // In the order of the lost log.
  [[nodiscard]] base::Result<std::vector<LostGovernance>> lost() const;
  // It has a receipt again: it is not offered any more.
  [[nodiscard]] static base::Status settle(const LostGovernance& one, bool accepted);

 private:
  std::string path_of(base::Sequence sequence) const;
  [[nodiscard]] base::Result<std::vector<std::string>> files(const std::string& ending) const;

  std::string folder_;
};

}  // namespace besa::admin
