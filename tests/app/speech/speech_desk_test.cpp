// The speech of flows: recordings stay, what is missing is spoken, what one call says leaves nothing behind.
#include "app/speech_desk.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>

#include "core/dialogue/flow_card.hpp"
#include "media/wav.hpp"
#include "tests/dialogue/flow_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace dunlin::test {
namespace {

/// A voice that says everything as a sound as long as its text.
class CountedVoice final : public SpeechMaker {
 public:
  explicit CountedVoice(std::atomic<int>& made) : made_(made) {}
  Status make(SpokenLanguage, const std::string& text, const std::filesystem::path& wav_file) override {
    ++made_;
    if (text == "unspeakable") return Error{Errc::unavailable, "the voice failed"};
    std::vector<std::int16_t> samples(text.size() * 10, 3000);
    std::ofstream(wav_file, std::ios::binary) << make_wav(samples);
    return Done{};
  }

 private:
  std::atomic<int>& made_;
};

class SpeechDeskTest : public ::testing::Test {
 protected:
  Result<SpeechPointer> prepare(SpeechDesk& desk) {
    std::promise<Result<SpeechPointer>> answer;
    desk.prepare(flow, [&answer](Result<SpeechPointer> sounds) { answer.set_value(std::move(sounds)); });
    return answer.get_future().get();
  }
  Result<SpeechPointer> for_call(SpeechDesk& desk, const SpokenPieces& own) {
    std::promise<Result<SpeechPointer>> answer;
    desk.make_for_call(flow, own, [&answer](Result<SpeechPointer> sounds) { answer.set_value(std::move(sounds)); });
    return answer.get_future().get();
  }
  SpeechDesk::MakeMaker voice() {
    return [this] { return Result<std::unique_ptr<SpeechMaker>>(std::make_unique<CountedVoice>(made)); };
  }
  std::size_t files_of_calls() const {
    std::error_code fault;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / ".calls", fault)) count += entry.is_regular_file() ? 1 : 0;
    return count;
  }

  TemporaryFolder folder;
  std::shared_ptr<const Flow> flow = std::make_shared<const Flow>(pay_flow());
  std::atomic<int> made{0};
};

TEST_F(SpeechDeskTest, SpeaksWhatNobodyRecordedAndKeepsTheRest) {
  std::filesystem::create_directories(folder.path() / "pay");
  const SpokenPiece recorded = flow_fragments(*flow).front();
  std::ofstream(folder.path() / "pay" / (recorded.fragment + ".wav"), std::ios::binary) << make_wav(std::vector<std::int16_t>(777, 5000));
  SpeechDesk desk(folder.path(), voice());
  const auto sounds = prepare(desk);
  ASSERT_TRUE(sounds) << sounds.error().detail;
  for (const SpokenPiece& piece : flow_fragments(*flow)) EXPECT_NE((*sounds)->find(piece), nullptr) << piece.fragment;
  EXPECT_EQ((*sounds)->find(recorded)->samples, std::vector<std::int16_t>(777, 5000));
  const int spoken = made;
  EXPECT_EQ(*prepare(desk), *sounds) << "made once a revision";
  EXPECT_EQ(made, spoken);
}

TEST_F(SpeechDeskTest, WithoutAVoiceTheMissingRecordingIsNamed) {
  SpeechDesk desk(folder.path(), [] { return Result<std::unique_ptr<SpeechMaker>>(Error{Errc::unavailable, "espeak-ng is not installed"}); });
  const auto sounds = prepare(desk);
  ASSERT_FALSE(sounds);
  EXPECT_NE(sounds.error().detail.find(flow_fragments(*flow).front().fragment + ".wav is not recorded"), std::string::npos) << sounds.error().detail;
}

TEST_F(SpeechDeskTest, WordsOfACallAreSharedWhileItLivesAndThenForgotten) {
  SpeechDesk desk(folder.path(), voice());
  EXPECT_FALSE(for_call(desk, {{"", "Ivan"}})) << "the flow is not ready";
  ASSERT_TRUE(prepare(desk));
  auto first = *for_call(desk, {{"", "Ivan"}, {"", "Bank"}});
  const int spoken = made;
  auto second = *for_call(desk, {{"", "Bank"}});
  EXPECT_EQ(made, spoken) << "another call says it now";
  EXPECT_EQ(first->find({"", "Bank"}), second->find({"", "Bank"}));
  EXPECT_NE(second->find(flow_fragments(*flow).front()), nullptr) << "what every call says";
  EXPECT_EQ(second->find({"", "Ivan"}), nullptr) << "another call's name";
  EXPECT_EQ(files_of_calls(), 0U);
  const std::weak_ptr<const SpokenSound> name = first->find({"", "Ivan"});
  first.reset();
  EXPECT_TRUE(name.expired());
}

TEST_F(SpeechDeskTest, AWordThatCannotBeSaidIsAnErrorOfTheCall) {
  SpeechDesk desk(folder.path(), voice());
  ASSERT_TRUE(prepare(desk));
  EXPECT_FALSE(for_call(desk, {{"", "unspeakable"}}));
  EXPECT_TRUE(for_call(desk, {{"", "Ivan"}})) << "the next call is another matter";
}

TEST(SpeechDesk, SilenceAroundAWordIsCut) {
  std::vector<std::int16_t> sound(8'000, 0);
  for (std::size_t i = 3'000; i < 5'000; ++i) sound[i] = 4'000;
  EXPECT_EQ(without_silence(sound).size(), 2'000U + 2 * 400U);
  EXPECT_EQ(without_silence(std::vector<std::int16_t>(100, 0)).size(), 100U) << "what is silence alone stays";
}

}  // namespace
}  // namespace dunlin::test
