// A gate whose handshake handler is not what it must be does not start: the self-test takes nothing but a clear refusal
// for a proof. (Row 36 of the attacks: handler dead, slow, malformed, generous without a user.)
#include "transport/self_test.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "tests/unit/transport/world.h"
#include "transport/zmq_handles.h"

namespace besa::transport::test {
namespace {

enum class Handler { refuses, admits_without_user, admits, malformed, few_frames, silent, dead };

struct Case {
  const char* name;
  Handler handler;
  bool starts;
};

// A CURVE server on loopback with a handler of our choice.
class Server {
 public:
  explicit Server(Handler handler) : handler_(handler), zap_(context_, ZMQ_REP), router_(context_, ZMQ_ROUTER) {
    EXPECT_TRUE(zap_.set(ZMQ_LINGER, 0));
    if (handler_ != Handler::dead) {
      EXPECT_EQ(zmq_bind(zap_.get(), "inproc://zeromq.zap.01"), 0);
      thread_ = std::thread([this] { answer(); });
    }
    EXPECT_TRUE(set_common_options(router_) && router_.set(ZMQ_ZAP_DOMAIN, std::string_view{"besa"}) &&
                router_.set(kZapEnforceDomain, 1) && router_.set(ZMQ_CURVE_SERVER, 1) &&
                router_.set(ZMQ_CURVE_SECRETKEY, secret_.view()));
    EXPECT_EQ(zmq_bind(router_.get(), "tcp://127.0.0.1:*"), 0);
    std::array<char, 256> text{};
    std::size_t size = text.size();
    EXPECT_EQ(zmq_getsockopt(router_.get(), ZMQ_LAST_ENDPOINT, text.data(), &size), 0);
    endpoint_ = text.data();
  }
  ~Server() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  base::Status self_test() const { return strangers_are_refused(endpoint_, secret_.public_key()); }

 private:
  void answer() {
    while (!stop_) {
      zmq_pollitem_t item{zap_.get(), 0, ZMQ_POLLIN, 0};
      if (zmq_poll(&item, 1, 50) <= 0) continue;
      ZmqMessage first;
      ZmqMessage id;
      if (!first.receive(zap_) || !id.receive(zap_)) continue;
      const base::Bytes request(id.view().begin(), id.view().end());
      drain(zap_, id);
      while (handler_ == Handler::silent && !stop_) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      reply(request);
    }
  }
  void reply(const base::Bytes& request) {
    const auto text = [](std::string_view t) { return base::as_bytes(t); };
    if (handler_ == Handler::few_frames) {
      static_cast<void>(zap_.send(text("1.0"), true) && zap_.send(request, false));
      return;
    }
    const std::string_view version = handler_ == Handler::malformed ? "9.9" : "1.0";
    const std::string_view code = handler_ == Handler::refuses ? "400" : "200";
    const std::string_view user = handler_ == Handler::admits ? "somebody" : "";
    static_cast<void>(zap_.send(text(version), true) && zap_.send(request, true) && zap_.send(text(code), true) &&
                      zap_.send(text(""), true) && zap_.send(text(user), true) && zap_.send(text(""), false));
  }

  const Handler handler_;
  const crypto::TransportSecret secret_ = crypto::TransportSecret::generate();
  ZmqContext context_;
  ZmqSocket zap_;
  ZmqSocket router_;
  std::string endpoint_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

class SelfTest : public testing::TestWithParam<Case> {};

TEST_P(SelfTest, OnlyAClearRefusalIsAProof) {
  const Server server(GetParam().handler);
  const base::Status result = server.self_test();
  EXPECT_EQ(result.has_value(), GetParam().starts) << (result ? "started" : result.error().message);
  if (!result) {
    EXPECT_EQ(result.error().kind, base::ErrorKind::configuration);
  }
}

INSTANTIATE_TEST_SUITE_P(Handlers, SelfTest,
                         testing::Values(Case{"Refuses", Handler::refuses, true},
                                         Case{"AdmitsWithoutUser", Handler::admits_without_user, false},
                                         Case{"Admits", Handler::admits, false},
                                         Case{"Malformed", Handler::malformed, false},
                                         Case{"FewFrames", Handler::few_frames, false},
                                         Case{"Silent", Handler::silent, false}, Case{"Dead", Handler::dead, false}),
                         [](const auto& param) { return std::string{param.param.name}; });

}  // namespace
}  // namespace besa::transport::test
