// Opening: what the store refuses and with which words; documents and cursors.
#include "storage/store.hpp"

#include <algorithm>
#include <fstream>

#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

using StoreOpen = StoreTest;
using DocumentsTest = StoreTest;

Error refusal_of(const StorageSettings& settings) {
  auto store = Store::open(settings);
  if (!store) return store.error();
  ADD_FAILURE() << "the store opened";
  return {};
}

TEST_F(StoreOpen, IdentityStaysAndTwoStoresDiffer) {
  const auto id = store_->store_id();
  const auto fingerprint = store_->key_fingerprint();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_NE(store_->export_key().find(fingerprint), std::string::npos);
  reopen();
  EXPECT_EQ(store_->store_id(), id);
  EXPECT_EQ(store_->key_fingerprint(), fingerprint);
  const TemporaryFolder other;
  EXPECT_NE(open_store(settings_for(other.path()))->store_id(), id);
}

TEST_F(StoreOpen, SecondProcessIsToldWhoHoldsTheFolder) {
  const auto refused = refusal_of(settings_for(folder_.path()));
  EXPECT_EQ(refused.code, Errc::conflict);
  EXPECT_NE(refused.detail.find("another dunlind uses this folder"), std::string::npos) << refused.detail;
}

TEST_F(StoreOpen, NewerFormatIsRefusedWithAClearSentence) {
  store_.reset();
  {
    DatabaseOptions options;
    options.path = folder_.path() / "history";
    const auto database = Database::open(options);
    WriteBatch batch;
    batch.put(key_space::meta("format"), encode(MetaRow{std::to_string(storage_format_version + 1)}));
    ASSERT_TRUE((*database)->write(batch, Durability::synced).ok());
  }
  const auto refused = refusal_of(settings_for(folder_.path()));
  EXPECT_EQ(refused.code, Errc::denied);
  EXPECT_NE(refused.detail.find("written by a newer Dunlin"), std::string::npos) << refused.detail;
}

TEST_F(StoreOpen, MissingOrForeignKeyIsRefusedAndNotReplaced) {
  const auto file = folder_.path() / "installation.key";
  const auto line = store_->export_key();
  const auto fingerprint = store_->key_fingerprint();
  must_commit(*store_, commit_of(case_in(1, 1), 0, {"x"}));
  store_.reset();
  std::filesystem::remove(file);
  const auto missing = refusal_of(settings_for(folder_.path()));
  EXPECT_EQ(missing.code, Errc::denied);
  EXPECT_NE(missing.detail.find(fingerprint), std::string::npos) << missing.detail;
  EXPECT_FALSE(std::filesystem::exists(file));
  ASSERT_TRUE(InstallationKey::create(file).ok());
  EXPECT_EQ(refusal_of(settings_for(folder_.path())).code, Errc::denied);
  std::filesystem::remove(file);
  ASSERT_TRUE(InstallationKey::install(file, line).ok());
  reopen();
  EXPECT_EQ(store_->history().case_events(case_in(1, 1))->size(), 1u);
}

TEST_F(StoreOpen, MissingKeyDatabaseIsRefused) {
  store_.reset();
  std::filesystem::remove_all(folder_.path() / "keys");
  const auto refused = refusal_of(settings_for(folder_.path()));
  EXPECT_EQ(refused.code, Errc::corrupt);
  EXPECT_NE(refused.detail.find("keys"), std::string::npos) << refused.detail;
}

TEST(StoreRoom, FullDiskIsToldBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  auto settings = settings_for(folder.path() / "data");
  settings.min_start_bytes = 100u << 20;
  settings.journal.free_space = [](const std::filesystem::path&) { return Result<std::uint64_t>(50u << 20); };
  const auto refused = refusal_of(settings);
  EXPECT_EQ(refused.code, Errc::exhausted);
  EXPECT_NE(refused.detail.find("50 MiB"), std::string::npos) << refused.detail;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data" / "history"));
}

TEST(StoreRoom, FolderThatCannotBeMadeIsNamed) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto refused = refusal_of(settings_for(folder.path() / "file" / "data"));
  EXPECT_EQ(refused.code, Errc::unavailable);
  EXPECT_NE(refused.detail.find("file/data"), std::string::npos) << refused.detail;
}

/// The files of the history database with the extension, or named so.
std::vector<std::filesystem::path> history_files(const std::filesystem::path& folder, std::string_view ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "history")) {
    const auto name = entry.path().filename().string();
    if (name.size() >= ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0) {
      found.push_back(entry.path());
    }
  }
  return found;
}

void overwrite(const std::filesystem::path& file, std::size_t at, std::size_t count) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(at));
  out << std::string(count, '\x5a');
}

TEST_F(StoreOpen, DamagedTableFileIsCorruptNotACrash) {
  for (std::uint64_t i = 1; i <= 50; ++i) must_commit(*store_, commit_of(case_in(1, i), 0, {std::string(500, 'x')}));
  store_.reset();
  {
    DatabaseOptions options;
    options.path = folder_.path() / "history";
    ASSERT_TRUE((*Database::open(options))->purge({}, {}).ok());
  }
  const auto tables = history_files(folder_.path(), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const auto& table : tables) overwrite(table, 200, 2'000);
  const auto store = Store::open(settings_for(folder_.path()));
  if (!store) {
    EXPECT_EQ(store.error().code, Errc::corrupt) << store.error().detail;
    return;
  }
  const auto verified = (*store)->history().verify_chain(1);
  ASSERT_FALSE(verified.ok());
  EXPECT_EQ(verified.error().code, Errc::corrupt);
  EXPECT_NE(verified.error().detail.find("history"), std::string::npos) << verified.error().detail;
}

TEST_F(StoreOpen, TruncatedTableOrManifestIsCorrupt) {
  must_commit(*store_, commit_of(case_in(1, 1), 0, {"x"}));
  reopen();  // Turns the log into a table.
  store_.reset();
  const auto tables = history_files(folder_.path(), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const auto& table : tables) std::filesystem::resize_file(table, 40);
  EXPECT_EQ(refusal_of(settings_for(folder_.path())).code, Errc::corrupt);
  for (const auto& table : tables) std::filesystem::remove(table);
  EXPECT_EQ(refusal_of(settings_for(folder_.path())).code, Errc::corrupt);
}

TEST_F(StoreOpen, TornEndOfTheLogLosesOnlyWhatWasTorn) {
  must_commit(*store_, commit_of(case_in(1, 1), 0, {"one"}));
  must_commit(*store_, commit_of(case_in(1, 1), 1, {"two"}));
  store_.reset();
  auto logs = history_files(folder_.path(), ".log");
  const auto largest = std::max_element(logs.begin(), logs.end(), [](const auto& left, const auto& right) {
    return std::filesystem::file_size(left) < std::filesystem::file_size(right);
  });
  ASSERT_NE(largest, logs.end());
  std::filesystem::resize_file(*largest, std::filesystem::file_size(*largest) - 3);
  reopen();
  EXPECT_EQ(*store_->history().case_version(case_in(1, 1)), 1u);
  EXPECT_EQ(store_->history().case_view(case_in(1, 1))->version, 1u);
  EXPECT_TRUE(store_->history().verify_chain(1).ok());
  must_commit(*store_, commit_of(case_in(1, 1), 1, {"two again"}));
}

TEST_F(DocumentsTest, PutGetListAndRemove) {
  auto& documents = store_->documents();
  EXPECT_EQ(*documents.put_and_wait({"campaign", "b", "second", std::nullopt}), 1u);
  EXPECT_EQ(*documents.put_and_wait({"campaign", "a", "first", std::nullopt}), 1u);
  EXPECT_EQ(*documents.put_and_wait({"campaigns", "z", "other kind", std::nullopt}), 1u);
  EXPECT_EQ(*documents.put_and_wait({"campaign", "a", "first again", 1}), 2u);
  reopen();
  const auto listed = store_->documents().list("campaign");
  ASSERT_TRUE(listed.ok());
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].bytes, "first again");
  EXPECT_EQ((*listed)[0].revision, 2u);
  EXPECT_EQ((*listed)[1].id, "b");
  EXPECT_EQ(*store_->documents().put_and_wait({"campaign", "a", std::nullopt, 2}), 0u);
  EXPECT_FALSE(store_->documents().get("campaign", "a")->has_value());
  EXPECT_EQ(store_->documents().get("campaign", "b")->value().bytes, "second");
}

TEST_F(DocumentsTest, StaleRevisionIsAConflict) {
  auto& documents = store_->documents();
  ASSERT_TRUE(documents.put_and_wait({"agent", "7", "x", 0}).ok());
  EXPECT_EQ(documents.put_and_wait({"agent", "7", "y", 0}).error().code, Errc::conflict);
  EXPECT_EQ(documents.put_and_wait({"agent", "7", "y", 5}).error().code, Errc::conflict);
  EXPECT_EQ(documents.get("agent", "7")->value().bytes, "x");
}

TEST_F(DocumentsTest, NumberedDocumentsAreReadOnFromWhereOneStopped) {
  auto& documents = store_->documents();
  EXPECT_EQ(*documents.last_id("fact"), "");
  for (const char* id : {"01", "02", "03", "10"}) ASSERT_TRUE(documents.put_and_wait({"fact", id, id, {}}).ok());
  ASSERT_TRUE(documents.put_and_wait({"facts", "99", "of another kind", {}}).ok());
  const auto ids_after = [&](std::string_view after, std::size_t limit) {
    std::vector<std::string> ids;
    const auto listed = documents.list_after("fact", after, limit);
    if (!listed) return std::vector<std::string>{listed.error().detail};
    for (const auto& document : *listed) ids.push_back(document.id);
    return ids;
  };
  EXPECT_EQ(ids_after("", 10), (std::vector<std::string>{"01", "02", "03", "10"}));
  EXPECT_EQ(ids_after("01", 2), (std::vector<std::string>{"02", "03"}));
  EXPECT_EQ(ids_after("04", 10), (std::vector<std::string>{"10"}));
  EXPECT_EQ(ids_after("10", 10), std::vector<std::string>{});
  EXPECT_EQ(*documents.last_id("fact"), "10");
}

TEST_F(DocumentsTest, BadNamesAreRefused) {
  EXPECT_EQ(store_->documents().put_and_wait({"Bad Kind", "7", "x", {}}).error().code, Errc::invalid_input);
  EXPECT_EQ(store_->documents().put_and_wait({"agent", "", "x", {}}).error().code, Errc::invalid_input);
  EXPECT_EQ(store_->documents().put_cursor("Bad", 1, 1).error().code, Errc::invalid_input);
}

TEST_F(DocumentsTest, CursorsAreKeptPerShard) {
  EXPECT_EQ(*store_->documents().cursor("redis", 3), 0u);
  ASSERT_TRUE(store_->documents().put_cursor("redis", 3, 17).ok());
  ASSERT_TRUE(store_->documents().put_cursor("redis", 4, 18).ok());
  reopen();
  EXPECT_EQ(*store_->documents().cursor("redis", 3), 17u);
  EXPECT_EQ(*store_->documents().cursor("redis", 4), 18u);
}

}  // namespace
}  // namespace dunlin::storage_test
