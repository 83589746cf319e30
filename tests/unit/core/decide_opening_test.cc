// What opens a thread must be allowed by a rule, whatever it carries.
#include "tests/unit/core/world.h"

namespace besa::core {
namespace {

class Opening : public testing::Test {
 protected:
  void SetUp() override {
    const ParsedStatement first = world.governance(StatementType::genesis, world.genesis);
    ASSERT_TRUE(world.run(first, {}).entry.decision.accepted());
    world.network = base::id_cast<NetworkId>(first.id);
    world.enrol("police", Sector::border_police, 210);
    world.enrol("shelter", Sector::shelter, 211);
    world.enrol("jobs", Sector::employment_service, 213);
    world.adopt(small_policy());
    for (const char* name : {"police", "shelter", "jobs"}) world.publish_prekey(name);
  }

  Decision send(const std::string& from, const std::string& to, std::vector<Section> sections) {
    const ParsedStatement statement = world.sign(from, world.letter(from, to, std::move(sections)));
    return world.run(statement, world.member(from).id).entry.decision;
  }

  World world;
};

// A response on basis in_thread needs no rule. It once let a member whom no rule allows open a thread with anybody.
TEST_F(Opening, IsNotPossibleWithAResponseAlone) {
  const Decision decision = send("jobs", "police", {section(Category::response, Basis::in_thread)});
  EXPECT_EQ(decision.reason, Reason::no_rule);
  EXPECT_EQ(decision.rule, 0);
}

TEST_F(Opening, CarriesNoResponseBesideWhatARuleAllows) {
  const Section identity = section(Category::identity, Basis::legal_obligation);
  EXPECT_TRUE(send("police", "shelter", {identity}).accepted());
  const Decision decision = send("police", "shelter", {identity, section(Category::response, Basis::in_thread)});
  EXPECT_EQ(decision.reason, Reason::no_rule);
  ASSERT_EQ(decision.items.size(), 1U);
  EXPECT_EQ(decision.items[0].section, 1);
}

}  // namespace
}  // namespace besa::core
