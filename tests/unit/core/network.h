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
    begin({{"police", Sector::border_police},
           {"shelter", Sector::shelter},
           {"iom", Sector::iom},
           {"jobs", Sector::employment_service}});
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
