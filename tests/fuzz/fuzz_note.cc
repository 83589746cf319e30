// Notes, checkpoints, verifier keys and origins: no input crashes a parser, and whatever a parser takes is written back
// byte for byte, so that there is one spelling of everything that is signed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/base64.h"
#include "base/check.h"
#include "core/checkpoint.h"
#include "core/signed_note.h"

namespace {

using besa::core::NoteKey;
using besa::core::NoteKeyType;

// Follows every line as if its key were trusted, so that the checking code runs too.
void check_signatures(const besa::core::Note& note) {
  const besa::base::PublicKey key{};
  for (const auto& line : note.signatures) {
    const NoteKey trusted[] = {{line.name, NoteKeyType::ed25519, key, line.key_id},
                               {line.name, NoteKeyType::cosignature, key, line.key_id}};
    BESA_CHECK(!besa::core::verify_note(note, trusted));
  }
}

void fuzz(std::string_view input) {
  if (const auto note = besa::core::parse_note(input)) {
    BESA_CHECK(besa::core::format_note(*note) == input);
    check_signatures(*note);
  }
  if (const auto body = besa::core::parse_checkpoint_body(input)) {
    BESA_CHECK(besa::core::format_checkpoint_body(*body) == input);
  }
  if (const auto checkpoint = besa::core::parse_note_text(input)) {
    BESA_CHECK(besa::core::note_text(*checkpoint) == input);
  }
  if (const auto key = besa::core::parse_verifier_key(input)) {
    BESA_CHECK(besa::core::format_verifier_key(*key) == input);
  }
  if (const auto origin = besa::core::parse_origin(input)) BESA_CHECK(besa::core::format_origin(*origin) == input);
  if (const auto bytes = besa::base::base64_decode(input)) {
    BESA_CHECK(besa::base::base64_encode(*bytes) == input);
  }
  static_cast<void>(besa::core::verify_checkpoint(input, "log.example/test", besa::base::PublicKey{}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz(besa::base::as_text({data, size}));
  return 0;
}
