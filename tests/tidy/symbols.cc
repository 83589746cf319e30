#include "tests/tidy/symbols.h"

#include <algorithm>
#include <regex>
#include <set>
#include <span>
#include <sstream>

namespace besa::tidy {
namespace {

// Memory, strings, trees of the standard library, exceptions of the runtime, our own lower layers. No clock, random
// source, thread, lock, file, stream, environment, locale or log.
constexpr const char* kRuntime[] = {
    // the compiler's runtime
    R"(operator (new|delete)(\[\])?\(.*)", R"(__cxa_\w+)", R"(__(popcount|clz|ctz|u?div|u?mod|mul)[sdt]i[0-9])",
    R"(__gxx_personality_v0)", R"(_Unwind_Resume)", R"(__stack_chk_fail)", R"(__dso_handle)",
    R"(_GLOBAL_OFFSET_TABLE_)", R"(__tls_get_addr)", R"(vtable for __cxxabiv1::.*)",
    R"((typeinfo|vtable) for std::(exception|bad_alloc|type_info|length_error|bad_variant_access|bad_optional_access|bad_function_call))",
    R"(typeinfo for (unsigned )?(char|int|long))",
    // memory and plain C strings
    R"((__)?(memcpy|memmove|memset|memcmp|memchr|strlen|strcmp|strncmp|bcmp)(_chk)?)", R"(abort)",
    // the standard library's containers and errors
    R"(std::__throw_\w+\(.*)", R"(std::(terminate|get_terminate)\(\))", R"(std::exception::.*)",
    R"(std::bad_alloc::.*)", R"((void )?std::__cxx11::basic_string<.*)", R"(std::basic_string_view<.*)",
    R"(std::_Rb_tree_.*)", R"(std::__detail::_List_node_base::.*)", R"(std::to_chars\(.*)", R"(std::from_chars\(.*)",
    R"(std::operator.*basic_string.*)", R"(std::(length_error|out_of_range|logic_error|runtime_error)::.*)",
    R"(std::(nothrow|type_info::.*))", R"(std::_Hash_bytes\(.*)",
    // how std::shared_ptr counts, plainly or atomically: nothing that is decided depends on it
    R"(__libc_single_threaded)",
    // the sanitizers' runtimes and the coverage of a fuzzer
    R"(__(asan|ubsan|tsan|msan|sanitizer|lsan|start___sancov|stop___sancov|sancov)_?\w*)", R"(__start_\w*sancov\w*)"};

constexpr const char* kCore[] = {R"(((vtable|typeinfo|VTT|guard variable) for )?besa::(base|core|crypto)::.*)",
                                 R"(tl::.*)"};

constexpr const char* kWire[] = {R"(((vtable|typeinfo|VTT|guard variable) for )?besa::(base|core|crypto|wire)::.*)",
                                 R"(tl::.*)",
                                 R"(((vtable|typeinfo) for )?flatbuffers::.*)",
                                 R"(reflection::.*)",
                                 R"(((vtable|typeinfo) for )?simdjson::.*)",
                                 R"(utf8proc_\w+)",
                                 R"(free)",           // what utf8proc hands over
                                 R"(__assert_fail)",  // assertions in the headers of FlatBuffers
                                 R"(strto[a-z]+(_l)?)",
                                 R"(__errno_location)"};

std::vector<std::regex> compile(std::span<const char* const> first, std::span<const char* const> second) {
  std::vector<std::regex> out(first.begin(), first.end());
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

// What the standard library names so, but is not for us, whatever pattern it would fit.
const std::regex& never() {
  static const std::regex pattern(
      R"(.*(chrono|random_device|mt19937|filesystem|basic_[io]?fstream|std::locale|std::thread|mutex|condition_variable|_clock).*)");
  return pattern;
}

bool matches_any(const std::string& name, const std::vector<std::regex>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::regex& p) { return std::regex_match(name, p); });
}

}  // namespace

bool is_allowed_symbol(std::string_view name, Purity purity) {
  static const std::vector<std::regex> core = compile(kRuntime, kCore);
  static const std::vector<std::regex> wire = compile(kRuntime, kWire);
  const std::string text(name);
  if (std::regex_match(text, never())) return false;
  switch (purity) {
    case Purity::core: return matches_any(text, core);
    case Purity::wire: return matches_any(text, wire);
  }
  return false;
}

std::vector<std::string> forbidden_symbols(std::string_view nm_output, Purity purity) {
  static const std::regex line_shape(R"(^\s+[Uvw] (.+)$)");
  std::set<std::string> found;
  std::istringstream lines{std::string(nm_output)};
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, line_shape) && !is_allowed_symbol(match[1].str(), purity)) found.insert(match[1]);
  }
  return {found.begin(), found.end()};
}

}  // namespace besa::tidy
