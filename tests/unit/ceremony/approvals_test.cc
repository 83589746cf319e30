// Which approvals of a request count.
#include "agents/admin/approvals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/check.h"
#include "core/decide.h"
#include "program/file.h"
#include "tests/support/invited.h"
#include "tests/support/temporary_folder.h"
#include "wire/statement.h"

namespace besa::admin {
namespace {

using testing::HasSubstr;

class ApprovalsTest : public testing::Test {
 protected:
  ApprovalsTest() {
    const wire::Invite invite = invited_.whole_invite();
    auto genesis = client::check_genesis(invite.genesis_body, invite.genesis_blocks);
    const auto verified = core::verify(std::move(*genesis), {}, core::key_lookup(view_));
    const auto outcome = core::decide(view_, *verified, invited_.network.now);
    BESA_CHECK(view_.apply(std::get<core::Decided>(*outcome).changes).has_value());
    const auto checked = client::check_request(invited_.request());
    id_ = checked->statement.id;
  }
  const support::AdministratorKeys& keys(std::size_t i) const { return invited_.network.administrators()[i]; }
  base::KeyId key(std::size_t i) const {
    return core::administrator_key_id(keys(i).organisation, keys(i).signing.public_key());
  }
  void approve(std::size_t i) const {
    core::SignatureBlock block;
    block.key = key(i);
    block.signature = keys(i).signing.sign(core::signed_bytes(base::id_cast<base::Digest>(id_)));
    const std::string text = wire::encode_approval({id_, core::encode_block(block)});
    ASSERT_TRUE(program::write_file(approval_path(path_, block.key), base::as_bytes(text)));
  }
  Approvals gather() const { return gather_approvals(path_, {}, id_, view_).value(); }

  support::Invited invited_;
  support::TemporaryFolder folder_;
  std::string path_ = folder_ / "vatra.request";
  core::MemoryView view_;
  base::StatementId id_;
};

TEST_F(ApprovalsTest, CountThoseOfAdministratorsOnce) {
  EXPECT_TRUE(gather().blocks.empty());
  approve(0);
  approve(1);
  const auto twice = gather_approvals(path_, {approval_path(path_, key(0))}, id_, view_);
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->blocks.size(), 2U);
  EXPECT_TRUE(twice->not_counted.empty());
}

TEST_F(ApprovalsTest, OfAnAdministratorThatWasRemovedSinceDoNotCount) {
  approve(0);
  approve(1);
  const core::Change removed{core::Table::administrator, base::to_bytes(key(0).view()), std::nullopt};
  ASSERT_TRUE(view_.apply({&removed, 1}));
  const Approvals left = gather();
  ASSERT_EQ(left.blocks.size(), 1U);
  EXPECT_EQ(left.blocks[0].key, key(1));
  ASSERT_EQ(left.not_counted.size(), 1U);
  EXPECT_THAT(left.not_counted[0], HasSubstr("not, or no longer, an administrator's"));
}

TEST_F(ApprovalsTest, FilesOfOtherRequestsAreNotLookedAt) {
  approve(0);
  ASSERT_TRUE(program::write_file(folder_ / "vatra.requests.01234567.approval", base::as_bytes("x")));
  ASSERT_TRUE(program::write_file(folder_ / "vatra.request.note", base::as_bytes("x")));
  EXPECT_EQ(gather().blocks.size(), 1U);
  EXPECT_TRUE(gather().not_counted.empty());
}

TEST_F(ApprovalsTest, ADamagedOneIsNamed) {
  approve(0);
  ASSERT_TRUE(program::write_file(path_ + ".01234567.approval", base::as_bytes("besa-approval v1\n")));
  const Approvals found = gather();
  EXPECT_EQ(found.blocks.size(), 1U);
  ASSERT_EQ(found.not_counted.size(), 1U);
  EXPECT_THAT(found.not_counted[0], HasSubstr("01234567.approval"));
}

}  // namespace
}  // namespace besa::admin
