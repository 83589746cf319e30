// What both sides check of an invite and of a request, each from the files alone.
#include "client/joining.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/invited.h"
#include "wire/statement.h"

namespace besa::client {
namespace {

using base::ErrorKind;
using support::Invited;
using testing::HasSubstr;

TEST(Fingerprint, IsEightGroupsOfFiveDigits) {
  base::Digest digest;
  EXPECT_EQ(fingerprint_words(digest), "00000 00000 00000 00000 00000 00000 00000 00000");
  digest.bytes.fill(0xFF);  // 4,294,967,295 mod 100,000
  EXPECT_EQ(fingerprint_words(digest), "67295 67295 67295 67295 67295 67295 67295 67295");
  digest = {};
  digest.bytes[3] = 1;
  digest.bytes[31] = 9;
  EXPECT_EQ(fingerprint_words(digest), "00001 00000 00000 00000 00000 00000 00000 00009");
}

TEST(Fingerprint, ChangesWithEveryPart) {
  const base::Bytes terms = {1, 2, 3};
  base::StatementId id;
  const base::Digest first = request_fingerprint(terms, id);
  EXPECT_NE(request_fingerprint(base::Bytes{1, 2}, id), first);
  id.bytes[31] = 1;
  EXPECT_NE(request_fingerprint(terms, id), first);
  EXPECT_NE(invite_fingerprint(terms), first);
}

TEST(InviteCheck, AGoodOneNamesItsQuorum) {
  const Invited invited;
  const auto checked = check_invite(invited.whole_invite());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->genesis_signatures, 2U);
  EXPECT_EQ(checked->genesis.threshold, 2U);
  EXPECT_EQ(checked->terms, invited.terms);
}

struct InviteCase {
  const char* name;
  ErrorKind kind;
  const char* said;
  std::function<void(Invited&)> change;
};

class BadInvite : public testing::TestWithParam<InviteCase> {};

TEST_P(BadInvite, IsRefused) {
  Invited invited;
  GetParam().change(invited);
  const auto checked = check_invite(invited.whole_invite());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, GetParam().kind) << checked.error().message;
  EXPECT_THAT(checked.error().message, HasSubstr(GetParam().said));
}

const InviteCase kInvites[] = {
    {"another_network", ErrorKind::denied, "another network", [](Invited& i) { i.terms.network.bytes[0] ^= 1; }},
    {"another_broker_log_key", ErrorKind::denied, "broker's keys",
     [](Invited& i) { i.terms.broker_log_key.bytes[0] ^= 1; }},
    {"another_broker_transport_key", ErrorKind::denied, "broker's keys",
     [](Invited& i) { i.terms.broker_transport_key.bytes[0] ^= 1; }},
    {"another_token", ErrorKind::bad_signature, "token", [](Invited& i) { i.invite.token.bytes[0] ^= 1; }},
    {"genesis_nobody_signed", ErrorKind::denied, "nobody has signed",
     [](Invited& i) { i.invite.genesis_blocks.clear(); }},
    {"genesis_of_one_signature", ErrorKind::denied, "below_threshold",
     [](Invited& i) {
       support::Network lonely;
       const auto genesis = lonely.genesis(1);
       i.invite.genesis_body = genesis.parts.body;
       i.invite.genesis_blocks = genesis.parts.blocks;
     }},
    {"genesis_signature_changed", ErrorKind::bad_signature, "does not verify",
     [](Invited& i) { i.invite.genesis_blocks.back() ^= 1; }},
    {"no_genesis", ErrorKind::malformed, "", [](Invited& i) { i.invite.genesis_body = {1, 2, 3}; }},
    {"longer_than_a_month", ErrorKind::malformed, "incomplete",
     [](Invited& i) { i.terms.expires = i.terms.created + base::days(31); }},
    {"no_member", ErrorKind::malformed, "incomplete", [](Invited& i) { i.terms.member = {}; }},
};
INSTANTIATE_TEST_SUITE_P(Cases, BadInvite, testing::ValuesIn(kInvites),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(InviteTime, AWrongClockIsToldFromAnEnd) {
  const Invited invited;
  const base::Timestamp made = invited.terms.created;
  EXPECT_EQ(invite_timing(invited.terms, {made.ms - base::minutes(5).ms}), Timing::good);
  EXPECT_EQ(invite_timing(invited.terms, {made.ms - base::minutes(5).ms - 1}), Timing::ahead);
  EXPECT_EQ(invite_timing(invited.terms, {invited.terms.expires.ms - 1}), Timing::good);
  EXPECT_EQ(invite_timing(invited.terms, invited.terms.expires), Timing::over);
}

TEST(RequestTime, IsThatOfTheInviteAndNotAhead) {
  Invited invited;
  const base::Timestamp start = invited.network.now;
  const auto timing = [&](base::Timestamp made, base::Timestamp now) {
    invited.network.now = made;
    return request_timing(check_request(invited.request()).value(), now);
  };
  EXPECT_EQ(timing(start, start), Timing::good);
  EXPECT_EQ(timing(start + base::hours(1), start), Timing::ahead);
  EXPECT_EQ(timing({start.ms - base::hours(1).ms}, start), Timing::ahead) << "made before its invite";
  EXPECT_EQ(timing(start + base::hours(71), start + base::hours(80)), Timing::good);
  EXPECT_EQ(timing(start + base::hours(73), start + base::hours(80)), Timing::over);
}

TEST(RequestCheck, AGoodOneIsTheWholeEnrolment) {
  const Invited invited;
  const auto checked = check_request(invited.request());
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->body.member, invited.terms.member);
  EXPECT_EQ(checked->body.signing_key, invited.agency.signing.public_key());
  EXPECT_EQ(checked->invite_fingerprint, invite_fingerprint(wire::encode_terms(invited.terms)));
  EXPECT_EQ(checked->statement.blocks.size(), 2U);
}

// Somebody on the way changes the enrolment and signs it anew with keys of his own, but has no token; or has the token
// and changes what the invite fixes.
struct RequestCase {
  const char* name;
  ErrorKind kind;
  const char* said;
  std::function<wire::JoinRequest(Invited&)> make;
};

class BadRequest : public testing::TestWithParam<RequestCase> {};

TEST_P(BadRequest, IsRefused) {
  Invited invited;
  const auto checked = check_request(GetParam().make(invited));
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, GetParam().kind) << checked.error().message;
  EXPECT_THAT(checked.error().message, HasSubstr(GetParam().said));
}

base::StatementId id_of(const wire::JoinRequest& request) {
  return core::statement_id(core::StatementType::enrolment, request.body);
}

// The token is at hand: whoever has the invite may sign anything with it.
wire::JoinRequest with_body(const Invited& invited, const std::function<void(core::Enrolment&)>& change) {
  wire::JoinRequest request = invited.request();
  const auto statement =
      wire::parse_statement(core::media_type(core::StatementType::enrolment), request.body, {}, {}, {});
  auto body = std::get<core::Enrolment>(statement->body);
  change(body);
  request.body = wire::encode_enrolment(body);
  request.token_signature = invited.token().sign(token_signed_bytes(request.terms, id_of(request)));
  return request;
}
RequestCase changed(const char* name, const char* said, std::function<void(core::Enrolment&)> change) {
  return {name, ErrorKind::denied, said,
          [change = std::move(change)](Invited& invited) { return with_body(invited, change); }};
}
wire::JoinRequest with_keys(const Invited& invited, const base::PublicKey* signing,
                            const base::TransportKey* transport) {
  return with_body(invited, [&](core::Enrolment& body) {
    if (signing != nullptr) body.signing_key = *signing;
    if (transport != nullptr) body.transport_key = *transport;
  });
}

const RequestCase kRequests[] = {
    {"another_token", ErrorKind::denied, "not made with the token",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       const auto own = crypto::SigningKey::generate();
       request.token_key = own.public_key();
       request.token_signature = own.sign(token_signed_bytes(request.terms, id_of(request)));
       return request;
     }},
    {"changed_on_the_way", ErrorKind::bad_signature, "was changed since",
     [](Invited& i) {
       const wire::JoinRequest first = i.request();
       wire::JoinRequest other = i.request_of(i.network.add_agency(core::Sector::shelter).signing, i.agency.witness,
                                              i.agency.transport.public_key());
       other.token_signature = first.token_signature;
       return other;
     }},
    {"terms_of_another_invite", ErrorKind::bad_signature, "was changed since",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       i.terms.sector = core::Sector::police;
       request.terms = wire::encode_terms(i.terms);
       return request;
     }},
    {"signature_of_the_token_changed", ErrorKind::bad_signature, "was changed since",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       request.token_signature.bytes[0] ^= 1;
       return request;
     }},
    changed("another_network", "another network", [](auto& b) { b.header.network.bytes[0] ^= 1; }),
    changed("another_member", "another member", [](auto& b) { b.member.bytes[0] ^= 1; }),
    changed("another_organisation", "another organisation", [](auto& b) { b.organisation.bytes[0] ^= 1; }),
    changed("another_parent", "another parent", [](auto& b) { b.parent.bytes[0] ^= 1; }),
    changed("another_sector", "another sector", [](auto& b) { b.sector = core::Sector::police; }),
    changed("another_country", "another country", [](auto& b) { b.country ^= 1; }),
    changed("another_agreement", "another data-sharing", [](auto& b) { b.agreement.bytes[0] ^= 1; }),
    changed("replaces_something", "another statement to replace", [](auto& b) { b.header.replaces.bytes[0] ^= 1; }),
    changed("longer", "another time", [](auto& b) { b.until.ms += 1; }),
    changed("later", "another time", [](auto& b) { b.from.ms += 1; }),
    changed("takes_effect_later", "another time", [](auto& b) { b.header.valid_until.ms += 1; }),
    {"low_order_signing_key", ErrorKind::denied, "signing key of the request is of low order",
     [](Invited& i) {
       base::PublicKey key;  // the neutral point
       key.bytes[0] = 1;
       return with_keys(i, &key, nullptr);
     }},
    {"low_order_transport_key", ErrorKind::denied, "transport key of the request is of low order",
     [](Invited& i) {
       const base::TransportKey key;
       return with_keys(i, nullptr, &key);
     }},
    {"one_key_twice", ErrorKind::denied, "one key in two places",
     [](Invited& i) { return i.request_of(i.agency.signing, i.agency.signing, i.agency.transport.public_key()); }},
    {"no_possession", ErrorKind::denied, "no proof",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       request.blocks.clear();
       return request;
     }},
    {"possession_of_one_key_only", ErrorKind::denied, "all its keys",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       request.blocks = core::encode_block(core::decode_blocks(request.blocks)->front());
       return request;
     }},
    {"possession_by_another_key", ErrorKind::bad_signature, "does not hold",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       auto blocks = core::decode_blocks(request.blocks).value();
       blocks[1].signature = blocks[0].signature;
       request.blocks = core::encode_blocks(blocks);
       return request;
     }},
    {"a_block_of_somebody_else", ErrorKind::bad_signature, "does not hold",
     [](Invited& i) {
       wire::JoinRequest request = i.request();
       auto blocks = core::decode_blocks(request.blocks).value();
       blocks.push_back(blocks[0]);
       blocks[2].key.bytes[0] ^= 1;
       request.blocks = core::encode_blocks(blocks);
       return request;
     }},
};
INSTANTIATE_TEST_SUITE_P(Cases, BadRequest, testing::ValuesIn(kRequests),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace besa::client
