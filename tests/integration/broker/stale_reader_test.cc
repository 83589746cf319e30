// A backup that dies in the middle of its copy, while it reads the database: the broker goes on, forgets that reader
// within a minute, and the next backup succeeds. Row 34 of the project's list of attacks.
#include <signal.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "tests/integration/broker/real_broker.h"

namespace besa::broker {
namespace {

constexpr std::chrono::seconds kAMinute{75};  // and a busy machine

class StaleReaderTest : public RealBroker {
 protected:
  // The kernel kills it when a file grows past so many bytes.
  int backup_that_dies_at(const std::string& bytes) const {
    support::RunningProgram backup;
    backup.start("/usr/bin/prlimit",
                 {"--fsize=" + bytes, BESA_BROKER, "backup", "--config", config_path(), "--to", to()},
                 folder_ / "backup.log");
    return backup.end(0);
  }
  std::string to() const { return folder_ / "backup"; }
  support::Signed referral() {
    network_.now = clock_.now();
    return network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
  }
  bool is_logged(const std::string& wanted) const {
    std::ifstream log(folder_ / "log");
    for (std::string line; std::getline(log, line);) {
      if (line.find(wanted) != std::string::npos) return true;
    }
    return false;
  }
};

TEST_F(StaleReaderTest, ABackupThatDiesIsForgottenAndTheNextSucceeds) {
  begin_log();
  start();
  populate();
  const Resting sent = send_on_consent();
  Client police = connect(*police_);
  // In the copy of the database, where it reads; then in that of a segment, where it keeps purges waiting.
  for (const char* bytes : {"16384", "1048576"}) {
    EXPECT_EQ(backup_that_dies_at(bytes), -SIGXFSZ);
    EXPECT_FALSE(std::filesystem::exists(to()));
    EXPECT_TRUE(submit(police, referral()).decision.accepted());
  }
  Client shelter = connect(*shelter_);
  ASSERT_TRUE(
      submit(shelter, network_.person_withdrawal(*shelter_, sent.consent.reference, sent.code)).decision.accepted());
  const auto begun = std::chrono::steady_clock::now();
  const auto waits = [&] { return std::chrono::steady_clock::now() - begun < kAMinute; };
  while (waits() && (lies_in_a_segment(sent.message) || !is_logged("dead_readers_cleared"))) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_FALSE(lies_in_a_segment(sent.message)) << "a dead backup keeps nobody from purging";
  EXPECT_TRUE(is_logged("event=dead_readers_cleared readers=1"));
  EXPECT_TRUE(submit(police, referral()).decision.accepted());
  const support::Finished next = run({"backup", "--config", config_path(), "--to", to()});
  EXPECT_EQ(next.code, 0) << next.output;
  EXPECT_EQ(end(SIGTERM), 0);
}

}  // namespace
}  // namespace besa::broker
