#include "storage/staged_rows.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <random>

#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

using Contents = std::map<std::string, std::string>;

Contents contents_of(Database& database) {
  Contents contents;
  EXPECT_TRUE(database.scan({}, [&contents](std::string_view key, std::string_view value) { return contents.emplace(key, value).second; }).ok());
  return contents;
}

/// Random changes, some of them of one key, and what they leave.
class Changes {
 public:
  explicit Changes(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_()) % bound; }
  void make(int group, const std::function<StagedRows&(const std::string& key)>& rows_of) {
    for (int i = 0; i < 400; ++i) {
      // Few letters, zeros among them, and lengths around the 16 bytes that are compared as numbers.
      std::string key(1 + below(20), 'k');
      for (std::size_t at = key.size() > 3 ? key.size() - 3 : 0; at < key.size(); ++at) key[at] = std::string("\0\1\xff", 3)[below(3)];
      if (below(4) == 0) {
        rows_of(key).erase(key);
        expected.erase(key);
      } else {
        const std::string value = std::to_string(group) + "/" + std::to_string(i);
        rows_of(key).put(key, value);
        expected[key] = value;
      }
    }
  }

  Contents expected;

 private:
  std::mt19937 random_;
};

std::unique_ptr<Database> open_rows(const TemporaryFolder& folder) {
  DatabaseOptions options;
  options.path = folder.path() / "rows";
  auto database = Database::open(options);
  if (database) return std::move(*database);
  ADD_FAILURE() << database.error().detail;
  return nullptr;
}

TEST(StagedRows, LeaveWhatTheChangesInTheirOrderWouldLeave) {
  const TemporaryFolder folder;
  const auto database = open_rows(folder);
  ASSERT_NE(database, nullptr);
  Changes changes(7);
  StagedRows rows;
  WriteBatch batch;
  for (int group = 0; group < 5; ++group) {
    changes.make(group, [&rows](const std::string&) -> StagedRows& { return rows; });
    rows.fill(batch);
    ASSERT_TRUE(database->write(batch, Durability::lazy).ok());
    EXPECT_EQ(contents_of(*database), changes.expected) << "group " << group;
    rows.clear();
    EXPECT_TRUE(rows.is_empty());
  }
}

TEST(StagedRows, TwoOfThemFillABatchAsOneWould) {
  const TemporaryFolder folder;
  const auto database = open_rows(folder);
  ASSERT_NE(database, nullptr);
  Changes changes(11);
  std::array<StagedRows, 2> halves;
  WriteBatch batch;
  for (int group = 0; group < 5; ++group) {
    changes.make(group, [&halves](const std::string& key) -> StagedRows& { return halves[std::hash<std::string>()(key) % 2]; });
    if (group == 2) halves[0].sort();  // Sorted beforehand or not, and added to after that, it is the same.
    if (group == 2) changes.make(7, [&halves](const std::string& key) -> StagedRows& { return halves[std::hash<std::string>()(key) % 2]; });
    StagedRows::fill(batch, halves[0], halves[1]);
    ASSERT_TRUE(database->write(batch, Durability::lazy).ok());
    EXPECT_EQ(contents_of(*database), changes.expected) << "group " << group;
    for (StagedRows& half : halves) half.clear();
  }
}

}  // namespace
}  // namespace dunlin::storage_test
