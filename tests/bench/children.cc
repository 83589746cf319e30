#include "tests/bench/children.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/check.h"
#include "tests/bench/series.h"

namespace besa::bench {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    int ends[2];
    BESA_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    read = ends[0];
    write = ends[1];
  }
};

void send_all(int pipe, const void* bytes, std::size_t size) {
  const char* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t sent = ::write(pipe, at, size);
    BESA_CHECK(sent > 0);
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

bool read_all(int pipe, void* bytes, std::size_t size) {
  char* at = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t got = ::read(pipe, at, size);
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

struct Child {
  pid_t process = -1;
  Pipe to;    // one byte: begin
  Pipe from;  // one byte: ready; then what came out
};

Done work_when_all_are_ready(const Child& child, const Work& work) {
  double cpu_before = 0;
  Done done = work([&] {
    const char ready = 1;
    send_all(child.from.write, &ready, 1);
    char begin = 0;
    if (!read_all(child.to.read, &begin, 1)) std::_Exit(1);
    cpu_before = own_cpu_us();
  });
  done.cpu_us = own_cpu_us() - cpu_before;
  return done;
}

// In a thread, which takes its memory from pages of its own: every write to a page that the parent has too would be
// paid for with a copy of the page, which no client pays.
[[noreturn]] void be_child(const Child& child, const Work& work) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  Done done;
  std::thread([&] { done = work_when_all_are_ready(child, work); }).join();
  const std::size_t parts = done.parts_us.size();
  send_all(child.from.write, &done.from_us, sizeof done.from_us);
  send_all(child.from.write, &done.to_us, sizeof done.to_us);
  send_all(child.from.write, &done.cpu_us, sizeof done.cpu_us);
  send_all(child.from.write, &parts, sizeof parts);
  send_all(child.from.write, done.parts_us.data(), parts * sizeof(double));
  std::fflush(nullptr);
  std::_Exit(0);
}

[[noreturn]] void give_up(const std::vector<Child>& children) {
  for (const Child& child : children) ::kill(child.process, SIGKILL);
  std::fputs("bench: a client failed; its message is above, and the broker's log is kept with --keep\n", stderr);
  std::exit(1);
}

bool read_done(const Child& child, Done& done) {
  std::size_t parts = 0;
  if (!read_all(child.from.read, &done.from_us, sizeof done.from_us) ||
      !read_all(child.from.read, &done.to_us, sizeof done.to_us) ||
      !read_all(child.from.read, &done.cpu_us, sizeof done.cpu_us) ||
      !read_all(child.from.read, &parts, sizeof parts)) {
    return false;
  }
  done.parts_us.resize(parts);
  return read_all(child.from.read, done.parts_us.data(), parts * sizeof(double));
}

}  // namespace

std::vector<Done> run_together(const std::vector<Work>& works) {
  std::vector<Child> children;
  for (const Work& work : works) {
    Child& child = children.emplace_back();
    child.process = ::fork();
    BESA_CHECK(child.process >= 0);
    if (child.process == 0) be_child(child, work);
    ::close(child.from.write);
    ::close(child.to.read);
  }
  for (const Child& child : children) {
    char ready = 0;
    if (!read_all(child.from.read, &ready, 1)) give_up(children);
  }
  for (const Child& child : children) send_all(child.to.write, "", 1);
  std::vector<Done> out;
  for (const Child& child : children) {
    if (!read_done(child, out.emplace_back())) give_up(children);
    ::close(child.from.read);
    ::close(child.to.write);
    BESA_CHECK(::waitpid(child.process, nullptr, 0) == child.process);
  }
  return out;
}

}  // namespace besa::bench
