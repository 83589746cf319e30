// The layer table as data, and the check of one #include against it.
//
// A folder may include itself and the folders in its row, nothing else (docs/ARCHITECTURE.md, "Layers"). Third-party
// headers have rows of their own: each library hides behind one layer.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace besa::tidy {

struct Layer {
  std::string_view folder;                    // below the project's root: "lib/core", "agents/node"
  std::string_view name_space;                // what its files open
  std::vector<std::string_view> may_include;  // folders, in the order of the table
};

struct Library {
  std::string_view header_prefix;         // "sodium", "openssl/"
  std::vector<std::string_view> folders;  // where it may be seen
};

std::span<const Layer> layers();
std::span<const Library> libraries();

// The layer that a path below the project's root belongs to; null if none (tests, schemas).
const Layer* layer_of_path(std::string_view path);

// The folder that `#include "target"` names: "core/view.h" is lib/core, "broker/gate.h" is broker, and
// "crypto/verify/hash.h" is lib/crypto/verify. A name without a folder is the file's own; none if unknown.
std::optional<std::string> folder_of_include(std::string_view target, std::string_view own_folder);

// What is wrong with these includes of the file at `path`; one line each, empty if nothing is.
std::vector<std::string> check_includes(std::string_view path, std::string_view text);

}  // namespace besa::tidy
