// Work in processes of its own that begins at one moment. The parent starts no threads and opens no sockets, so that
// a fork is a clean copy.
#pragma once

#include <functional>
#include <vector>

namespace besa::bench {

struct Done {
  double from_us = 0;  // steady_us when the work began and ended
  double to_us = 0;
  double cpu_us = 0;             // of the process from the moment all were ready
  std::vector<double> parts_us;  // what the work timed one by one
};

// Prepares what it needs, calls `ready` once, which returns when all others are ready too, and works.
using Work = std::function<Done(const std::function<void()>& ready)>;

// Ends the program with a message if one of them fails: a benchmark without all its parts means nothing.
std::vector<Done> run_together(const std::vector<Work>& works);
inline Done run_alone(const Work& work) { return run_together({work}).front(); }

}  // namespace besa::bench
