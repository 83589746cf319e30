// A node in numbers: no member, message or name of anybody stands in them, not even as a label.
#pragma once

#include "agents/node/node.h"
#include "program/metrics.h"

namespace besa::node {

// Any thread: takes the node's lock for a moment.
void write_metrics(Node& node, program::MetricsPage& page);

// Why the node does not do what it is for, in words without anything of anybody; empty while it does. Any thread.
std::string not_ready(Node& node);

}  // namespace besa::node
