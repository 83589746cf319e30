#include "base/fail_point.h"

#ifdef BESA_FAIL_POINTS

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace besa::base {
namespace {

struct Wanted {
  std::string_view name;
  unsigned time = 1;
};

Wanted read_wanted() {
  const char* const variable = std::getenv("BESA_FAIL_POINT");
  if (variable == nullptr) return {};
  const std::string_view text(variable);
  const std::size_t colon = text.find(':');
  Wanted out{text.substr(0, colon)};
  if (colon != std::string_view::npos) std::from_chars(text.data() + colon + 1, text.data() + text.size(), out.time);
  return out;
}

}  // namespace

void fail_point(const char* name) {
  static const Wanted wanted = read_wanted();
  static std::atomic<unsigned> passed{0};
  if (wanted.name != name || ++passed != wanted.time) return;
  ::kill(::getpid(), SIGKILL);
  ::pause();
}

}  // namespace besa::base

#endif
