#include "wire/armour.h"

#include "base/base64.h"

namespace besa::wire {
namespace {

using base::ErrorKind;

constexpr std::size_t kLine = 76;

std::string header_of(std::string_view word) { return std::string(word) + " v1"; }

}  // namespace

std::string armour(std::string_view word, base::ByteView bytes) {
  const std::string text = base::base64_encode(bytes);
  std::string out = header_of(word) + "\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) out += text.substr(at, kLine) + "\n";
  return out;
}

// What stands between the lines is joined, and compared with the armour, which has one form only.
base::Result<base::Bytes> unarmour(std::string_view word, std::string_view what, std::string_view text,
                                   std::size_t most) {
  const auto malformed = [](std::string message) { return base::fail(ErrorKind::malformed, std::move(message)); };
  const std::string name(what);
  if (text.size() > most) return malformed("a " + name + " is not so large");
  if (!text.starts_with(std::string(word) + " ")) {
    return malformed("this is no " + name + ": it must begin with '" + header_of(word) + "'");
  }
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return malformed("the " + name + " is cut off");
  if (text.substr(0, end) != header_of(word)) {
    return base::fail(ErrorKind::unsupported, "the " + name + " is of a later version: use a newer program");
  }
  std::string joined;
  for (const char c : text.substr(end)) {
    if (c != '\n') joined += c;
  }
  auto bytes = base::base64_decode(joined);
  if (!bytes || armour(word, *bytes) != text) {
    return malformed("the lines of the " + name + " are not as it writes them: it was cut or changed on its way");
  }
  return std::move(*bytes);
}

}  // namespace besa::wire
