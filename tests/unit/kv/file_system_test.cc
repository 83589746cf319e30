#include "kv/file_system.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace besa::kv {
namespace {

struct Case {
  std::uint64_t type;
  std::string name;  // empty: fits
};

class FileSystemType : public testing::TestWithParam<Case> {};

TEST_P(FileSystemType, IsNamedWhenItDoesNotFit) {
  const auto fit = file_system_type_fit(GetParam().type);
  EXPECT_EQ(fit.has_value(), GetParam().name.empty());
  if (fit) return;
  EXPECT_EQ(fit.error().kind, base::ErrorKind::configuration);
  EXPECT_NE(fit.error().message.find("lies on " + GetParam().name + ":"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Types, FileSystemType,
                         testing::Values(Case{0xEF53, ""}, Case{0x58465342, ""}, Case{0x01021994, ""},
                                         Case{0x9123683E, "btrfs"}, Case{0x2FC12FC1, "zfs"},
                                         Case{0x794C7630, "overlay"}, Case{0x6969, "nfs"}, Case{0xFF534D42, "cifs"},
                                         Case{0xF2F52010, "f2fs"}));

TEST(FileSystem, OfAFolderThatIsNotThereYetIsThatOfItsParent) {
  const support::TemporaryFolder folder;
  EXPECT_TRUE(file_system_fit(folder / "not" / "yet"));
}

}  // namespace
}  // namespace besa::kv
