// What this machine can do, measured with the libraries alone: nothing of Besa runs here but the names of its sizes.
// The limits of the scenarios are computed from these figures; see docs/performance.md for the formula.
#pragma once

#include <filesystem>

#include "tests/bench/series.h"

namespace besa::bench {

// Bytes of one message and of what answers it, as they travelled.
struct Sizes {
  std::size_t body = 0;
  std::size_t blocks = 0;
  std::size_t ciphertext = 0;
  std::size_t entry = 0;
  std::size_t request_one = 0;  // frame with one statement
  std::size_t reply_one = 0;
  std::size_t request_many = 0;  // frame with 64
  std::size_t reply_many = 0;
  std::size_t pull_many = 0;  // reply with 64 messages

  std::size_t stored() const { return body + blocks + ciphertext + entry; }
};

// Microseconds. `cpu` is time of a processor, all others are time that passes.
struct Machine {
  Series verify;         // one Ed25519 signature, cpu
  Series sign;           // cpu
  Series hashes;         // SHA-256 over what a broker must hash of one message, cpu
  Series proof;          // SHA-256 over an inclusion path of 20, cpu
  Series flush;          // write of one message into a file of zeros, and fdatasync
  Series commit;         // one durable LMDB commit of one message's rows
  Series store;          // of one message of 256 stored together: rows, commit, segment and flush, cpu
  Series round_trip;     // a request of one statement and its reply over CURVE on loopback
  Series exchange;       // both ends' share of one message in a frame of 64 and its reply, cpu
  Series pull_exchange;  // the same for a pull that brings 64, cpu
};

// `folder` lies where the broker's state lies.
Machine measure_machine(const Sizes& sizes, const std::filesystem::path& folder, int rounds, bool quick);

}  // namespace besa::bench
