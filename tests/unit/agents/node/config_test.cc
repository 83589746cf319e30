// The configuration of a node: the example loads, and each mistake is named with its line.
#include "agents/node/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agents/node/keys.h"
#include "tests/support/temporary_folder.h"

namespace besa::node {
namespace {

using testing::HasSubstr;

std::string good() {
  return "state = \"state\"\nkeys = \"keys\"\nsocket = \"node.sock\"\nnetwork = \"" + std::string(64, 'a') +
         "\"\n[broker]\nendpoint = \"tcp://broker.example:7700\"\ntransport_key = \"" + std::string(64, 'b') +
         "\"\n[peer.shelter]\nmember = \"" + std::string(32, 'c') + "\"\n";
}

base::Result<NodeConfig> load(const std::string& text) {
  const support::TemporaryFolder folder;
  support::write_file(folder / "node.toml", base::as_bytes(text));
  return load_config(folder / "node.toml");
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = good();
  const std::size_t at = text.find(from);
  BESA_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(NodeConfigTest, TheExampleLoads) {
  const auto config = load_config("docs/examples/node.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->peers.all().size(), 3U);
  EXPECT_TRUE(config->peers.find("IOM Tirana"));
  EXPECT_EQ(config->socket, "docs/examples/node.sock");
}

TEST(NodeConfigTest, EachMistakeIsNamedWithItsLine) {
  ASSERT_TRUE(load(good()));
  const std::string again = "[peer.again]\nmember = \"" + std::string(32, 'c') + "\"\n";
  struct Case {
    const char* name;
    std::string text;
    const char* said;
  };
  const Case cases[] = {
      {"unknown key", replaced("socket =", "sokcet ="), "node.toml:3: unknown key 'sokcet'; did you mean 'socket'?"},
      {"missing key", replaced("socket = \"node.sock\"\n", ""), "missing 'socket'"},
      {"endpoint", replaced("tcp://broker.example:7700", "localhost"), "node.toml:6: 'broker.endpoint': "},
      {"endpoint's port", replaced(":7700", ":0"), "tcp://HOST:PORT"},
      {"network", replaced(std::string(64, 'a'), "zz"), "node.toml:4: 'network': must be 64 hex digits"},
      {"no member", replaced(std::string(32, 'c'), ""), "node.toml:9: 'peer.shelter.member': must be 32 hex digits"},
      {"member of zeros", replaced(std::string(32, 'c'), std::string(32, '0')), "must be 32 hex digits"},
      {"one member, two names", good() + again, "is the member of peer 'again' too"},
      {"a name with a comma", replaced("peer.shelter", "peer.\"a,b\""), "no comma"},
      {"a name that moves the cursor", replaced("peer.shelter", "peer.\"a\\u001b[2J\""), "no control character"},
      {"poll", "poll = \"1ms\"\n" + good(), "from 200ms to 1h"},
      {"life", "life = \"31d\"\n" + good(), "from 1h to 30d"},
      {"a pager that a shell would look for", good() + "[notify]\ncommand = [\"page\"]\n", "the program's whole path"},
      {"a pager all the time", good() + "[notify]\nevery = \"1ms\"\n", "from 1s to 1d"},
      {"metrics for everybody", good() + "[metrics]\naddress = \"::\"\n", "must be one of loopback"},
      {"log level", good() + "[log]\nlevel = \"loud\"\n", "debug, info, warning, error"},
  };
  for (const Case& test : cases) {
    const auto config = load(test.text);
    ASSERT_FALSE(config) << test.name;
    EXPECT_EQ(config.error().kind, base::ErrorKind::configuration) << test.name;
    EXPECT_THAT(config.error().message, HasSubstr(test.said)) << test.name;
  }
}

TEST(NodeConfigTest, AnUnknownNameSaysWhichAreKnown) {
  const auto config = load(good() + "[peer.police]\nmember = \"" + std::string(32, 'd') + "\"\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_THAT(config->peers.find("shelte").error().message, HasSubstr("did you mean 'shelter'?"));
  EXPECT_THAT(config->peers.find("ministry").error().message, HasSubstr("are: police, shelter"));
}

// A member is shown under the name that this agency chose, and nothing of that name is anywhere else.
TEST(NodeConfigTest, AMemberHasTheNameThatItsPeerChose) {
  const auto config = load(replaced("peer.shelter", "peer.\"Strehimorja e Tiranës\""));
  ASSERT_TRUE(config) << config.error().message;
  const auto member = config->peers.find("Strehimorja e Tiranës");
  ASSERT_TRUE(member);
  EXPECT_EQ(config->peers.name_of(*member), "Strehimorja e Tiranës");
  EXPECT_EQ(config->peers.name_of(base::MemberId{{0xAB, 0xCD, 0xEF, 1}}), "member abcdef01");
}

TEST(NodeKeysTest, AKeyOfAnotherFolderIsFound) {
  namespace fs = std::filesystem;
  const support::TemporaryFolder folder;
  const std::string own = folder / "own";
  const std::string other = folder / "other";
  ASSERT_TRUE(make_keys(own, {}) && make_keys(other, {}));
  for (const char* name : {"signing.key", "witness.key", "transport.key"}) {
    const fs::path place = fs::path(own) / name;
    const base::Bytes kept = support::read_file(place);
    fs::copy_file(fs::path(other) / name, place, fs::copy_options::overwrite_existing);
    const auto loaded = load_keys(own);
    ASSERT_FALSE(loaded) << name;
    EXPECT_THAT(loaded.error().message, HasSubstr(std::string(name) + " is not the one of member.request.json"));
    support::write_file(place, kept);
  }
  EXPECT_TRUE(load_keys(own));
}

}  // namespace
}  // namespace besa::node
