#include "broker/pulling.h"

#include <algorithm>
#include <map>

#include "base/limits.h"
#include "broker/log_entries.h"

namespace besa::broker {
namespace {

using base::MemberId;
using base::Reference;
using base::Result;
using base::Sequence;
using base::Status;
using core::MessageState;
using core::StatementType;
namespace limits = base::limits;

constexpr std::size_t kPage = 128;
constexpr std::size_t kRoomBytes = limits::kFrameBytes - kReplyOverheadBytes;
constexpr std::size_t kProofsBytes = 16 * 1024;     // checkpoint and consistency proof of the reply
constexpr std::size_t kNoticeBytes = 128;           // of a notice in the frame, at most
constexpr std::size_t kProofBytes = 64 * 32;        // an inclusion proof, at worst
constexpr std::size_t kMessageOverheadBytes = 512;  // tables and offsets of a message in the frame
constexpr std::size_t kMostNotices = 1'024;         // of one reply
constexpr std::size_t kEnoughNotices = 128;         // then the entry under way is finished and no other begun
static_assert(limits::kBodyBytes + limits::kEntryBytes + kProofBytes + kMessageOverheadBytes < kRoomBytes,
              "one message always fits");
// One entry gives one member at most two notices for each item, and for each message that feels a withdrawal.
constexpr std::size_t kNoticesOfOneEntry = 2 * (limits::kTickItems + limits::kTickDrained);
static_assert((kEnoughNotices + kNoticesOfOneEntry) * kNoticeBytes + kProofsBytes <= kReplyOverheadBytes);
static_assert(kEnoughNotices + kNoticesOfOneEntry < kMostNotices);

using BySender = std::map<MemberId, std::vector<Reference>>;

struct Selection {
  std::vector<PickedMessage> deliverable;
  BySender hand_out;
  BySender withhold;
  std::size_t bytes = 0;
  bool full = false;  // limit or frame, or rows left to look at
  Sequence next;
};

Result<std::size_t> frame_bytes(const journal::LogReader& log, Sequence sequence) {
  BESA_ASSIGN(const base::Bytes entry, log.entry(sequence));
  BESA_ASSIGN(const base::Bytes beside, log.beside(sequence));
  return entry.size() + beside.size() + kProofBytes + kMessageOverheadBytes;
}

// A withheld message waits on: its sender may be reinstated.
bool travels(MessageState state) {
  return state == MessageState::queued || state == MessageState::handed_out || state == MessageState::withheld;
}

Status consider(Appender& appender, const core::QueuedMessage& queued, std::size_t limit, Selection& selection) {
  BESA_ASSIGN(const auto message, core::find_message(appender.batch().view(), queued.reference));
  if (!message) return {};
  if (!travels(message->state)) return {};
  BESA_ASSIGN(const core::StandingVerdict standing,
              core::check_standing(appender.batch().view(), queued.reference, appender.now()));
  if (standing.reason != core::Reason::none) {
    const bool changed = message->state != MessageState::withheld;
    if (changed) selection.withhold[queued.reference.author].push_back(queued.reference);
    return {};
  }
  BESA_ASSIGN(const std::size_t bytes, frame_bytes(appender.batch().log(), message->sequence));
  const bool fits = selection.deliverable.size() < limit && selection.bytes + bytes <= kRoomBytes;
  if (!fits) {
    selection.full = true;
    return {};
  }
  selection.bytes += bytes;
  selection.deliverable.push_back({message->sequence, queued.reference});
  if (message->state != MessageState::handed_out) {
    selection.hand_out[queued.reference.author].push_back(queued.reference);
  }
  return {};
}

Result<Selection> select(Appender& appender, const MemberId& member, std::size_t limit, const Sequence begin,
                         std::size_t rows) {
  Selection selection;
  Sequence from = begin;
  for (std::size_t seen = 0; seen < rows && !selection.full; seen += kPage) {
    BESA_ASSIGN(const auto page, core::read_queue(appender.batch().view(), member, from, kPage));
    for (const core::QueuedMessage& queued : page) {
      BESA_TRY(consider(appender, queued, limit, selection));
      if (selection.full) break;
    }
    if (selection.full) break;
    if (page.size() < kPage) return selection;  // the end: the next pull begins at the front again
    from = Sequence{page.back().sequence.value + 1};
  }
  selection.full = true;
  selection.next = selection.deliverable.empty() ? from : begin;
  return selection;
}

// Entries of one kind, at most 64 messages each. What the core did not accept is taken out of the delivery.
Status write_entries(Appender& appender, StatementType type, const MemberId& member, const BySender& by_sender,
                     std::vector<PickedMessage>& deliverable) {
  for (const auto& [sender, all] : by_sender) {
    for (std::size_t at = 0; at < all.size(); at += limits::kReferencesPerStatement) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t count = std::min(limits::kReferencesPerStatement, all.size() - at);
      const std::vector<Reference> some(begin, begin + static_cast<std::ptrdiff_t>(count));
      BESA_ASSIGN(const bool accepted, appender.pulled(type, member, some));
      if (accepted) continue;
      std::erase_if(deliverable, [&](const PickedMessage& picked) {
        return std::find(some.begin(), some.end(), picked.reference) != some.end();
      });
    }
  }
  return {};
}

// --- after the commit

// As many chunks of granted sections as fit.
Status add_chunks(const journal::Snapshot& snapshot, const Reference& reference, std::size_t& room,
                  wire::PulledMessage& out) {
  BESA_ASSIGN(const auto message, core::find_message(snapshot.view(), reference));
  if (!message || message->purged) return {};
  for (std::size_t i = 0; i < message->sections.size(); ++i) {
    if (!message->sections[i].granted) continue;
    const auto section = static_cast<std::uint16_t>(i);
    BESA_ASSIGN(const std::uint32_t chunks, snapshot.chunks(reference, section));
    for (std::uint32_t index = 0; index < chunks; ++index) {
      auto bytes = snapshot.ciphertext(reference, section, index);
      if (!bytes && bytes.error().kind == base::ErrorKind::not_found) break;  // purged since
      if (!bytes) return tl::unexpected(bytes.error());
      wire::Chunk chunk{section, index, std::move(*bytes)};
      const std::size_t cost = wire::frame_cost(chunk);
      if (cost > room) return {};
      room -= cost;
      out.chunks.push_back(std::move(chunk));
    }
  }
  return {};
}

// Whole entries only: the next pull asks for what comes after a sequence.
Status add_notices(const journal::Snapshot& snapshot, const PullJob& job, base::TreeSize size, wire::PullReply& out) {
  BESA_ASSIGN(const auto stored, snapshot.notices(job.member, job.notices_since, kMostNotices));
  for (const journal::StoredNotice& one : stored) {
    if (one.sequence.value >= size.value) break;
    const bool begins_entry = out.notices.empty() || out.notices.back().sequence != one.sequence;
    if (begins_entry && out.notices.size() >= kEnoughNotices) {
      out.more = true;
      break;
    }
    out.notices.push_back({one.sequence, one.notice.code, one.notice.reference});
  }
  return {};
}

}  // namespace

Result<Picked> pick(Appender& appender, const MemberId& member, std::size_t limit, Sequence from, std::size_t rows) {
  BESA_ASSIGN(Selection selection, select(appender, member, limit, from, rows));
  Picked out;
  out.more = selection.full;
  out.next = selection.next;
  out.messages = std::move(selection.deliverable);
  BESA_TRY(write_entries(appender, StatementType::withhold, member, selection.withhold, out.messages));
  BESA_TRY(write_entries(appender, StatementType::hand_out, member, selection.hand_out, out.messages));
  return out;
}

Result<wire::PullReply> show(const journal::Snapshot& snapshot, const Picked& picked, const PullJob& job,
                             base::TreeSize size) {
  wire::PullReply out;
  out.more = picked.more;
  BESA_TRY(add_notices(snapshot, job, size, out));
  std::size_t room = limits::kFrameBytes - kProofsBytes - out.notices.size() * kNoticeBytes;
  for (const PickedMessage& message : picked.messages) {
    wire::PulledMessage pulled;
    BESA_ASSIGN(pulled.log, show_entry(snapshot.log(), message.sequence, size, Shown::without_rows));
    room -= std::min(room, wire::frame_cost(pulled.log));
    out.messages.push_back(std::move(pulled));
  }
  for (std::size_t i = 0; i < picked.messages.size(); ++i) {
    BESA_TRY(add_chunks(snapshot, picked.messages[i].reference, room, out.messages[i]));
  }
  return out;
}

}  // namespace besa::broker
