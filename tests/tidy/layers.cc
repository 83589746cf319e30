#include "tests/tidy/layers.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace besa::tidy {
namespace {

const std::vector<Layer> kLayers = {
    {"lib/base", "besa::base", {}},
    {"lib/crypto/verify", "besa::crypto", {"lib/base"}},
    {"lib/crypto/secret", "besa::crypto", {"lib/base", "lib/crypto/verify"}},
    {"lib/core", "besa::core", {"lib/base", "lib/crypto/verify"}},
    {"lib/wire", "besa::wire", {"lib/base", "lib/core", "schemas"}},
    {"lib/envelope", "besa::envelope", {"lib/base", "lib/crypto/verify", "lib/crypto/secret", "lib/core", "lib/wire"}},
    {"lib/kv", "besa::kv", {"lib/base"}},
    {"lib/journal", "besa::journal", {"lib/base", "lib/crypto/verify", "lib/core", "lib/kv"}},
    {"lib/tiles", "besa::tiles", {"lib/base", "lib/crypto/verify", "lib/core"}},
    {"lib/transport", "besa::transport", {"lib/base", "lib/crypto/verify", "lib/crypto/secret"}},
    {"lib/client",
     "besa::client",
     {"lib/base", "lib/crypto/verify", "lib/crypto/secret", "lib/core", "lib/wire", "lib/transport"}},
    {"lib/program", "besa::program", {"lib/base"}},
    {"broker",
     "besa::broker",
     {"lib/base", "lib/crypto/verify", "lib/crypto/secret", "lib/core", "lib/wire", "lib/kv", "lib/journal",
      "lib/tiles", "lib/transport", "lib/program"}},
    {"agents/node",
     "besa::node",
     {"lib/base", "lib/crypto/verify", "lib/crypto/secret", "lib/core", "lib/wire", "lib/envelope", "lib/kv",
      "lib/transport", "lib/client", "lib/program"}},
    {"agents/admin",
     "besa::admin",
     {"lib/base", "lib/crypto/verify", "lib/crypto/secret", "lib/core", "lib/wire", "lib/transport", "lib/client",
      "lib/program"}},
    {"agents/auditor",
     "besa::auditor",
     {"lib/base", "lib/crypto/verify", "lib/crypto/secret", "lib/core", "lib/wire", "lib/envelope", "lib/tiles",
      "lib/transport", "lib/client", "lib/program"}},
};

const std::vector<Library> kLibraries = {
    {"sodium", {"lib/crypto/verify", "lib/crypto/secret"}},
    {"openssl/", {"lib/crypto/verify"}},
    {"flatbuffers/", {"lib/wire"}},
    {"utf8proc", {"lib/wire"}},
    {"lmdb", {"lib/kv"}},
    {"xxhash", {"lib/kv"}},
    {"zmq", {"lib/transport"}},
    {"simdjson", {"lib/wire", "lib/program"}},
    {"nlohmann/", {"lib/program"}},
    {"CLI/", {"lib/program"}},
    {"toml++/", {"lib/program"}},
    {"spdlog/", {"lib/program"}},
    {"fmt/", {"lib/program"}},
    {"date/", {"lib/program"}},
    {"microhttpd", {"lib/program"}},
    {"curl/", {"lib/program"}},
    {"systemd/", {"lib/program"}},
    {"prometheus/", {"lib/program"}},
};

// Standard headers that bring a clock, chance, threads, files, streams, a locale or an order that may differ.
constexpr std::string_view kImpure[] = {"atomic",   "chrono",        "condition_variable",
                                        "ctime",    "filesystem",    "fstream",
                                        "future",   "iostream",      "locale",
                                        "mutex",    "random",        "shared_mutex",
                                        "sstream",  "stop_token",    "thread",
                                        "time.h",   "unordered_map", "cstdio",
                                        "unistd.h", "unordered_set", "cmath",
                                        "regex",    "stdio.h",       "memory_resource",
                                        "clocale"};
constexpr std::string_view kPure[] = {"lib/core"};

bool contains(const auto& range, std::string_view value) {
  return std::find(std::begin(range), std::end(range), value) != std::end(range);
}

bool below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

void check_own(const Layer& layer, const std::string& target, std::vector<std::string>& findings) {
  const auto folder = folder_of_include(target, layer.folder);
  if (!folder) {
    findings.push_back("includes \"" + target + "\", which is in no layer");
  } else if (*folder != layer.folder && !contains(layer.may_include, *folder)) {
    findings.push_back("includes \"" + target + "\": " + std::string(layer.folder) + " may not see " + *folder);
  }
}

void check_foreign(const Layer& layer, const std::string& target, std::vector<std::string>& findings) {
  for (const Library& library : kLibraries) {
    if (target.starts_with(library.header_prefix) && !contains(library.folders, layer.folder)) {
      findings.push_back("includes <" + target + ">: that library hides behind another layer");
    }
  }
  if (contains(kPure, layer.folder) && contains(kImpure, target)) {
    findings.push_back("includes <" + target + ">: the pure core has no such input");
  }
}

}  // namespace

std::span<const Layer> layers() { return kLayers; }
std::span<const Library> libraries() { return kLibraries; }

const Layer* layer_of_path(std::string_view path) {
  const auto found =
      std::find_if(kLayers.begin(), kLayers.end(), [&](const Layer& l) { return below(path, l.folder); });
  return found == kLayers.end() ? nullptr : &*found;
}

std::optional<std::string> folder_of_include(std::string_view target, std::string_view own_folder) {
  if (target.find('/') == std::string_view::npos) return std::string(own_folder);
  if (below(target, "schemas")) return "schemas";
  for (const Layer& layer : kLayers) {
    const bool in_library = below("lib/" + std::string(target), layer.folder);
    if (in_library || below(target, layer.folder)) return std::string(layer.folder);
  }
  return std::nullopt;
}

std::vector<std::string> check_includes(std::string_view path, std::string_view text) {
  std::vector<std::string> findings;
  const Layer* layer = layer_of_path(path);
  if (layer == nullptr) return findings;
  static const std::regex include(R"re(^\s*#\s*include\s*(["<])([^">]+)[">].*)re");
  std::istringstream lines{std::string(text)};
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (!std::regex_match(line, match, include)) continue;
    const std::string target = match[2];
    if (match[1] == "\"") {
      check_own(*layer, target, findings);
    } else {
      check_foreign(*layer, target, findings);
    }
  }
  return findings;
}

}  // namespace besa::tidy
