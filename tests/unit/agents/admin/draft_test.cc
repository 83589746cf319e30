// Statements on their way to enough signatures: who may sign, what a genesis needs, what each refusal says.
#include "agents/admin/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/admin/words.h"
#include "core/decide.h"
#include "crypto/secret/random.h"
#include "crypto/verify/initialise.h"
#include "wire/statement.h"

namespace besa::admin {
namespace {

using base::ErrorKind;
using testing::HasSubstr;

constexpr base::Timestamp kNow{1'760'000'000'000};

AdministratorKeys keys_of(std::uint8_t organisation) {
  base::OrganisationId id;
  id.bytes[0] = organisation;
  return {id, crypto::SigningKey::generate(), crypto::TransportSecret::generate()};
}

class Draft : public testing::Test {
 protected:
  Draft() { crypto::initialise(); }

  core::Genesis genesis_of(const std::vector<const AdministratorKeys*>& administrators, std::uint16_t threshold) const {
    core::Genesis body;
    body.header = {{}, crypto::random_salt(), kNow, kNow + base::days(7), {}};
    body.name = "nrm.example";
    for (const AdministratorKeys* keys : administrators) {
      body.administrators.push_back({keys->organisation, keys->signing.public_key(), keys->transport.public_key()});
    }
    body.threshold = threshold;
    body.broker_log_key = log_.public_key();
    body.broker_transport_key = transport_.public_key();
    body.decision_version = core::kDecisionVersion;
    body.signature_rule = core::kSignatureRule;
    return body;
  }
  static wire::StatementParts draft(const core::Genesis& body) {
    return make_draft(core::StatementType::genesis, wire::encode_genesis(body));
  }
  static wire::StatementParts suspension(const base::NetworkId& network) {
    core::StandingChange body;
    body.header = {network, crypto::random_salt(), kNow, kNow + base::days(7), {}};
    body.member = crypto::random_id<base::MemberId>();
    return make_draft(core::StatementType::suspension, wire::encode_standing_change(body));
  }
  static base::Status signable(const wire::StatementParts& parts, const AdministratorKeys& keys,
                               const base::NetworkId& known, base::Timestamp now) {
    const auto statement = parse_draft(parts);
    EXPECT_TRUE(statement) << statement.error().message;
    return check_signable(*statement, keys, known, now);
  }
  static void refused(const base::Status& status, const char* said) {
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::denied);
    EXPECT_THAT(status.error().message, HasSubstr(said));
  }

  const AdministratorKeys a_ = keys_of(1);
  const AdministratorKeys b_ = keys_of(2);
  const AdministratorKeys twin_of_b_ = keys_of(2);
  const crypto::SigningKey log_ = crypto::SigningKey::generate();
  const crypto::TransportSecret transport_ = crypto::TransportSecret::generate();
};

TEST_F(Draft, WhatIsOverIsNotSigned) {
  const auto parts = draft(genesis_of({&a_, &b_}, 2));
  EXPECT_TRUE(signable(parts, a_, {}, kNow + base::days(7)));
  refused(signable(parts, a_, {}, kNow + base::days(7) + base::Duration{1}), "prepare it again");
}

TEST_F(Draft, OnlyNamedAdministratorsSignAGenesis) {
  const auto parts = draft(genesis_of({&a_, &b_}, 2));
  EXPECT_TRUE(signable(parts, b_, {}, kNow));
  refused(signable(parts, twin_of_b_, {}, kNow), "does not name these keys");
}

TEST_F(Draft, AStatementOfAnotherNetworkIsNotSigned) {
  const auto ours = crypto::random_id<base::NetworkId>();
  const auto other = crypto::random_id<base::NetworkId>();
  EXPECT_TRUE(signable(suspension(ours), a_, ours, kNow));
  EXPECT_TRUE(signable(suspension(ours), a_, {}, kNow)) << "a folder that has met no broker knows no network";
  refused(signable(suspension(other), a_, ours, kNow), "of network");
}

TEST_F(Draft, MembersStatementsAreNotSigned) {
  wire::StatementParts parts;
  parts.type = core::media_type(core::StatementType::prekeys);
  core::Prekeys body;
  body.header.network = crypto::random_id<base::NetworkId>();
  body.header.salt = crypto::random_salt();
  body.header.author = crypto::random_id<base::MemberId>();
  body.header.counter = base::Counter{1};
  body.header.created = kNow;
  body.header.expires = kNow + base::days(1);
  base::BoxKey key;
  key.bytes[0] = 9;
  body.keys.push_back({key, kNow, kNow + base::days(1)});
  parts.body = wire::encode_prekeys(body);
  refused(sign_draft(parts, a_), "governance statements only");
  EXPECT_TRUE(parts.blocks.empty());
}

TEST_F(Draft, AGenesisIsJudgedAsABrokerWould) {
  struct Case {
    const char* name;
    std::vector<const AdministratorKeys*> administrators;
    std::vector<const AdministratorKeys*> signers;
    base::Timestamp now;
    const char* said;  // empty: it holds
  };
  const Case cases[] = {
      {"two of two", {&a_, &b_}, {&a_, &b_}, kNow, ""},
      {"nobody", {&a_, &b_}, {}, kNow, "nobody has signed"},
      {"one of two", {&a_, &b_}, {&a_}, kNow, "[below_threshold]"},
      {"one organisation could", {&a_, &b_, &twin_of_b_}, {&a_, &b_}, kNow, "[one_organisation]"},
      {"an outsider signed too", {&a_, &b_}, {&a_, &b_, &twin_of_b_}, kNow, "whom it does not name"},
      {"too late", {&a_, &b_}, {&a_, &b_}, kNow + base::days(8), "[expired]"},
      {"made ahead of time", {&a_, &b_}, {&a_, &b_}, base::Timestamp{kNow.ms - base::hours(1).ms}, "[created_ahead]"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    auto parts = draft(genesis_of(test.administrators, 2));
    for (const AdministratorKeys* signer : test.signers) ASSERT_TRUE(sign_draft(parts, *signer));
    const base::Status judged = check_genesis(parts, test.now);
    if (test.said[0] == '\0') {
      EXPECT_TRUE(judged) << judged.error().message;
    } else {
      refused(judged, test.said);
    }
  }
}

TEST_F(Draft, AChangedSignatureDoesNotHold) {
  auto parts = draft(genesis_of({&a_, &b_}, 2));
  ASSERT_TRUE(sign_draft(parts, a_) && sign_draft(parts, b_));
  parts.blocks.back() ^= 1U;
  const base::Status judged = check_genesis(parts, kNow);
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().kind, ErrorKind::bad_signature);
}

TEST_F(Draft, SigningTwiceIsSaid) {
  auto parts = draft(genesis_of({&a_, &b_}, 2));
  ASSERT_TRUE(sign_draft(parts, a_));
  const base::Status again = sign_draft(parts, a_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::already_exists);
}

// What a broker answers on governance: each reason in words that name the next step, and its name for scripts.
TEST(ReasonWords, GovernanceRefusalsNameTheNextStep) {
  using core::Reason;
  struct Case {
    Reason reason;
    const char* next;
  };
  const Case cases[] = {
      {Reason::below_threshold, "besa-admin sign"}, {Reason::one_organisation, "another organisation"},
      {Reason::governance_stale, "--keys"},         {Reason::not_possessed, "besa-node possess"},
      {Reason::already_used, "new keys"},           {Reason::unknown_reference, "check the id"},
      {Reason::illegal_transition, "reinstated"},   {Reason::expired, "prepare it again"},
      {Reason::created_ahead, "set the clock"},     {Reason::expires_too_late, "--valid-days"},
      {Reason::wrong_shape, "besa-admin show"},     {Reason::unknown_code, "network does not know"},
  };
  for (const Case& test : cases) {
    const std::string words = reason_words(test.reason);
    EXPECT_THAT(words, HasSubstr(test.next));
    EXPECT_THAT(words, HasSubstr("[" + std::string(core::name_of(test.reason)) + "]"));
  }
  EXPECT_THAT(reason_words(Reason::not_covered), HasSubstr("the consent does not carry it"));
  for (std::size_t number = 1; number <= core::names_of(Reason{}).size(); ++number) {
    const auto reason = static_cast<Reason>(number);
    const std::string words = reason_words(reason);
    EXPECT_FALSE(words.starts_with(" [")) << core::name_of(reason);
    EXPECT_TRUE(words.ends_with(" [" + std::string(core::name_of(reason)) + "]")) << words;
  }
}

}  // namespace
}  // namespace besa::admin
