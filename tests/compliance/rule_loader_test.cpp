// A broken pack is named by file, line and field, and never becomes a rule set.
#include "config/rule_loader.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <ostream>

#include "config/zone_data.hpp"
#include "tests/compliance/policy_support.hpp"

namespace dunlin {
namespace {

/// A whole pack in one text; the tests break one line each.
const char* const small_pack = R"([pack]
id = "XX"
title = "Testland"
version = "1"
calendar = "none"
unknown_zones = ["Europe/London"]
open_channels = ["sms", "email", "messenger", "gosuslugi", "visit", "post", "robot_call", "voice_message"]
[[pool]]
name = "talk"
facts = [{ channels = ["call"], results = ["talked"] }]
[[rule]]
id = "XX-HRS"
kind = "calling_window"
source = "test"
certainty = "P"
valid_from = 2020-01-01
channels = ["call"]
day_types = ["working", "weekend"]
open = 08:00:00
close = 21:00:00
[[rule]]
id = "XX-FRQ"
kind = "frequency"
source = "test"
certainty = "P"
valid_from = 2020-01-01
channels = ["call"]
pool = "talk"
period = "day"
limit = 1
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

std::string fault_of(const std::string& text) {
  const auto rules = compile_rule_set({{"xx.toml", text}});
  return rules.ok() ? "no fault" : rules.error().detail;
}

TEST(RuleLoader, LoadsTheSmallPack) { EXPECT_EQ(fault_of(small_pack), "no fault"); }

TEST(RuleLoader, MissingCalendarIsNamed) {
  const std::string days =
      R"(["working", "weekend", "holiday", "working_weekend", "regional_holiday", "unknown"])";
  const std::string text = replaced(replaced(small_pack, "[\"working\", \"weekend\"]", days), "\"none\"", "\"xx\"");
  EXPECT_EQ(fault_of(text), "xx.toml:1: pack, field calendar: xx is not loaded");
}

struct Breakage {
  const char* what;
  const char* with;
  const char* fault;
};

void PrintTo(const Breakage& breakage, std::ostream* stream) { *stream << breakage.with; }

class BrokenPack : public testing::TestWithParam<Breakage> {};

TEST_P(BrokenPack, IsNamedByFileLineAndField) {
  EXPECT_EQ(fault_of(replaced(small_pack, GetParam().what, GetParam().with)), GetParam().fault);
}

INSTANTIATE_TEST_SUITE_P(
    RuleLoader, BrokenPack,
    testing::Values(
        Breakage{"limit = 1", "limit = -1", "xx.toml:30: rule XX-FRQ, field limit: must lie between 0 and 10000"},
        Breakage{"limit = 1", "limit = \"1\"", "xx.toml:30: rule XX-FRQ, field limit: a whole number is needed"},
        Breakage{"limit = 1", "limits = 1", "xx.toml:21: rule XX-FRQ, field limit: is missing, a whole number is needed"},
        Breakage{"limit = 1", "limit = 1\nlimt = 2", "xx.toml:31: rule XX-FRQ, field limt: is not known here"},
        Breakage{"period = \"day\"", "period = \"dai\"", "xx.toml:29: rule XX-FRQ, field period: \"dai\" is not known"},
        Breakage{"pool = \"talk\"", "pool = \"walk\"", "xx.toml:28: rule XX-FRQ, field pool: \"walk\" is not a pool of the pack"},
        Breakage{"kind = \"frequency\"", "kind = \"often\"",
                 "xx.toml:23: rule XX-FRQ, field kind: \"often\" is not a kind of rule"},
        Breakage{"close = 21:00:00", "close = 07:00:00", "xx.toml:20: rule XX-HRS, field close: must be later than open"},
        Breakage{"open = 08:00:00", "open = 8", "xx.toml:19: rule XX-HRS, field open: a time like 08:00:00 is needed"},
        Breakage{"certainty = \"P\"", "certainty = \"Q\"", "xx.toml:15: rule XX-HRS, field certainty: must be V1, V2, M or P"},
        Breakage{"source = \"test\"", "source = \"\"", "xx.toml:14: rule XX-HRS, field source: must not be empty"},
        Breakage{"valid_from = 2020-01-01", "valid_from = 2020-01-02\nvalid_to = 2020-01-01",
                 "xx.toml:17: rule XX-HRS, field valid_to: must not be earlier than valid_from"},
        Breakage{"results = [\"talked\"]", "results = [\"talkd\"]",
                 "xx.toml:10: pool talk, field results: \"talkd\" is not a result of a contact"},
        Breakage{"[\"working\", \"weekend\"]", "[\"working\"]",
                 "xx.toml:1: pack XX, field rule: no calling_window for channel call on a weekend day"},
        Breakage{"unknown_zones = [\"Europe/London\"]", "unknown_zones = [\"Europe/Londo\"]",
                 "xx.toml:1: pack, field unknown_zones: \"Europe/Londo\" is not a zone of tzdata"},
        Breakage{"calendar = \"none\"", "calendar = \"xx\"",
                 "xx.toml:1: pack XX, field rule: no calling_window for channel call on a holiday day"},
        Breakage{"id = \"XX-FRQ\"", "id = \"XX-HRS\"",
                 "xx.toml:21: rule XX-HRS, field valid_from: overlaps the rule of the same id and part in line 11"}));

TEST(RuleLoader, NamesTheLineOfASyntaxFault) {
  EXPECT_EQ(fault_of(replaced(small_pack, "limit = 1", "limit = = 1")).substr(0, 11), "xx.toml:30:");
}

TEST(RuleLoader, RefusesARuleSetWithoutAPack) {
  EXPECT_FALSE(compile_rule_set({}).ok());
  EXPECT_FALSE(compile_rule_set({{"a.toml", "x = 1\n"}}).ok());
}

TEST(RuleLoader, TwoVersionsOfARuleMayFollowEachOther) {
  std::string text = replaced(small_pack, "valid_from = 2020-01-01\nchannels = [\"call\"]\npool",
                              "valid_from = 2020-01-01\nvalid_to = 2025-12-31\nchannels = [\"call\"]\npool");
  text += "[[rule]]\nid = \"XX-FRQ\"\nkind = \"frequency\"\nsource = \"test\"\ncertainty = \"P\"\nvalid_from = 2026-01-01\n"
          "channels = [\"call\"]\npool = \"talk\"\nperiod = \"day\"\nlimit = 3\n";
  const auto rules = compile_rule_set({{"xx.toml", text}});
  ASSERT_TRUE(rules.ok()) << rules.error().detail;
  const auto is_second_talk_allowed = [&](const std::string& date) {
    const auto talk = history_of({fact_at(date + "T09:00:00Z", Channel::call, ContactResult::talked)});
    return ContactPolicy(*rules).decide(query_at(date + "T12:00:00Z", "XX", {"Europe/London"}), talk).is_allowed();
  };
  EXPECT_FALSE(is_second_talk_allowed("2025-12-31"));
  EXPECT_TRUE(is_second_talk_allowed("2026-01-01"));
}

TEST(RuleLoader, TheEndOfARuleHealsWhatItForbids) {
  const std::string text = replaced(small_pack, "valid_from = 2020-01-01\nchannels = [\"call\"]\npool",
                                    "valid_from = 2020-01-01\nvalid_to = 2026-03-04\nchannels = [\"call\"]\npool");
  const auto rules = compile_rule_set({{"xx.toml", replaced(text, "limit = 1", "limit = 0")}});
  ASSERT_TRUE(rules.ok()) << rules.error().detail;
  const Decision decision = ContactPolicy(*rules).decide(query_at("2026-03-04T12:00:00Z", "XX", {"Europe/London"}), {});
  EXPECT_EQ(rules_of(decision), "XX-FRQ");
  EXPECT_EQ(until_of(decision), "2026-03-05T08:00:00.000Z");
}

TEST(RuleLoader, OperatorMakesRulesStricterOnly) {
  const auto with = [](const std::string& operator_file) {
    return compile_rule_set({{"xx.toml", small_pack}, {"zz.toml", operator_file}});
  };
  EXPECT_TRUE(with("[operator]\ntail_s = 600\n[[tighten]]\npack = \"XX\"\nrule = \"XX-FRQ\"\nlimit = 0\n").ok());
  const auto looser = with("[operator]\n[[tighten]]\npack = \"XX\"\nrule = \"XX-FRQ\"\nlimit = 2\n");
  ASSERT_FALSE(looser.ok());
  EXPECT_EQ(looser.error().detail,
            "zz.toml:5: tighten, field limit: would loosen the rule; the operator may only make it stricter");
  EXPECT_FALSE(with("[operator]\n[[tighten]]\npack = \"XX\"\nrule = \"XX-HRS\"\nopen = 07:00:00\n").ok());
  EXPECT_FALSE(with("[operator]\n[[tighten]]\npack = \"XX\"\nrule = \"XX-NONE\"\nlimit = 0\n").ok());
}

TEST(RuleLoader, OperatorCannotLoosenTheEmbeddedOptions) {
  std::vector<RuleFile> files = embedded_rule_files();
  files.push_back({"zz_operator.toml", "[operator]\nmax_unanswered_day = 3\n"});
  EXPECT_FALSE(compile_rule_set(files).ok());
  files.back().text = "[operator]\nmax_unanswered_day = 1\n";
  const auto stricter = compile_rule_set(files);
  ASSERT_TRUE(stricter.ok()) << stricter.error().detail;
  EXPECT_EQ((*stricter)->default_options.max_unanswered_day, 1);
}

TEST(RuleLoader, EmbeddedFilesAreTheFilesOfTheRepository) {
  const auto files = embedded_rule_files();
  EXPECT_GE(files.size(), 14u);
  for (const RuleFile& file : files) EXPECT_EQ(file.text, read_text("config/rules/" + file.name)) << file.name;
}

TEST(RuleLoader, FolderReplacesAFileAndChangesTheVersion) {
  const auto folder = std::filesystem::temp_directory_path() / "dunlin_rule_loader_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "uk.toml") << read_text("config/rules/uk.toml") << "# A remark of the operator.\n";
  const auto rules = load_rule_set(folder);
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(rules.ok()) << rules.error().detail;
  EXPECT_NE((*rules)->version, test_rules()->version);
  EXPECT_EQ((*rules)->packs.at("RU").sha256, test_rules()->packs.at("RU").sha256);
  EXPECT_NE((*rules)->packs.at("UK").sha256, test_rules()->packs.at("UK").sha256);
  EXPECT_FALSE(load_rule_set(folder).ok());
}

TEST(RuleLoader, VersionIsASha256AndCalendarAndTzdataAreNamed) {
  EXPECT_EQ(test_rules()->version.size(), 64u);
  EXPECT_EQ(test_rules()->packs.at("RU").sha256.size(), 64u);
  EXPECT_NE(test_rules()->calendar_version.find("ru-2026.1"), std::string::npos);
  EXPECT_TRUE(is_recent_tzdata(test_rules()->zones->tzdata_version));
}

TEST(ZoneData, OldTzdataIsRefused) {
  EXPECT_TRUE(is_recent_tzdata("2024a"));
  EXPECT_TRUE(is_recent_tzdata("2026f"));
  EXPECT_FALSE(is_recent_tzdata("2023d"));
  EXPECT_FALSE(is_recent_tzdata("unknown"));
  EXPECT_FALSE(is_recent_tzdata(""));
}

TEST(RuleSet, WithoutPacksDeniesEveryContact) {
  auto empty = std::make_shared<RuleSet>();
  const Decision decision = ContactPolicy(empty).decide(moscow_call("12:00:00"), {});
  EXPECT_EQ(decision.verdict, Verdict::deny);
  EXPECT_EQ(rules_of(decision), "GEN-03");
}

}  // namespace
}  // namespace dunlin
