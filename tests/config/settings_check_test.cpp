// What an operator gets wrong in the settings, one row a mistake: each is refused with file, line, option and what is allowed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace dunlin {
namespace {

struct WrongSetting {
  std::string text;
  std::string problem;  ///< The whole refusal.
};

const std::string good_trunk = "[[trunk]]\nname = \"a\"\naddress = \"192.0.2.1:5060\"\n";

std::string refusal_of(const std::string& text, const Environment& environment = {}) {
  const auto loaded = parse_settings(text, "n.toml", environment);
  return loaded ? "good" : loaded.error().detail;
}

void expect_refusals(const std::vector<WrongSetting>& rows) {
  for (const auto& row : rows) EXPECT_EQ(refusal_of(row.text), row.problem) << row.text;
}

TEST(SettingsCheck, NamesAreWordsOfPlainCharacters) {
  const std::string allowed = " is not allowed; allowed: 1 to 64 letters (a-z, A-Z), digits, '.', '-' and '_'";
  expect_refusals({
      {"[node]\nname = \"\"\n", "n.toml:2: node.name: \"\"" + allowed},
      {"[node]\nname = \"n1\"\ntenant = \"a b/c\"\n", "n.toml:3: node.tenant: \"a b/c\"" + allowed},
      {"[agents]\nrealm = 'a\"b'\n", "n.toml:2: agents.realm: must be 1 to 64 characters without quotes, backslashes and control characters"},
      {"[agents]\nrealm = \"\"\n", "n.toml:2: agents.realm: must be 1 to 64 characters without quotes, backslashes and control characters"},
  });
}

TEST(SettingsCheck, AddressesOfTheAgentsSide) {
  const std::string wants = " is not a numeric address with a port: 192.0.2.1:5060 or [2001:db8::1]:5060";
  const std::string network = ", which is not a network: 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32, no bits set below the prefix";
  expect_refusals({
      {"[agents]\ntls_bind = \"foo\"\n", "n.toml:2: agents.tls_bind: \"foo\"" + wants},
      {"[agents]\nudp_bind = \"foo\"\nplain_agent_networks = [\"10.0.0.0/8\"]\n", "n.toml:2: agents.udp_bind: \"foo\"" + wants},
      {"[agents]\n\nudp_bind = \"127.0.0.1:5060\"\n", "n.toml:3: agents.udp_bind: needs plain_agent_networks, else nobody may use it"},
      {"[agents]\nplain_agent_networks = [\"10.0.0.0/99\"]\n", "n.toml:2: agents.plain_agent_networks: holds \"10.0.0.0/99\"" + network},
      {"[agents]\nplain_agent_networks = [\"10.0.0.1/8\"]\n", "n.toml:2: agents.plain_agent_networks: holds \"10.0.0.1/8\"" + network},
  });
  EXPECT_EQ(refusal_of("[agents]\nudp_bind = \"[::1]:5060\"\nplain_agent_networks = [\"10.0.0.0/8\", \"2001:db8::/32\"]\n"), "good");
}

TEST(SettingsCheck, AddressesOfMedia) {
  const std::string wildcard = " is all addresses of this machine and would stand in SDP, where it means hold: name one, or give advertised_address";
  expect_refusals({
      {"[media]\nbind_address = \"hello\"\n", "n.toml:2: media.bind_address: \"hello\" is not a numeric address without a port: 192.0.2.1 or 2001:db8::1"},
      {"[media]\nbind_address = \"0.0.0.0\"\n", "n.toml:2: media.bind_address: \"0.0.0.0\"" + wildcard},
      {"[media]\nbind_address = \"::\"\n", "n.toml:2: media.bind_address: \"::\"" + wildcard},
      {"[media]\nbind_address = \"0.0.0.0\"\nadvertised_address = \"0.0.0.0\"\n",
       "n.toml:3: media.advertised_address: \"0.0.0.0\" is not a numeric address that others can reach: 203.0.113.7 or 2001:db8::7"},
      {"[media]\nport_min = 20000\nport_max = 20001\n", "n.toml:3: media.port_max: must exceed port_min by at least 3"},
  });
  EXPECT_EQ(refusal_of("[media]\nbind_address = \"0.0.0.0\"\nadvertised_address = \"203.0.113.7\"\n"), "good");
}

TEST(SettingsCheck, ATrunkNamesItsMistakesByLine) {
  const std::string number = ", which is not in E.164 like +74950000001";
  expect_refusals({
      {good_trunk + "local_bind = \"foo\"\n", "n.toml:4: trunk[0].local_bind: \"foo\" is not a numeric address with a port: 192.0.2.1:5060 or [2001:db8::1]:5060"},
      {good_trunk + "local_bind = \"0.0.0.0:5080\"\n",
       "n.toml:4: trunk[0].local_bind: \"0.0.0.0:5080\" is all addresses of this machine and would stand in Contact: name one, or give advertised_address"},
      {good_trunk + "allowed_sources = [\"192.0.2.0/24\", \"zz\"]\n",
       "n.toml:4: trunk[0].allowed_sources: holds \"zz\", which is not a network: 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32, no bits set below the prefix"},
      {good_trunk + "test_numbers = [\"8916\"]\n", "n.toml:4: trunk[0].test_numbers: holds \"8916\"" + number},
      {good_trunk + "codecs = [\"g729\"]\n", "n.toml:4: trunk[0].codecs: holds \"g729\"; allowed: pcma, pcmu, opus"},
      {good_trunk + "codecs = []\n", "n.toml:4: trunk[0].codecs: must hold at least one of pcma, pcmu, opus"},
      {good_trunk + "register_user = \"u\"\n", "n.toml:4: trunk[0].register_user: needs password_file"},
      {good_trunk + "password_file = \"p\"\n", "n.toml:4: trunk[0].password_file: without register_user"},
      {good_trunk + good_trunk, "n.toml:5: trunk[1].name: \"a\" is used twice"},
      {"[[trunk]]\naddress = \"192.0.2.1:5060\"\n", "n.toml:1: trunk[0].name: every [[trunk]] needs a name"},
  });
  EXPECT_EQ(refusal_of(good_trunk + "local_bind = \"0.0.0.0:5080\"\nadvertised_address = \"203.0.113.7\"\n"), "good");
}

TEST(SettingsCheck, AWrongVariableIsNamedAndNotTheFile) {
  const std::string text = "[media]\nport_min = 20000\n";
  EXPECT_EQ(refusal_of(text, {{"DUNLIN__MEDIA__PORT_MIN", "abc"}}), "environment DUNLIN__MEDIA__PORT_MIN: media.port_min: must be a whole number from 1024 to 65534");
  EXPECT_EQ(refusal_of("", {{"DUNLIN__LOG__LEVEL", "loud"}}),
            "environment DUNLIN__LOG__LEVEL: log.level: \"loud\" is not allowed; allowed: trace, debug, info, warn, error, off");
  EXPECT_EQ(refusal_of("", {{"DUNLIN__NODE__NMAE", "a"}}), "environment DUNLIN__NODE__NMAE: unknown option; did you mean DUNLIN__NODE__NAME?");
  EXPECT_EQ(refusal_of("", {{"DUNLIN__QUITE_ANOTHER_THING", "a"}}), "environment DUNLIN__QUITE_ANOTHER_THING: unknown option");
}

TEST(SettingsCheck, AListFromTheEnvironmentHasCommas) {
  const std::string variable = "DUNLIN__AGENTS__PLAIN_AGENT_NETWORKS";
  const auto loaded = parse_settings("[agents]\nplain_agent_networks = [\"172.16.0.0/12\"]\n", "n.toml", {{variable, "10.0.0.0/8, 192.0.2.7"}});
  ASSERT_TRUE(loaded.ok()) << loaded.error().detail;
  EXPECT_EQ(loaded->settings.agents.plain_agent_networks, (std::vector<std::string>{"10.0.0.0/8", "192.0.2.7"}));
  const auto none = parse_settings("[agents]\nplain_agent_networks = [\"172.16.0.0/12\"]\n", "n.toml", {{variable, ""}});
  ASSERT_TRUE(none.ok()) << none.error().detail;
  EXPECT_TRUE(none->settings.agents.plain_agent_networks.empty());
  EXPECT_EQ(refusal_of("", {{variable, "10.0.0.0/8,,x"}}).substr(0, 86), ("environment " + variable + ": agents.plain_agent_networks: holds \"\"").substr(0, 86));
}

}  // namespace
}  // namespace dunlin
