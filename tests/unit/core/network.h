// A small network with members, a policy, prekeys and a consent, for tests of messages.
#pragma once

#include <utility>
#include <vector>

#include "tests/unit/core/world.h"

namespace besa::core {

// Border police, shelter, IOM and an employment service with a policy and prekeys; a consent of the police for the
// shelter (contact, health, exploitation) and for IOM (contact).
class Network : public World {
 public:
  Network() {
    const ParsedStatement first = governance(StatementType::genesis, genesis);
    EXPECT_TRUE(run(first, {}).entry.decision.accepted());
    network = base::id_cast<NetworkId>(first.id);
    enrol("police", Sector::border_police, 210);
    enrol("shelter", Sector::shelter, 211);
    enrol("iom", Sector::iom, 212);
    enrol("jobs", Sector::employment_service, 213);
    adopt(small_policy());
    for (const char* name : {"police", "shelter", "iom", "jobs"}) publish_prekey(name);
    const ParsedStatement statement = World::consent(
        "police",
        padded({allow_row(member("shelter").id, {Category::contact, Category::health, Category::exploitation}),
                allow_row(member("iom").id, {Category::contact}), allow_row(member("police").id, {Category::needs})}));
    EXPECT_TRUE(run(statement, member("police").id).entry.decision.accepted());
    given = ref(statement);
  }

  Decided send(const std::string& from, Envelope body, const Reference& cited = {}) {
    return run(sign(from, std::move(body), cited), member(from).id);
  }
  // A referral by the police to the shelter that everybody would let through.
  Envelope ordinary() {
    return letter("police", "shelter",
                  {section(Category::identity, Basis::legal_obligation), section(Category::health, Basis::consent)});
  }

  Reference given;
};

}  // namespace besa::core
