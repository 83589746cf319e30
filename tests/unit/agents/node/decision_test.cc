// What a node decides by itself before anything is sent, and what it says in words.
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using testing::HasSubstr;

class LocalDecision : public NodeWorld {
 protected:
  LocalDecision() { settle(); }
  Json send(const Json& body) {
    Json out = body;
    out["referral"] = referral();
    return out;
  }
};

TEST_F(LocalDecision, DryRunShowsWhatWouldGoByWhichRule) {
  const std::string consent_id = record_consent();
  const Json answer =
      post("police", "/v1/send", send({{"to", {"shelter"}}, {"consent", consent_id}, {"dry_run", true}}));
  const Json plan = answer["messages"][0];
  EXPECT_EQ(plan["decision"], "allowed");
  ASSERT_EQ(plan["sections"].size(), 3U);
  for (const Json& section : plan["sections"]) EXPECT_EQ(section["rule"], "law-to-care");
  EXPECT_FALSE(plan.contains("message"));
  settle();
  EXPECT_TRUE(newest("shelter").empty());
}

TEST_F(LocalDecision, DryRunToldWhyNot) {
  const std::string consent_id = record_consent();
  const Json plan =
      post("police", "/v1/send", send({{"to", {"iom"}}, {"consent", consent_id}, {"dry_run", true}}))["messages"][0];
  EXPECT_EQ(plan["decision"], "refused");
  EXPECT_EQ(plan["reason"], "not_covered");
  EXPECT_EQ(plan["left_out"][0]["category"], "health");
  EXPECT_THAT(plan["left_out"][0]["words"].get<std::string>(), HasSubstr("does not allow this to iom"));
}

TEST_F(LocalDecision, SendRefusesTheWholeUnlessFitting) {
  const std::string consent_id = record_consent();
  const Json error = failing("police", "/v1/send", send({{"to", {"shelter", "iom"}}, {"consent", consent_id}}), 422);
  EXPECT_EQ(error["code"], "refused");
  EXPECT_EQ(error["to"], "iom");
  settle();
  EXPECT_TRUE(newest("shelter").empty()) << "one refused recipient stops all";
}

TEST_F(LocalDecision, FittingLeavesOutAndSaysSo) {
  const std::string consent_id = record_consent();
  const Json answer =
      post("police", "/v1/send", send({{"to", {"shelter", "iom"}}, {"consent", consent_id}, {"fitting", true}}));
  EXPECT_TRUE(answer["messages"][0]["left_out"].empty());
  EXPECT_EQ(answer["messages"][1]["left_out"][0]["category"], "health");
  settle();
  EXPECT_EQ(newest("shelter")["sections"].size(), 3U);
  EXPECT_EQ(newest("iom")["sections"].size(), 2U);
}

TEST_F(LocalDecision, SelectionGivesEachItsPart) {
  const std::string consent_id = record_consent();
  Json with = referral();
  with["to"] = {{"shelter", Json::object()}, {"iom", {{"sections", {"summary", "identity"}}}}};
  post("police", "/v1/send", {{"referral", with}, {"consent", consent_id}});
  settle();
  EXPECT_EQ(newest("shelter")["sections"].size(), 3U);
  EXPECT_EQ(newest("iom")["sections"].size(), 2U);
}

Json story_for_jobs() {
  return {{"purpose", "employment"},
          {"priority", "normal_2weeks"},
          {"person_class", "adult"},
          {"sections",
           {{"skills", {{"basis", "consent"}, {"content", {{"work_wishes", "Mornings."}}}}},
            {"exploitation", {{"basis", "consent"}, {"content", {{"types", {"forced_labour"}}}}}}}}};
}

Json consent_for_jobs() {
  return {{"person_class", "adult"},
          {"given_by", "self"},
          {"form", "written"},
          {"checks", {"interview", "purpose"}},
          {"valid_until", "2026-01-01T00:00:00Z"},
          {"rows", {{{"member", "jobs"}, {"allow", {"skills", "exploitation"}}, {"purposes", {"employment"}}}}}};
}

TEST_F(LocalDecision, DenyRuleIsNamedInWords) {
  const Json recorded = post("shelter", "/v1/consent", {{"consent", consent_for_jobs()}});
  EXPECT_FALSE(recorded["notes"].empty()) << "no row lets the author receive";
  settle();
  const Json request = {{"referral", story_for_jobs()}, {"to", {"jobs"}}, {"consent", recorded["consent"]}};
  const Json error = failing("shelter", "/v1/send", request, 422);
  EXPECT_EQ(error["reason"], "denied");
  EXPECT_EQ(error["rule"], "jobs-never-story");
  EXPECT_EQ(error["section"], "exploitation");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("forbids"));
}

TEST_F(LocalDecision, OnRecordLetsTheBrokerRefuse) {
  const Json recorded = post("shelter", "/v1/consent", {{"consent", consent_for_jobs()}});
  settle();
  const Json sent =
      post("shelter", "/v1/send",
           {{"referral", story_for_jobs()}, {"to", {"jobs"}}, {"consent", recorded["consent"]}, {"on_record", true}});
  settle();
  const Json shown = get("shelter", "/v1/message/" + sent["messages"][0]["message"].get<std::string>());
  EXPECT_EQ(shown["state"], "refused");
  EXPECT_EQ(shown["reason"], "denied");
  EXPECT_EQ(shown["rule"], "jobs-never-story");
  EXPECT_EQ(shown["section"], "exploitation");
  EXPECT_TRUE(newest("jobs").empty());
}

struct Mistake {
  const char* name;
  std::function<void(Json&)> make;
  const char* pointer;
};

class BadInput : public LocalDecision {};

TEST_F(BadInput, MistakesAreNamedByTheirPointer) {
  const Mistake mistakes[] = {
      {"unknown field", [](Json& j) { j["sectoins"] = 1; }, "/referral/sectoins"},
      {"unknown purpose", [](Json& j) { j["purpose"] = "protecton"; }, "/referral/purpose"},
      {"missing priority", [](Json& j) { j.erase("priority"); }, "/referral/priority"},
      {"unknown section", [](Json& j) { j["sections"]["helth"] = Json::object(); }, "/referral/sections/helth"},
      {"missing basis", [](Json& j) { j["sections"]["health"].erase("basis"); }, "/referral/sections/health/basis"},
      {"unknown field in content", [](Json& j) { j["sections"]["summary"]["content"]["gendr"] = "x"; },
       "/referral/sections/summary/content/gendr"},
      {"wrong enum in content", [](Json& j) { j["sections"]["summary"]["content"]["gender"] = "blue"; },
       "/referral/sections/summary/content/gender"},
      {"handling twice", [](Json& j) { j["sections"]["health"]["handling"] = {"no_onward", "no_onward"}; },
       "/referral/sections/health/handling/1"},
      {"reference without text", [](Json& j) { j["references"][0].erase("text"); }, "/referral/references/0/text"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.name);
    Json bad = referral();
    mistake.make(bad);
    const Json error = failing("police", "/v1/send", {{"referral", bad}, {"to", {"shelter"}}, {"consent", "c1"}}, 400);
    EXPECT_EQ(error["pointer"], mistake.pointer) << error["message"];
    EXPECT_EQ(error["code"], "malformed");
  }
}

TEST_F(BadInput, UnknownRecipientIsNamedWithTheNearest) {
  const Json error = failing("police", "/v1/send", {{"referral", referral()}, {"to", {"sheltr"}}}, 404);
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("did you mean 'shelter'"));
}

TEST_F(BadInput, ConsentMustBeNamedWhereASectionRestsOnIt) {
  const Json error = failing("police", "/v1/send", {{"referral", referral()}, {"to", {"shelter"}}}, 400);
  EXPECT_EQ(error["pointer"], "/consent");
}

TEST_F(BadInput, ConsentRowsAreChecked) {
  Json bad = consent();
  bad["rows"][0]["sector"] = "iom";
  EXPECT_EQ(failing("police", "/v1/consent", {{"consent", bad}}, 400)["pointer"], "/consent/rows/0");
  bad = consent();
  bad["checks"][2] = "everything";
  EXPECT_EQ(failing("police", "/v1/consent", {{"consent", bad}}, 400)["pointer"], "/consent/checks/2");
}

TEST_F(BadInput, IncompleteConsentIsRefusedAtOnce) {
  Json minor = consent();
  minor["person_class"] = "minor";
  const Json error = failing("police", "/v1/consent", {{"consent", minor}}, 422);
  EXPECT_EQ(error["reason"], "consent_incomplete");
}

TEST_F(LocalDecision, ToItselfIsSaidBeforeAnyRule) {
  const Json error = failing("police", "/v1/send", send({{"to", {"police"}}, {"consent", record_consent()}}), 400);
  EXPECT_EQ(error["pointer"], "/to");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("is this agency itself"));
}

TEST_F(LocalDecision, ARefusedSendCountsItsRecipients) {
  const std::string consent_id = record_consent();
  const Json error = failing("police", "/v1/send", send({{"to", {"shelter", "iom"}}, {"consent", consent_id}}), 422);
  EXPECT_EQ(error["recipients"], 2);
  EXPECT_EQ(error["fitting"], false);
}

TEST_F(LocalDecision, AThreadThatIsNotInTheLogSaysWhy) {
  const std::string consent_id = record_consent();
  post("police", "/v1/send", send({{"to", {"shelter"}}, {"consent", consent_id}}));
  const auto thread = [this] { return get("police", "/v1/threads")["threads"][0]; };
  EXPECT_EQ(thread()["words"], "waits on this node to be sent");
  EXPECT_EQ(thread()["state"], "queued");
  settle();
  EXPECT_EQ(thread()["state"], "received");
  post("police", "/v1/send", send({{"to", {"iom"}}, {"consent", consent_id}, {"on_record", true}}));
  settle();
  EXPECT_EQ(get("police", "/v1/threads")["threads"][1]["words"], "was refused by the broker, on record");
}

TEST_F(LocalDecision, AnIncompleteConsentSaysWhatIsMissing) {
  struct Case {
    const char* field;
    Json value;
    const char* said;
  };
  const Case cases[] = {
      {"valid_until", "2020-01-01T00:00:00Z", "valid_until must lie ahead"},
      {"person_class", "minor", "child_assent"},
      {"rows", {{{"member", "iom"}, {"excluded", true}}}, "no row allows anything"},
  };
  for (const Case& test : cases) {
    Json body = consent();
    body[test.field] = test.value;
    const Json error = failing("police", "/v1/consent", {{"consent", body}}, 422);
    EXPECT_EQ(error["reason"], "consent_incomplete") << test.field;
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr(test.said)) << test.field;
  }
}

TEST_F(LocalDecision, AnIdThatIsNoneSaysBothKinds) {
  const std::string message = failing("police", "/v1/message/c2", Json(), 400)["message"].get<std::string>();
  EXPECT_THAT(message, HasSubstr("s17"));
  EXPECT_THAT(message, HasSubstr("r42"));
}

TEST_F(LocalDecision, WhatIsTooMuchIsNamedByItsSection) {
  Json body = send({{"to", {"shelter"}}});
  Json names = Json::array();
  for (int i = 0; i < 1100; ++i) names.push_back({{"kind", "official"}});
  body["referral"]["sections"]["identity"]["content"]["names"] = names;
  const Json error = failing("police", "/v1/send", body, 400);
  EXPECT_EQ(error["pointer"], "/referral/sections/identity/content");
  EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("more than a section may"));
}

}  // namespace
}  // namespace besa::node
