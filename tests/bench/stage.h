// The network that is measured: a real broker process with a real log, four agencies that send, and one that receives.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/children.h"
#include "tests/bench/machine.h"
#include "tests/support/connect.h"
#include "tests/support/network.h"
#include "tests/support/process.h"

namespace besa::bench {

inline constexpr int kSenders = 4;
inline constexpr int kInFlight = 64;
inline constexpr std::size_t kPaddedBytes = 2'048;

class Stage {
 public:
  // Makes keys, genesis, members and policy below `folder`, and starts the broker. Ends the program if that fails.
  Stage(const std::string& broker_program, const std::filesystem::path& folder);

  support::Network& network() { return network_; }
  const support::Agency& sender(int number) const { return *senders_.at(static_cast<std::size_t>(number)); }
  const support::Agency& recipient() const { return *recipient_; }

  // Messages of one section of 2 KiB, signed and ready to go. Those of `parked` go to an agency that never pulls.
  std::vector<support::Signed> messages(int sender, int count, bool parked);

  // A session of this agency, greeted. In a child only.
  support::Client connect(const support::Agency& agency) const;
  // A child that submits these in frames of `in_flight`, times each frame, and checks every receipt.
  Work sending(int sender, const std::vector<support::Signed>& statements, int in_flight) const;

  // Sizes as they travelled, from one exchange over the socket.
  Sizes sizes();
  // Microseconds of processor that the broker has used so far.
  double broker_cpu_us() const;
  // Ends the broker; true if it ended well.
  bool end();

 private:
  void govern(const std::vector<support::Signed>& statements) const;

  std::filesystem::path folder_;
  support::Network network_;
  support::RunningProgram broker_;
  std::vector<support::Agency*> senders_;
  support::Agency* recipient_ = nullptr;
  support::Agency* parking_ = nullptr;
};

// Says it and ends the program.
[[noreturn]] void give_up(const std::string& why);

}  // namespace besa::bench
