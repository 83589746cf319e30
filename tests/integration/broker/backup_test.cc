// A backup of a broker that works, and what it is worth when the disk is gone.
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "journal/backup_lock.h"
#include "tests/integration/broker/real_broker.h"

namespace besa::broker {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BackupTest : public RealBroker {
 protected:
  void SetUp() override {
    begin_log();
    start();
    populate();
  }
  std::string backup_path() const { return folder_ / "backup"; }
  support::Finished back_up() const { return run({"backup", "--config", config_path(), "--to", backup_path()}); }
  support::Finished restore(bool verify = true) const {
    std::vector<std::string> arguments{"restore", "--config", config_path(), "--from", backup_path()};
    if (verify) arguments.emplace_back("--verify");
    return run(arguments);
  }
  support::Signed referral() {
    network_.now = clock_.now();
    return network_.message(*police_, *shelter_, {{core::Category::summary, core::Basis::legal_obligation}});
  }
  using Acknowledged = std::vector<std::pair<support::Signed, core::Entry>>;
  void send(Client& client, std::size_t count, Acknowledged& acknowledged) {
    for (std::size_t i = 0; i < count; ++i) {
      const support::Signed sent = referral();
      acknowledged.emplace_back(sent, submit(client, sent));
    }
  }
  void lose_disk() { fs::remove_all(state_path()); }
  std::string segment() const {
    for (const auto& file : fs::directory_iterator(backup_path() + "/journal/segments")) return file.path();
    return {};
  }
};

TEST_F(BackupTest, LiveUnderLoadHoldsAllThatWasAcknowledgedBefore) {
  Acknowledged before;
  Client police = connect(*police_);
  send(police, 40, before);
  std::atomic<bool> over{false};
  Acknowledged meanwhile;
  std::thread load([&] {
    while (!over) send(police, 1, meanwhile);
  });
  const support::Finished made = back_up();
  over = true;
  load.join();
  EXPECT_EQ(made.code, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("Keys and configuration are not in it"));
  EXPECT_EQ(end(SIGKILL), -SIGKILL);
  lose_disk();
  const support::Finished restored = restore();
  ASSERT_EQ(restored.code, 0) << restored.output;
  EXPECT_THAT(restored.output, HasSubstr("each decided again and equal"));
  EXPECT_THAT(restored.output, testing::ContainsRegex("\n[0-9]+:[0-9a-f]{64}\n")) << "for whoever accepts the loss";
  start();
  Client again = connect(*police_);
  for (const auto& [sent, entry] : before) EXPECT_EQ(submit(again, sent, true), entry);
  Client shelter = connect(*shelter_);
  const auto pulled = shelter->pull(64, {});
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_GE(pulled->messages.size(), before.size());
}

TEST_F(BackupTest, OfABrokerThatIsDown) {
  Acknowledged before;
  Client police = connect(*police_);
  send(police, 3, before);
  EXPECT_EQ(end(SIGTERM), 0);
  ASSERT_EQ(back_up().code, 0);
  lose_disk();
  ASSERT_EQ(restore(false).code, 0);
  start();
  Client again = connect(*police_);
  for (const auto& [sent, entry] : before) EXPECT_EQ(submit(again, sent, true), entry);
}

TEST_F(BackupTest, NothingIsEverOverwritten) {
  ASSERT_EQ(back_up().code, 0);
  const support::Finished second = back_up();
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.output, HasSubstr("stands there already"));
  EXPECT_EQ(end(SIGTERM), 0);
  const support::Finished over = restore();
  EXPECT_EQ(over.code, 1);
  EXPECT_THAT(over.output, HasSubstr("never goes over one"));
}

TEST_F(BackupTest, HoldsNoKey) {
  ASSERT_EQ(back_up().code, 0);
  const base::Bytes seed = base::to_bytes(network_.log_key().seed().view());
  const base::Bytes transport = base::to_bytes(network_.broker_transport().view());
  for (const auto& file : fs::recursive_directory_iterator(backup_path())) {
    if (!file.is_regular_file()) continue;
    EXPECT_NE(file.path().extension(), ".key") << file.path();
    EXPECT_EQ(fs::status(file.path()).permissions() & fs::perms(077), fs::perms::none) << file.path();
    const base::Bytes content = support::read_file(file.path());
    for (const base::ByteView key : {base::ByteView(seed), base::ByteView(transport)}) {
      EXPECT_EQ(base::as_text(content).find(base::as_text(key)), std::string_view::npos) << file.path();
      EXPECT_EQ(base::as_text(content).find(base::to_hex(key)), std::string_view::npos) << file.path();
    }
  }
}

TEST_F(BackupTest, AFileThatWasChangedIsNamedAndNothingIsRestored) {
  ASSERT_EQ(back_up().code, 0);
  EXPECT_EQ(end(SIGTERM), 0);
  lose_disk();
  const std::string path = segment();
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(100);
  file.put('\x55');
  file.close();
  const support::Finished refused = restore();
  EXPECT_EQ(refused.code, 3) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr(fs::path(path).filename().string()));
  EXPECT_FALSE(fs::exists(state_path() + "/journal"));
}

TEST_F(BackupTest, WhatDoesNotReadNamesItselfAndTheNextStep) {
  const support::Finished nowhere = run({"backup", "--config", config_path(), "--to", folder_ / "not-mounted/backup"});
  EXPECT_EQ(nowhere.code, 4) << nowhere.output;
  EXPECT_THAT(nowhere.output, HasSubstr("is the disk for backups mounted?"));
  EXPECT_FALSE(fs::exists(folder_ / "not-mounted"));
  ASSERT_EQ(back_up().code, 0);
  EXPECT_THAT(restore().output, HasSubstr("Stop the broker and move"));
  EXPECT_EQ(end(SIGTERM), 0);
  lose_disk();
  std::ofstream(backup_path() + "/backup.json") << "{";
  const support::Finished refused = restore();
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("backup.json: JSON"));
  EXPECT_THAT(refused.output, HasSubstr("take another one"));
}

TEST_F(BackupTest, AManifestThatNamesOtherFilesIsRefused) {
  ASSERT_EQ(back_up().code, 0);
  EXPECT_EQ(end(SIGTERM), 0);
  lose_disk();
  const auto manifest = [&](const std::string& path) {
    std::ofstream(backup_path() + "/backup.json")
        << R"({"format":"besa-backup-1","made_ms":1,"files":[{"path":")" << path << R"(","size":0,"sha256":")"
        << std::string(64, '0') << "\"}]}";
  };
  for (const char* path : {"../../etc/passwd", "/etc/passwd", "journal/segments/../x", "journal/segments/",
                           "journal/db/lock.mdb", "journal/segments/1a"}) {
    manifest(path);
    const support::Finished refused = restore();
    EXPECT_EQ(refused.code, 1) << path << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("no file of a backup")) << path;
  }
  EXPECT_FALSE(fs::exists(state_path() + "/journal"));
}

// What a backup that was killed leaves behind is in nobody's way.
TEST_F(BackupTest, LeftoversAreRemoved) {
  fs::create_directories(backup_path() + ".unfinished/journal/segments");
  std::ofstream(backup_path() + ".unfinished/journal/segments/99") << "rest";
  std::ofstream(backup_path() + ".unfinished/backup.unfinished").close();
  ASSERT_EQ(back_up().code, 0);
  EXPECT_FALSE(fs::exists(backup_path() + ".unfinished"));
  EXPECT_FALSE(fs::exists(backup_path() + "/journal/segments/99"));
  EXPECT_EQ(end(SIGTERM), 0);
  lose_disk();
  fs::create_directories(state_path() + "/restoring/journal/db");
  fs::permissions(state_path(), fs::perms::owner_all);
  std::ofstream(state_path() + "/restoring/journal/db/data.mdb") << "rest";
  EXPECT_EQ(restore().code, 0);
  EXPECT_FALSE(fs::exists(state_path() + "/restoring"));
}

TEST_F(BackupTest, WhatIsNotOursIsNotTouched) {
  fs::create_directories(backup_path() + ".unfinished");
  std::ofstream(backup_path() + ".unfinished/letter") << "mine";
  const support::Finished refused = back_up();
  EXPECT_EQ(refused.code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("is in the way"));
  EXPECT_TRUE(fs::exists(backup_path() + ".unfinished/letter"));
}

TEST_F(BackupTest, ATargetThatIsNoneIsRefusedAndLeavesNothing) {
  const auto to = [&](const std::string& target) { return run({"backup", "--config", config_path(), "--to", target}); };
  for (const char* none : {"", ".", "/", "./"}) EXPECT_NE(to(none).code, 0) << none;
  EXPECT_FALSE(fs::exists(".unfinished"));
  const support::Finished inside = to(state_path() + "/backup");
  EXPECT_EQ(inside.code, 78) << inside.output;
  EXPECT_THAT(inside.output, HasSubstr("would be lost with it"));
  const support::Finished slash = to(backup_path() + "/");
  EXPECT_EQ(slash.code, 0) << slash.output;
  EXPECT_TRUE(fs::exists(backup_path() + "/backup.json"));
  EXPECT_FALSE(fs::exists(backup_path() + "/backup.unfinished"));
}

// Nobody overwrites or removes under a backup's hands: not the housekeeper, not a clean end, not a start.
TEST_F(BackupTest, PurgingWaitsForABackup) {
  const Resting sent = send_on_consent();
  {
    const auto lock = journal::BackupLock::take(state_path() + "/journal");
    ASSERT_TRUE(lock) << lock.error().message;
    Client shelter = connect(*shelter_);
    ASSERT_TRUE(
        submit(shelter, network_.person_withdrawal(*shelter_, sent.consent.reference, sent.code)).decision.accepted());
    EXPECT_EQ(end(SIGTERM), 0);
    EXPECT_TRUE(lies_in_a_segment(sent.message));
    EXPECT_EQ(run({"dump", "--config", config_path()}).code, 0);
    start();
    EXPECT_TRUE(lies_in_a_segment(sent.message));
  }
  for (int i = 0; i < 500 && lies_in_a_segment(sent.message); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(lies_in_a_segment(sent.message));
}

TEST_F(BackupTest, ANewerProofOfARollbackStays) {
  EXPECT_EQ(end(SIGTERM), 0);
  const std::string proof = state_path() + "/rollback-seen";
  std::ofstream(proof) << "older";
  ASSERT_EQ(back_up().code, 0);
  fs::remove_all(state_path() + "/journal");
  std::ofstream(proof) << "newer";
  ASSERT_EQ(restore().code, 0);
  EXPECT_EQ(support::first_line(proof), "newer");
}

// A store has one writer, and a reader that was killed is forgotten.
TEST_F(BackupTest, ABackupThatIsKilledHoldsUpNothing) {
  Client police = connect(*police_);
  for (int i = 0; i < 4; ++i) {
    support::RunningProgram backup;
    backup.start(BESA_BROKER, {"backup", "--config", config_path(), "--to", backup_path()}, folder_ / "backup.log");
    std::this_thread::sleep_for(std::chrono::milliseconds(5 * (i + 1)));
    backup.end(SIGKILL);
    fs::remove_all(backup_path());
    EXPECT_TRUE(submit(police, referral()).decision.accepted());
  }
  EXPECT_EQ(back_up().code, 0);
  EXPECT_EQ(end(SIGTERM), 0);
}

}  // namespace
}  // namespace besa::broker
