// The files of the ceremony: what is written is read back, what was cut or changed is refused with the next step.
#include <gtest/gtest.h>

#include "tests/support/invited.h"
#include "wire/ceremony.h"

namespace besa::wire {
namespace {

using base::ErrorKind;

TEST(CeremonyFiles, ComeBackAsTheyWere) {
  const support::Invited invited;
  EXPECT_EQ(decode_terms(encode_terms(invited.terms)).value(), invited.terms);
  EXPECT_EQ(decode_invite(encode_invite(invited.whole_invite())).value(), invited.whole_invite());
  EXPECT_EQ(decode_join_request(encode_join_request(invited.request())).value(), invited.request());
  const Approval approval{base::StatementId{}, {1, 2, 3}};
  EXPECT_EQ(decode_approval(encode_approval(approval)).value(), approval);
}

TEST(CeremonyFiles, OneIsNotReadAsAnother) {
  const support::Invited invited;
  EXPECT_EQ(decode_invite(encode_join_request(invited.request())).error().kind, ErrorKind::malformed);
  EXPECT_EQ(decode_join_request(encode_invite(invited.whole_invite())).error().kind, ErrorKind::malformed);
  EXPECT_EQ(decode_approval(encode_invite(invited.whole_invite())).error().kind, ErrorKind::malformed);
  std::string later = encode_invite(invited.whole_invite());
  later.replace(later.find("v1"), 2, "v2");
  EXPECT_EQ(decode_invite(later).error().kind, ErrorKind::unsupported);
}

// A name that reorders or hides what stands around it would lie to whoever approves.
TEST(CeremonyFiles, ANameShowsWhatItHolds) {
  support::Invited invited;
  for (const char* name : {"Shelter\nVatra",
                           "Shelter \xE2\x80\xAE"
                           "artaV",
                           "Shelter\x1B[2J", "Shelter\xFF"}) {
    invited.terms.name = name;
    EXPECT_FALSE(decode_terms(encode_terms(invited.terms))) << name;
  }
}

TEST(CeremonyFiles, EveryByteThatIsCutOrFlippedIsFound) {
  const support::Invited invited;
  const std::string text = encode_join_request(invited.request());
  for (std::size_t i = 0; i < text.size(); i += 7) {
    EXPECT_FALSE(decode_join_request(text.substr(0, i))) << i;
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    const auto read = decode_join_request(flipped);
    EXPECT_FALSE(read && client::check_request(*read)) << i;
  }
}

}  // namespace
}  // namespace besa::wire
