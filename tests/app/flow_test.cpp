// `dunlin flow`: its words, and a call played by typed lines.
#include "app/cli/flow.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/speech_maker.hpp"
#include "config/flow_loader.hpp"

namespace dunlin {
namespace {

constexpr const char* reminder_file = DUNLIN_SOURCE_DIR "/config/flows/payment_reminder.toml";
constexpr UtcTime flow_noon{1'795'521'600'000};   // 2026-11-24 12:00 UTC.

Flow reminder() { return *parse_flow("reminder.toml", *read_flow_text(reminder_file)); }

/// What is printed when these lines are typed.
std::string played(const std::vector<std::string>& options, const std::string& typed) {
  std::vector<std::string> words{"flow", "play", reminder_file};
  words.insert(words.end(), options.begin(), options.end());
  const Flow flow = reminder();
  const auto play = parse_flow_play(words, flow, flow_noon);
  EXPECT_TRUE(play.ok());
  if (!play) return play.error().detail;
  std::istringstream in(typed);
  std::ostringstream out;
  play_flow(flow, *play, flow_noon, in, out);
  return out.str();
}

TEST(FlowWords, ACallIsPlayedToItsEnd) {
  struct Row {
    std::vector<std::string> options;
    const char* typed;
    std::vector<const char*> expected;
  };
  const Row rows[] = {
      {{"--overdue", "2001.52", "--dpd", "21"}, "1\n1\n1500#\n0512\n1\n",
       {"платёж просрочен на двадцать один день", "две тысячи один рубль пятьдесят две копейки",
        "Вы обещаете заплатить одну тысячу пятьсот рублей до пятого декабря", "promise of 1500.00 RUB by 2026-12-05: the case takes it",
        "end: script_ended, outcome rpc_promise, the person was confirmed"}},
      {{}, "2\n", {"Извините за беспокойство", "outcome wrong_number, the person was not confirmed"}},
      {{}, "1\n0\n", {"asks for an agent, waits 20s: one takes the call", "end: transferred, the person was confirmed"}},
      {{"--agents", "none"}, "1\n0\n", {"nobody is free", "callback in 2h", "outcome rpc_callback", "wanted an agent and got none"}},
      {{"--promises", "refused"}, "1\n1\n500#\n0512\n1\n", {"the case refuses it", "one takes the call"}},
      {{"--promise", "broken"}, "1\nhangup\n", {"Обещанный вами платёж не поступил", "end: hung_up, the person was confirmed"}},
      {{"--overdue", "300000"}, "1\n", {"asks for an agent"}},
      {{}, "\n\n\n", {"[who]", "[goodbye]", "end: script_ended, the person was not confirmed"}},
      {{}, "", {"[greeting]", "hung_up_at_identification"}},
  };
  for (const Row& row : rows) {
    const std::string text = played(row.options, row.typed);
    for (const char* expected : row.expected) EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
  }
}

TEST(FlowWords, WrongOptionsAreNamed) {
  struct Row {
    std::vector<std::string> options;
    const char* expected;
  };
  const Row rows[] = {{{"--overdu", "5"}, "--overdu is not known; did you mean --overdue?"},
                      {{"--overdue"}, "--overdue needs a value"},
                      {{"--overdue", "much"}, "--overdue: "},
                      {{"--dpd", "-1"}, "--dpd: a whole number of days is needed"},
                      {{"--promise", "maybe"}, "--promise: allowed are open, kept, broken"},
                      {{"--caller-number", "8912"}, "--caller-number: "},
                      {{"--agents", "two"}, "--agents: only none is known"}};
  for (const Row& row : rows) {
    std::vector<std::string> words{"flow", "play", "f.toml"};
    words.insert(words.end(), row.options.begin(), row.options.end());
    const auto play = parse_flow_play(words, reminder(), flow_noon);
    ASSERT_FALSE(play.ok());
    EXPECT_NE(play.error().detail.find(row.expected), std::string::npos) << play.error().detail;
  }
}

TEST(FlowWords, ExitCodesTellAWrongFileFromAMissingOne) {
  const LocalContext context{"/nonexistent", "table", false};
  EXPECT_EQ(run_flow({"flow", "check", reminder_file}, context), 0);
  EXPECT_EQ(run_flow({"flow", "fragments", reminder_file}, context), 0);
  EXPECT_EQ(run_flow({"flow", "check", "/nonexistent/flow.toml"}, context), 3);
  EXPECT_EQ(run_flow({"flow", "check", DUNLIN_SOURCE_DIR "/config/strategies/soft_collection.toml"}, context), 2);
  EXPECT_EQ(run_flow({"flow", "chek", reminder_file}, context), 2);
  EXPECT_EQ(run_flow({"flow"}, context), 2);
}

/// Writes the words instead of their sound; fails at one of them when told.
class WrittenSpeech final : public SpeechMaker {
 public:
  Status make(SpokenLanguage, const std::string& text, const std::filesystem::path& wav_file) override {
    if (text == failing) return Error{Errc::unavailable, "no voice"};
    std::ofstream(wav_file) << text;
    if (text == last_before_the_end) throw TheEnd{};
    return Done{};
  }
  struct TheEnd {};
  std::string failing;
  std::string last_before_the_end;
};

class RenderedFolder : public ::testing::Test {
 protected:
  RenderedFolder() { std::filesystem::remove_all(folder); }
  ~RenderedFolder() override { std::filesystem::remove_all(folder); }
  std::string content(const char* name) const {
    std::ifstream stream(folder / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  Result<RenderedSpeech> render(const SpokenPieces& pieces) { return render_speech(voice, SpokenLanguage::ru, pieces, folder); }

  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "dunlin-rendered-speech";
  WrittenSpeech voice;
};

TEST_F(RenderedFolder, ChangedWordsAreSpokenAgainAndRecordingsStay) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "studio.wav") << "a voice";
  const auto first = render({{"studio", "один"}, {"hello.1", "два"}, {"hello.2", "три"}, {"", "имя"}});
  ASSERT_TRUE(first.ok()) << first.error().detail;
  EXPECT_EQ(first->made, 2U);
  EXPECT_EQ(first->kept, 1U);
  EXPECT_EQ(content("studio.wav"), "a voice");
  const auto second = render({{"studio", "один"}, {"hello.1", "два"}, {"hello.2", "четыре"}});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->made, 1U);
  EXPECT_EQ(content("hello.2.wav"), "четыре");
}

TEST_F(RenderedFolder, AfterAFailureOnlyTheRestIsSpoken) {
  voice.failing = "два";
  const SpokenPieces pieces{{"a", "один"}, {"b", "два"}};
  ASSERT_FALSE(render(pieces).ok());
  voice.failing.clear();
  const auto again = render(pieces);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->made, 1U);
  EXPECT_EQ(again->kept, 1U);
}

TEST_F(RenderedFolder, WhatAnInterruptedRunMadeIsNoRecording) {
  voice.last_before_the_end = "один";
  EXPECT_THROW(static_cast<void>(render({{"a", "один"}, {"b", "два"}})), WrittenSpeech::TheEnd);
  ASSERT_EQ(content("a.wav"), "один");
  voice.last_before_the_end.clear();
  ASSERT_TRUE(render({{"a", "три"}, {"b", "два"}}).ok());
  EXPECT_EQ(content("a.wav"), "три");
  EXPECT_EQ(content("b.wav"), "два");
}

}  // namespace
}  // namespace dunlin
