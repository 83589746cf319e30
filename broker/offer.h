// A statement offered again after a loss: with the receipt that the lost part of the log gave for it, under our own
// key, so that nobody chooses its place. Signatures and submitter are looked at when it is decided: the keys may lie
// among what is offered, too.
#pragma once

#include <map>
#include <set>
#include <tuple>

#include "base/limits.h"
#include "broker/refusal.h"
#include "core/checkpoint.h"
#include "core/decide.h"
#include "journal/journal.h"
#include "wire/messages.h"

namespace besa::broker {

struct Offered {
  core::ParsedStatement statement;
  base::MemberId submitter;
  std::vector<journal::Chunk> ciphertext;
  std::uint64_t epoch = 0;  // of the checkpoint under which its receipt lies
  base::Sequence sequence;  // that the lost log gave it
  std::size_t bytes = 0;    // that it takes in memory
};

// Whose log a receipt must be of.
struct LogName {
  std::string name;
  base::NetworkId network;
  base::PublicKey log_key;
  std::uint64_t epoch = 0;  // the present one
};
[[nodiscard]] base::Result<LogName> log_name(const core::View& view);

// A checkpoint that our log key signed, of whatever epoch.
struct OurNote {
  std::uint64_t epoch = 0;
  core::Checkpoint checkpoint;
};
// Errors: malformed, bad_signature (another log's, or not signed by it).
[[nodiscard]] base::Result<OurNote> read_our_note(std::string_view note, const LogName& log);

// Where the receipt says that the statement lay. Errors: malformed; bad_signature (a note or proof that is not of this
// log, an entry about another statement), denied (it was refused: there is nothing to restore).
[[nodiscard]] Answered<std::pair<std::uint64_t, base::Sequence>> check_lost(const wire::LostReceipt& lost,
                                                                            const core::ParsedStatement& statement,
                                                                            const LogName& log);

// Takes back and gives nothing: kept in a recovery although it is new, since what waits must not go out in spite of it.
bool only_takes_back(core::StatementType type);

// What was offered so far, in the order of the lost log, and after it the withdrawals that are new, in the order in
// which they came. In memory only: who offers goes on offering until it has the new receipt. The sequencer's thread.
class Collected {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMostNewBytes = std::size_t{64} << 20;  // besides: offers have their room for themselves
  static constexpr std::size_t kMostNewOfMember = base::limits::kUnansweredPerMember;

  // False: no room. The same statement again changes nothing.
  bool add(Offered offer);
  bool add_new(const core::Verified& withdrawal);
  bool empty() const { return offers_.empty(); }
  std::size_t size() const { return offers_.size(); }
  // The first `most`, without taking them out.
  std::vector<const Offered*> first(std::size_t most) const;
  void drop(std::size_t count);

 private:
  using Place = std::tuple<std::uint64_t, base::Sequence, base::StatementId>;
  static constexpr std::uint64_t kNew = UINT64_MAX;  // no epoch: after all of them

  std::map<Place, Offered> offers_;
  std::size_t bytes_ = 0;
  std::set<base::StatementId> new_;
  std::map<base::MemberId, std::size_t> new_of_;
  std::size_t new_bytes_ = 0;
  base::Sequence next_new_;
};

}  // namespace besa::broker
