#include "media/recorder.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "media/g711.hpp"
#include "media/media_engine.hpp"
#include "media/recording_finisher.hpp"
#include "media/ticker.hpp"
#include "tests/media/recording_reader.hpp"
#include "tests/media/rtp_peer.hpp"

namespace dunlin {
namespace {

constexpr double left_tone = 500;
constexpr double right_tone = 900;
const RecordingId recording{0xABCDEF};

UtcTime fixed_time() {
  return {1'800'000'000'000};
}

/// Half a second number `index` of the test talk.
RecordingBlock make_block(std::uint64_t index, RecordingId id = recording) {
  RecordingBlock block;
  block.recording = id;
  block.first_sample = index * block_samples;
  block.samples = block_samples;
  encode_alaw(make_tone(left_tone, block_samples), block.left);
  encode_alaw(make_tone(right_tone, block_samples), block.right);
  return block;
}

RecordingBlock make_end(std::uint64_t index, RecordingId id = recording) {
  RecordingBlock block;
  block.recording = id;
  block.first_sample = index * block_samples;
  block.is_last = true;
  return block;
}

class RecorderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fresh_folder(testing::UnitTest::GetInstance()->current_test_info()->name());
    start();
  }
  void TearDown() override {
    recorder_.reset();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    recorder_.reset();
    auto recorder = Recorder::start({folder_, fixed_time, 1u << 20}, keys_, {&ring_, &other_ring_});
    ASSERT_TRUE(recorder) << recorder.error().detail;
    recorder_ = std::move(*recorder);
  }
  void push(RecordingBlock block) {
    const Ticker ticker(1000);
    for (int i = 0; i < 10000 && !ring_.try_push(std::move(block)); ++i) ticker.wait();
  }
  std::optional<MediaEvent> wait_event() {
    const Ticker ticker(10'000);
    for (int i = 0; i < 2000; ++i) {
      if (auto event = recorder_->next_event()) return event;
      ticker.wait();
    }
    return std::nullopt;
  }
  RecordingFinished wait_finished() {
    const auto event = wait_event();
    const auto* done = event ? std::get_if<RecordingFinished>(&*event) : nullptr;
    EXPECT_NE(done, nullptr);
    return done != nullptr ? *done : RecordingFinished{};
  }
  std::size_t journal_files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_ / "journal"), {}));
  }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  FixedKeys keys_;
  RecordingRing ring_{64};
  RecordingRing other_ring_{64};
  std::filesystem::path folder_;
  std::unique_ptr<Recorder> recorder_;
};

TEST_F(RecorderTest, PutsBlocksOfTwoWorkersInOrder) {
  ASSERT_TRUE(recorder_->open(recording));
  // The leg moved: what its first worker heard waits in the ring that is looked at last.
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(other_ring_.try_push(make_block(i)));
  for (std::uint64_t i = 3; i < 6; ++i) push(make_block(i));
  push(make_end(6));
  const auto done = wait_finished();
  EXPECT_EQ(done.duration_ms, 3000u);
  EXPECT_EQ(done.gap_ms, 0u);
}

TEST_F(RecorderTest, MakesAStereoFileOfExactLength) {
  ASSERT_TRUE(recorder_->open(recording));
  for (std::uint64_t i = 0; i < 6; ++i) push(make_block(i));
  ASSERT_TRUE(recorder_->set_marks(recording, {{0, "talk"}, {1500, "hold \"x\""}}));
  push(make_end(6));
  const auto done = wait_finished();
  EXPECT_EQ(done.duration_ms, 3000u);
  const auto audio = read_recording(done.audio_path, *keys_.key_for(recording));
  ASSERT_EQ(audio.left.size(), 24000u);
  EXPECT_NEAR(loudest_tone(audio.left).value_or(0), left_tone, 2);
  EXPECT_NEAR(loudest_tone(audio.right).value_or(0), right_tone, 2);
  const std::string peaks = text_of(done.peaks_path);
  ASSERT_EQ(peaks.size(), 12u + 2 * 60);
  EXPECT_NEAR(static_cast<std::uint8_t>(peaks[12]), 8000 >> 7, 3);
  const std::string sidecar = text_of(done.sidecar_path);
  EXPECT_NE(sidecar.find("\"sha256\": \"" + done.sha256_hex + "\""), std::string::npos);
  EXPECT_NE(sidecar.find("\"name\": \"hold \\\"x\\\"\""), std::string::npos);
  EXPECT_NE(sidecar.find("\"started_at\": \"" + format_utc(fixed_time()) + "\""), std::string::npos);
}

TEST_F(RecorderTest, FinishedFileOpensOnlyWithItsKeyAndWhole) {
  ASSERT_TRUE(recorder_->open(recording));
  push(make_block(0));
  push(make_end(1));
  const auto done = wait_finished();
  const auto target = folder_ / "export.opus";
  EXPECT_FALSE(decrypt_recording(done.audio_path, *keys_.key_for(RecordingId(1)), target));
  EXPECT_FALSE(std::filesystem::exists(target)) << "nothing half-decrypted stays behind";
  ASSERT_TRUE(decrypt_recording(done.audio_path, *keys_.key_for(recording), target));
  Sha256 hash;
  const std::string plain = text_of(target);
  hash.add({reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size()});
  EXPECT_EQ(hash.finish_hex(), done.sha256_hex);
  std::filesystem::resize_file(done.audio_path, std::filesystem::file_size(done.audio_path) - 1);
  EXPECT_FALSE(decrypt_recording(done.audio_path, *keys_.key_for(recording), target));
}

TEST_F(RecorderTest, JournalHoldsNoPlainAudioAndGoesWhenDone) {
  ASSERT_TRUE(recorder_->open(recording));
  const auto block = make_block(0);
  push(make_block(0));
  const Ticker ticker(100'000);
  for (int i = 0; i < 50 && ring_.size() > 0; ++i) ticker.wait();
  ASSERT_EQ(journal_files(), 1u);
  const std::string journal = text_of(std::filesystem::directory_iterator(folder_ / "journal")->path());
  EXPECT_EQ(journal.find(std::string(block.left.begin(), block.left.begin() + 64)), std::string::npos);
  push(make_end(1));
  wait_finished();
  for (int i = 0; i < 50 && journal_files() > 0; ++i) ticker.wait();
  EXPECT_EQ(journal_files(), 0u);
}

TEST_F(RecorderTest, NamesWhatWasPausedApartFromWhatWasLost) {
  ASSERT_TRUE(recorder_->open(recording));
  push(make_block(0));
  for (std::uint64_t index = 1; index < 4; ++index) {
    RecordingBlock block = make_block(index);  // Whatever stands in it, a paused block is not kept.
    block.is_paused = true;
    push(std::move(block));
  }
  push(make_block(5));
  push(make_end(6));
  const auto done = wait_finished();
  EXPECT_EQ(done.duration_ms, 3000u);
  EXPECT_EQ(done.gap_ms, 500u) << "block 4 was lost, the others were ordered";
  const std::string sidecar = text_of(done.sidecar_path);
  EXPECT_NE(sidecar.find("\"pauses\": [{\"from_ms\": 500, \"to_ms\": 2000}]"), std::string::npos) << sidecar;
  EXPECT_NE(sidecar.find("\"gaps\": [{\"from_ms\": 2000, \"to_ms\": 2500}]"), std::string::npos) << sidecar;
  const auto audio = read_recording(done.audio_path, *keys_.key_for(recording));
  EXPECT_FALSE(loudest_tone(std::span(audio.left).subspan(4800, 10'000)));
  EXPECT_FALSE(loudest_tone(std::span(audio.right).subspan(4800, 10'000)));
  EXPECT_NEAR(loudest_tone(std::span(audio.left).last(3500)).value_or(0), left_tone, 4);
}

TEST_F(RecorderTest, MarksTheGapOfALostBlock) {
  ASSERT_TRUE(recorder_->open(recording));
  push(make_block(0));
  push(make_block(2));
  push(make_end(3));
  const auto done = wait_finished();
  EXPECT_EQ(done.duration_ms, 1500u);
  EXPECT_EQ(done.gap_ms, 500u);
  EXPECT_NE(text_of(done.sidecar_path).find("{\"from_ms\": 500, \"to_ms\": 1000}"), std::string::npos);
}

TEST_F(RecorderTest, RecordsAnAttemptOnlyOnce) {
  ASSERT_TRUE(recorder_->open(recording));
  EXPECT_FALSE(recorder_->open(recording));
  push(make_block(0));
  push(make_end(1));
  wait_finished();
  EXPECT_EQ(recorder_->open(recording).error().code, Errc::conflict);
  start();
  EXPECT_EQ(recorder_->open(recording).error().code, Errc::conflict);
}

TEST_F(RecorderTest, KillLosesAtMostTheLastSecond) {
  constexpr std::uint64_t written = 12;
  recorder_.reset();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto recorder = Recorder::start({folder_, fixed_time, 20'000}, keys_, {&ring_});
    if (!recorder || !(*recorder)->open(recording)) _exit(1);
    const Ticker ticker(50'000);
    for (std::uint64_t i = 0; i < written; ++i) {
      (void)ring_.try_push(make_block(i));
      ticker.wait();
    }
    for (int i = 0; i < 4; ++i) ticker.wait();
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  start();
  const auto done = wait_finished();
  EXPECT_EQ(done.recording, recording);
  EXPECT_GE(done.duration_ms + 1000, written * 500);
  EXPECT_NE(text_of(done.sidecar_path).find("\"was_interrupted\": true"), std::string::npos);
  const auto audio = read_recording(done.audio_path, *keys_.key_for(recording));
  EXPECT_NEAR(loudest_tone(audio.right).value_or(0), right_tone, 2);
}

TEST_F(RecorderTest, TornTailOfTheJournalCostsOnlyItself) {
  ASSERT_TRUE(recorder_->open(recording));
  for (std::uint64_t i = 0; i < 4; ++i) push(make_block(i));
  const Ticker ticker(100'000);
  for (int i = 0; i < 50 && ring_.size() > 0; ++i) ticker.wait();
  recorder_.reset();  // still open: stays in the journal
  const auto file = std::filesystem::directory_iterator(folder_ / "journal")->path();
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 100);
  start();
  EXPECT_EQ(wait_finished().duration_ms, 1500u);
}

TEST_F(RecorderTest, ErasedKeyEndsTheRecordingForGood) {
  ASSERT_TRUE(recorder_->open(recording));
  push(make_block(0));
  const Ticker ticker(100'000);
  for (int i = 0; i < 50 && ring_.size() > 0; ++i) ticker.wait();
  recorder_.reset();
  keys_.erased = recording;
  start();
  const auto event = wait_event();
  ASSERT_TRUE(event && std::holds_alternative<RecordingFailed>(*event));
  for (int i = 0; i < 50 && journal_files() > 0; ++i) ticker.wait();
  EXPECT_EQ(journal_files(), 0u);
}

TEST_F(RecorderTest, FullDiskIsToldOnceAndLeavesAGap) {
  const auto restore = signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  ASSERT_TRUE(recorder_->open(recording));
  push(make_block(0));
  const Ticker ticker(100'000);
  for (int i = 0; i < 50 && ring_.size() > 0; ++i) ticker.wait();
  const rlimit small{12'000, before.rlim_max};  // the journal stands at about eight kilobytes
  setrlimit(RLIMIT_FSIZE, &small);
  push(make_block(1));
  push(make_block(2));
  const auto failed = wait_event();
  for (int i = 0; i < 50 && ring_.size() > 0; ++i) ticker.wait();
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, restore);
  ASSERT_TRUE(failed && std::holds_alternative<RecordingFailed>(*failed));
  push(make_block(3));
  push(make_end(4));
  const auto done = wait_finished();
  EXPECT_EQ(done.duration_ms, 2000u);
  EXPECT_EQ(done.gap_ms, 1000u);
}

TEST(RecordingJournal, RefusesDamagedRecords) {
  const RecordHeader header{RecordKind::audio, recording, {7, 9}, 100};
  const auto bytes = write_record_header(header);
  ASSERT_TRUE(parse_record_header(bytes));
  EXPECT_EQ(*parse_record_header(bytes), header);
  for (const std::size_t at : {0u, 4u, 28u}) {
    auto changed = bytes;
    changed[at] = 0xFF;
    EXPECT_FALSE(parse_record_header(changed)) << at;
  }
  const auto body = encode_block(make_block(3));
  ASSERT_TRUE(parse_block(body));
  EXPECT_EQ(parse_block(body)->first_sample, 3 * block_samples);
  for (std::size_t size = 0; size < body.size(); size += 37)
    EXPECT_FALSE(parse_block(std::span(body).first(size))) << size;
  const auto pause = encode_pause(make_block(3));
  ASSERT_TRUE(parse_pause(pause));
  EXPECT_EQ(parse_pause(pause)->first_sample, 3 * block_samples);
  EXPECT_EQ(parse_pause(pause)->samples, block_samples);
  EXPECT_LT(pause.size(), 16u) << "a position and a length, no sound";
  for (std::size_t size = 0; size < pause.size(); ++size) EXPECT_FALSE(parse_pause(std::span(pause).first(size))) << size;
  EXPECT_FALSE(parse_pause(body)) << "sound is no pause";
  const auto marks = encode_marks({{5, "ab"}, {6, ""}});
  ASSERT_TRUE(parse_marks(marks));
  EXPECT_EQ(parse_marks(marks)->size(), 2u);
  EXPECT_FALSE(parse_marks(std::span(marks).first(10)));
}

}  // namespace
}  // namespace dunlin
