// The rules on the tree itself. The working directory is the project's root; every failure names file and reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/tidy/layers.h"
#include "tests/tidy/parsers.h"
#include "tests/tidy/source_rules.h"
#include "tests/tidy/symbols.h"

namespace besa::tidy {
namespace {

namespace fs = std::filesystem;

struct Source {
  std::string path;  // below the root
  std::string text;
  bool is_header() const { return path.ends_with(".h"); }
  bool is_cpp() const { return is_header() || path.ends_with(".cc"); }
  bool in(std::string_view folder) const { return path.starts_with(folder); }
};

std::vector<Source> read_sources() {
  std::vector<Source> sources;
  for (const char* folder : {"lib", "broker", "agents", "tests", "schemas", "cmake", "script"}) {
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
      if (!item.is_regular_file()) continue;
      const std::string path = item.path().generic_string();
      const std::string extension = item.path().extension().string();
      const bool wanted = extension == ".h" || extension == ".cc" || extension == ".fbs" || extension == ".cmake" ||
                          path.ends_with("CMakeLists.txt") || path.starts_with("script/");
      if (!wanted) continue;
      std::ifstream file(item.path(), std::ios::binary);
      std::ostringstream text;
      text << file.rdbuf();
      sources.push_back({path, text.str()});
    }
  }
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return sources;
}

const std::vector<Source>& sources() {
  static const std::vector<Source> all = read_sources();
  return all;
}

// Runs `check` on each source that `applies` to and reports what it finds.
template <class Applies, class Check>
void expect_clean(Applies applies, Check check) {
  std::size_t looked_at = 0;
  for (const Source& source : sources()) {
    if (!applies(source)) continue;
    ++looked_at;
    for (const std::string& finding : check(source)) ADD_FAILURE() << source.path << ": " << finding;
  }
  EXPECT_GT(looked_at, 0U) << "no file was looked at: is the working directory the project's root?";
}

bool in_a_layer(const Source& source) { return source.is_cpp() && layer_of_path(source.path) != nullptr; }

TEST(Tree, IncludesFollowTheLayerTable) {
  expect_clean(in_a_layer, [](const Source& s) { return check_includes(s.path, s.text); });
}

TEST(Tree, EverySourceOfTheProductIsInALayer) {
  expect_clean([](const Source& s) { return s.is_cpp() && (s.in("lib/") || s.in("broker/") || s.in("agents/")); },
               [](const Source& s) { return layer_of_path(s.path) ? Findings{} : Findings{"is in no layer"}; });
}

TEST(Tree, NamespaceIsTheFolder) {
  expect_clean(in_a_layer, [](const Source& s) {
    return check_namespace(s.text, layer_of_path(s.path)->name_space, s.is_header() && !is_bridge(s.path));
  });
}

TEST(Tree, NoFileIsTooLong) {
  expect_clean([](const Source& s) { return s.is_cpp(); }, [](const Source& s) { return check_length(s.text); });
}

TEST(Tree, NothingPromisesLaterWork) {
  expect_clean([](const Source&) { return true; }, [](const Source& s) { return check_words(s.text); });
}

TEST(Tree, HeadersAreGuardedAndOpenNoForeignNamespace) {
  expect_clean([](const Source& s) { return s.is_header(); }, [](const Source& s) { return check_header(s.text); });
}

TEST(Tree, NothingIsThrown) {
  expect_clean(in_a_layer, [](const Source& s) { return check_no_throw(s.text); });
}

TEST(Tree, CoreHasNoFloatingPoint) {
  expect_clean([](const Source& s) { return s.in("lib/core/"); },
               [](const Source& s) { return check_no_floating_point(s.text); });
}

TEST(Tree, CoreSwitchesNameEveryValue) {
  expect_clean([](const Source& s) { return s.in("lib/core/"); },
               [](const Source& s) { return check_no_default(s.text); });
}

// nm's output for one archive; empty if it could not be run.
std::string undefined_symbols(const std::string& archive) {
  const std::string command = std::string(BESA_NM) + " -C --undefined-only '" + archive + "' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  if (!pipe) return output;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;)
    output.append(buffer.data(), n);
  return output;
}

void expect_pure(const std::string& archive, Purity purity) {
  const std::string output = undefined_symbols(archive);
  ASSERT_NE(output.find(".o:"), std::string::npos) << "nm gave nothing for the archive '" << archive << "'";
  for (const std::string& symbol : forbidden_symbols(output, purity)) {
    ADD_FAILURE() << "uses " << symbol << "; tests/tidy/symbols.cc lists what a pure layer may use";
  }
}

TEST(Purity, CoreNamesNoHiddenInput) { expect_pure(BESA_CORE_ARCHIVE, Purity::core); }
TEST(Purity, WireNamesNoHiddenInput) { expect_pure(BESA_WIRE_ARCHIVE, Purity::wire); }

TEST(Tree, EveryParserHasAFuzzTarget) {
  for (const Parser& parser : parsers()) {
    EXPECT_TRUE(fs::exists(parser.declared_in))
        << parser.declared_in << " moved; mend the list in tests/tidy/parsers.cc";
    const std::string target = "tests/fuzz/fuzz_" + std::string(parser.fuzz_target) + ".cc";
    EXPECT_TRUE(fs::exists(target)) << parser.declared_in << " reads untrusted bytes, but there is no " << target;
  }
}

TEST(Tree, EveryFuzzTargetIsInTheListOfParsers) {
  for (const auto& item : fs::directory_iterator("tests/fuzz")) {
    const std::string name = item.path().stem().string();
    if (item.path().extension() != ".cc" || !name.starts_with("fuzz_")) continue;
    const auto list = parsers();
    EXPECT_TRUE(std::any_of(list.begin(), list.end(), [&](const Parser& p) { return name.substr(5) == p.fuzz_target; }))
        << item.path() << " is not named in tests/tidy/parsers.cc";
  }
}

}  // namespace
}  // namespace besa::tidy
