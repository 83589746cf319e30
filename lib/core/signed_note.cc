#include "core/signed_note.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/base64.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "crypto/verify/ed25519.h"
#include "crypto/verify/hash.h"

namespace besa::core {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::string_view kLineStart = "\xE2\x80\x94 ";  // em dash, space
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kCosignatureBytes = 8 + base::Signature::kSize;
constexpr std::uint64_t kLatestTime = INT64_MAX;  // tlog-cosignature

// White_Space of Unicode, without the control characters, which is_key_name refuses anyway.
bool is_unicode_space(char32_t point) {
  constexpr std::array<char32_t, 9> kSingles{0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  if (point >= 0x2000 && point <= 0x200A) return true;
  return std::find(kSingles.begin(), kSingles.end(), point) != kSingles.end();
}

tl::unexpected<base::Error> malformed(const char* message) { return base::fail(ErrorKind::malformed, message); }

// One signature line without its newline.
Result<NoteSignature> parse_line(std::string_view line) {
  if (!line.starts_with(kLineStart)) return malformed("a signature line of a note does not begin with an em dash");
  line.remove_prefix(kLineStart.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return malformed("a signature line of a note has no signature");
  const std::string_view name = line.substr(0, space);
  if (!is_key_name(name)) return malformed("a signature line of a note has a bad key name");
  const auto bytes = base::base64_decode(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) return malformed("a signature of a note is not strict base64");
  base::ByteReader reader(*bytes);
  const std::uint32_t key_id = reader.u32();
  return NoteSignature{std::string(name), key_id, base::to_bytes(reader.raw(reader.left()))};
}

// What a signature of this key is over: the time it names, the message, and the bare Ed25519 signature.
struct Signed {
  std::uint64_t time_s = 0;
  std::string message;
  base::Signature signature;
};

std::optional<Signed> read_signature(const NoteKey& key, const NoteSignature& line, std::string_view text) {
  base::ByteReader reader(line.signature);
  Signed out;
  switch (key.type) {
    case NoteKeyType::ed25519: out.message = text; break;
    case NoteKeyType::cosignature:
      if (line.signature.size() != kCosignatureBytes) return std::nullopt;
      out.time_s = reader.u64();
      if (out.time_s > kLatestTime) return std::nullopt;
      out.message = cosignature_message(text, out.time_s);
      break;
  }
  if (!base::Signature::read(reader.raw(reader.left()), out.signature)) return std::nullopt;
  return out;
}

bool same_key(const NoteKey& key, const NoteSignature& line) {
  return key.key_id == line.key_id && key.name == line.name;
}

}  // namespace

bool is_note_text(std::string_view text) {
  if (text.empty() || text.back() != '\n') return false;
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\n'; });
  return plain && base::is_utf8(text);
}

bool is_key_name(std::string_view name) {
  if (name.empty()) return false;
  while (!name.empty()) {
    const auto point = base::take_code_point(name);
    if (!point || *point < 0x20 || *point == '+' || is_unicode_space(*point)) return false;
  }
  return true;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytes) return malformed("a note is too long");
  if (!is_note_text(bytes)) return malformed("a note is not plain UTF-8 lines");
  // Signature lines are never empty, so the last empty line is the one before them.
  const std::size_t gap = bytes.rfind("\n\n");
  if (gap == std::string_view::npos) return malformed("a note has no signatures");
  Note note;
  note.text = bytes.substr(0, gap + 1);
  std::string_view rest = bytes.substr(gap + 2);
  if (rest.empty()) return malformed("a note has no signatures");
  while (!rest.empty()) {
    if (note.signatures.size() == base::limits::kNoteSignatures) return malformed("a note has too many signatures");
    const std::size_t end = rest.find('\n');
    BESA_ASSIGN(NoteSignature signature, parse_line(rest.substr(0, end)));
    note.signatures.push_back(std::move(signature));
    rest.remove_prefix(end + 1);
  }
  return note;
}

std::string format_note(const Note& note) {
  BESA_CHECK(is_note_text(note.text));
  std::string out = note.text + "\n";
  for (const NoteSignature& line : note.signatures) {
    BESA_CHECK(is_key_name(line.name) && !line.signature.empty());
    base::ByteWriter bytes;
    bytes.u32(line.key_id).raw(line.signature);
    out.append(kLineStart).append(line.name).append(" ").append(base::base64_encode(bytes.bytes())).append("\n");
  }
  return out;
}

std::uint32_t note_key_id(std::string_view name, NoteKeyType type, const base::PublicKey& key) {
  const std::array<std::uint8_t, 2> middle{'\n', static_cast<std::uint8_t>(type)};
  const base::Digest digest = crypto::sha256_of({base::as_bytes(name), middle, key.view()});
  return base::ByteReader(digest.view()).u32();
}

NoteKey make_note_key(std::string_view name, NoteKeyType type, const base::PublicKey& key) {
  BESA_CHECK(is_key_name(name));
  return NoteKey{std::string(name), type, key, note_key_id(name, type, key)};
}

Result<NoteKey> parse_verifier_key(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return malformed("a verifier key has not three parts");
  const std::string_view name = text.substr(0, first);
  if (!is_key_name(name)) return malformed("a verifier key has a bad name");
  const auto bytes = base::base64_decode(text.substr(second + 1));
  if (!bytes || bytes->empty()) return malformed("a verifier key is not strict base64");

  const auto type = static_cast<NoteKeyType>(bytes->front());
  if (type != NoteKeyType::ed25519 && type != NoteKeyType::cosignature) {
    return base::fail(ErrorKind::unsupported, "a verifier key is of a type other than Ed25519");
  }
  base::PublicKey key;
  if (!base::PublicKey::read(base::ByteView(*bytes).subspan(1), key))
    return malformed("a verifier key has a bad length");
  const NoteKey out = make_note_key(name, type, key);
  if (format_verifier_key(out) != text) return malformed("a verifier key does not have the id that it names");
  return out;
}

std::string format_verifier_key(const NoteKey& key) {
  base::ByteWriter id;
  id.u32(key.key_id);
  base::ByteWriter bytes;
  bytes.u8(static_cast<std::uint8_t>(key.type)).raw(key.key);
  return key.name + "+" + base::to_hex(id.bytes()) + "+" + base::base64_encode(bytes.bytes());
}

NoteSignature note_signature(const NoteKey& key, const base::Signature& signature) {
  BESA_CHECK(key.type == NoteKeyType::ed25519);
  return NoteSignature{key.name, key.key_id, base::to_bytes(signature.view())};
}

NoteSignature note_cosignature(const NoteKey& key, std::uint64_t time_s, const base::Signature& signature) {
  BESA_CHECK(key.type == NoteKeyType::cosignature && time_s <= kLatestTime);
  base::ByteWriter bytes;
  bytes.u64(time_s).raw(signature);
  return NoteSignature{key.name, key.key_id, bytes.take()};
}

std::string cosignature_message(std::string_view text, std::uint64_t time_s) {
  return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

Result<VerifiedNote> verify_note(const Note& note, std::span<const NoteKey> trusted) {
  VerifiedNote out;
  for (std::size_t place = 0; place < note.signatures.size(); ++place) {
    const NoteSignature& line = note.signatures[place];
    bool known = false;
    std::optional<VerifiedSignature> good;
    for (std::size_t k = 0; k < trusted.size() && !good; ++k) {
      if (!same_key(trusted[k], line)) continue;
      known = true;
      const auto content = read_signature(trusted[k], line, note.text);
      if (content && crypto::verify(trusted[k].key, base::as_bytes(content->message), content->signature)) {
        good = VerifiedSignature{k, place, content->time_s};
      }
    }
    if (known && !good) return base::fail(ErrorKind::bad_signature, "a note has a false signature of a trusted key");
    if (good) {
      const bool repeated = std::any_of(out.verified.begin(), out.verified.end(),
                                        [&](const VerifiedSignature& earlier) { return earlier.key == good->key; });
      if (!repeated) out.verified.push_back(*good);
    } else if (std::none_of(out.unverified.begin(), out.unverified.end(),
                            [&](std::size_t earlier) { return note.signatures[earlier] == line; })) {
      out.unverified.push_back(place);
    }
  }
  if (out.verified.empty()) return base::fail(ErrorKind::bad_signature, "a note has no signature of a trusted key");
  return out;
}

}  // namespace besa::core
