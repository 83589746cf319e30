// The ceremony as it should go: from an invite to a node that is connected.
#include <chrono>
#include <thread>

#include "program/http_client.h"
#include "tests/integration/ceremony/ceremony.h"

namespace besa::ceremony {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Ceremony, FromAnInviteToANodeThatIsConnected) {
  const Json invited = invite("vatra.invite");
  EXPECT_THAT(read("vatra.invite"), HasSubstr("besa-invite v1"));
  const Json joined = join("vatra.invite", "vatra");
  EXPECT_EQ(joined["invite_fingerprint"], invited["fingerprint"]);
  EXPECT_EQ(joined["member"], invited["invite"]);
  const std::string request = joined["request"].get<std::string>().substr(at("").size());

  const Finished shown = admin({"approve", "@" + request, "--keys", "@admin0", "--agreement", "@agreement.txt"});
  EXPECT_EQ(shown.code, 5) << "nothing is signed by whoever has not compared";
  for (const std::string& word :
       {std::string("Shelter Vatra"), invited["fingerprint"].get<std::string>(),
        joined["request_fingerprint"].get<std::string>(), std::string("gets 2"), std::string("agreement.txt"),
        std::string("given by the agency"), std::string("add --compared")}) {
    EXPECT_THAT(shown.output, HasSubstr(word));
  }
  expect(admin(approve_words("admin0", request)), 0, "1 of 2 approvals");
  expect(submit(request), 5, "[below_threshold]");
  expect(admin(approve_words("admin1", request)), 0, "2 of 2 approvals");
  expect(admin(approve_words("admin1", request)), 0, "You have approved it already");
  expect(submit(request), 0, "Accepted: in force from log entry ");
  expect(admin({"invite", "list", "--keys", "@admin0"}), 0, "Shelter Vatra  shelter  in force from log entry ");

  support::RunningProgram running;
  running.start(BESA_NODE, {"run", "--config", joined["config"]}, at("node.log"));
  const program::HttpClient client(at("vatra/node.sock"));
  bool connected = false;
  for (int i = 0; i < 400 && !connected; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto status = client.request("GET", "/v1/status", "", 1'000);
    if (!status) continue;
    const Json json = program::parse_json(status->body, program::kHttpBodyBytes).value_or(Json::object());
    connected = json.value("connected", false) && json.value("member_in_force", false);
  }
  EXPECT_TRUE(connected) << read("node.log");
  EXPECT_EQ(running.end(SIGTERM), 0);
}

TEST_F(Ceremony, TheTokenStaysInTheInvite) {
  invite("vatra.invite");
  join("vatra.invite", "vatra");
  const auto token = wire::decode_invite(read("vatra.invite"))->token;
  for (const auto& [path, content] : all_files()) {
    if (path == at("vatra.invite")) continue;
    EXPECT_EQ(content.find(base::as_text(token.view())), std::string::npos) << path;
    EXPECT_EQ(content.find(base::to_hex(token.view())), std::string::npos) << path;
  }
}

TEST_F(Ceremony, AUnitBelongsToItsParent) {
  const std::string parent = asked("vatra");
  const std::string parent_id = join("vatra.invite", "vatra")["member"];
  expect(admin(invite_words("early.invite", {"--parent", parent_id})), 4, "knows no member");
  approve("admin0", parent);
  approve("admin1", parent);
  expect(submit(parent), 0, "Accepted");
  invite("branch.invite", {"--parent", parent_id});
  const std::string path = join("branch.invite", "branch")["request"];
  const std::string unit = path.substr(at("").size());
  expect(admin(approve_words("admin0", unit, {"--dry-run"})), 0, "unit of");
  approve("admin0", unit);
  approve("admin1", unit);
  expect(submit(unit), 0, "Accepted");
  EXPECT_EQ(base::to_hex(member(unit)->parent.view()), parent_id);
  EXPECT_EQ(member(unit)->organisation, member(parent)->organisation);
}

TEST_F(Ceremony, SeveralRequestsLieInASharedFolder) {
  const std::string first = asked("one");
  const std::string second = asked("two");
  std::filesystem::create_directory(at("shared"));
  std::filesystem::copy(at(first), at("shared/one.request"));
  std::filesystem::copy(at(second), at("shared/two.request"));
  write("shared/broken.request", "besa-join-request v1\nAAAA\n");
  for (const char* name : {"admin0", "admin2"}) {
    const Finished ran = admin(approve_words(name, "shared"));
    expect(ran, 0, "Skipped");
    EXPECT_THAT(ran.output, HasSubstr("one.request"));
    EXPECT_THAT(ran.output, HasSubstr("two.request"));
  }
  expect(submit("shared/one.request"), 0, "Accepted");
  expect(submit("shared/two.request"), 0, "Accepted");
  expect(admin(approve_words("admin1", "shared")), 0, "used already");
}

TEST_F(Ceremony, ApprovalsFromElsewhereAreNamed) {
  const std::string request = asked("vatra");
  for (const char* name : {"admin0", "admin1"}) {
    const std::string copy = std::string(name) + "/request";
    std::filesystem::copy(at(request), at(copy));
    approve(name, copy);
  }
  Words more;
  for (const char* name : {"admin0", "admin1"}) {
    for (const auto& file : std::filesystem::directory_iterator(at(name))) {
      if (file.path().extension() == ".approval") more.insert(more.end(), {"--approval", file.path().string()});
    }
  }
  ASSERT_EQ(more.size(), 4U);
  expect(submit(request, more), 0, "Accepted");
}

TEST_F(Ceremony, ADryRunChangesNothing) {
  const auto before = all_files();
  expect(admin(invite_words("dry.invite", {"--dry-run"})), 0, "");
  EXPECT_EQ(all_files(), before);
  const std::string request = asked("vatra");
  const auto asked_for = all_files();
  expect(node({"join", "@vatra.invite", "--dir", "@other", "--dry-run"}), 0, "Nothing was written");
  expect(admin(approve_words("admin0", request, {"--dry-run"})), 0, "Nothing was signed");
  EXPECT_EQ(all_files(), asked_for);
  approve("admin0", request);
  approve("admin1", request);
  const auto approved = all_files();
  const std::size_t size = log_size();
  expect(submit(request, {"--dry-run"}), 0, "It would be accepted");
  const std::string id = join("vatra.invite", "vatra")["member"];
  expect(admin({"invite", "revoke", id, "--keys", "@admin0", "--dry-run"}), 0, "Would revoke");
  EXPECT_EQ(all_files(), approved);
  EXPECT_EQ(log_size(), size);
}

TEST_F(Ceremony, WithoutTheBrokerAnAdministratorStillApproves) {
  const std::string request = asked("vatra");
  expect(admin(approve_words("admin1", request, {"--dry-run"})), 0, "");  // has met the network
  EXPECT_EQ(end(SIGTERM), 0);
  expect(admin(approve_words("admin1", request)), 0, "as this administrator last saw them");
  expect(admin(approve_words("admin2", request)), 75, "cannot be reached");
  EXPECT_EQ(submit(request).code, 75);
}

}  // namespace
}  // namespace besa::ceremony
