// Several rounds of one measurement.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace besa::bench {

// The rounds' results, in whatever unit; what is reported is their median, their lowest and their highest.
class Series {
 public:
  void add(double value) { values_.push_back(value); }
  std::size_t rounds() const { return values_.size(); }
  double median() const { return at(0.5); }
  double lowest() const { return at(0); }
  double highest() const { return at(1); }
  // The value below which this part of all lies, from 0 to 1.
  double at(double part) const {
    BESA_CHECK(!values_.empty());
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const std::size_t last = sorted.size() - 1;
    return sorted[static_cast<std::size_t>(static_cast<double>(last) * part + 0.5)];
  }

 private:
  std::vector<double> values_;
};

// Microseconds of a clock that never falls, the same in all processes of a machine.
inline double steady_us() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Microseconds that all threads of this process have spent on a processor.
inline double own_cpu_us() {
  rusage usage{};
  BESA_CHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

}  // namespace besa::bench
