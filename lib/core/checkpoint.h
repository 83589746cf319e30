// Checkpoints: what the broker signs about its log, as C2SP tlog-checkpoint notes.
//
//   origin NEWLINE size in decimal NEWLINE base64(root) NEWLINE
//
// The log's key name is its origin, "NAME/NETWORK/EPOCH": the network's name, the network id in hex, and the number of
// the epoch, which grows when a loss is accepted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "core/signed_note.h"

namespace besa::core {

struct Checkpoint {
  std::string origin;
  base::TreeSize size;
  base::Digest root;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// A checkpoint with the log's signature over its text: all that is needed to write the note again.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  base::Signature signature;
  friend bool operator==(const SignedCheckpoint&, const SignedCheckpoint&) = default;
};

// --- The origin ---

struct Origin {
  std::string name;
  base::NetworkId network;
  std::uint64_t epoch = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};
// `name` must be a key name (see is_key_name; genesis checks it).
std::string format_origin(const Origin& origin);
[[nodiscard]] base::Result<Origin> parse_origin(std::string_view text);

// --- The body ---

// Any log's checkpoint, root of any length, as C2SP allows it.
struct CheckpointBody {
  std::string origin;
  base::TreeSize size;
  base::Bytes root;
  std::vector<std::string> extensions;  // not empty, without newline
  friend bool operator==(const CheckpointBody&, const CheckpointBody&) = default;
};
// `malformed` for: fewer than three lines, an empty line anywhere, no last newline, a size that is not a plain decimal
// number below 2^64 (no sign, no leading zero), loose base64, an empty root.
[[nodiscard]] base::Result<CheckpointBody> parse_checkpoint_body(std::string_view text);
std::string format_checkpoint_body(const CheckpointBody& body);

// The text that our log signs.
std::string note_text(const Checkpoint& checkpoint);
// Ours: a root of 32 bytes and no extension lines; anything else is `malformed`.
[[nodiscard]] base::Result<Checkpoint> parse_note_text(std::string_view text);

// --- The note ---

// The note as the log publishes it; also used to write it again from gossip (size, root, signature).
std::string note_from(const Checkpoint& checkpoint, const base::PublicKey& log_key, const base::Signature& signature);

// Checks a note against the origin and the log key that the caller knows. `malformed` if it is no such note,
// `bad_signature` if the origin is another one or the log's signature is missing or wrong. Lines of other keys are
// ignored; cosignatures are read with verify_note.
[[nodiscard]] base::Result<SignedCheckpoint> verify_checkpoint(std::string_view note, std::string_view origin,
                                                               const base::PublicKey& log_key);

// --- Growth ---

// May `next` stand after `held`, both verified? `misbehaviour` for a smaller tree, another root at the same size, or a
// proof that does not verify: the caller then keeps both notes and the proof as evidence. `malformed` if the origins
// differ.
[[nodiscard]] base::Status check_growth(const Checkpoint& held, const Checkpoint& next,
                                        std::span<const base::Digest> consistency_proof);

}  // namespace besa::core
