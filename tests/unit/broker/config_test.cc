// The configuration of the broker: the example loads, and each mistake is named with its line.
#include "broker/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace besa::broker {
namespace {

TEST(BrokerConfig, TheExampleLoads) {
  const auto config = load_config("docs/examples/broker.toml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->port, 7700);
  EXPECT_EQ(config->metrics_port, 0) << "nothing listens that nobody asked for";
  EXPECT_EQ(config->state, "docs/examples/state");
}

TEST(BrokerConfig, EachMistakeIsNamedWithItsLine) {
  struct Case {
    std::string text;
    const char* said;
  };
  const Case cases[] = {
      {"state = \"s\"\nkyes = \"k\"\n", "broker.toml:2: unknown key 'kyes'; did you mean 'keys'?"},
      {"keys = \"k\"\n", "missing 'state'"},
      {"state = \"s\"\nkeys = \"k\"\n[listen]\nport = 70000\n", "broker.toml:4: 'listen.port' must be from 0 to 65535"},
      {"state = \"s\"\nkeys = \"k\"\n[listne]\nport = 7\n",
       "broker.toml:3: unknown key 'listne'; did you mean 'listen'?"},
      {"state = \"s\"\nkeys = \"k\"\n[log]\nlevel = \"loud\"\n", "broker.toml:4: 'log.level': "},
      {"state = \"s\"\nkeys = \"k\"\n[metrics]\naddress = \"0.0.0.0\"\nport = 9464\n",
       "broker.toml:4: 'metrics.address': must be one of loopback"},
      {"state = \"\"\nkeys = \"k\"\n", "an empty path"},
      {"state = \"s\"\n[listen\n", "broker.toml:2:"},
  };
  for (const Case& test : cases) {
    const support::TemporaryFolder folder;
    support::write_file(folder / "broker.toml", base::as_bytes(test.text));
    const auto config = load_config(folder / "broker.toml");
    ASSERT_FALSE(config) << test.text;
    EXPECT_EQ(config.error().kind, base::ErrorKind::configuration);
    EXPECT_NE(config.error().message.find(test.said), std::string::npos) << config.error().message;
  }
}

}  // namespace
}  // namespace besa::broker
