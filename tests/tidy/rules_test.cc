// The checkers themselves, on small texts: each must find what it is for and leave the rest alone.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/tidy/layers.h"
#include "tests/tidy/source_rules.h"
#include "tests/tidy/symbols.h"

namespace besa::tidy {
namespace {

struct IncludeCase {
  const char* name;
  const char* path;
  const char* text;
  bool allowed;
};

// The name stands in ctest's list; without this it would be the bytes of the struct.
void PrintTo(const IncludeCase& value, std::ostream* out) { *out << value.name; }

class Includes : public testing::TestWithParam<IncludeCase> {};

TEST_P(Includes, FollowTheTable) {
  const auto findings = check_includes(GetParam().path, GetParam().text);
  EXPECT_EQ(findings.empty(), GetParam().allowed) << (findings.empty() ? "" : findings.front());
}

constexpr IncludeCase kIncludeCases[] = {
    {"own_folder", "lib/core/a.cc", "#include \"core/view.h\"\n", true},
    {"lower_layer", "lib/core/a.cc", "#include \"base/bytes.h\"\n", true},
    {"upper_layer", "lib/base/a.h", "#include \"core/view.h\"\n", false},
    {"core_sees_verify", "lib/core/a.cc", "#include \"crypto/verify/hash.h\"\n", true},
    {"core_sees_no_secret", "lib/core/a.cc", "#include \"crypto/secret/sign.h\"\n", false},
    {"verify_sees_no_secret", "lib/crypto/verify/a.cc", "#include \"crypto/secret/sign.h\"\n", false},
    {"journal_sees_no_secret", "lib/journal/a.cc", "#include \"crypto/secret/random.h\"\n", false},
    {"tiles_see_no_kv", "lib/tiles/a.cc", "#include \"kv/environment.h\"\n", false},
    {"broker_sees_no_envelope", "broker/a.cc", "#include \"envelope/open.h\"\n", false},
    {"broker_sees_no_client", "broker/a.cc", "#include \"client/session.h\"\n", false},
    {"broker_sees_no_agent", "broker/a.cc", "#include \"agents/node/engine.h\"\n", false},
    {"agent_sees_no_broker", "agents/node/a.cc", "#include \"broker/gate.h\"\n", false},
    {"agent_sees_no_other_agent", "agents/admin/a.cc", "#include \"agents/node/engine.h\"\n", false},
    {"auditor_sees_no_journal", "agents/auditor/a.cc", "#include \"journal/journal.h\"\n", false},
    {"auditor_sees_tiles", "agents/auditor/a.cc", "#include \"tiles/reader.h\"\n", true},
    {"node_sees_no_tiles", "agents/node/a.cc", "#include \"tiles/reader.h\"\n", false},
    {"same_folder_by_root", "broker/a.cc", "#include \"broker/gate.h\"\n", true},
    {"lib_prefix_is_seen_through", "lib/base/a.cc", "#include \"lib/core/view.h\"\n", false},
    {"going_up_is_seen", "lib/base/a.cc", "#include \"../core/view.h\"\n", false},
    {"schemas_only_in_wire", "lib/core/a.cc", "#include \"schemas/wire_generated.h\"\n", false},
    {"schemas_in_wire", "lib/wire/a.cc", "#include \"schemas/wire_generated.h\"\n", true},
    {"sodium_only_in_crypto", "lib/envelope/a.cc", "#include <sodium.h>\n", false},
    {"sodium_in_crypto", "lib/crypto/secret/a.cc", "#include <sodium.h>\n", true},
    {"no_clock_in_core", "lib/core/a.cc", "#include <chrono>\n", false},
    {"no_hash_order_in_core", "lib/core/a.cc", "  #  include <unordered_map>\n", false},
    {"clock_in_program", "lib/program/a.cc", "#include <chrono>\n", true},
    {"unknown_folder", "lib/core/a.cc", "#include \"misc/b.h\"\n", false},
    {"comment_is_no_include", "lib/base/a.h", "// #include \"core/view.h\"\n", true},
    {"tests_are_free", "tests/unit/core/a.cc", "#include \"broker/gate.h\"\n", true},
};

INSTANTIATE_TEST_SUITE_P(Rules, Includes, testing::ValuesIn(kIncludeCases),
                         [](const auto& test) { return test.param.name; });

TEST(LayerTable, NeverGoesUpOrRound) {
  std::vector<std::string_view> seen = {"schemas"};
  for (const Layer& layer : layers()) {
    for (const std::string_view lower : layer.may_include) {
      EXPECT_NE(std::find(seen.begin(), seen.end(), lower), seen.end()) << layer.folder << " before " << lower;
    }
    seen.push_back(layer.folder);
  }
}

TEST(LayerTable, BrokerAndAgentsNeverSeeEachOther) {
  for (const Layer& layer : layers()) {
    for (const std::string_view lower : layer.may_include) {
      EXPECT_TRUE(lower.starts_with("lib/") || lower == "schemas") << layer.folder << " sees " << lower;
    }
  }
}

TEST(CodeOnly, BlanksCommentsAndLiterals) {
  EXPECT_EQ(code_only("a // throw\nb"), "a         \nb");
  EXPECT_EQ(code_only("a /* x\ny */ b"), "a     \n     b");
  EXPECT_EQ(code_only("f(\"a\\\"b\")"), "f(      )");
  EXPECT_EQ(code_only("c = '\\'';"), "c =     ;");
  EXPECT_EQ(code_only("1'000'000"), "1'000'000");
  EXPECT_EQ(code_only("R\"x(\" throw )x\" b"), std::string(16, ' ') + "b");
}

TEST(Length, SixHundredLinesAreTheMost) {
  EXPECT_TRUE(check_length(std::string(600, '\n')).empty());
  EXPECT_FALSE(check_length(std::string(601, '\n')).empty());
}

TEST(Words, PromisesAreFound) {
  EXPECT_EQ(check_words("int a;\n// TO"
                        "DO: later\n")
                .size(),
            1U);
  EXPECT_FALSE(check_words("HA"
                           "CK")
                   .empty());
  EXPECT_TRUE(check_words("mkstemp(\"fileX"
                          "XXXXX\"); to do")
                  .empty());
}

TEST(Header, NeedsPragmaOnce) {
  EXPECT_TRUE(check_header("// text\n#pragma once\n").empty());
  EXPECT_FALSE(check_header("// #pragma once\nint a();\n").empty());
}

TEST(Header, HasNoUsingDirective) {
  EXPECT_FALSE(check_header("#pragma once\nusing namespace std;\n").empty());
  EXPECT_TRUE(check_header("#pragma once\nusing std::size_t;\n").empty());
}

TEST(Namespace, IsTheFolder) {
  EXPECT_TRUE(check_namespace("namespace besa::core {\nnamespace {\n", "besa::core", true).empty());
  EXPECT_TRUE(check_namespace("namespace besa::base::limits {\n", "besa::base", true).empty());
  EXPECT_FALSE(check_namespace("namespace besa::wire {\n", "besa::core", true).empty());
  EXPECT_FALSE(check_namespace("namespace besa::corex {\n", "besa::core", true).empty());
  EXPECT_FALSE(check_namespace("int a;\n", "besa::core", true).empty());
  EXPECT_TRUE(check_namespace("int main() {}\n", "besa::broker", false).empty());
  const std::string own = "namespace besa::core {\n}\n";
  EXPECT_TRUE(check_namespace("namespace besa::crypto {\nclass A;\n}\n" + own, "besa::core", true).empty());
  EXPECT_FALSE(check_namespace("namespace besa::crypto {\nint a();\n}\n" + own, "besa::core", true).empty());
}

TEST(PureCore, HasNoFloatingPoint) {
  EXPECT_FALSE(check_no_floating_point("double x;").empty());
  EXPECT_TRUE(check_no_floating_point("// a double check\nint doubled;").empty());
}

TEST(Errors, AreNotThrown) {
  EXPECT_FALSE(check_no_throw("throw 1;").empty());
  EXPECT_TRUE(check_no_throw("// never throw\nstd::__throw_x();").empty());
}

TEST(Switch, HasNoDefault) {
  EXPECT_FALSE(check_no_default("  default: return 1;").empty());
  EXPECT_TRUE(check_no_default("A() = default;").empty());
}

TEST(Symbols, WhatAPureLayerNeedsIsAllowed) {
  for (const char* name : {"memcpy", "operator new(unsigned long)", "__cxa_begin_catch",
                           "besa::base::check_failed(char const*, char const*, int)",
                           "besa::crypto::sha256(std::span<unsigned char const, 18446744073709551615ul>)",
                           "std::__throw_length_error(char const*)", "vtable for __cxxabiv1::__si_class_type_info",
                           "std::_Rb_tree_increment(std::_Rb_tree_node_base*)"}) {
    EXPECT_TRUE(is_allowed_symbol(name, Purity::core)) << name;
    EXPECT_TRUE(is_allowed_symbol(name, Purity::wire)) << name;
  }
}

TEST(Symbols, HiddenInputsAreForbidden) {
  for (const char* name : {"std::chrono::_V2::system_clock::now()",
                           "clock_gettime",
                           "time",
                           "gettimeofday",
                           "getenv",
                           "secure_getenv",
                           "open",
                           "open64",
                           "fopen",
                           "fopen64",
                           "read",
                           "write",
                           "printf",
                           "fprintf",
                           "puts",
                           "stderr",
                           "syslog",
                           "rand",
                           "random",
                           "getrandom",
                           "randombytes_buf",
                           "std::random_device::_M_getval()",
                           "pthread_create",
                           "pthread_mutex_lock",
                           "std::thread::_M_start_thread()",
                           "std::cout",
                           "std::cerr",
                           "std::locale::locale()",
                           "setlocale",
                           "std::ostream::flush()",
                           "std::filesystem::status()",
                           "socket",
                           "zmq_socket",
                           "mdb_get",
                           "sodium_init",
                           "spdlog::info()",
                           "getpid",
                           "localtime_r",
                           "dlopen",
                           "exit",
                           "rename",
                           "unlink",
                           "sin"}) {
    EXPECT_FALSE(is_allowed_symbol(name, Purity::core)) << name;
    EXPECT_FALSE(is_allowed_symbol(name, Purity::wire)) << name;
  }
}

TEST(Symbols, OnlyWireSeesFlatBuffers) {
  EXPECT_TRUE(is_allowed_symbol("flatbuffers::Parser::Parser(flatbuffers::IDLOptions const&)", Purity::wire));
  EXPECT_FALSE(is_allowed_symbol("flatbuffers::Parser::Parser(flatbuffers::IDLOptions const&)", Purity::core));
  EXPECT_FALSE(is_allowed_symbol("besa::wire::decode(int)", Purity::core));
}

TEST(Symbols, AreReadFromTheOutputOfNm) {
  const auto found = forbidden_symbols(
      "\nview.cc.o:\n                 U memcpy\n                 U getenv\n                 w getenv\n", Purity::core);
  EXPECT_EQ(found, std::vector<std::string>{"getenv"});
}

}  // namespace
}  // namespace besa::tidy
