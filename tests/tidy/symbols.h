// Purity, read from the machine code: the undefined symbols of core and wire against a short allow-list.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace besa::tidy {

enum class Purity { core, wire };

// One demangled name as `nm -C --undefined-only` prints it.
bool is_allowed_symbol(std::string_view name, Purity purity);

// The names in nm's output that are not allowed, sorted, each once.
std::vector<std::string> forbidden_symbols(std::string_view nm_output, Purity purity);

}  // namespace besa::tidy
