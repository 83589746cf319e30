// A program dies at each step of the ceremony. Whoever does the same again gets through: nothing half-made is in the
// way, and nothing is there twice.
#include <signal.h>

#include "tests/integration/ceremony/ceremony.h"

#ifdef BESA_FAIL_POINTS

namespace besa::ceremony {
namespace {

struct Step {
  const char* name;
  const char* point;
};

class DyingAtEachStep : public Ceremony, public testing::WithParamInterface<Step> {
 protected:
  // Dies at the point if it is one of this command's, and is typed again.
  Finished insist(const char* program, const Words& words) {
    const bool node_program = program == std::string_view(BESA_NODE);
    const Finished first = node_program ? node(words, GetParam().point) : admin(words, GetParam().point);
    if (first.code == 0) return first;
    EXPECT_EQ(first.code, -SIGKILL) << first.output;
    died_ = true;
    return node_program ? node(words) : admin(words);
  }
  bool died_ = false;
};

TEST_P(DyingAtEachStep, ASecondTryGetsThrough) {
  expect(insist(BESA_ADMIN, invite_words("vatra.invite")), 0, "fingerprint");
  expect(insist(BESA_NODE, {"join", "@vatra.invite", "--dir", "@vatra"}), 0, "Request");
  const std::string path = join("vatra.invite", "vatra")["request"];
  const std::string request = path.substr(at("").size());
  for (const char* name : {"admin0", "admin1"}) {
    expect(insist(BESA_ADMIN, approve_words(name, request)), 0, "of 2 approvals");
  }
  expect(insist(BESA_ADMIN, {"submit", "@" + request, "--keys", "@admin2"}), 0, "in force from log entry ");
  EXPECT_TRUE(died_) << GetParam().point << " was never passed";
  EXPECT_EQ(member(request)->standing, core::Standing::in_force);
  EXPECT_EQ(log_size(), 3U) << "genesis, policy, enrolment";
  expect(node({"run", "--check-config", "--config", "@vatra/node.toml"}), 0, "is fine");
}

const Step kSteps[] = {{"invite_recorded", "invite_recorded"},
                       {"first_key", "join_key"},
                       {"third_key", "join_key:3"},
                       {"last_key", "join_key:4"},
                       {"keys_described", "join_described"},
                       {"node_configured", "join_configured"},
                       {"request_written", "join_written"},
                       {"invite_used", "approve_bound"},
                       {"approval_written", "approve_written"},
                       {"submit_answered", "submit_answered"}};
INSTANTIATE_TEST_SUITE_P(Steps, DyingAtEachStep, testing::ValuesIn(kSteps),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace besa::ceremony

#endif
