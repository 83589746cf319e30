// What the doctor says of a member's keys and of the policy, from the governance alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "agents/node/doctor.h"
#include "base/check.h"
#include "core/records.h"
#include "tests/support/agency_keys.h"

namespace besa::node {
namespace {

using testing::HasSubstr;

constexpr base::Timestamp kNow{1'760'000'000'000};

struct Case {
  const char* name;
  Health health;
  const char* said;
  std::function<void(core::MemberRecord&)> change;
};

class MemberCheck : public testing::TestWithParam<Case> {
 protected:
  MemberCheck() {
    record_.sector = core::Sector::shelter;
    record_.signing_key = agency_.signing_key();
    record_.transport_key = agency_.transport.public_key();
    record_.from = {kNow.ms - base::days(1).ms};
    record_.until = kNow + base::days(100);
    record_.standing = core::Standing::in_force;
  }
  Finding look() {
    core::MemoryView view;
    core::Overlay changes(view);
    core::write_member(changes, agency_.id, record_);
    BESA_CHECK(view.apply(changes.changes()).has_value());
    Findings findings;
    look_at_member(view, keys_of(agency_), kNow, findings);
    return findings.all().front();
  }

  support::Network network_;
  support::Agency& agency_ = network_.add_agency(core::Sector::shelter);
  core::MemberRecord record_;
};

TEST_P(MemberCheck, SaysHowItStands) {
  GetParam().change(record_);
  const Finding found = look();
  EXPECT_EQ(found.check, "key validity");
  EXPECT_EQ(found.health, GetParam().health);
  EXPECT_THAT(found.said, HasSubstr(GetParam().said));
  EXPECT_EQ(found.fix.empty(), found.health == Health::ok);
}

const Case kCases[] = {
    {"in_force", Health::ok, "100 days more", [](auto&) {}},
    {"sixty_days", Health::ok, "60 days more", [](auto& r) { r.until = kNow + base::days(60); }},
    {"less_than_sixty", Health::warn, "59 days more", [](auto& r) { r.until = {(kNow + base::days(60)).ms - 1}; }},
    {"over", Health::fail, "ran out", [](auto& r) { r.until = kNow; }},
    {"not_yet", Health::fail, "in force only from", [](auto& r) { r.from = kNow + base::hours(1); }},
    {"suspended", Health::fail, "suspended", [](auto& r) { r.standing = core::Standing::suspended; }},
    {"removed", Health::fail, "removed", [](auto& r) { r.standing = core::Standing::removed; }},
    {"another_signing_key", Health::fail, "other keys", [](auto& r) { r.signing_key.bytes[0] ^= 1; }},
    {"another_transport_key", Health::fail, "other keys", [](auto& r) { r.transport_key.bytes[0] ^= 1; }},
};
INSTANTIATE_TEST_SUITE_P(Cases, MemberCheck, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(FindingsTest, TheExitCodeIsThatOfTheGravestFailure) {
  using program::ExitCode;
  Findings findings;
  findings.ok("a", "fine");
  findings.warn("b", "so so", "do this");
  EXPECT_EQ(findings.exit_code(), ExitCode::ok);
  findings.fail("c", "away", "wait", ExitCode::try_later);
  EXPECT_EQ(findings.exit_code(), ExitCode::try_later);
  findings.fail("d", "broken", "mend");
  EXPECT_EQ(findings.exit_code(), ExitCode::failed);
  findings.fail("e", "wrong", "change", ExitCode::configuration);
  EXPECT_EQ(findings.exit_code(), ExitCode::configuration);
}

}  // namespace
}  // namespace besa::node
