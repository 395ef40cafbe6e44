#include "storage/staged_rows.hpp"

#include <map>
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

TEST(StagedRows, LeaveWhatTheChangesInTheirOrderWouldLeave) {
  const TemporaryFolder folder;
  DatabaseOptions options;
  options.path = folder.path() / "rows";
  const auto database = Database::open(options);
  ASSERT_TRUE(database.ok());
  std::mt19937 random(7);
  const auto below = [&random](std::size_t bound) { return static_cast<std::size_t>(random()) % bound; };
  Contents expected;
  StagedRows rows;
  WriteBatch batch;
  for (int group = 0; group < 5; ++group) {
    for (int i = 0; i < 400; ++i) {
      // Few letters, zeros among them, and lengths around the 16 bytes that are compared as numbers.
      std::string key(1 + below(20), 'k');
      for (std::size_t at = key.size() > 3 ? key.size() - 3 : 0; at < key.size(); ++at) key[at] = std::string("\0\1\xff", 3)[below(3)];
      if (below(4) == 0) {
        rows.erase(key);
        expected.erase(key);
      } else {
        const std::string value = std::to_string(group) + "/" + std::to_string(i);
        rows.put(key, value);
        expected[key] = value;
      }
    }
    rows.fill(batch);
    ASSERT_TRUE((*database)->write(batch, Durability::lazy).ok());
    EXPECT_EQ(contents_of(**database), expected) << "group " << group;
    rows.clear();
    EXPECT_TRUE(rows.is_empty());
  }
}

}  // namespace
}  // namespace dunlin::storage_test
