// Requests over real sockets: who is let in, what is answered, and what leaves no entry.
#include "broker/service.h"

#include <atomic>
#include <cerrno>
#include <fstream>
#include <set>
#include <thread>

#include "tests/integration/broker/real_broker.h"
#include "tests/support/faulty_disk.h"

namespace besa::broker {
namespace {

using wire::WireError;

// The real clock, and somebody who sets it.
class SetClock final : public program::Clock {
 public:
  base::Timestamp now() const override {
    return {static_cast<std::uint64_t>(static_cast<std::int64_t>(real_.now().ms) + ahead_ms)};
  }
  base::Duration since_boot() const override { return real_.since_boot(); }
  std::atomic<std::int64_t> ahead_ms{0};

 private:
  program::SystemClock real_;
};

class ServiceTest : public RealBroker {
 protected:
  void SetUp() override {
    begin_log();
    restart();
    populate();
  }
  void restart() {
    set_clock_.ahead_ms = 0;
    restart_as_it_is();
  }
  void restart_as_it_is(bool confirmed = false) {
    service_.reset();
    config_ = load_config(config_path()).value();
    keys_.emplace(load_keys(config_.keys).value());
    auto started = Service::start(config_, *keys_, set_clock_, log_, confirmed);
    ASSERT_TRUE(started) << started.error().message;
    service_ = std::move(*started);
  }
  std::string current_segment() const {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(state_path() + "/journal/segments")) {
      names.insert(file.path().filename());
    }
    BESA_CHECK(!names.empty());
    return "/segments/" + *names.begin();
  }
  support::Signed referral(support::Agency& from, const support::Agency& to) {
    network_.now = clock_.now();
    return network_.message(from, to, {{core::Category::summary, core::Basis::legal_obligation}});
  }
  wire::Reply ask(transport::Requester& requester, base::ByteView frame) {
    const auto reply = requester.request(frame, 5'000);
    EXPECT_TRUE(reply) << reply.error().message;
    return reply ? wire::decode_reply(*reply).value() : wire::Reply{};
  }
  wire::Reply ask(transport::Requester& requester, wire::RequestBody body) {
    wire::Request request;
    request.body = std::move(body);
    return ask(requester, wire::encode_request(request).value());
  }
  WireError answer_to(transport::Requester& requester, const support::Signed& statement) {
    const wire::Reply reply = ask(requester, wire::SubmitRequest{{statement.parts}});
    if (reply.status != WireError::none) return reply.status;
    return std::get<wire::SubmitReply>(reply.body).receipts.at(0).status;
  }
  std::size_t lines_with(const std::string& wanted) {
    const std::scoped_lock lock(lines_mutex_);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = lines_.find(wanted, at)) != std::string::npos; ++at) ++count;
    return count;
  }
  void wait_for_line(const std::string& wanted) {
    for (int i = 0; i < 500 && lines_with(wanted) == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_GT(lines_with(wanted), 0u) << wanted;
  }
  std::uint64_t log_size() {
    Client client = connect(*police_);
    return client->held()->checkpoint.size.value;
  }

  Config config_;
  SetClock set_clock_;
  std::optional<Keys> keys_;
  program::Logger log_{program::LogLevel::debug, [this](program::LogLevel, std::string_view line) {
                         const std::scoped_lock lock(lines_mutex_);
                         lines_ += std::string(line) + "\n";
                       }};
  std::mutex lines_mutex_;
  std::string lines_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, ReferralTravelsAndTheReceiptVerifies) {
  Client police = connect(*police_);
  Client shelter = connect(*shelter_);
  const support::Signed sent = referral(*police_, *shelter_);
  EXPECT_TRUE(submit(police, sent).decision.accepted());
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  ASSERT_EQ(pulled->messages.size(), 1u);
  EXPECT_EQ(pulled->messages[0].proven.log.body, sent.parts.body);
  EXPECT_EQ(pulled->messages[0].chunks, sent.parts.chunks);
  const auto chunk = shelter->fetch(sent.reference, 0, 0);
  ASSERT_TRUE(chunk) << chunk.error().message;
  EXPECT_EQ(*chunk, sent.parts.chunks[0].data);
  const auto prekeys = police->prekeys(shelter_->id);
  EXPECT_TRUE(prekeys) << prekeys.error().message;
}

TEST_F(ServiceTest, WaitEndsWhenAMessageComes) {
  Client shelter = connect(*shelter_);
  ASSERT_TRUE(shelter->pull(64, {}));
  std::thread sender([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    Client police = connect(*police_);
    EXPECT_TRUE(submit(police, referral(*police_, *shelter_)).decision.accepted());
  });
  const base::Duration before = clock_.since_boot();
  const auto queued = shelter->wait(20'000);
  sender.join();
  ASSERT_TRUE(queued) << queued.error().message;
  EXPECT_TRUE(*queued);
  EXPECT_LT(clock_.since_boot().ms - before.ms, 15'000u);
}

TEST_F(ServiceTest, WaitEndsWithTheTime) {
  Client shelter = connect(*shelter_);
  ASSERT_TRUE(shelter->pull(64, {}));
  const auto queued = shelter->wait(300);
  ASSERT_TRUE(queued) << queued.error().message;
  EXPECT_FALSE(*queued);
}

TEST_F(ServiceTest, UnknownTransportKeyDoesNotGetIn) {
  const auto requester = raw(crypto::TransportSecret::generate());
  EXPECT_FALSE(requester->request(base::as_bytes("x"), 1'000));
}

TEST_F(ServiceTest, MalformedRequestsAreAnsweredAndLeaveNoEntry) {
  const std::uint64_t before = log_size();
  const auto requester = raw(police_->transport);
  wire::Request whole;
  whole.body = wire::PullRequest{};
  const base::Bytes frame = wire::encode_request(whole).value();
  for (std::size_t size = 0; size < frame.size(); size += 3) {
    EXPECT_EQ(ask(*requester, base::ByteView(frame).first(size)).status, WireError::malformed) << size;
  }
  base::Bytes longer = frame;
  longer.resize(frame.size() + 4);
  EXPECT_EQ(ask(*requester, base::ByteView(longer)).status, WireError::malformed);
  EXPECT_EQ(log_size(), before);
}

TEST_F(ServiceTest, LaterRequestsAreUnsupported) {
  wire::Request request;
  request.body = wire::WaitRequest{1};
  const base::Bytes frame = wire::encode_request(request).value();
  // The kind is the only two bytes that hold 5 (wait); 3 is reserve.
  for (std::size_t i = 0; i + 1 < frame.size(); i += 2) {
    if (frame[i] != 5 || frame[i + 1] != 0) continue;
    base::Bytes later = frame;
    later[i] = 3;
    const wire::Reply reply = ask(*raw(police_->transport), base::ByteView(later));
    if (reply.status == WireError::unsupported) return;
  }
  FAIL() << "no place of the frame holds the kind";
}

TEST_F(ServiceTest, SuspendedMemberMaySubmitAndNothingElse) {
  govern({network_.suspension(*police_)});
  const auto requester = raw(police_->transport);
  EXPECT_EQ(ask(*requester, wire::HelloRequest{}).status, WireError::not_member);
  EXPECT_EQ(ask(*requester, wire::PullRequest{}).status, WireError::not_member);
  EXPECT_EQ(ask(*requester, wire::WaitRequest{0}).status, WireError::not_member);
  EXPECT_EQ(ask(*requester, wire::EntryRequest{}).status, WireError::not_member);
  EXPECT_EQ(ask(*requester, wire::LookupRequest{}).status, WireError::not_member);
  const wire::Reply reply = ask(*requester, wire::SubmitRequest{{referral(*police_, *shelter_).parts}});
  const auto& receipt = std::get<wire::SubmitReply>(reply.body).receipts.at(0);
  ASSERT_EQ(receipt.status, WireError::none) << receipt.detail;
  EXPECT_EQ(core::decode_entry(receipt.entry)->decision.reason, core::Reason::unknown_sender);
}

TEST_F(ServiceTest, AdministratorsOnlySubmitAndReadGovernance) {
  const auto requester = raw(network_.administrators()[1].transport);
  EXPECT_EQ(ask(*requester, wire::HelloRequest{}).status, WireError::none);
  EXPECT_EQ(ask(*requester, wire::EntryRequest{}).status, WireError::none);
  EXPECT_EQ(ask(*requester, wire::PullRequest{}).status, WireError::denied);
  EXPECT_EQ(ask(*requester, wire::WaitRequest{0}).status, WireError::denied);
  EXPECT_EQ(ask(*requester, wire::PrekeysRequest{police_->id}).status, WireError::denied);
  EXPECT_EQ(ask(*requester, wire::LookupRequest{}).status, WireError::denied);
}

TEST_F(ServiceTest, RollbackSeenStopsAppendingNotReading) {
  core::Checkpoint later;
  later.origin = connect(*police_)->identity()->origin(0);
  later.size.value = 1'000;
  const crypto::SigningKey& key = network_.log_key();
  const std::string note = core::note_from(later, key.public_key(), key.sign(base::as_bytes(core::note_text(later))));
  const auto requester = raw(police_->transport);
  EXPECT_EQ(ask(*requester, wire::HelloRequest{note}).status, WireError::rollback_seen);
  EXPECT_EQ(ask(*requester, wire::SubmitRequest{{referral(*police_, *shelter_).parts}}).status,
            WireError::rollback_seen);
  EXPECT_EQ(ask(*requester, wire::EntryRequest{}).status, WireError::none);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(*requester, wire::HelloRequest{note}).status, WireError::rollback_seen);
  const std::scoped_lock lock(lines_mutex_);
  const std::size_t said = lines_.find("event=rollback_seen");
  ASSERT_NE(said, std::string::npos);
  EXPECT_EQ(lines_.find("event=rollback_seen", said + 1), std::string::npos) << "the same note again";
}

// Each client shows its own note, again and again: the highest is what an administrator needs, and one line says it.
TEST_F(ServiceTest, TheHighestNoteThatWasShownStays) {
  const auto note_of = [this](std::uint64_t size) {
    core::Checkpoint later;
    later.origin = connect(*police_)->identity()->origin(0);
    later.size.value = size;
    const crypto::SigningKey& key = network_.log_key();
    return core::note_from(later, key.public_key(), key.sign(base::as_bytes(core::note_text(later))));
  };
  const std::string high = note_of(2'000);
  const std::string low = note_of(1'000);
  const auto requester = raw(police_->transport);
  const auto kept = [this] { return std::string(base::as_text(support::read_file(config_.rollback_file()))); };
  EXPECT_EQ(ask(*requester, wire::HelloRequest{low}).status, WireError::rollback_seen);
  EXPECT_EQ(kept(), low);
  EXPECT_EQ(ask(*requester, wire::HelloRequest{high}).status, WireError::rollback_seen);
  EXPECT_EQ(kept(), high);
  EXPECT_EQ(ask(*requester, wire::HelloRequest{low}).status, WireError::rollback_seen);
  EXPECT_EQ(kept(), high);
}

// A restart must not forget it, and what brings the later state back must.
TEST_F(ServiceTest, RollbackSeenOutlivesARestart) {
  core::Checkpoint later;
  later.origin = connect(*police_)->identity()->origin(0);
  later.size.value = 1'000;
  const crypto::SigningKey& key = network_.log_key();
  const std::string note = core::note_from(later, key.public_key(), key.sign(base::as_bytes(core::note_text(later))));
  EXPECT_EQ(ask(*raw(police_->transport), wire::HelloRequest{note}).status, WireError::rollback_seen);
  restart();
  EXPECT_EQ(answer_to(*raw(police_->transport), referral(*police_, *shelter_)), WireError::rollback_seen);
  EXPECT_EQ(ask(*raw(police_->transport), wire::EntryRequest{}).status, WireError::none);
  const std::string held = connect(*police_)->held_note();
  std::ofstream(config_.rollback_file(), std::ios::trunc) << held;
  restart();
  EXPECT_EQ(answer_to(*raw(police_->transport), referral(*police_, *shelter_)), WireError::none);
  EXPECT_FALSE(std::filesystem::exists(config_.rollback_file()));
}

TEST_F(ServiceTest, MemberIsLookedUpForEveryRequest) {
  const auto requester = raw(police_->transport);
  EXPECT_EQ(ask(*requester, wire::PullRequest{}).status, WireError::none);
  govern({network_.suspension(*police_)});
  EXPECT_EQ(ask(*requester, wire::PullRequest{}).status, WireError::not_member) << "on the same connection";
}

// Rows of the issue: two administrators suspend, the connection stays, the next message is refused on record; mail for
// the member waits; reinstatement lets both on. One signature alone does nothing.
TEST_F(ServiceTest, SuspendedKeyIsRefusedOnItsLivingConnection) {
  Client police = connect(*police_);
  Client shelter = connect(*shelter_);
  EXPECT_TRUE(submit(shelter, referral(*shelter_, *police_)).decision.reason == core::Reason::no_rule) << "connected";
  const support::Signed first = referral(*police_, *shelter_);
  EXPECT_TRUE(submit(police, first).decision.accepted());

  support::Signed change = network_.suspension(*shelter_);
  support::Signed alone = change;
  alone.parts.blocks.resize(alone.parts.blocks.size() / 2);
  const support::AdministratorKeys& administrator = network_.administrators()[0];
  Client governor = connect(administrator.transport, base::id_cast<base::MemberId>(administrator.organisation));
  const core::Entry refused = submit(governor, alone);
  EXPECT_EQ(refused.decision.reason, core::Reason::below_threshold);
  EXPECT_EQ(answer_to(*raw(shelter_->transport), network_.prekeys(*shelter_)), WireError::none);

  govern({change});
  const auto answers = shelter->submit({{referral(*shelter_, *police_).parts, false}});
  ASSERT_TRUE(answers) << answers.error().message;
  ASSERT_TRUE(answers->at(0).entry);
  EXPECT_EQ(answers->at(0).entry->entry.decision.reason, core::Reason::unknown_sender) << "on the same connection";
  EXPECT_EQ(shelter->pull(64, {}).error().kind, base::ErrorKind::denied);
  const support::Signed second = referral(*police_, *shelter_);
  EXPECT_TRUE(submit(police, second).decision.accepted()) << "its mail waits";

  govern({network_.reinstatement(*shelter_)});
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->messages.size(), 2u);
}

TEST_F(ServiceTest, AnothersStatementIsAnAlarm) {
  const std::uint64_t before = log_size();
  EXPECT_EQ(answer_to(*raw(shelter_->transport), referral(*police_, *shelter_)), WireError::wrong_submitter);
  EXPECT_EQ(lines_with("event=wrong_submitter member=" + base::to_hex(shelter_->id.view())), 1u);
  EXPECT_EQ(log_size(), before);
}

TEST_F(ServiceTest, EveryCutOfASubmissionIsMalformed) {
  const std::uint64_t before = log_size();
  wire::Request request;
  request.body = wire::SubmitRequest{{referral(*police_, *shelter_).parts}};
  const base::Bytes frame = wire::encode_request(request).value();
  const auto requester = raw(police_->transport);
  for (std::size_t size = 0; size < frame.size(); size += size < 64 ? 1 : 97) {
    EXPECT_EQ(ask(*requester, base::ByteView(frame).first(size)).status, WireError::malformed) << size;
  }
  EXPECT_EQ(log_size(), before);
}

// --- the clock

TEST_F(ServiceTest, ClockThatIsSetStopsAppendingNotReading) {
  const auto requester = raw(police_->transport);
  EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::none);
  set_clock_.ahead_ms = 61'000;
  EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::clock);
  set_clock_.ahead_ms = 0;
  EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::clock) << "until somebody has looked";
  EXPECT_EQ(ask(*requester, wire::EntryRequest{}).status, WireError::none);
  EXPECT_EQ(lines_with("event=clock_not_trusted trouble=stepped"), 1u);
  restart();
  EXPECT_EQ(answer_to(*raw(police_->transport), referral(*police_, *shelter_)), WireError::clock)
      << "a start by itself confirms nothing";
  const std::uint64_t before = log_size();
  restart_as_it_is(true);
  EXPECT_EQ(lines_with("event=clock_confirmed trouble=stepped"), 1u);
  EXPECT_EQ(log_size(), before + 1) << "the confirmation is an entry";
  EXPECT_EQ(answer_to(*raw(police_->transport), referral(*police_, *shelter_)), WireError::none);
  restart();
  EXPECT_EQ(answer_to(*raw(police_->transport), referral(*police_, *shelter_)), WireError::none);
}

TEST_F(ServiceTest, ARightClockNeedsNoEntry) {
  const std::uint64_t before = log_size();
  restart_as_it_is(true);
  EXPECT_EQ(log_size(), before);
}

TEST_F(ServiceTest, AStartALittleBehindTheLogWaitsForTheClock) {
  set_clock_.ahead_ms = -30'000;
  restart_as_it_is();
  const auto requester = raw(police_->transport);
  EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::busy);
  EXPECT_EQ(ask(*requester, wire::EntryRequest{}).status, WireError::none);
  set_clock_.ahead_ms = 0;
  EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::none);
}

TEST_F(ServiceTest, AStartFarBehindTheLogAppendsNothing) {
  set_clock_.ahead_ms = -600'000;
  restart_as_it_is();
  EXPECT_EQ(answer_to(*raw(police_->transport), referral(*police_, *shelter_)), WireError::clock);
  EXPECT_EQ(lines_with("event=clock_not_trusted trouble=behind_log"), 1u);
}

// --- the disk

TEST_F(ServiceTest, IoErrorAtTheSegmentGivesNoReceiptAndEndsTheBroker) {
  const support::Signed sent = referral(*police_, *shelter_);
  const std::uint64_t before = log_size();
  {
    support::FaultyDisk disk(state_path());
    disk.fail_after(0, EIO, true);
    EXPECT_EQ(answer_to(*raw(police_->transport), sent), WireError::stopped);
    for (int i = 0; i < 500 && !service_->failed(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(service_->failed());
    service_.reset();
  }
  restart();
  EXPECT_EQ(log_size(), before);
  EXPECT_EQ(answer_to(*raw(police_->transport), sent), WireError::none);
  EXPECT_EQ(log_size(), before + 1);
}

TEST_F(ServiceTest, FullDiskIsAnsweredReadingGoesOnAndRoomMendsIt) {
  const auto requester = raw(police_->transport);
  const support::Signed sent = referral(*police_, *shelter_);
  support::FaultyDisk disk(state_path());
  for (int i = 0; i < 3; ++i) {
    // The one that is written to: meanwhile the next one is made ready.
    disk.fail_after(0, ENOSPC, false, current_segment());
    EXPECT_EQ(answer_to(*requester, sent), WireError::full);
    EXPECT_EQ(ask(*requester, wire::HelloRequest{}).status, WireError::none);
    EXPECT_EQ(ask(*requester, wire::EntryRequest{}).status, WireError::none);
  }
  EXPECT_EQ(lines_with("event=batch_failed"), 1u) << "once, not with every try";
  EXPECT_FALSE(service_->failed());
  disk.mend();
  EXPECT_EQ(answer_to(*requester, sent), WireError::none);
  EXPECT_EQ(lines_with("event=storing_again"), 1u);
}

// An answer rests on the segment; the database may follow when there is room again.
TEST_F(ServiceTest, ADatabaseWithoutRoomDelaysNoAnswer) {
  const auto requester = raw(police_->transport);
  const std::uint64_t before = log_size();
  {
    support::FaultyDisk disk(state_path());
    disk.fail_after(0, ENOSPC, true, "/data.mdb");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::none);
    wait_for_line("event=settle_failed");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(lines_with("event=settle_failed"), 1u) << "once, not with every try";
    EXPECT_FALSE(service_->failed());
    EXPECT_EQ(log_size(), before + 3);
    disk.mend();
    wait_for_line("event=settling_again");
    disk.fail_after(0, ENOSPC, true, "/data.mdb");
    EXPECT_EQ(answer_to(*requester, referral(*police_, *shelter_)), WireError::none);
    service_.reset();  // its clean end finds no room, and loses nothing
  }
  restart();
  EXPECT_EQ(log_size(), before + 4);
  EXPECT_EQ(lines_with("event=recovered entries=1"), 1u);
}

TEST_F(ServiceTest, FullDiskDoesNotKeepTheBrokerFromStarting) {
  const std::string port = endpoint().substr(endpoint().rfind(':') + 1);
  service_.reset();
  std::ofstream(config_path()) << "state = \"" << state_path() << "\"\nkeys = \"" << keys_path()
                               << "\"\n[listen]\nport = " << port << "\n";
  support::FaultyDisk disk(state_path());
  disk.fail_after(0, ENOSPC, true, "/endpoint");
  restart();
  ASSERT_TRUE(service_);
  EXPECT_EQ(lines_with("event=endpoint_not_written"), 1u);
}

TEST_F(ServiceTest, ManyMembersAtOnceAllGetTheirReceipts) {
  constexpr int kThreads = 4;
  constexpr int kEach = 15;
  std::vector<std::vector<support::Signed>> sent(kThreads);
  for (auto& list : sent) {
    for (int i = 0; i < kEach; ++i) list.push_back(referral(*police_, *shelter_));
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Client police = connect(*police_);
      for (const support::Signed& one : sent[static_cast<std::size_t>(t)]) {
        EXPECT_TRUE(submit(police, one).decision.accepted());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Client shelter = connect(*shelter_);
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->messages.size(), static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(service_->counters().failed_batches, 0u);
}

TEST_F(ServiceTest, NothingButIdsStandsInTheLog) {
  Client police = connect(*police_);
  submit(police, referral(*police_, *shelter_));
  service_.reset();
  EXPECT_EQ(lines_.find(base::to_hex(network_.log_key().seed().view())), std::string::npos);
  EXPECT_EQ(lines_.find("error"), std::string::npos) << lines_;
}

}  // namespace
}  // namespace besa::broker
