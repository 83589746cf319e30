// What an administrator's monitoring asks a daemon, on a port of loopback: GET only, and nothing in the answers that
// not every user of the machine may read.
//
//   /metrics   numbers for Prometheus
//   /healthz   200 while the threads move, otherwise 503 with the reason
//   /readyz    200 while the program does what it is for, otherwise 503 with the reason
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "program/clock.h"
#include "program/http_server.h"
#include "program/metrics.h"

namespace besa::program {

// Called on any thread, several at once. Reasons are words of our own, empty while all is well.
struct MonitorAnswers {
  std::function<void(MetricsPage&)> metrics;
  std::function<std::string()> ill;
  std::function<std::string()> not_ready;
};

class Monitor {
 public:
  // Errors: configuration (not an address of loopback, port in use), io.
  [[nodiscard]] static base::Result<std::unique_ptr<Monitor>> start(const std::string& address, std::uint16_t port,
                                                                    MonitorAnswers answers);
  std::uint16_t port() const { return server_->port(); }

 private:
  explicit Monitor(MonitorAnswers answers) : answers_(std::move(answers)) {}
  HttpResponse answer(const HttpRequest& request) const;
  std::string metrics() const;

  MonitorAnswers answers_;
  std::unique_ptr<HttpServer> server_;  // last: it ends first
};

}  // namespace besa::program
