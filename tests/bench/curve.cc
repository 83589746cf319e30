#include "tests/bench/curve.h"

#include <zmq.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/bench/children.h"
#include "tests/bench/series.h"

namespace besa::bench {
namespace {

constexpr int kCurveKeyText = 41;  // Z85, with the zero at its end

struct Pair {
  char key[kCurveKeyText];
  char secret[kCurveKeyText];
  Pair() { BESA_CHECK(zmq_curve_keypair(key, secret) == 0); }
};

void set(void* socket, int option, int value) { BESA_CHECK(zmq_setsockopt(socket, option, &value, sizeof value) == 0); }
void set(void* socket, int option, const char* text) {
  BESA_CHECK(zmq_setsockopt(socket, option, text, kCurveKeyText) == 0);
}

void answer(void* router, std::size_t reply_bytes, int times) {
  const std::string reply(reply_bytes, 'r');
  std::vector<char> name(16);
  std::vector<char> request(std::size_t{1} << 20);
  for (int i = 0; i < times; ++i) {
    const int named = zmq_recv(router, name.data(), name.size(), 0);
    BESA_CHECK(named > 0 && zmq_recv(router, request.data(), request.size(), 0) > 0);
    BESA_CHECK(zmq_send(router, name.data(), static_cast<std::size_t>(named), ZMQ_SNDMORE) >= 0);
    BESA_CHECK(zmq_send(router, reply.data(), reply.size(), 0) >= 0);
  }
}

void ask(void* dealer, const std::string& request, std::vector<char>& reply) {
  BESA_CHECK(zmq_send(dealer, request.data(), request.size(), 0) >= 0);
  BESA_CHECK(zmq_recv(dealer, reply.data(), reply.size(), 0) > 0);
}

Done exchange(std::size_t request_bytes, std::size_t reply_bytes, int times) {
  const Pair server;
  const Pair client;
  void* context = zmq_ctx_new();
  void* router = zmq_socket(context, ZMQ_ROUTER);
  set(router, ZMQ_CURVE_SERVER, 1);
  set(router, ZMQ_CURVE_SECRETKEY, server.secret);
  BESA_CHECK(zmq_bind(router, "tcp://127.0.0.1:*") == 0);
  char endpoint[64];
  std::size_t size = sizeof endpoint;
  BESA_CHECK(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
  void* dealer = zmq_socket(context, ZMQ_DEALER);
  set(dealer, ZMQ_CURVE_SERVERKEY, server.key);
  set(dealer, ZMQ_CURVE_PUBLICKEY, client.key);
  set(dealer, ZMQ_CURVE_SECRETKEY, client.secret);
  BESA_CHECK(zmq_connect(dealer, endpoint) == 0);

  const std::string request(request_bytes, 'q');
  std::vector<char> reply(std::size_t{1} << 20);
  std::thread answering([&] { answer(router, reply_bytes, times + 1); });
  ask(dealer, request, reply);  // the handshake is not measured
  Done done;
  const double from = own_cpu_us();
  for (int i = 0; i < times; ++i) {
    const double sent = steady_us();
    ask(dealer, request, reply);
    done.parts_us.push_back(steady_us() - sent);
  }
  done.to_us = (own_cpu_us() - from) / times;
  answering.join();
  zmq_close(dealer);
  zmq_close(router);
  zmq_ctx_term(context);
  return done;
}

}  // namespace

Exchanged measure_curve(std::size_t request_bytes, std::size_t reply_bytes, int times) {
  const Done done = run_alone([&](const std::function<void()>& ready) {
    ready();
    return exchange(request_bytes, reply_bytes, times);
  });
  Series passed;
  for (const double part : done.parts_us) passed.add(part);
  return {passed.median(), done.to_us};
}

}  // namespace besa::bench
