// S1 to S3: what is measured with the real broker, and the limit that the machine's figures set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/machine.h"
#include "tests/bench/series.h"
#include "tests/bench/stage.h"

namespace besa::bench {

struct Scenario {
  std::string name;
  std::string what;
  std::string unit;
  bool lower_is_better = false;
  double goal = 0;   // of the ratio
  double limit = 0;  // in the unit
  Series measured;   // in the unit, one a round
  Series broker_us;  // processor of the broker, one message
  Series client_us;  // of all clients together
  double ratio() const { return measured.median() / limit; }
  bool met() const { return lower_is_better ? ratio() <= goal : ratio() >= goal; }
};

struct Plan {
  int rounds = 5;
  int singles = 500;  // messages of one round of S1
  int frames = 32;    // of 64 messages, of each of four clients, in one round of S2 and S3
};

// The limits, in microseconds of one message.
double s1_limit_us(const Machine& machine);
double s2_limit_us(const Machine& machine);
double s3_limit_us(const Machine& machine);
unsigned cores();

// Calls `step` before each round, for progress.
using Step = std::function<void(std::string_view scenario, int round)>;
Scenario measure_s1(Stage& stage, const Machine& machine, const Plan& plan, const Step& step);
Scenario measure_s2(Stage& stage, const Machine& machine, const Plan& plan, const Step& step);
Scenario measure_s3(Stage& stage, const Machine& machine, const Plan& plan, const Step& step);

}  // namespace besa::bench
