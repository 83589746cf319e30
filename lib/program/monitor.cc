#include "program/monitor.h"

#include <unistd.h>

#include <fstream>

#include "program/version.h"

namespace besa::program {
namespace {

constexpr unsigned kConnections = 8;
constexpr unsigned kIdleSeconds = 10;
constexpr const char* kText = "text/plain; charset=utf-8";

HttpResponse state(const std::string& reason) {
  return {reason.empty() ? 200U : 503U, kText, (reason.empty() ? std::string("ok") : reason) + "\n"};
}

// What the kernel counts as ours in memory. Source: proc(5), statm.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

base::Result<std::unique_ptr<Monitor>> Monitor::start(const std::string& address, std::uint16_t port,
                                                      MonitorAnswers answers) {
  std::unique_ptr<Monitor> monitor(new Monitor(std::move(answers)));
  HttpServerOptions options;
  options.address = address;
  options.port = port;
  options.connections = kConnections;
  options.idle_seconds = kIdleSeconds;
  const Monitor* self = monitor.get();
  BESA_ASSIGN(monitor->server_,
              HttpServer::start(options, [self](const HttpRequest& request) { return self->answer(request); }));
  return monitor;
}

HttpResponse Monitor::answer(const HttpRequest& request) const {
  if (request.method != "GET") return {405, kText, "only GET\n"};
  if (request.path == "/metrics") return {200, kMetricsType, metrics()};
  if (request.path == "/healthz") return state(answers_.ill());
  if (request.path == "/readyz") return state(answers_.not_ready());
  return {404, kText, "there are /metrics, /healthz and /readyz\n"};
}

std::string Monitor::metrics() const {
  MetricsPage page;
  page.gauge("besa_build_info", "1; the label names the version.", 1, {{"version", kVersion}});
  page.gauge("besa_up", "1 while the threads move.", answers_.ill().empty() ? 1 : 0);
  page.gauge("besa_ready", "1 while the program does what it is for; /readyz says why not.",
             answers_.not_ready().empty() ? 1 : 0);
  page.gauge("besa_memory_resident_bytes", "Memory of the process.", resident_bytes());
  answers_.metrics(page);
  return page.text();
}

}  // namespace besa::program
