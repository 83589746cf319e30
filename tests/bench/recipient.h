// The agency that pulls: it verifies each message as a node does, and acknowledges up to 64 of one sender with one
// signature.
#pragma once

#include "tests/bench/stage.h"

namespace besa::bench {

// Works until so many messages are acknowledged.
Work receiving(Stage& stage, int messages);

}  // namespace besa::bench
