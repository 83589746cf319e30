// What the ceremony refuses, each with words that name the next step.
#include <fstream>

#include "client/joining.h"
#include "tests/integration/ceremony/ceremony.h"

namespace besa::ceremony {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Refusing : public Ceremony {
 protected:
  std::string id_of(const std::string& invite) const {
    const auto file = wire::decode_invite(read(invite)).value();
    return base::to_hex(wire::decode_terms(file.terms)->member.view());
  }
  Words join_words(const std::string& invite, const std::string& folder) const {
    return {"join", "@" + invite, "--dir", "@" + folder};
  }
};

TEST_F(Refusing, AnInviteIsGoodOnce) {
  const std::string first = asked("one");
  const std::string path = join("one.invite", "two")["request"];
  const std::string second = path.substr(at("").size());
  approve("admin0", first);
  expect(admin(approve_words("admin0", second)), 5, "used for another request already");
  // Administrators who know nothing of each other's records sign both: the log takes one.
  approve("admin1", second);
  expect(admin(approve_words("admin1", first)), 5, "used for another request already");
  approve("admin2", second);
  approve("admin1", first, {"--invites", "@elsewhere"});
  expect(submit(first), 0, "Accepted");
  expect(submit(second), 5, "[governance_stale]");
  expect(admin(approve_words("admin1", second, {"--invites", "@nowhere"})), 5, "used already");
}

TEST_F(Refusing, AnInviteThatIsOverOrNotYetBegunNamesBothTimes) {
  invite("vatra.invite");
  struct Case {
    base::Duration earlier;
    const char* said;
  };
  const base::Timestamp now = clock_.now();
  const auto at_time = [&](std::int64_t hours) {
    return base::Timestamp{now.ms + static_cast<std::uint64_t>(hours) * base::hours(1).ms};
  };
  change_invite("vatra.invite", [&](wire::InviteTerms& terms) {
    terms.created = at_time(-80);
    terms.expires = at_time(-8);
  });
  const Finished over = node(join_words("vatra.invite", "vatra"));
  expect(over, 5, "has expired");
  EXPECT_THAT(over.output, AllOf(HasSubstr("clock of this computer says 20"), HasSubstr("look at the clock first")));
  change_invite("vatra.invite", [&](wire::InviteTerms& terms) {
    terms.created = at_time(2);
    terms.expires = at_time(74);
  });
  const Finished ahead = node(join_words("vatra.invite", "vatra"));
  expect(ahead, 5, "from the future");
  EXPECT_THAT(ahead.output, HasSubstr("look at the clock first"));
  EXPECT_FALSE(std::filesystem::exists(at("vatra"))) << "nothing was made";
}

TEST_F(Refusing, ARequestOutOfItsTimeNamesBothTimes) {
  invite("vatra.invite");
  change_invite("vatra.invite", [&](wire::InviteTerms& terms) {
    terms.created = {clock_.now().ms - base::hours(80).ms};
    terms.expires = {clock_.now().ms - base::hours(8).ms};
  });
  const auto signing = crypto::SigningKey::generate();
  const auto witness = crypto::SigningKey::generate();
  forge_request("vatra.invite", "late.request", signing, witness, crypto::TransportSecret::generate().public_key());
  expect(admin(approve_words("admin0", "late.request")), 5, "after its invite had ended");
}

TEST_F(Refusing, AnotherNetworkIsNamed) {
  const std::string request = asked("vatra");
  change_invite("vatra.invite", [](wire::InviteTerms& terms) { terms.network.bytes[0] ^= 1; });
  expect(node(join_words("vatra.invite", "other")), 5, "another network");
  // An administrator of two networks who takes the wrong file.
  std::string other = read("admin0/network.json");
  const std::string id = base::to_hex(network_.id().view());
  other.replace(other.find(id), id.size(), std::string(64, '5'));
  write("other.json", other);
  std::filesystem::create_directory(at("fresh"));
  std::filesystem::copy(at("admin1"), at("fresh"), std::filesystem::copy_options::recursive);
  std::filesystem::remove(at("fresh/genesis"));
  expect(admin(approve_words("fresh", request, {"--network", "@other.json"})), 3, "another network");
}

TEST_F(Refusing, AFolderOfAnotherMemberIsNotOverwritten) {
  asked("vatra");
  invite("second.invite");
  const std::string before = read("vatra/keys/signing.key");
  expect(node(join_words("second.invite", "vatra")), 5, "another member");
  EXPECT_EQ(read("vatra/keys/signing.key"), before);
}

TEST_F(Refusing, KeysOfLowOrderOrInUse) {
  invite("vatra.invite");
  const auto signing = crypto::SigningKey::generate();
  const auto witness = crypto::SigningKey::generate();
  const auto transport = crypto::TransportSecret::generate().public_key();
  forge_request("vatra.invite", "low.request", signing, witness, base::TransportKey{});
  expect(admin(approve_words("admin0", "low.request")), 5, "low order");
  expect(submit("low.request"), 5, "low order");
  forge_request("vatra.invite", "used.request", signing, witness, network_.administrators()[0].transport.public_key());
  expect(admin(approve_words("admin0", "used.request")), 5, "in use by somebody");
  forge_request("vatra.invite", "own.request", network_.administrators()[2].signing, witness, transport);
  expect(admin(approve_words("admin0", "own.request")), 5, "in use by somebody");
}

TEST_F(Refusing, AnEnrolmentWithoutPossession) {
  const std::string request = asked("vatra");
  wire::JoinRequest file = wire::decode_join_request(read(request)).value();
  file.blocks.clear();
  write("bare.request", wire::encode_join_request(file));
  expect(admin(approve_words("admin0", "bare.request")), 5, "no proof that the agency holds the keys");
  expect(submit("bare.request"), 5, "no proof that the agency holds the keys");
}

TEST_F(Refusing, OneOrganisationAloneAndTooFew) {
  const std::string request = asked("vatra");
  const std::size_t size = log_size();
  expect(submit(request), 5, "[below_threshold]");
  approve("admin0", request);
  expect(submit(request), 5, "[below_threshold]");
  // The same signature again under another name is still one.
  for (const auto& file : std::filesystem::directory_iterator(at("vatra"))) {
    if (file.path().extension() != ".approval") continue;
    std::filesystem::copy(file.path(), at(request) + ".ffffffff.approval");
    break;
  }
  expect(submit(request), 5, "[below_threshold]");
  EXPECT_EQ(log_size(), size) << "what would be refused is not brought";
}

TEST_F(Refusing, ApprovalsOfSomebodyElseOrOfAnotherRequestDoNotCount) {
  const std::string request = asked("vatra");
  const std::string other = asked("other");
  approve("admin0", request);
  approve("admin1", other);
  for (const auto& file : std::filesystem::directory_iterator(at("other"))) {
    if (file.path().extension() == ".approval") std::filesystem::copy(file.path(), at(request) + ".01234567.approval");
  }
  Finished ran = submit(request);
  expect(ran, 5, "[below_threshold]");
  EXPECT_THAT(ran.output, HasSubstr("is of another request, or of this one before it was changed"));

  const auto stranger = crypto::SigningKey::generate();
  const auto checked = client::check_request(wire::decode_join_request(read(request)).value());
  core::SignatureBlock block;
  block.key = core::administrator_key_id(base::OrganisationId{}, stranger.public_key());
  block.signature = stranger.sign(core::signed_bytes(base::id_cast<base::Digest>(checked->statement.id)));
  write(request + ".01234567.approval", wire::encode_approval({checked->statement.id, core::encode_block(block)}));
  ran = submit(request);
  expect(ran, 5, "[below_threshold]");
  EXPECT_THAT(ran.output, HasSubstr("not, or no longer, an administrator's"));

  // Another's name under a signature that is not his.
  const auto& third = network_.administrators()[2];
  block.key = core::administrator_key_id(third.organisation, third.signing.public_key());
  write(request + ".01234567.approval", wire::encode_approval({checked->statement.id, core::encode_block(block)}));
  ran = submit(request);
  expect(ran, 5, "[below_threshold]");
  EXPECT_THAT(ran.output, HasSubstr("not signed by the administrator that it names"));

  // They stand in nobody's way.
  approve("admin2", request);
  expect(submit(request), 0, "Accepted");
}

TEST_F(Refusing, AReplayOfApprovalsChangesNothing) {
  const std::string request = asked("vatra");
  approve("admin0", request);
  approve("admin1", request);
  expect(submit(request), 0, "Accepted: in force");
  const std::string id = id_of("vatra.invite");
  expect(admin({"suspend", id, "--network", "@admin0/network.json", "--keys", "@admin0", "--out", "@stop"}), 0, "");
  for (const char* name : {"admin0", "admin1"}) {
    expect(admin({"sign", "@stop", "--keys", std::string("@") + name}), 0, "");
  }
  expect(admin({"submit", "@stop", "--keys", "@admin0"}), 0, "Accepted");
  const std::size_t size = log_size();
  expect(submit(request), 0, "Since then the member was suspended");
  EXPECT_EQ(log_size(), size);
  EXPECT_EQ(member(request)->standing, core::Standing::suspended);
}

TEST_F(Refusing, ARevokedInviteIsNotApproved) {
  const std::string request = asked("vatra");
  const std::string digits = id_of("vatra.invite").substr(0, 8);
  expect(admin({"invite", "revoke", "0123", "--keys", "@admin0"}), 4, "besa-admin invite list");
  expect(admin({"invite", "revoke", digits, "--keys", "@admin0"}), 0, "Revoked");
  expect(admin({"invite", "revoke", digits, "--keys", "@admin0"}), 0, "Revoked");
  expect(admin(approve_words("admin0", request)), 5, "was revoked");
  expect(admin(approve_words("admin1", request, {"--invites", "@admin0/invites"})), 5, "was revoked");
  expect(admin({"invite", "list", "--keys", "@admin0"}), 0, "revoked");
}

// A stranger writes an invite, answers it, and asks each administrator, who might believe that another one made it.
TEST_F(Refusing, AnInviteThatNobodyMade) {
  invite("true.invite");
  wire::Invite forged = wire::decode_invite(read("true.invite")).value();
  wire::InviteTerms terms = wire::decode_terms(forged.terms).value();
  const auto token = crypto::SigningKey::generate();
  ASSERT_TRUE(wire::InviteToken::read(token.seed().view(), forged.token));
  terms.token_hash = client::token_hash(token.public_key());
  terms.member.bytes[0] ^= 1;
  forged.terms = wire::encode_terms(terms);
  write("forged.invite", wire::encode_invite(forged));
  const std::string path = join("forged.invite", "stranger")["request"];
  const std::string request = path.substr(at("").size());
  for (const char* name : {"admin0", "admin1"}) {
    const Words plain = {"approve", "@" + request, "--keys", std::string("@") + name, "--compared"};
    expect(admin(plain), 5, "is not in your records");
    Words other = plain;
    other.insert(other.end(), {"--invite-fingerprint", "12345 12345 12345 12345 12345 12345 12345 12345"});
    expect(admin(other), 5, "is not in your records");
    Words wrong = plain;
    wrong.insert(wrong.end(), {"--invite-fingerprint", "12345"});
    expect(admin(wrong), 2, "forty digits");
  }
}

TEST_F(Refusing, ARequestWithoutItsKeysIsNotGivenAgain) {
  const std::string request = asked("vatra");
  std::filesystem::remove_all(at("vatra/keys"));
  expect(node(join_words("vatra.invite", "vatra")), 4, "member.request.json");
  std::filesystem::copy(at(request), at("vatra.kept"));
  std::filesystem::remove(at(request));
  join("vatra.invite", "vatra");
  std::filesystem::copy(at("vatra.kept"), at(request), std::filesystem::copy_options::overwrite_existing);
  expect(node(join_words("vatra.invite", "vatra")), 1, "was made with other keys");
}

TEST_F(Refusing, TermsThatDifferFromTheRecord) {
  invite("vatra.invite");
  change_invite("vatra.invite", [](wire::InviteTerms& terms) { terms.sector = core::Sector::police; });
  const std::string path = join("vatra.invite", "vatra")["request"];
  expect(admin(approve_words("admin0", path.substr(at("").size()))), 5, "other terms than the invite");
}

TEST_F(Refusing, AnotherAgreementThanTheOneAtHand) {
  const std::string request = asked("vatra");
  write("other.txt", "we share everything");
  expect(admin(approve_words("admin0", request, {"--agreement", "@other.txt"})), 5, "another data-sharing agreement");
}

TEST_F(Refusing, WhoIsNoAdministratorApprovesNothing) {
  const std::string request = asked("vatra");
  expect(admin({"keys", "--dir", "@stranger"}), 0, "");
  std::filesystem::copy(at("admin0/network.json"), at("stranger/network.json"));
  expect(admin(approve_words("stranger", request)), 5, "does not admit this transport key");
}

TEST_F(Refusing, WordsThatAreWrong) {
  expect(admin(invite_words("a", {"--expires", "31d"})), 2, "1m to 30d");
  expect(admin({"invite", "create", "Vatra\n", "--sector", "shelter"}), 2, "line break");
  expect(admin({"invite", "create", "Vatra", "--sector", "sheltr", "--country", "AL"}), 2, "did you mean 'shelter'");
}

}  // namespace
}  // namespace besa::ceremony
