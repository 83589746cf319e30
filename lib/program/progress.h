// Progress of long work on stderr, rewritten in place, only when stderr is a terminal; otherwise silent, so that logs
// and pipes stay clean.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace besa::program {

class Progress {
 public:
  // `what` in plain words: "checking signatures". `total` 0: unknown.
  Progress(std::string what, std::uint64_t total);
  // For tests: where to write and whether that is a terminal.
  Progress(std::string what, std::uint64_t total, std::FILE* out, bool terminal);
  ~Progress();  // removes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows "checking signatures: 1200 of 5000 (24 %)"; at most ten times a second.
  void at(std::uint64_t done);

 private:
  std::string what_;
  std::uint64_t total_;
  std::FILE* out_;
  bool terminal_;
  bool shown_ = false;
  std::uint64_t last_ms_ = 0;
};

}  // namespace besa::program
