// What is said of a refusal: every reason has a sentence, and section and recipient stand where they belong.
#include "agents/node/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "wire/sentences.h"

namespace besa::node {
namespace {

using core::Category;
using core::Reason;
using testing::HasSubstr;
using testing::Not;

TEST(RefusalWords, EveryReasonHasItsOwnSentence) {
  std::set<std::string> said;
  for (std::size_t number = 1; number <= core::names_of(Reason{}).size(); ++number) {
    const auto reason = static_cast<Reason>(number);
    const std::string words = refusal_words(reason, Category::health, "jobs");
    EXPECT_FALSE(words.empty()) << core::name_of(reason);
    EXPECT_THAT(words, Not(HasSubstr("version does not know"))) << core::name_of(reason);
    EXPECT_THAT(words, Not(HasSubstr("%"))) << core::name_of(reason);
    EXPECT_TRUE(said.insert(words).second) << core::name_of(reason);
    EXPECT_FALSE(refusal_words(reason, Category::none, "").empty()) << core::name_of(reason);
  }
}

TEST(RefusalWords, SectionAndRecipientAreNamedWhereTheyAreKnown) {
  struct Case {
    Reason reason;
    Category section;
    const char* to;
    std::string words;
  };
  const Case cases[] = {
      {Reason::denied, Category::exploitation, "jobs", "a rule forbids that 'exploitation' goes to jobs"},
      {Reason::denied, Category::none, "jobs", "a rule forbids that this message goes to jobs"},
      {Reason::denied, Category::health, "", std::string(wire::why_of(Reason::denied).why)},
      {Reason::recipient_unavailable, Category::none, "jobs", "jobs cannot receive messages now"},
      {Reason::later_required, Category::contact, "iom", "'contact' may go only after iom has accepted"},
      {Reason::not_covered, Category::health, "iom", std::string(wire::why_of(Reason::not_covered).why)},
      {Reason::none, Category::none, "", "nothing was refused"},
  };
  for (const Case& test : cases) EXPECT_EQ(refusal_words(test.reason, test.section, test.to), test.words);
  EXPECT_THAT(refusal_words(static_cast<Reason>(999), Category::none, ""), HasSubstr("does not know"));
}

}  // namespace
}  // namespace besa::node
