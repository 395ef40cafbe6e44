#include "storage/backup.hpp"

#include <fstream>
#include <iterator>

#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

class BackupTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    must_commit(*store_, commit_of(case_in(1, 1), 0, {"before"}));
    request_.target = copies_.path() / "monday";
    request_.taken_at = UtcTime{1'790'000'000'000};
    request_.recordings = {{"2026/call 1.ogg", 12, std::string(64, 'a')}};
  }
  std::filesystem::path manifest() const { return request_.target / "manifest.txt"; }
  TemporaryFolder copies_;
  BackupRequest request_;
};

TEST_F(BackupTest, RestoredStoreHoldsWhatWasThereAtTheBackup) {
  const auto report = store_->backup(request_);
  ASSERT_TRUE(report.ok()) << report.error().detail;
  EXPECT_EQ(report->events, 1u);
  must_commit(*store_, commit_of(case_in(1, 1), 1, {"after"}));
  const auto target = copies_.path() / "restored";
  const auto restored = restore_backup(request_.target, target);
  ASSERT_TRUE(restored.ok()) << restored.error().detail;
  EXPECT_EQ(restored->store_id, store_->store_id());
  EXPECT_EQ(restored->taken_at, "2026-09-21T14:13:20.000Z");
  ASSERT_EQ(restored->recordings.size(), 1u);
  EXPECT_EQ(restored->recordings[0].name, "2026/call 1.ogg");
  EXPECT_EQ(Store::open(settings_for(target)).error().code, Errc::denied) << "the key is not in the backup";
  ASSERT_TRUE(InstallationKey::install(target / "installation.key", store_->export_key()).ok());
  const auto copy = open_store(settings_for(target));
  ASSERT_NE(copy, nullptr);
  ASSERT_EQ(copy->history().case_events(case_in(1, 1))->size(), 1u);
  EXPECT_EQ(copy->history().case_events(case_in(1, 1))->at(0).body, "before");
  EXPECT_TRUE(copy->history().verify_chain(1).ok());
}

std::filesystem::path a_table_of(const std::filesystem::path& folder) {
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".sst") return file.path();
  }
  return {};
}

void flip_a_byte_in(const std::filesystem::path& file) {
  std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
  const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(file) / 2);
  bytes.seekg(middle);
  const auto byte = static_cast<char>(bytes.get() ^ 1);
  bytes.seekp(middle);
  bytes.put(byte);
}

TEST_F(BackupTest, SharesNoBlockWithTheLivingStore) {
  reopen();  // The commit goes from the log into a table file.
  ASSERT_TRUE(store_->backup(request_).ok());
  const auto key = store_->export_key();
  store_.reset();
  const auto table = a_table_of(folder_.path() / "history");
  ASSERT_FALSE(table.empty());
  flip_a_byte_in(table);
  ASSERT_TRUE(restore_backup(request_.target, copies_.path() / "restored").ok());
  ASSERT_TRUE(InstallationKey::install(copies_.path() / "restored/installation.key", key).ok());
  const auto copy = open_store(settings_for(copies_.path() / "restored"));
  ASSERT_NE(copy, nullptr);
  EXPECT_TRUE(copy->history().verify_chain(1).ok());
}

TEST_F(BackupTest, DamagedTablesAreNeitherBackedUpNorRestored) {
  reopen();
  ASSERT_TRUE(store_->backup(request_).ok());
  const auto table = a_table_of(request_.target / "history");
  ASSERT_FALSE(table.empty());
  flip_a_byte_in(table);
  const auto restored = restore_backup(request_.target, copies_.path() / "restored");
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.error().code, Errc::corrupt);
  EXPECT_NE(restored.error().detail.find(table.filename().string()), std::string::npos) << restored.error().detail;
  flip_a_byte_in(a_table_of(folder_.path() / "history"));
  request_.target = copies_.path() / "tuesday";
  EXPECT_EQ(store_->backup(request_).error().code, Errc::corrupt);
}

TEST_F(BackupTest, NeverOverwritesAFolder) {
  ASSERT_TRUE(store_->backup(request_).ok());
  EXPECT_EQ(store_->backup(request_).error().code, Errc::conflict);
  EXPECT_EQ(restore_backup(request_.target, folder_.path()).error().code, Errc::conflict);
}

TEST_F(BackupTest, RecordingsMayBeThereBeforeTheRestore) {
  ASSERT_TRUE(store_->backup(request_).ok());
  const auto target = copies_.path() / "restored";
  std::filesystem::create_directories(target / "recordings/audio");
  EXPECT_TRUE(restore_backup(request_.target, target).ok());
  const auto occupied = copies_.path() / "occupied";
  std::filesystem::create_directories(occupied / "recordings");
  std::filesystem::create_directories(occupied / "history");
  EXPECT_EQ(restore_backup(request_.target, occupied).error().code, Errc::conflict);
}

TEST_F(BackupTest, ChangedManifestOrNewerFormatIsRefused) {
  ASSERT_TRUE(store_->backup(request_).ok());
  std::ifstream in(manifest(), std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  for (std::size_t at = 0; at < text.size(); at += 7) {
    auto damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    std::ofstream(manifest(), std::ios::binary | std::ios::trunc) << damaged;
    EXPECT_FALSE(read_manifest(request_.target).ok()) << at;
    std::ofstream(manifest(), std::ios::binary | std::ios::trunc) << text.substr(0, at);
    EXPECT_FALSE(read_manifest(request_.target).ok()) << at;
  }
  EXPECT_EQ(restore_backup(copies_.path() / "nothing", copies_.path() / "r").error().code, Errc::not_found);
}

}  // namespace
}  // namespace dunlin::storage_test
