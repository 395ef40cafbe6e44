#include "config/settings.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

std::string problems_of(std::string_view text, const Environment& environment = {}) {
  const auto loaded = parse_settings(text, "node.toml", environment);
  return loaded ? "" : loaded.error().detail;
}

TEST(Settings, AFolderIsNoSettingsFile) {
  const auto loaded = load_settings(std::filesystem::temp_directory_path(), {});
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().detail.find("is a folder: name the file in it"), std::string::npos) << loaded.error().detail;
}

TEST(Settings, ExampleFileLoadsAndShowsEveryOptionWithItsDefault) {
  const auto example = load_settings(std::string(DUNLIN_SOURCE_DIR) + "/config/dunlin.example.toml", {});
  ASSERT_TRUE(example.ok()) << example.error().detail;
  const auto defaults = parse_settings("", "defaults", {});
  ASSERT_TRUE(defaults.ok());
  for (const auto& option : example->effective) EXPECT_NE(option.origin, "default") << option.path << " is missing from the example file";
  for (const auto& option : defaults->effective) {
    const auto same = std::find_if(example->effective.begin(), example->effective.end(), [&](const SettingView& e) { return e.path == option.path; });
    ASSERT_NE(same, example->effective.end()) << option.path;
    EXPECT_EQ(same->value, option.value) << option.path << ": the example must show the default";
  }
}

TEST(Settings, UnknownOptionIsNamedWithLineAndGuess) {
  EXPECT_EQ(problems_of("[media]\n\nport_mim = 4000\n"), "node.toml:3: media.port_mim: unknown option; did you mean port_min?");
}

TEST(Settings, BadValuesNameFileLineAndWhatIsAllowed) {
  EXPECT_EQ(problems_of("[log]\nlevel = \"loud\"\n"), "node.toml:2: log.level: \"loud\" is not allowed; allowed: trace, debug, info, warn, error, off");
  EXPECT_EQ(problems_of("[media]\nport_min = 80\n"), "node.toml:2: media.port_min: must be a whole number from 1024 to 65534");
  EXPECT_EQ(problems_of("[node]\nname = 5\n"), "node.toml:2: node.name: must be a text in quotes");
}

TEST(Settings, WhereATrunkSendsIsHostAndPortOrAName) {
  const auto trunk = [](const std::string& address, const std::string& proxy) {
    return problems_of("[[trunk]]\nname = \"a\"\naddress = \"" + address + "\"\noutbound_proxy = \"" + proxy + "\"\n");
  };
  const std::string good = "192.0.2.1:5060";
  for (const std::string right : {"192.0.2.1:5060", "sip.carrier.example:5061", "[2001:db8::1]:5060", "sip.carrier.example", "carrier-1", "3com.example"}) {
    EXPECT_EQ(trunk(right, right), "") << right;
  }
  EXPECT_EQ(trunk(good, ""), "");
  for (const std::string wrong : {"192.0.2.1", ".carrier.example", "carrier.example.1", "carrier example", "sip:carrier.example", "carrier.example:", "carrier.example:sip", ":5060", "carrier.example:0",
                                  "carrier.example:65536", "2001:db8::1", "[2001:db8::1]"}) {
    EXPECT_EQ(trunk(wrong, ""), "node.toml:3: trunk[0].address: must be host:port, or a name with SRV records") << wrong;
    EXPECT_EQ(trunk(good, wrong), "node.toml:4: trunk[0].outbound_proxy: must be host:port, a name with SRV records, or empty") << wrong;
  }
}

/// A trunk on these ports, two lines after the trunk's heading.
std::string trunk_on(const std::string& name, const std::string& ports, int channels = 1) {
  return "[[trunk]]\nname = \"" + name + "\"\nrtp_ports = \"" + ports + "\"\naddress = \"192.0.2.1:5060\"\nchannels = " + std::to_string(channels) + "\n";
}

TEST(Settings, ATrunkMayHaveRtpPortsOfItsOwn) {
  const auto loaded = parse_settings(trunk_on("a", "30000-30999") + trunk_on("b", ""), "node.toml", {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().detail;
  EXPECT_EQ(loaded->settings.trunks[0].rtp_ports, (PortRange{30000, 30999}));
  EXPECT_FALSE(loaded->settings.trunks[1].rtp_ports.is_set());
  EXPECT_TRUE(loaded->warnings.empty());
  const std::string two_ports = "must be two ports like \"30000-30999\"";
  const std::string bounds = "must be two ports from 1024 to 65535, like \"30000-30999\"";
  const std::string width = "the last port must exceed the first by at least 3";
  for (const auto& [wrong, why] : std::vector<std::pair<std::string, std::string>>{
           {"30000", two_ports}, {"-", bounds}, {"30000-", bounds}, {"80-90", bounds}, {"30000-70000", bounds}, {"30000-30001-30002", bounds},
           {"30 000-30999", bounds}, {"30000-30002", width}, {"30999-30000", width}}) {
    EXPECT_EQ(problems_of(trunk_on("a", wrong)), "node.toml:3: trunk[0].rtp_ports: " + why) << wrong;
  }
}

TEST(Settings, RtpPortsOverlapOnlyWhenTheyAreTheSame) {
  const std::string node = "[media]\nport_min = 30000\nport_max = 30999\n";
  EXPECT_EQ(problems_of(node + trunk_on("a", "30000-30999") + trunk_on("b", "31000-31999") + trunk_on("c", "31000-31999")), "");
  const std::string rule = "; two ranges must be the same or have no port in common";
  EXPECT_EQ(problems_of(node + trunk_on("a", "30999-31002")),
            "node.toml:6: trunk[0].rtp_ports: 30999-31002 overlaps 30000-30999 of media.port_min (node.toml:2)" + rule);
  EXPECT_EQ(problems_of(node + trunk_on("a", "31000-31099") + trunk_on("b", "31010-31019")),
            "node.toml:11: trunk[1].rtp_ports: 31010-31019 overlaps 31000-31099 of trunk[0].rtp_ports (node.toml:6)" + rule);
  EXPECT_EQ(problems_of(trunk_on("a", "29000-31000")),
            "node.toml:3: trunk[0].rtp_ports: 29000-31000 overlaps 20000-29999 of media.port_min (node.toml)" + rule) << "the default has no line";
}

TEST(Settings, RtpPortsTooFewForTheChannelsAreAWarning) {
  const auto loaded = parse_settings(trunk_on("a", "30001-30010", 3) + trunk_on("b", "30001-30010", 2) + trunk_on("c", "31000-31009", 5), "node.toml", {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().detail;
  ASSERT_EQ(loaded->warnings.size(), 1U) << "ten ports from an even one are just enough for five";
  EXPECT_EQ(loaded->warnings[0],
            "node.toml:3: trunk[0].rtp_ports: 30001-30010 holds 4 legs, and its trunks have 5 channels: 10 ports are needed (30002-30011)");
}

TEST(Settings, ReliableRepliesAreOffSupportedOrRequired) {
  EXPECT_EQ(problems_of("[[trunk]]\nname = \"a\"\naddress = \"192.0.2.1:5060\"\nreliability = \"prack\"\n"),
            "node.toml:4: trunk[0].reliability: \"prack\" is not allowed; allowed: off, supported, required");
}

TEST(Settings, TheAddressOfRedisIsHostAndPortOrAUnixSocket) {
  for (const char* good : {"127.0.0.1:6379", "redis.internal:6379", "[::1]:6379", "unix:/run/redis/redis.sock", ""}) {
    EXPECT_EQ(problems_of("[events]\nredis = \"" + std::string(good) + "\"\n"), "") << good;
  }
  for (const char* wrong : {"localhost", "localhost:", ":6379", "localhost:70000", "unix:redis.sock"}) {
    EXPECT_EQ(problems_of("[events]\nredis = \"" + std::string(wrong) + "\"\n"),
              "node.toml:2: events.redis: must be host:port or unix:/path/to/redis.sock") << wrong;
  }
}

TEST(Settings, ARedisUserNeedsItsPasswordFile) {
  EXPECT_EQ(problems_of("[events]\nuser = \"feeder\"\n"), "node.toml:2: events.user: needs password_file");
  EXPECT_EQ(problems_of("[events]\nmax_length = 5\n"), "node.toml:2: events.max_length: must be a whole number from 1000 to 1000000000");
}

TEST(Settings, AllProblemsAreListedAtOnce) {
  const std::string problems = problems_of("[node]\ntick_ms = 1\n[[trunk]]\nname = \"a\"\n");
  EXPECT_NE(problems.find("node.tick_ms"), std::string::npos);
  EXPECT_NE(problems.find("trunk[0].address: must be host:port, or a name with SRV records"), std::string::npos);
}

TEST(Settings, BrokenTomlNamesTheLine) { EXPECT_EQ(problems_of("[node]\nname = \"a\nb\"").substr(0, 11), "node.toml:2"); }

TEST(Settings, EnvironmentOverridesTheFileAndIsShownAsOrigin) {
  const auto loaded = parse_settings("[node]\nname = \"a\"\n", "node.toml", {{"DUNLIN__NODE__NAME", "b"}});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->settings.node_name, "b");
  EXPECT_EQ(loaded->effective.front().origin, "environment DUNLIN__NODE__NAME");
}

TEST(Settings, ShiftedClockNeedsLoopbackTrunks) {
  const auto loopback = parse_settings("[[trunk]]\nname=\"a\"\naddress=\"127.0.0.1:15060\"\n", "n", {});
  const auto outside = parse_settings("[[trunk]]\nname=\"a\"\naddress=\"sip.example.org:5060\"\n", "n", {});
  EXPECT_TRUE(are_all_trunks_loopback(loopback->settings));
  EXPECT_FALSE(are_all_trunks_loopback(outside->settings));
}

TEST(Settings, AnAdvertisedAddressIsNumericAndCallerIdsAreE164) {
  const auto good = parse_settings(
      "[[trunk]]\nname=\"a\"\naddress=\"127.0.0.1:15060\"\nadvertised_address=\"203.0.113.7:5060\"\ncaller_ids=[\"+74950000001\"]\n", "n", {});
  EXPECT_TRUE(good.ok());
  const auto bad = parse_settings(
      "[[trunk]]\nname=\"a\"\naddress=\"127.0.0.1:15060\"\nadvertised_address=\"sip.example.org\"\ncaller_ids=[\"+74950000001\",\"84950000002\"]\n", "n", {});
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.error().detail.find("n:4: trunk[0].advertised_address: must be a numeric address"), std::string::npos) << bad.error().detail;
  EXPECT_NE(bad.error().detail.find("n:5: trunk[0].caller_ids: holds \"84950000002\", which is not in E.164"), std::string::npos) << bad.error().detail;
}

}  // namespace
}  // namespace dunlin
