#include "api/arguments.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(ParseUsage, ReadsWordsOptionsAndFlags) {
  const Usage usage = parse_usage("USER [REASON] [--skills A,B] [--digest sha256|md5] --document D [--force]");
  EXPECT_EQ(usage.words, (std::vector<std::string>{"USER", "REASON"}));
  EXPECT_EQ(usage.required, 1U);
  EXPECT_FALSE(usage.takes_more);
  ASSERT_EQ(usage.options.size(), 4U);
  EXPECT_EQ(usage.options[1].name, "digest");
  EXPECT_EQ(usage.options[1].value, "sha256|md5");
  EXPECT_EQ(usage.options[2].value, "D");
  EXPECT_TRUE(usage.options[3].is_flag());
}

TEST(ParseUsage, ALastWordMayRepeat) {
  const Usage usage = parse_usage("NAME KEY=VALUE... [--dry-run]");
  EXPECT_TRUE(usage.takes_more);
  EXPECT_EQ(usage.required, 2U);
  EXPECT_TRUE(usage.options[0].is_flag());
}

TEST(Arguments, TakesValuesByBothSpellings) {
  const Usage usage = parse_usage("NAME [--limit N] [--all]");
  for (const auto& words : {std::vector<std::string>{"x", "--limit", "7", "--all"}, {"--limit=7", "--all", "x"}, {"--all", "x", "--limit", "7"}}) {
    const auto arguments = Arguments::parse(words, usage);
    ASSERT_TRUE(arguments.ok()) << arguments.error().detail;
    EXPECT_EQ(arguments->count(), 1U);
    EXPECT_EQ(*arguments->number("limit", 0), 7);
    EXPECT_TRUE(arguments->has("all"));
  }
}

TEST(Arguments, BadWordsGetAHelpfulSentence) {
  const Usage usage = parse_usage("NAME [--limit N] [--all]");
  struct Row { std::vector<std::string> words; const char* sentence; };
  for (const Row& row : {Row{{"x", "--limti", "7"}, "unknown option --limti; did you mean --limit?"}, Row{{"x", "--limit"}, "--limit needs a value: N"},
                         Row{{"x", "--all=1"}, "--all takes no value"}, Row{{}, "missing NAME"}, Row{{"x", "y"}, "\"y\" is a word too many"},
                         Row{{"x", "-q"}, "unknown option -q"}}) {
    const auto arguments = Arguments::parse(row.words, usage);
    ASSERT_FALSE(arguments.ok());
    EXPECT_EQ(arguments.error().code, Errc::invalid_input);
    EXPECT_EQ(arguments.error().detail, row.sentence);
  }
  EXPECT_EQ(Arguments::parse({"--x"}, parse_usage("")).error().detail, "unknown option --x; this command has none");
}

TEST(Arguments, NumbersAreWhole) {
  const auto arguments = Arguments::parse({"--limit", "7x"}, parse_usage("[--limit N]"));
  EXPECT_EQ(arguments->number("limit", 1).error().detail, "--limit must be a whole number");
  EXPECT_EQ(*arguments->number("other", 5), 5);
}

}  // namespace
}  // namespace dunlin
