// What the operator is told of any decision that this agency may read.
#include <future>

#include "agents/node/crossing.h"
#include "tests/unit/agents/node/node_world.h"

namespace besa::node {
namespace {

using testing::Contains;
using testing::HasSubstr;

class Explaining : public NodeWorld {
 protected:
  void SetUp() override { settle(); }
  program::HttpResponse ask(const std::string& name, const std::string& id) {
    auto answer = std::async(std::launch::async, [&] { return call(name, "/v1/explain/" + id, Json()); });
    while (answer.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) std::ignore = round(name);
    return answer.get();
  }
  Json explain(const std::string& name, const std::string& id, unsigned status = 200) {
    const program::HttpResponse response = ask(name, id);
    EXPECT_EQ(response.status, status) << response.body;
    const Json json = program::parse_json(response.body, program::kHttpBodyBytes).value_or(Json::object());
    return status == 200 ? json : json["error"];
  }
  static std::vector<std::string> sentences(const Json& said) {
    std::vector<std::string> out;
    for (const Json& one : said["sentences"]) out.push_back(one.get<std::string>());
    return out;
  }
};

TEST_F(Explaining, AReferralAtItsSenderAndItsRecipient) {
  const std::string sent = refer();
  const Json ours = explain("police", sent);
  EXPECT_EQ(ours["decision"], "accepted");
  EXPECT_EQ(ours["who"], "this agency");
  EXPECT_THAT(sentences(ours), Contains("This agency sent a referral to shelter for protection, urgent_72h."));
  EXPECT_THAT(sentences(ours), Contains("health on consent: accepted (rule law-to-care)."));
  const Json theirs = explain("shelter", newest("shelter")["message"].get<std::string>());
  EXPECT_EQ(theirs["sequence"], ours["sequence"]);
  EXPECT_EQ(theirs["who"], "police");
  EXPECT_EQ(explain("police", std::to_string(ours["sequence"].get<std::uint64_t>())), ours);
}

TEST_F(Explaining, ARefusalOnRecordSaysTheRuleAndWhatWasNeeded) {
  const Json body = {{"purpose", "employment"},
                     {"priority", "urgent_72h"},
                     {"person_class", "adult"},
                     {"sections", {{"summary", {{"basis", "legal_obligation"}, {"content", {{"language", "en"}}}}}}}};
  const Json sent = post("shelter", "/v1/send", {{"referral", body}, {"to", {"jobs"}}, {"on_record", true}});
  settle();
  const Json said = explain("shelter", sent["messages"][0]["message"].get<std::string>());
  EXPECT_EQ(said["decision"], "refused");
  EXPECT_EQ(said["reason"], "no_rule");
  EXPECT_THAT(said["sentences"].back().get<std::string>(), HasSubstr("What would have been needed: a rule"));
}

// After another policy the numbers of the old one would name other rules.
TEST_F(Explaining, TheRuleIsThatOfThePolicyThen) {
  const std::string sent = refer();
  core::Policy policy = story_policy();
  std::swap(policy.rules[1], policy.rules[2]);
  broker_.govern(network_.policy(policy));
  settle();
  EXPECT_THAT(sentences(explain("police", sent)), Contains("health on consent: accepted (rule law-to-care)."));
}

// What the log lost is kept under a number of its own. The policy that it names may be lost too: the new log has
// another one at that place, whose rules were never asked.
TEST_F(Explaining, OfWhatWasLostNoRuleIsNamed) {
  const std::string sent = refer();
  const std::uint64_t sequence = explain("police", sent)["sequence"].get<std::uint64_t>();
  const auto row = node("police").store().get(Box::log, number_key(sequence));
  ASSERT_TRUE(row && *row);
  Store::Batch batch;
  batch.put(Box::log, number_key(kLostNumbers + sequence), **row);
  ASSERT_TRUE(node("police").store().commit(batch));
  const Json said = explain("police", std::to_string(kLostNumbers + sequence));
  EXPECT_EQ(said["decision"], "accepted");
  for (const std::string& sentence : sentences(said)) EXPECT_THAT(sentence, testing::Not(HasSubstr("(rule")));
  EXPECT_THAT(sentences(said), Contains("health on consent: accepted."));
  EXPECT_THAT(sentences(said), Contains(HasSubstr("lost this entry")));
}

TEST_F(Explaining, GovernanceAndConsent) {
  record_consent();
  EXPECT_THAT(sentences(explain("police", "0")), Contains(HasSubstr("began the network")));
  const Json consents = get("police", "/v1/consents")["consents"];
  const Json said = explain("police", consents[0]["consent"].get<std::string>());
  EXPECT_THAT(sentences(said), Contains("This agency recorded a consent."));
}

TEST_F(Explaining, WhatIsNotKnownNotAllowedOrNotDecidedIsSaid) {
  record_consent();
  const auto recorded = get("police", "/v1/consents")["consents"][0]["sequence"].get<std::uint64_t>();
  EXPECT_EQ(explain("iom", std::to_string(recorded), 403)["code"], "denied");
  EXPECT_EQ(explain("iom", "999999", 404)["code"], "not_found");
  EXPECT_EQ(explain("iom", "s99", 404)["code"], "not_found");
  EXPECT_EQ(explain("iom", "r99", 404)["code"], "not_found");
  EXPECT_EQ(explain("iom", "c99", 404)["code"], "not_found");
  for (const char* wrong : {"x", "-1", "99999999999999999999999", "s", "5a"}) {
    EXPECT_EQ(explain("iom", wrong, 400)["pointer"], "/entry") << wrong;
  }
  const Json waiting = post("police", "/v1/consent", {{"consent", NodeWorld::consent()}});
  EXPECT_EQ(failing("police", "/v1/explain/" + waiting["consent"].get<std::string>(), Json(), 409)["code"],
            "not_decided");
}

}  // namespace
}  // namespace besa::node
