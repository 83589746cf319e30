// What the `besa` command says of refusals and mistakes: who, why, what happened to the others, what to do.
#include "agents/node/operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program/json.h"

namespace besa::node {
namespace {

using program::Json;
using testing::HasSubstr;
using testing::Not;

Json refusal(std::size_t recipients, bool fitting, std::size_t sections, std::size_t stopped) {
  Json left = Json::array();
  Json all = Json::array();
  for (std::size_t i = 0; i < sections; ++i) all.push_back({{"category", "health"}});
  for (std::size_t i = 0; i < stopped; ++i) {
    left.push_back({{"category", "health"}, {"words", "a rule forbids it"}, {"rule", "never"}});
  }
  const Json answer = {{"error",
                        {{"code", "refused"},
                         {"message", "a rule forbids it"},
                         {"reason", "denied"},
                         {"rule", "never"},
                         {"to", "jobs"},
                         {"decision", "refused"},
                         {"recipients", recipients},
                         {"fitting", fitting},
                         {"sections", all},
                         {"left_out", left}}}};
  return program::parse_json(program::to_line(answer)).value();  // as it comes over the socket
}

TEST(SayError, ARefusalNamesWhoAndWhatStopsIt) {
  const std::string said = say_error(refusal(1, false, 3, 1), {});
  EXPECT_THAT(said, HasSubstr("To jobs: refused, a rule forbids it [denied] (rule never)"));
  EXPECT_THAT(said, HasSubstr("may not go: health"));
  EXPECT_THAT(said, Not(HasSubstr("left out"))) << "nothing was left out: nothing was sent";
}

TEST(SayError, ARefusalSaysWhatBecameOfTheOthersAndWhatToDo) {
  struct Case {
    const char* name;
    Json answer;
    const char* said;
    const char* next;
  };
  const Case cases[] = {
      {"alone, some would go", refusal(1, false, 3, 1), "Nothing was sent.", "add --fitting"},
      {"with others, some would go", refusal(2, false, 3, 1), "to the other recipients neither", "add --fitting"},
      {"with others, nothing would go", refusal(2, false, 1, 1), "to the other recipients neither",
       "leave jobs out of --to"},
      {"with others, fitting did not help", refusal(2, true, 3, 2), "to the other recipients neither",
       "leave jobs out of --to"},
      {"the message as a whole", refusal(2, false, 3, 0), "to the other recipients neither", "leave jobs out of --to"},
  };
  for (const Case& test : cases) {
    const std::string said = say_error(test.answer, {});
    EXPECT_THAT(said, HasSubstr(test.said)) << test.name;
    EXPECT_THAT(said, HasSubstr(test.next)) << test.name;
  }
  EXPECT_THAT(say_error(refusal(1, true, 1, 1), {}), Not(HasSubstr("--")));
}

TEST(SayError, AMistakeIsNamedAsTheOperatorTypedIt) {
  struct Case {
    const char* pointer;
    Asked asked;
    const char* said;
  };
  const Case cases[] = {
      {"/referral/sections/health", {"r.json", "/referral"}, "r.json: /sections/health: is wrong\n"},
      {"/referral", {"r.json", "/referral"}, "r.json: is wrong\n"},
      {"/consent", {"r.json", "/referral"}, "--consent: is wrong\n"},
      {"/consent/rows/0", {"c.json", "/consent"}, "c.json: /rows/0: is wrong\n"},
      {"/to/1", {"r.json", "/referral"}, "--to: is wrong\n"},
      {"/message", {}, "ID: is wrong\n"},
      {"/message", {"", "", "--message"}, "--message: is wrong\n"},
      {"/purposes/0", {}, "--purpose: is wrong\n"},
      {"/response/text", {}, "--note-file: is wrong\n"},
      {"/elsewhere", {}, "/elsewhere: is wrong\n"},
      {"", {}, "is wrong\n"},
  };
  for (const Case& test : cases) {
    const Json answer = {{"error", {{"code", "malformed"}, {"message", "is wrong"}, {"pointer", test.pointer}}}};
    EXPECT_EQ(say_error(answer, test.asked), test.said);
  }
}

TEST(SayTakenBack, WhatIsOnlyQueuedIsNotSaidToBeTakenBack) {
  const std::string queued = say_taken_back({{"withdrawn", "whole"}, {"state", "queued"}});
  EXPECT_THAT(queued, HasSubstr("not taken back yet"));
  EXPECT_THAT(queued, HasSubstr("queued, and this node sends it"));
  EXPECT_THAT(queued, HasSubstr("besa status"));
  EXPECT_THAT(say_taken_back({{"withdrawn", "part"}, {"state", "on_record"}}),
              HasSubstr("That part of the consent is"));
}

TEST(BodyWithCode, IsOneObjectInOnePiece) {
  for (const Json& rest : {Json::object(), Json{{"purposes", {"employment"}}, {"message", "r\"4"}}}) {
    const std::string body = body_with_code("01234567890123456789", rest);
    Json expected = {{"code", "01234567890123456789"}};
    expected.update(rest);
    EXPECT_EQ(program::to_line(program::parse_json(body).value()), program::to_line(expected));
  }
}

TEST(SayStatus, ANodeThatHasJustStartedSaysSo) {
  const Json answer = {{"connected", false}, {"trouble", ""}, {"member_in_force", true},
                       {"unopened", 2},      {"waiting", 1},  {"refused", 0}};
  const std::string said = say_status(answer);
  EXPECT_THAT(said, HasSubstr("Not connected so far."));
  EXPECT_THAT(said, HasSubstr("Not opened: 2. Waiting to be sent: 1. Refused by the broker: 0."));
}

// `besa status` cannot say it: what never reached the node is nowhere.
TEST(SayUnanswered, TheCommandIsGivenAgain) {
  EXPECT_THAT(say_unanswered(true), testing::HasSubstr("Give the command again"));
  EXPECT_THAT(say_unanswered(true), testing::Not(testing::HasSubstr("status")));
  EXPECT_EQ(say_unanswered(false), "; ask again");
}

}  // namespace
}  // namespace besa::node
