#include "core/checkpoint.h"

#include <charconv>
#include <optional>

#include "base/base64.h"
#include "base/check.h"
#include "core/merkle.h"

namespace besa::core {
namespace {

using base::ErrorKind;
using base::Result;

tl::unexpected<base::Error> malformed(const char* message) { return base::fail(ErrorKind::malformed, message); }

// A plain decimal number below 2^64: digits only, no leading zero.
std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  if (text[0] == '0' && text.size() > 1) return std::nullopt;
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// The line up to the next newline, taken off `rest`, which ends in one.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string format_origin(const Origin& origin) {
  BESA_CHECK(is_key_name(origin.name));
  return origin.name + "/" + base::to_hex(origin.network.view()) + "/" + std::to_string(origin.epoch);
}

Result<Origin> parse_origin(std::string_view text) {
  const std::size_t last = text.rfind('/');
  const std::size_t first =
      last == std::string_view::npos || last == 0 ? std::string_view::npos : text.rfind('/', last - 1);
  if (first == std::string_view::npos) return malformed("an origin is not NAME/NETWORK/EPOCH");
  Origin origin;
  origin.name = text.substr(0, first);
  const auto network = base::from_hex(text.substr(first + 1, last - first - 1));
  const auto epoch = parse_decimal(text.substr(last + 1));
  if (!is_key_name(origin.name) || !network || !epoch || !base::NetworkId::read(*network, origin.network)) {
    return malformed("an origin is not NAME/NETWORK/EPOCH");
  }
  origin.epoch = *epoch;
  // Upper-case hex digits would be a second name of the same log.
  if (format_origin(origin) != text) return malformed("an origin is not NAME/NETWORK/EPOCH in lower-case hex");
  return origin;
}

Result<CheckpointBody> parse_checkpoint_body(std::string_view text) {
  if (!is_note_text(text)) return malformed("a checkpoint is not plain UTF-8 lines");
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    lines.push_back(take_line(text));
    if (lines.back().empty()) return malformed("a checkpoint has an empty line");
  }
  if (lines.size() < 3) return malformed("a checkpoint has fewer than three lines");
  const auto size = parse_decimal(lines[1]);
  if (!size) return malformed("the size of a checkpoint is not a plain decimal number");
  auto root = base::base64_decode(lines[2]);
  if (!root) return malformed("the root of a checkpoint is not strict base64");
  CheckpointBody body{std::string(lines[0]), base::TreeSize{*size}, std::move(*root), {}};
  body.extensions.assign(lines.begin() + 3, lines.end());
  return body;
}

std::string format_checkpoint_body(const CheckpointBody& body) {
  std::string text = body.origin + "\n" + std::to_string(body.size.value) + "\n" + base::base64_encode(body.root);
  text += "\n";
  for (const std::string& line : body.extensions) text += line + "\n";
  return text;
}

std::string note_text(const Checkpoint& checkpoint) {
  BESA_CHECK(is_key_name(checkpoint.origin));
  return format_checkpoint_body({checkpoint.origin, checkpoint.size, base::to_bytes(checkpoint.root.view()), {}});
}

Result<Checkpoint> parse_note_text(std::string_view text) {
  BESA_ASSIGN(const CheckpointBody body, parse_checkpoint_body(text));
  Checkpoint checkpoint{body.origin, body.size, {}};
  if (!is_key_name(body.origin)) return malformed("the origin of a checkpoint has a space or a plus in it");
  if (!base::Digest::read(body.root, checkpoint.root)) return malformed("the root of a checkpoint has not 32 bytes");
  if (!body.extensions.empty()) return malformed("a checkpoint has extension lines");
  return checkpoint;
}

std::string note_from(const Checkpoint& checkpoint, const base::PublicKey& log_key, const base::Signature& signature) {
  const NoteKey key = make_note_key(checkpoint.origin, NoteKeyType::ed25519, log_key);
  return format_note({note_text(checkpoint), {note_signature(key, signature)}});
}

Result<SignedCheckpoint> verify_checkpoint(std::string_view note, std::string_view origin,
                                           const base::PublicKey& log_key) {
  if (!is_key_name(origin)) return malformed("the origin of the log is not a key name");
  BESA_ASSIGN(const Note parsed, parse_note(note));
  const NoteKey key = make_note_key(origin, NoteKeyType::ed25519, log_key);
  BESA_ASSIGN(const VerifiedNote verified, verify_note(parsed, {&key, 1}));
  SignedCheckpoint out;
  BESA_ASSIGN(out.checkpoint, parse_note_text(parsed.text));
  if (out.checkpoint.origin != origin) {
    return base::fail(ErrorKind::bad_signature, "a checkpoint is of another log than the one expected");
  }
  const NoteSignature& line = parsed.signatures[verified.verified.front().signature];
  BESA_CHECK(base::Signature::read(line.signature, out.signature));
  return out;
}

base::Status check_growth(const Checkpoint& held, const Checkpoint& next,
                          std::span<const base::Digest> consistency_proof) {
  if (held.origin != next.origin) return malformed("two checkpoints are of different logs");
  if (next.size < held.size) {
    return base::fail(ErrorKind::misbehaviour, "the log became smaller: keep both checkpoints as evidence");
  }
  if (!verify_consistency(held.size, next.size, held.root, next.root, consistency_proof)) {
    return base::fail(ErrorKind::misbehaviour,
                      "the log does not continue the one seen before: keep both checkpoints as evidence");
  }
  return {};
}

}  // namespace besa::core
