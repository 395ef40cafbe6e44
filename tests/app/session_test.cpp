// What the command line makes of its words, and frames of --watch.
#include <gtest/gtest.h>

#include "app/cli/session.hpp"
#include "app/cli/watch.hpp"

namespace dunlin {
namespace {

TEST(ParseRequest, TakesTheShowingOptionsOutOfTheWords) {
  const auto request = parse_request({"agent", "list", "-o", "csv", "--skill", "soft"});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->words, (std::vector<std::string>{"agent", "list", "--skill", "soft"}));
  EXPECT_EQ(request->format, OutputFormat::csv);
  EXPECT_EQ(request->watch_ms, 0);
}

TEST(ParseRequest, WatchTakesSecondsAndIsNeverFasterThanTwiceASecond) {
  struct Row { std::vector<std::string> words; int watch_ms; std::size_t left; };
  for (const Row& row : {Row{{"agent", "list", "--watch"}, 1000, 2}, Row{{"agent", "list", "--watch", "5"}, 5000, 2},
                         Row{{"agent", "list", "--watch", "0.1"}, 500, 2}, Row{{"--watch", "agent", "list"}, 1000, 2}}) {
    const auto request = parse_request(row.words);
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->watch_ms, row.watch_ms);
    EXPECT_EQ(request->words.size(), row.left);
  }
}

TEST(ParseRequest, AnUnknownFormatIsAnError) {
  EXPECT_EQ(parse_request({"agent", "list", "-o", "xml"}).error().code, Errc::invalid_input);
  EXPECT_FALSE(parse_request({"agent", "list", "-o"}).ok());
}

TEST(FitFrame, CutsLongLinesByLettersAndDropsRowsBelowTheWindow) {
  EXPECT_EQ(fit_frame("abc\n", 3, 5), "abc\033[K\n");
  EXPECT_EQ(fit_frame("abcd\n", 3, 5), "ab…\033[0m\033[K\n");
  EXPECT_EQ(fit_frame("Сидорова\n", 4, 5), "Сид…\033[0m\033[K\n");
  EXPECT_EQ(fit_frame("a\nb\nc\n", 10, 2), "a\033[K\nb\033[K\n");
  EXPECT_EQ(fit_frame("\033[1mABC\033[0m\n", 3, 2), "\033[1mABC\033[0m\033[K\n") << "colours take no room";
}

}  // namespace
}  // namespace dunlin
