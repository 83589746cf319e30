// The n-th write or flush fails, for every n: nothing is acknowledged that is not there afterwards, nothing is there
// twice, and the broker goes on once the disk does. Rows 31 and 32 of the project's list of attacks.
#include <cerrno>

#include "broker/rebuild.h"
#include "tests/support/faulty_disk.h"
#include "tests/unit/broker/broker_world.h"

namespace besa::broker {
namespace {

using wire::WireError;

constexpr std::size_t kMostCalls = 200;  // far over what one batch makes

struct Fault {
  const char* name;
  int error;  // 0: a write is cut in half
  bool for_good;
  const char* only;  // a full disk still takes what is overwritten in place: segments
};

class DiskTest : public BrokerWorld, public testing::WithParamInterface<Fault> {
 protected:
  void SetUp() override {
    begin();
    disk_.emplace(folder_.path());
  }
  void TearDown() override {
    disk_.reset();
    const auto rebuilt = rebuild(*journal_, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(rebuilt) << rebuilt.error().message;
    EXPECT_FALSE(rebuilt->differs) << rebuilt->why;
  }
  bool on_disk(base::ByteView wanted) const {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!file.is_regular_file()) continue;
      const base::Bytes content = support::read_file(file.path());
      if (base::as_text(content).find(base::as_text(wanted)) != std::string_view::npos) return true;
    }
    return false;
  }
  std::optional<support::FaultyDisk> disk_;
};

TEST_P(DiskTest, NothingIsAcknowledgedThatIsNotThere) {
  std::size_t faults = 0;
  for (std::size_t n = 0; n < kMostCalls; ++n) {
    const Signed sent = referral();
    const std::uint64_t before = size();
    disk_->fail_after(n, GetParam().error, GetParam().for_good, GetParam().only);
    const wire::Receipt receipt = submit(sent, *police_);
    static_cast<void>(settle());
    const bool hit = disk_->has_failed();
    disk_->mend();
    if (hit) ++faults;
    if (receipt.status != WireError::none) {
      EXPECT_TRUE(receipt.status == WireError::full || receipt.status == WireError::stopped) << receipt.detail;
      EXPECT_EQ(receipt.status == WireError::stopped, journal_->failed());
    }
    // With room it goes on as it is; otherwise a new start looks at the disk.
    if (journal_->failed()) open();
    const std::uint64_t there = size() - before;
    if (receipt.status == WireError::none) {
      EXPECT_EQ(there, 1u) << "call " << n;
    } else if (receipt.status == WireError::full) {
      EXPECT_EQ(there, 0u) << "call " << n;
    }
    EXPECT_LE(there, 1u) << "call " << n;  // after an io error a whole batch may be there, or nothing of it
    EXPECT_EQ(on_disk(sent.parts.chunks[0].data), there == 1) << "call " << n;
    const wire::Receipt again = submit(sent, *police_);
    ASSERT_EQ(again.status, WireError::none) << again.detail << ", call " << n;
    EXPECT_EQ(size(), before + 1) << "call " << n;
    if (receipt.status == WireError::none) {
      EXPECT_EQ(again.entry, receipt.entry);
    }
    if (!hit) break;
  }
  EXPECT_GE(faults, 2u);
  EXPECT_LT(faults, kMostCalls);
  open();
  EXPECT_EQ(pull(*shelter_).messages.size(), std::min<std::size_t>(faults + 1, 64));
}

TEST_P(DiskTest, APurgeThatFailsIsDoneAtTheNextStart) {
  const Signed sent = referral();
  accept(sent, *police_);
  now_ = now_ + base::days(10);
  static_cast<void>(tick());
  disk_->fail_after(0, GetParam().error, GetParam().for_good);
  static_cast<void>(settle());
  EXPECT_TRUE(disk_->has_failed());
  disk_->mend();
  open();
  EXPECT_FALSE(on_disk(sent.parts.chunks[0].data));
}

TEST_P(DiskTest, AStartOnAFailingDiskHarmsNothing) {
  const Signed sent = referral();
  const wire::Receipt receipt = submit(sent, *police_);
  for (std::size_t n = 0; n < kMostCalls; ++n) {
    disk_->fail_after(n, GetParam().error, GetParam().for_good);
    static_cast<void>(try_open());
    const bool hit = disk_->has_failed();
    disk_->mend();
    if (!hit) break;
  }
  open();
  EXPECT_EQ(submit(sent, *police_).entry, receipt.entry);
}

INSTANTIATE_TEST_SUITE_P(Faults, DiskTest,
                         testing::Values(Fault{"IoError", EIO, false, ""}, Fault{"IoErrorForGood", EIO, true, ""},
                                         Fault{"NoRoom", ENOSPC, false, "/data.mdb"},
                                         Fault{"NoRoomForGood", ENOSPC, true, "/data.mdb"},
                                         Fault{"NoRoomInSegments", ENOSPC, false, "/segments/"},
                                         Fault{"ShortWrite", 0, false, ""}),
                         [](const auto& one) { return std::string(one.param.name); });

// What a receipt rests on: one flush of the segment, and nothing of the database, which follows.
TEST_F(DiskTest, AReceiptRestsOnOneFlush) {
  ASSERT_TRUE(settle());
  const support::DiskCalls segment = disk_->calls("/segments/0000000000");
  const support::DiskCalls database = disk_->calls("/data.mdb");
  accept(referral(), *police_);
  EXPECT_EQ(disk_->calls("/segments/0000000000").flushes, segment.flushes + 1);
  EXPECT_EQ(disk_->calls("/segments/0000000000").writes, segment.writes + 1);
  EXPECT_EQ(disk_->calls("/data.mdb").writes, database.writes);
  ASSERT_TRUE(settle());
  EXPECT_GE(disk_->calls("/data.mdb").flushes, database.flushes + 1);
  EXPECT_GE(disk_->calls("/data.mdb").synchronous_writes, database.synchronous_writes + 1);
}

}  // namespace
}  // namespace besa::broker
