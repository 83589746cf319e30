// C2SP signed notes: text with signature lines under it. Checkpoints (core/checkpoint.h) travel as such notes.
//
//   text, lines that end in a newline
//   (an empty line)
//   EM-DASH SP key-name SP base64(key id (4) | signature) NEWLINE       one line or more
//
// Strict: every accepted note is written back by format_note byte for byte.
// Source: C2SP signed-note v1.0.0 and tlog-cosignature (Ed25519).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace besa::core {

inline constexpr std::size_t kNoteBytes = 256 * 1024;

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  base::Bytes signature;  // at least one byte
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  // with its last newline, without the empty line
  std::vector<NoteSignature> signatures;
  friend bool operator==(const Note&, const Note&) = default;
};

// `malformed` for: not UTF-8, a control character but newline, no empty line, no signature line, a last line without
// newline, a line of another form, loose base64, more than limits::kNoteSignatures lines, more than kNoteBytes.
[[nodiscard]] base::Result<Note> parse_note(std::string_view bytes);
// The inverse. Names must be key names (programmer error otherwise).
std::string format_note(const Note& note);

// Ends in a newline, valid UTF-8, no control character but newline.
bool is_note_text(std::string_view text);
// Not empty, valid UTF-8, no Unicode space, no '+', no control character.
bool is_key_name(std::string_view name);

// What a key signs, and how its id is made.
enum class NoteKeyType : std::uint8_t {
  ed25519 = 0x01,      // the text itself
  cosignature = 0x04,  // cosignature/v1: the text under a header with the time
};

// A key that a verifier trusts.
struct NoteKey {
  std::string name;
  NoteKeyType type = NoteKeyType::ed25519;
  base::PublicKey key;
  std::uint32_t key_id = 0;
  friend bool operator==(const NoteKey&, const NoteKey&) = default;
};

// First four bytes, big-endian, of SHA-256(name | 0x0A | type | public key).
std::uint32_t note_key_id(std::string_view name, NoteKeyType type, const base::PublicKey& key);
// `name` must be a key name (programmer error otherwise).
NoteKey make_note_key(std::string_view name, NoteKeyType type, const base::PublicKey& key);
// "name+hex key id+base64(type | key)". `malformed` if the form, the length or the id is wrong, `unsupported` for
// another type.
[[nodiscard]] base::Result<NoteKey> parse_verifier_key(std::string_view text);
std::string format_verifier_key(const NoteKey& key);

// The signature line of a key over the text. Signing itself happens outside: core holds no secret.
NoteSignature note_signature(const NoteKey& key, const base::Signature& signature);
// The line of a cosignature made at `time_s` (seconds since 1970 UTC) over cosignature_message(text, time_s).
NoteSignature note_cosignature(const NoteKey& key, std::uint64_t time_s, const base::Signature& signature);
std::string cosignature_message(std::string_view text, std::uint64_t time_s);

// A signature that was checked.
struct VerifiedSignature {
  std::size_t key = 0;        // place in the list of trusted keys
  std::size_t signature = 0;  // place in Note::signatures
  std::uint64_t time_s = 0;   // of a cosignature; 0 for a plain one
};
struct VerifiedNote {
  std::vector<VerifiedSignature> verified;  // at most one of each key
  std::vector<std::size_t> unverified;      // places of signatures by unknown keys, equal lines once
};

// A signature whose name and id are those of a trusted key is checked, and one that fails refuses the whole note;
// others are ignored. `bad_signature` if one fails or none verifies. Cost: one Ed25519 check for each line of a
// trusted key.
[[nodiscard]] base::Result<VerifiedNote> verify_note(const Note& note, std::span<const NoteKey> trusted);

}  // namespace besa::core
