#include "app/recording_list.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace dunlin {
namespace {

class RecordingListTest : public ::testing::Test {
 protected:
  void record(const std::string& name, const std::string& sound, const std::string& sidecar) {
    std::filesystem::create_directories((folder() / name).parent_path());
    std::ofstream(folder() / (name + ".opus.sealed")) << sound;
    std::ofstream(folder() / (name + ".peaks")) << "peaks";
    std::ofstream(folder() / (name + ".json")) << sidecar;
  }
  static std::string sidecar(char digit) { return R"({"version": 1, "sha256": ")" + std::string(64, digit) + "\"}"; }
  std::filesystem::path folder() const { return temporary_.path() / "recordings"; }
  test::TemporaryFolder temporary_;
};

TEST_F(RecordingListTest, ListsTheFinishedWithTheirSideCarsHashes) {
  record("audio/bb/att_2", "twelve bytes", sidecar('b'));
  record("audio/aa/att_1", "four", sidecar('a'));
  std::ofstream(folder() / "audio/aa/att_3.opus.sealed") << "in the making: no side-car yet";
  const auto list = list_finished_recordings(folder());
  ASSERT_TRUE(list.ok()) << list.error().detail;
  ASSERT_EQ(list->recordings.size(), 2u);
  EXPECT_EQ(list->recordings[0].name, "audio/aa/att_1.opus.sealed");
  EXPECT_EQ(list->recordings[1].name, "audio/bb/att_2.opus.sealed");
  EXPECT_EQ(list->recordings[1].bytes, 12u);
  EXPECT_EQ(list->recordings[1].sha256_hex, std::string(64, 'b'));
  EXPECT_EQ(list->bytes, 16u);
  EXPECT_TRUE(list->damaged.empty());
  EXPECT_TRUE(missing_recordings(list->recordings, folder()).empty());
}

TEST_F(RecordingListTest, NothingRecordedIsAnEmptyList) {
  const auto list = list_finished_recordings(folder());
  ASSERT_TRUE(list.ok()) << list.error().detail;
  EXPECT_TRUE(list->recordings.empty());
}

TEST_F(RecordingListTest, SaysWhichSideCarsAreOfNoUse) {
  record("audio/aa/att_1", "four", "not json");
  record("audio/aa/att_2", "four", R"({"sha256": "short"})");
  record("audio/aa/att_3", "four", R"(["sha256"])");
  record("audio/aa/att_4", "four", sidecar('d'));
  std::filesystem::remove(folder() / "audio/aa/att_4.opus.sealed");
  const auto list = list_finished_recordings(folder());
  ASSERT_TRUE(list.ok()) << list.error().detail;
  EXPECT_TRUE(list->recordings.empty());
  EXPECT_EQ(list->damaged.size(), 4u);
}

TEST_F(RecordingListTest, NamesWhatIsNotThereAnyMore) {
  for (const char digit : {'a', 'b', 'c', 'd', 'e'}) record(std::string("audio/aa/att_") + digit, "four", sidecar(digit));
  const auto list = list_finished_recordings(folder());
  ASSERT_TRUE(list.ok()) << list.error().detail;
  std::filesystem::remove(folder() / "audio/aa/att_a.opus.sealed");
  std::ofstream(folder() / "audio/aa/att_b.opus.sealed") << "another length";
  std::ofstream(folder() / "audio/aa/att_c.json") << sidecar('f');
  std::filesystem::remove(folder() / "audio/aa/att_d.json");
  const auto gaps = missing_recordings(list->recordings, folder());
  ASSERT_EQ(gaps.size(), 4u);
  EXPECT_EQ(gaps[0].why, "missing");
  EXPECT_EQ(gaps[1].why, "another size");
  EXPECT_EQ(gaps[2].why, "another side-car");
  EXPECT_EQ(gaps[3].why, "another side-car");
  const auto warning = recordings_warning(gaps, list->recordings.size(), folder());
  EXPECT_NE(warning.find("4 of the 5 recordings"), std::string::npos) << warning;
  EXPECT_NE(warning.find("audio/aa/att_a.opus.sealed (missing)"), std::string::npos) << warning;
  EXPECT_NE(warning.find("and 1 more"), std::string::npos) << warning;
  EXPECT_EQ(recordings_warning({}, 5, folder()), "");
}

}  // namespace
}  // namespace dunlin
