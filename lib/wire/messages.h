// Requests and replies between a member and the broker, as plain values.
//
// Shapes: a request or reply is one frame of at most 448 KiB. A decoded value holds copies, nothing points into the
// frame. Statements and entries inside stay bytes: whoever needs them parses them (statement.h, core/entry.h).
// Errors: decoding gives malformed, too, for a number outside its bounds, and unsupported for a version or kind of
// request that this version does not serve. Encoding checks nothing but the size: `full` if the frame would be larger.
// Source: docs/protocol.md "Wire requests", schemas/wire.fbs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "wire/wire_error.h"

namespace besa::wire {

inline constexpr std::uint16_t kWireVersion = 1;

// The numbers are sent.
enum class RequestKind : std::uint16_t {
  none = 0,
  hello,
  submit,
  reserve,
  chunk,
  wait,
  pull,
  fetch,
  entry,
  prekeys,
  relay,
  lookup
};
std::string_view name_of(RequestKind kind);

// One chunk of ciphertext of one section.
struct Chunk {
  std::uint16_t section = 0;
  std::uint32_t index = 0;
  base::Bytes data;
  friend bool operator==(const Chunk&, const Chunk&) = default;
};

// A statement on its way to the broker, with what travels beside it.
struct StatementParts {
  std::string type;  // media type
  base::Bytes body;
  base::Bytes blocks;
  std::vector<base::Bytes> rows;
  base::Bytes policy;
  std::vector<Chunk> chunks;
  friend bool operator==(const StatementParts&, const StatementParts&) = default;
};

// An entry with its inclusion proof and what lies beside it, as far as the reader may see it.
struct LogEntry {
  base::Bytes entry;
  std::vector<base::Digest> proof;
  base::Bytes body;
  base::Bytes blocks;
  std::vector<base::Bytes> rows;
  base::Bytes policy;
  friend bool operator==(const LogEntry&, const LogEntry&) = default;
};

struct HelloRequest {
  std::string note;  // the client's newest checkpoint, the whole signed note; empty if it holds none
  friend bool operator==(const HelloRequest&, const HelloRequest&) = default;
};
struct HelloReply {
  base::NetworkId network;
  base::MemberId member;  // who the broker takes the client for
  friend bool operator==(const HelloReply&, const HelloReply&) = default;
};

// The receipt that a lost part of the log gave for a statement which is offered again.
struct LostReceipt {
  base::Bytes entry;
  std::vector<base::Digest> proof;
  std::string checkpoint;  // signed note of the tree that the proof leads to
  friend bool operator==(const LostReceipt&, const LostReceipt&) = default;
};

struct SubmitRequest {
  std::vector<StatementParts> statements;  // 1 to 64
  std::vector<LostReceipt> lost = {};      // none, or one a statement, in order: then all are offered again
  friend bool operator==(const SubmitRequest&, const SubmitRequest&) = default;
};
// For each statement, in order: an entry with its proof, or an error.
struct Receipt {
  WireError status = WireError::none;
  std::string detail;  // with an error: one sentence for people
  base::Bytes entry;
  std::vector<base::Digest> proof;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};
struct SubmitReply {
  std::vector<Receipt> receipts;
  friend bool operator==(const SubmitReply&, const SubmitReply&) = default;
};

struct WaitRequest {
  std::uint32_t timeout_ms = 0;  // at most 25,000
  friend bool operator==(const WaitRequest&, const WaitRequest&) = default;
};
struct WaitReply {
  bool queued = false;  // something lies ready to be pulled
  friend bool operator==(const WaitReply&, const WaitReply&) = default;
};

struct PullRequest {
  std::uint16_t limit = 64;      // 1 to 64 messages
  base::Sequence notices_since;  // notices of entries after this one
  friend bool operator==(const PullRequest&, const PullRequest&) = default;
};
struct PulledMessage {
  LogEntry log;
  std::vector<Chunk> chunks;  // of granted sections, what fits; the rest by fetch
  friend bool operator==(const PulledMessage&, const PulledMessage&) = default;
};
struct Notice {
  base::Sequence sequence;
  std::uint16_t code = 0;  // core::NoticeCode
  base::Reference reference;
  friend bool operator==(const Notice&, const Notice&) = default;
};
struct PullReply {
  std::vector<PulledMessage> messages;
  std::vector<Notice> notices;
  bool more = false;
  friend bool operator==(const PullReply&, const PullReply&) = default;
};

struct FetchRequest {
  base::Reference reference;
  std::uint16_t section = 0;
  std::uint32_t chunk = 0;
  friend bool operator==(const FetchRequest&, const FetchRequest&) = default;
};
struct FetchReply {
  base::Bytes data;
  friend bool operator==(const FetchReply&, const FetchReply&) = default;
};

struct EntryRequest {
  base::Sequence sequence;
  std::uint32_t count = 1;  // 1 to 1,024; others than auditors get one
  bool proof_only = false;  // the inclusion proof of one entry and nothing else: for every member
  friend bool operator==(const EntryRequest&, const EntryRequest&) = default;
};
struct EntryReply {
  std::vector<LogEntry> entries;
  friend bool operator==(const EntryReply&, const EntryReply&) = default;
};

struct PrekeysRequest {
  base::MemberId member;
  friend bool operator==(const PrekeysRequest&, const PrekeysRequest&) = default;
};
struct PrekeysReply {
  LogEntry log;  // the newest statement with a prekey in force
  friend bool operator==(const PrekeysReply&, const PrekeysReply&) = default;
};

struct LookupRequest {
  base::LookupTag tag;  // of a person's code
  friend bool operator==(const LookupRequest&, const LookupRequest&) = default;
};
struct LookupReply {
  std::vector<base::Reference> references;  // at most 64, oldest first; an unknown tag has none
  friend bool operator==(const LookupReply&, const LookupReply&) = default;
};

using RequestBody = std::variant<HelloRequest, SubmitRequest, WaitRequest, PullRequest, FetchRequest, EntryRequest,
                                 PrekeysRequest, LookupRequest>;

struct Request {
  base::TreeSize checkpoint_size;  // newest checkpoint that the client holds; 0 none
  base::Digest checkpoint_root;
  RequestBody body;
  friend bool operator==(const Request&, const Request&) = default;
};

// The state of the log that a reply's proofs lead to.
struct Proofs {
  std::string checkpoint;                 // signed note; empty while the log is empty
  std::vector<base::Digest> consistency;  // from the checkpoint that the request named
  base::Sequence governance;              // last accepted governance entry
  base::Timestamp now;                    // of the last entry
  friend bool operator==(const Proofs&, const Proofs&) = default;
};

// monostate: an error, or a kind whose reply says nothing more.
using ReplyBody = std::variant<std::monostate, HelloReply, SubmitReply, WaitReply, PullReply, FetchReply, EntryReply,
                               PrekeysReply, LookupReply>;

struct Reply {
  RequestKind kind = RequestKind::none;  // of the request; none if it could not be read
  WireError status = WireError::none;
  std::uint32_t retry_after_ms = 0;  // with busy
  std::string detail;                // one sentence for people, no data of anyone
  std::optional<Proofs> proofs;
  ReplyBody body;
  friend bool operator==(const Reply&, const Reply&) = default;
};

RequestKind kind_of(const RequestBody& body);

[[nodiscard]] base::Result<base::Bytes> encode_request(const Request& request);
[[nodiscard]] base::Result<Request> decode_request(base::ByteView frame);
[[nodiscard]] base::Result<base::Bytes> encode_reply(const Reply& reply);
[[nodiscard]] base::Result<Reply> decode_reply(base::ByteView frame);

// A reply that only says what is wrong; always fits. `detail` is cut to 256 bytes.
Reply error_reply(RequestKind kind, WireError status, std::string_view detail, std::uint32_t retry_after_ms = 0);

// About how many bytes of a frame these take, never too few: for filling a frame without trying.
std::size_t frame_cost(const StatementParts& parts);
std::size_t frame_cost(const LostReceipt& lost);
std::size_t frame_cost(const LogEntry& entry);
std::size_t frame_cost(const Chunk& chunk);
// The same for tables, of which a frame holds at most base::limits::kFrameTables.
std::size_t table_cost(const StatementParts& parts);
std::size_t table_cost(const LogEntry& entry);

}  // namespace besa::wire
