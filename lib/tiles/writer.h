// Writes an export, entry by entry, in bounded memory (one bundle, and one tile a level).
#pragma once

#include <memory>
#include <string_view>

#include "tiles/format.h"

namespace besa::tiles {

class Writer {
 public:
  // Begins in a folder that does not exist yet or is empty; makes it (mode 0700, files 0600).
  // Errors: already_exists (something lies in it), io, full.
  [[nodiscard]] static Result<Writer> begin(const std::filesystem::path& folder);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  // The next entry, from sequence 0 on. `beside` is core::encode_beside's.
  // Errors: malformed (an entry over 65,535 bytes, or beside is not four sized fields), io, full.
  [[nodiscard]] Status add(ByteView entry, ByteView beside);
  TreeSize size() const;
  // The root over what was added: what the checkpoint must name.
  Digest root() const;
  // Writes the partial tiles and the checkpoint, and flushes. A folder without a checkpoint is no export.
  [[nodiscard]] Status finish(std::string_view checkpoint_note);

 private:
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace besa::tiles
