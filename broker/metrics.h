// The broker in numbers. No id stands in any of them, not even as a label: member ids are pseudonyms, whoever reads a
// monitoring server could tell from them which agency is busy when, and the administrator needs none to run a broker.
#pragma once

#include "broker/census.h"
#include "broker/counters.h"
#include "broker/door.h"
#include "broker/sequencer.h"
#include "program/clock.h"
#include "program/metrics.h"
#include "transport/gate.h"

namespace besa::broker {

// What the sequencer's thread measures. Any thread reads.
struct Measures {
  program::Histogram batch_entries{{1, 4, 16, 64, 128, 256, 512, 1'024}};
  program::Histogram step_seconds{{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5}};
  std::atomic<bool> storing_fails{false};
};

struct MetricSources {
  const Counters& counters;
  const Measures& measures;
  const transport::GateCounters& gate;
  const journal::Journal& journal;
  const Sequencer& sequencer;
  const CensusTaker& census;
  const Door& door;
  const program::Clock& clock;
};

// Any thread. Cost: reads the members of one snapshot; what waits was counted before, and the page says when.
void write_metrics(const MetricSources& sources, program::MetricsPage& page);

}  // namespace besa::broker
