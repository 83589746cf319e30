// Memory that comes to an end. libzmq keeps the frames of a message outside every limit of ours until the last has
// come, so that a member which never ends one is stopped by the kernel's limit alone. There the broker cuts it off or
// ends, is started again, and has lost nothing. Row 13 of the project's list of attacks.
#include <signal.h>
#include <sys/resource.h>
#include <zmq.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/integration/broker/real_broker.h"
#include "transport/client_connection.h"

namespace besa::broker {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::size_t kFrameBytes = 256 * 1024;
constexpr std::size_t kConnections = 50;
constexpr std::size_t kFrames = 8'192;  // 2 GiB, far more than it may have
constexpr milliseconds kMostToStart{2'000};
constexpr int kStarts = 3;  // the quickest counts, without what it waited for a processor: the machine may be busy

class FloodTest : public RealBroker {
 protected:
  void SetUp() override {
    begin_log();
    run_it();
    populate();
    Client police = connect(*police_);
    for (int i = 0; i < 10; ++i) send(police);
  }
  void run_it() {
    std::filesystem::remove(state_path() + "/endpoint");
    broker_.start(BESA_BROKER, {"run", "--config", config_path()}, folder_ / "log");
    ASSERT_FALSE(support::await_line(state_path() + "/endpoint").empty()) << "the broker did not start";
  }
  // Private memory that it may write to: what RLIMIT_DATA counts.
  std::uint64_t data_bytes() const {
    std::ifstream status("/proc/" + std::to_string(broker_.id()) + "/status");
    for (std::string word; status >> word;) {
      std::uint64_t kib = 0;
      if (word == "VmData:" && status >> kib) return kib * 1024;
    }
    return 0;
  }
  // How long its threads were ready and did not run.
  milliseconds without_a_processor() const {
    std::uint64_t sum_ns = 0;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(broker_.id()) + "/task")) {
      std::ifstream times(thread.path() / "schedstat");
      std::uint64_t ran_ns = 0;
      std::uint64_t waited_ns = 0;
      if (times >> ran_ns >> waited_ns) sum_ns += waited_ns;
    }
    return std::chrono::duration_cast<milliseconds>(std::chrono::nanoseconds(sum_ns));
  }
  // From now on, of the living broker.
  void allow_more(std::uint64_t bytes) const {
    const rlimit limit{data_bytes() + bytes, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(broker_.id(), RLIMIT_DATA, &limit, nullptr), 0);
  }
  void send(Client& client) {
    network_.now = clock_.now();
    const auto sent = network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
    acknowledged_.emplace_back(sent, submit(client, sent));
  }
  // Started again, it serves what was acknowledged within two seconds.
  void expect_back() {
    milliseconds quickest = milliseconds::max();
    for (int i = 0; i < kStarts && quickest > kMostToStart; ++i) {
      if (i > 0) broker_.end(SIGKILL);
      const auto begun = Clock::now();
      run_it();
      const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
      quickest = std::min(quickest, took - without_a_processor());
    }
    EXPECT_LE(quickest, kMostToStart);
    Client police = connect(*police_);
    for (const auto& [sent, entry] : acknowledged_) EXPECT_EQ(submit(police, sent, true), entry);
    send(police);
    EXPECT_EQ(broker_.end(SIGTERM), 0);
  }

  support::RunningProgram broker_;
  std::vector<std::pair<support::Signed, core::Entry>> acknowledged_;
};

// A member's connection. What it sends shares one buffer, so that this process stays small.
class Flood {
 public:
  Flood(const std::string& endpoint, const base::TransportKey& server, const support::Agency& agency) {
    const transport::Wakeup never;
    const transport::CurveClient curve{server, agency.transport.public_key(), agency.transport.view()};
    auto opened = transport::ClientConnection::open(context_, "flood", endpoint, curve, "");
    BESA_CHECK(opened.has_value());
    connection_ = std::move(*opened);
    admitted_ = connection_.wait_handshake(transport::monotonic_ms() + 20'000, never) == transport::Handshake::admitted;
  }
  bool is_admitted() const { return admitted_; }
  // libzmq's client begins to send once it has the last frame.
  bool send(std::size_t frames, std::size_t frame_bytes) {
    buffer_.assign(frame_bytes, 7);
    for (std::size_t i = 1; i <= frames; ++i) {
      zmq_msg_t frame;
      BESA_CHECK(zmq_msg_init_data(&frame, buffer_.data(), buffer_.size(), nullptr, nullptr) == 0);
      const int flags = ZMQ_DONTWAIT | (i < frames ? ZMQ_SNDMORE : 0);
      if (zmq_msg_send(&frame, connection_.socket().get(), flags) < 0) return false;
    }
    return true;
  }
  bool is_cut_off() { return connection_.lost(); }

 private:
  bool admitted_ = false;
  base::Bytes buffer_;
  transport::ZmqContext context_;
  transport::ClientConnection connection_;
};

TEST_F(FloodTest, AMessageWithoutEndMeetsTheKernelsLimitAndNothingIsLost) {
  const std::uint64_t allowed = data_bytes() + 128 * kMiB;
  allow_more(128 * kMiB);
  Flood flood(endpoint(), network_.broker_transport().public_key(), *shelter_);
  ASSERT_TRUE(flood.is_admitted());
  ASSERT_TRUE(flood.send(kFrames, kFrameBytes));
  std::uint64_t most = 0;
  const auto end = Clock::now() + std::chrono::seconds(60);
  while (!broker_.has_ended() && !flood.is_cut_off() && Clock::now() < end) {
    most = std::max(most, data_bytes());
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_LE(most, allowed);
  const auto ended = broker_.ended(2'000);
  if (ended) {
    EXPECT_LT(*ended, 0) << "by a signal, after which a service manager starts it again";
  } else {
    ASSERT_LT(Clock::now(), end) << "neither cut off nor ended";
    Client police = connect(*police_);
    send(police);
    broker_.end(SIGKILL);
  }
  expect_back();
}

TEST_F(FloodTest, MessagesOfManyFramesEndWithinAFewMebibytes) {
  const std::uint64_t before = data_bytes();
  std::uint64_t most = 0;
  for (const std::size_t frames : {1U, 3U, 10'000U}) {
    Flood flood(endpoint(), network_.broker_transport().public_key(), *shelter_);
    ASSERT_TRUE(flood.is_admitted());
    ASSERT_TRUE(flood.send(frames, 64));
    const auto end = Clock::now() + milliseconds(500);
    for (; Clock::now() < end; std::this_thread::sleep_for(milliseconds(5))) most = std::max(most, data_bytes());
  }
  EXPECT_LE(most, before + 64 * kMiB);
  broker_.end(SIGKILL);
  expect_back();
}

// Whatever is refused memory first: it never stands there half dead.
TEST_F(FloodTest, ABrokerThatRunsOutOfMemoryEndsAndNothingIsLost) {
  Client police = connect(*police_);
  allow_more(0);
  std::vector<std::unique_ptr<Flood>> floods;
  const auto end = Clock::now() + std::chrono::seconds(60);
  while (!broker_.has_ended() && Clock::now() < end) {
    network_.now = clock_.now();
    const auto sent = network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
    const auto answers = police->submit({{sent.parts, false}});
    if (!answers) break;
    if (answers->at(0).entry) acknowledged_.emplace_back(sent, answers->at(0).entry->entry);
    if (floods.size() < kConnections) {
      floods.push_back(std::make_unique<Flood>(endpoint(), network_.broker_transport().public_key(), *shelter_));
      static_cast<void>(floods.back()->send(1, kFrameBytes));  // it may have ended
    }
  }
  const auto ended = broker_.ended(20'000);
  ASSERT_TRUE(ended) << "it does not end";
  EXPECT_NE(*ended, 0);
  expect_back();
}

}  // namespace
}  // namespace besa::broker
