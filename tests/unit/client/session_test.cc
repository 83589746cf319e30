// Every promise of a broker, broken one at a time: the session must see it, keep the evidence and send nothing more.
#include "client/session.h"
#include "client/epoch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/merkle.h"
#include "tests/support/fake_broker.h"

namespace besa::client {
namespace {

using base::ErrorKind;
using support::Agency;
using support::FakeBroker;
using support::Network;
using support::Signed;

class SessionTest : public testing::Test {
 protected:
  SessionTest() { broker_.begin({&police_, &shelter_}, support::small_policy()); }

  SessionOptions options() {
    SessionOptions out;
    out.network = network_.id();
    out.self = police_.id;
    out.exchange = broker_.exchange(police_.id);
    out.keep = [this](const std::string& note) -> base::Status {
      kept_.push_back(note);
      return {};
    };
    out.now = [this] { return clock_.value_or(network_.now); };
    return out;
  }
  Session session(const SavedLog& saved = {}) {
    auto made = Session::create(options(), saved);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return std::move(*made);
  }
  Session greeted() {
    Session out = session();
    const auto hello = out.hello();
    EXPECT_TRUE(hello.has_value()) << hello.error().message;
    return out;
  }
  Submission prekeys() { return {network_.prekeys(police_).parts, false}; }

  // Bends every reply from now on.
  void bend(std::function<void(wire::Reply&)> with) {
    broker_.bend = [with = std::move(with)](const wire::Request&, wire::Reply& reply) { with(reply); };
  }
  // The next submit must end in this breach; afterwards nothing is sent.
  void expect_breach(Session& session, Breach breach) {
    const auto answer = session.submit({prekeys()});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::misbehaviour) << answer.error().message;
    ASSERT_TRUE(session.evidence().has_value());
    EXPECT_EQ(session.evidence()->breach, breach) << session.evidence()->what;
    EXPECT_FALSE(session.evidence()->reply.empty());
    const std::size_t before = broker_.requests(wire::RequestKind::hello);
    EXPECT_EQ(session.hello().error().kind, ErrorKind::misbehaviour);
    EXPECT_EQ(broker_.requests(wire::RequestKind::hello), before);
  }

  Network network_;
  Agency& police_ = network_.add_agency(core::Sector::border_police);
  Agency& shelter_ = network_.add_agency(core::Sector::shelter);
  FakeBroker broker_{network_};
  std::vector<std::string> kept_;
  std::optional<base::Timestamp> clock_;
};

TEST_F(SessionTest, FirstContactNeedsOnlyTheNetworkId) {
  Session first = greeted();
  ASSERT_TRUE(first.identity().has_value());
  EXPECT_EQ(first.identity()->name, network_.name);
  EXPECT_EQ(first.held()->checkpoint, broker_.checkpoint());
  EXPECT_FALSE(first.genesis().empty());
}

TEST_F(SessionTest, RefusesAnotherNetwork) {
  SessionOptions other = options();
  other.network.bytes[0] ^= 1;
  auto made = Session::create(other, {});
  EXPECT_EQ(made->hello().error().kind, ErrorKind::misbehaviour);
}

TEST_F(SessionTest, GoesOnFromWhatWasSaved) {
  const Session before = greeted();
  Session after = session({before.genesis(), before.held_note()});
  EXPECT_EQ(after.held()->checkpoint, before.held()->checkpoint);
  EXPECT_TRUE(after.hello().has_value());
}

TEST_F(SessionTest, RefusesASavedNoteOfAnotherLog) {
  const Session before = greeted();
  std::string note = before.held_note();
  note[note.size() - 5] = note[note.size() - 5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Session::create(options(), {before.genesis(), note}).error().kind, ErrorKind::configuration);
}

TEST_F(SessionTest, KeepsTheCheckpointBeforeAnythingIsUsed) {
  SessionOptions with = options();
  bool full = false;
  with.keep = [&](const std::string&) -> base::Status {
    return full ? base::Status(base::fail(ErrorKind::full, "no room")) : base::Status{};
  };
  auto made = Session::create(with, {});
  ASSERT_TRUE(made->hello().has_value());
  full = true;
  EXPECT_EQ(made->submit({prekeys()}).error().kind, ErrorKind::full);
  EXPECT_LT(made->held()->checkpoint.size.value, broker_.size());
}

TEST_F(SessionTest, SubmitGivesTheEntry) {
  Session open = greeted();
  const auto answers = open.submit({prekeys()});
  ASSERT_TRUE(answers.has_value()) << answers.error().message;
  ASSERT_TRUE((*answers)[0].entry.has_value());
  EXPECT_TRUE((*answers)[0].entry->entry.decision.accepted());
  EXPECT_EQ(open.held()->checkpoint, broker_.checkpoint());
  EXPECT_EQ(kept_.back(), open.held_note());
}

TEST_F(SessionTest, TheSameBytesTwiceGiveTheSameReceipt) {
  Session open = greeted();
  Submission one = prekeys();
  const auto first = open.submit({one});
  one.repeated = true;
  network_.now = network_.now + base::hours(3);
  const auto second = open.submit({one});
  ASSERT_TRUE(first && second) << second.error().message;
  EXPECT_EQ((*first)[0].entry->entry, (*second)[0].entry->entry);
  EXPECT_EQ(broker_.count(core::StatementType::prekeys), 1U);
}

TEST_F(SessionTest, LookupFindsWhatCarriesTheTag) {
  core::ConsentRow row;
  row.member = shelter_.id;
  row.allow = {core::Category::health};
  row.purposes = {core::Purpose::protection};
  const crypto::SigningKey code = crypto::SigningKey::generate();
  const Signed coded = network_.consent(police_, {row}, &code);
  broker_.append(coded, police_.id);
  Session open = greeted();
  const auto found = open.lookup(support::tag_of(code));
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, std::vector{coded.reference});
  const auto none = open.lookup({});
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->empty());
  bend([](wire::Reply& reply) { reply = wire::error_reply(reply.kind, wire::WireError::busy, "later", 1'000); });
  EXPECT_EQ(open.lookup({}).error().kind, ErrorKind::busy);
  EXPECT_EQ(open.retry_after_ms(), 1'000u);
  bend([](wire::Reply& reply) { reply.body = std::monostate{}; });
  EXPECT_EQ(open.lookup({}).error().kind, ErrorKind::malformed);
}

TEST_F(SessionTest, WrongSignature) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    reply.proofs->checkpoint = core::note_from(broker_.checkpoint(), network_.log_key().public_key(), {});
  });
  expect_breach(open, Breach::checkpoint);
}

TEST_F(SessionTest, AnotherOrigin) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    core::Checkpoint other = broker_.checkpoint();
    other.origin += "1";
    reply.proofs->checkpoint = broker_.note(other);
  });
  expect_breach(open, Breach::checkpoint);
}

TEST_F(SessionTest, WrongRoot) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    core::Checkpoint other = broker_.checkpoint();
    other.root.bytes[0] ^= 1;
    reply.proofs->checkpoint = broker_.note(other);
  });
  expect_breach(open, Breach::growth);
  EXPECT_FALSE(open.evidence()->held_note.empty());
  EXPECT_NE(open.evidence()->held_note, open.evidence()->shown_note);
}

TEST_F(SessionTest, SmallerTree) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    core::Checkpoint smaller = broker_.checkpoint();
    smaller.size.value = 2;
    reply.proofs->checkpoint = broker_.note(smaller);
    reply.proofs->consistency.clear();
  });
  expect_breach(open, Breach::growth);
}

TEST_F(SessionTest, SameSizeOtherRoot) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    core::Checkpoint other = open.held()->checkpoint;
    other.root.bytes[5] ^= 1;
    reply.proofs->checkpoint = broker_.note(other);
    reply.proofs->consistency.clear();
  });
  expect_breach(open, Breach::growth);
}

TEST_F(SessionTest, ForgedConsistencyProof) {
  Session open = greeted();
  bend([](wire::Reply& reply) {
    ASSERT_FALSE(reply.proofs->consistency.empty());
    reply.proofs->consistency[0].bytes[0] ^= 1;
  });
  expect_breach(open, Breach::growth);
}

TEST_F(SessionTest, ReceiptThatIsNotInTheTree) {
  Session open = greeted();
  bend([](wire::Reply& reply) {
    if (auto* body = std::get_if<wire::SubmitReply>(&reply.body)) body->receipts[0].proof[0].bytes[3] ^= 1;
  });
  expect_breach(open, Breach::inclusion);
}

TEST_F(SessionTest, ReceiptAboutAnotherStatement) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    auto* body = std::get_if<wire::SubmitReply>(&reply.body);
    if (body == nullptr) return;
    const wire::LogEntry other = broker_.log_entry(base::Sequence{1});
    body->receipts[0].entry = other.entry;
    body->receipts[0].proof = other.proof;
  });
  expect_breach(open, Breach::receipt);
}

TEST_F(SessionTest, TimeAheadOfOurs) {
  Session open = greeted();
  clock_ = network_.now;
  network_.now = network_.now + base::minutes(6);
  expect_breach(open, Breach::clock);
}

TEST_F(SessionTest, ReceiptFromLongAgo) {
  Session open = greeted();
  clock_ = network_.now + base::minutes(6);
  expect_breach(open, Breach::clock);
}

TEST_F(SessionTest, FiveMinutesAreAllowed) {
  Session open = greeted();
  clock_ = network_.now + base::minutes(5);
  EXPECT_TRUE(open.submit({prekeys()}).has_value());
}

// The lid was closed between the request and its reply.
TEST_F(SessionTest, AComputerThatSleptIsNoBreach) {
  Session open = greeted();
  clock_ = network_.now;
  bend([&](wire::Reply&) { clock_ = network_.now + base::hours(9); });
  const auto answers = open.submit({prekeys()});
  ASSERT_TRUE(answers.has_value()) << answers.error().message;
  EXPECT_TRUE((*answers)[0].entry.has_value());
}

// A later epoch may follow a loss that was accepted: this session goes no further and accuses nobody.
TEST_F(SessionTest, ANewerEpochIsNotFollowedBlindly) {
  const auto of_epoch = [this](std::uint64_t epoch) {
    bend([this, epoch](wire::Reply& reply) {
      core::Checkpoint checkpoint = broker_.checkpoint();
      checkpoint.origin = core::format_origin({network_.name, network_.id(), epoch});
      if (reply.proofs) reply.proofs->checkpoint = broker_.note(checkpoint);
    });
  };
  Session open = greeted();
  const std::string held = open.held_note();
  of_epoch(1);
  const auto answer = open.submit({prekeys()});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(open.newer_epoch(), 1U);
  EXPECT_FALSE(open.evidence());
  EXPECT_EQ(open.held_note(), held);
  // At first contact any epoch is the first; from then on none before it.
  Session fresh = greeted();
  EXPECT_EQ(fresh.epoch(), 1U);
  of_epoch(0);
  expect_breach(fresh, Breach::checkpoint);
}

TEST_F(SessionTest, GovernanceIsDecidedAgainAndNobodyBeginsAnEpochAlone) {
  Session honest = greeted();
  core::MemoryView view;
  const auto followed = follow_governance(honest, view);
  ASSERT_TRUE(followed) << followed.error().message;
  EXPECT_EQ(followed->size(), 4U);
  EXPECT_TRUE(core::read_member(view, police_.id).value());
  EXPECT_TRUE(follow_governance(honest, view)->empty()) << "nothing is asked for twice";
  // What no quorum has signed, and an epoch that none has begun.
  bend([this](wire::Reply& reply) {
    core::Checkpoint checkpoint = broker_.checkpoint();
    checkpoint.origin = core::format_origin({network_.name, network_.id(), 1});
    if (reply.proofs) reply.proofs->checkpoint = broker_.note(checkpoint);
  });
  Session invented = greeted();
  core::MemoryView anew;
  const auto epoch = follow_governance(invented, anew);
  ASSERT_FALSE(epoch);
  EXPECT_EQ(epoch.error().kind, ErrorKind::misbehaviour);
  EXPECT_TRUE(invented.evidence());
  bend([this](wire::Reply& reply) {
    if (reply.proofs) reply.proofs->governance = base::Sequence{broker_.size() - 1};
  });
  broker_.forge(network_.enrolment(network_.add_agency(core::Sector::shelter), 1),
                base::id_cast<base::MemberId>(network_.administrators()[0].organisation));
  Session forged = greeted();
  core::MemoryView third;
  const auto quorum = follow_governance(forged, third);
  ASSERT_FALSE(quorum);
  EXPECT_EQ(quorum.error().kind, ErrorKind::misbehaviour);
  ASSERT_TRUE(forged.evidence());
  EXPECT_TRUE(forged.evidence()->entry) << "the entry is shown";
}

TEST_F(SessionTest, ReceiptsInAnotherOrder) {
  Session open = greeted();
  bend([](wire::Reply& reply) {
    if (auto* body = std::get_if<wire::SubmitReply>(&reply.body)) std::swap(body->receipts[0], body->receipts[1]);
  });
  EXPECT_EQ(open.submit({prekeys(), prekeys()}).error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(open.evidence()->breach, Breach::receipt);
}

// None of these is a broken promise that could be shown to others; nothing of them is used.
TEST_F(SessionTest, RepliesThatAreNone) {
  struct Lie {
    const char* name;
    std::function<void(wire::Reply&)> tell;
  };
  const Lie lies[] = {
      {"no proofs", [](wire::Reply& reply) { reply.proofs.reset(); }},
      {"no body", [](wire::Reply& reply) { reply.body = {}; }},
      {"a receipt too few", [](wire::Reply& reply) { std::get<wire::SubmitReply>(reply.body).receipts.pop_back(); }},
      {"a receipt too many",
       [](wire::Reply& reply) {
         auto& receipts = std::get<wire::SubmitReply>(reply.body).receipts;
         receipts.push_back(receipts.front());
       }},
      {"governance past the tree", [](wire::Reply& reply) { reply.proofs->governance = base::Sequence{UINT64_MAX}; }},
  };
  for (const Lie& lie : lies) {
    Session open = greeted();
    bend(lie.tell);
    const auto answer = open.submit({prekeys(), prekeys()});
    broker_.bend = {};
    ASSERT_FALSE(answer.has_value()) << lie.name;
    EXPECT_EQ(answer.error().kind, ErrorKind::malformed) << lie.name << ": " << answer.error().message;
    EXPECT_FALSE(open.evidence().has_value()) << lie.name;
    EXPECT_TRUE(open.hello().has_value()) << lie.name << ": the session goes on";
  }
}

TEST_F(SessionTest, FramesCutAnywhereAreMalformed) {
  Session open = greeted();
  SessionOptions cut = options();
  std::size_t keep = 0;
  cut.exchange = [&](base::ByteView frame, std::uint32_t) -> base::Result<base::Bytes> {
    base::Bytes reply = broker_.answer(frame, police_.id);
    keep = std::min(keep, reply.size() - 1);
    reply.resize(keep);
    return reply;
  };
  auto session = Session::create(cut, {open.genesis(), open.held_note()});
  ASSERT_TRUE(session.has_value());
  for (std::size_t at = 0; at < 400; at += 3) {
    keep = at;
    EXPECT_EQ(session->hello().error().kind, ErrorKind::malformed) << at;
  }
  EXPECT_FALSE(session->evidence().has_value());
}

TEST_F(SessionTest, NoticesOfEntriesThatAreNotThere) {
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{1'000}, UINT64_MAX}) {
    Session open = greeted();
    bend([&](wire::Reply& reply) {
      if (auto* body = std::get_if<wire::PullReply>(&reply.body)) {
        body->notices.push_back({base::Sequence{sequence}, 1, {police_.id, base::Counter{1}, {}}});
      }
    });
    EXPECT_EQ(open.pull(64, base::Sequence{2}).error().kind, ErrorKind::malformed) << sequence;
    broker_.bend = {};
  }
}

TEST_F(SessionTest, GovernanceThatAnEntryNamesCountsThoughTheReplyHidesIt) {
  Session open = greeted();
  const base::Sequence before = open.governance();
  const core::Entry next = broker_.govern(network_.suspension(shelter_));
  bend([&](wire::Reply& reply) { reply.proofs->governance = before; });
  ASSERT_TRUE(open.submit({prekeys()}).has_value());
  EXPECT_EQ(open.governance(), next.sequence);
}

TEST_F(SessionTest, AccusedItStopsAndKeepsTheEntry) {
  Session open = greeted();
  const auto entry = open.entry(base::Sequence{1});
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(open.accuse("against the rules", &*entry).value().kind, ErrorKind::misbehaviour);
  ASSERT_TRUE(open.evidence().has_value());
  EXPECT_EQ(open.evidence()->breach, Breach::entry);
  EXPECT_THAT(format_evidence(*open.evidence()), testing::HasSubstr(base::to_hex(entry->log.entry)));
  EXPECT_EQ(open.hello().error().kind, ErrorKind::misbehaviour);
}

TEST_F(SessionTest, EntryWithAnotherBody) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    if (auto* body = std::get_if<wire::EntryReply>(&reply.body)) {
      body->entries[0].body = broker_.log_entry(base::Sequence{2}).body;
    }
  });
  EXPECT_EQ(open.entry(base::Sequence{1}).error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(open.evidence()->breach, Breach::beside);
}

TEST_F(SessionTest, EntryAtAnotherPlace) {
  Session open = greeted();
  bend([&](wire::Reply& reply) {
    if (auto* body = std::get_if<wire::EntryReply>(&reply.body))
      body->entries[0] = broker_.log_entry(base::Sequence{2});
  });
  EXPECT_EQ(open.entry(base::Sequence{1}).error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(open.evidence()->breach, Breach::receipt);
}

TEST_F(SessionTest, BusyIsNoBreach) {
  Session open = greeted();
  bend([](wire::Reply& reply) { reply = wire::error_reply(reply.kind, wire::WireError::busy, "later", 1500); });
  EXPECT_EQ(open.submit({prekeys()}).error().kind, ErrorKind::busy);
  EXPECT_EQ(open.retry_after_ms(), 1500U);
  broker_.bend = {};
  EXPECT_TRUE(open.submit({prekeys()}).has_value());
}

TEST_F(SessionTest, ReplyToAnotherRequestIsMalformed) {
  Session open = greeted();
  bend([](wire::Reply& reply) {
    reply.kind = wire::RequestKind::hello;
    reply.body = wire::HelloReply{};
  });
  EXPECT_EQ(open.submit({prekeys()}).error().kind, ErrorKind::malformed);
  EXPECT_FALSE(open.evidence().has_value());
}

TEST_F(SessionTest, AnotherMembersViewThatIsTheSameLog) {
  Session open = greeted();
  const core::Checkpoint seen = broker_.checkpoint();
  const auto signature = network_.log_key().sign(base::as_bytes(core::note_text(seen)));
  ASSERT_TRUE(open.submit({prekeys()}).has_value());
  EXPECT_TRUE(open.check_other({seen, signature}).has_value());
}

TEST_F(SessionTest, AnotherMembersViewThatIsAnotherLog) {
  Session open = greeted();
  core::Checkpoint seen = broker_.checkpoint();
  seen.root.bytes[9] ^= 1;
  const auto signature = network_.log_key().sign(base::as_bytes(core::note_text(seen)));
  ASSERT_TRUE(open.submit({prekeys()}).has_value());
  EXPECT_EQ(open.check_other({seen, signature}).error().kind, ErrorKind::misbehaviour);
  EXPECT_EQ(open.evidence()->shown_note, broker_.note(seen));
  EXPECT_FALSE(open.evidence()->held_note.empty());
}

TEST_F(SessionTest, AnotherMembersViewThatIsAheadIsOwed) {
  Session open = greeted();
  core::Checkpoint seen = broker_.checkpoint();
  seen.size.value += 10;
  EXPECT_EQ(open.check_other({seen, {}}).error().kind, ErrorKind::not_found);
}

TEST(Evidence, HoldsBothNotesAndTheReply) {
  const Evidence evidence{Breach::growth, "two histories", base::Timestamp{7}, "first\n", "second\n", {0xAB}, {}};
  EXPECT_THAT(format_evidence(evidence), testing::AllOf(testing::HasSubstr("growth"), testing::HasSubstr("first"),
                                                        testing::HasSubstr("second"), testing::HasSubstr("ab")));
}

}  // namespace
}  // namespace besa::client
