#pragma once
// A store in a folder of its own that disappears with it, and short ways to make commits.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/store.hpp"
#include "tests/support/temporary_folder.hpp"

namespace dunlin::storage_test {

using test::TemporaryFolder;

inline StorageSettings settings_for(const std::filesystem::path& folder) {
  StorageSettings settings;
  settings.path = folder;
  settings.min_free_bytes = 0;
  settings.min_start_bytes = 0;
  settings.cache_bytes = 8u << 20;
  settings.write_buffer_bytes = 4u << 20;
  return settings;
}

inline std::unique_ptr<Store> open_store(const StorageSettings& settings) {
  auto store = Store::open(settings);
  if (!store) {
    ADD_FAILURE() << store.error().detail;
    return nullptr;
  }
  return std::move(*store);
}

inline EventDraft event_of(std::uint16_t type, std::string body) {
  EventDraft event;
  event.type = type;
  event.at = UtcTime{1'790'000'000'000};
  event.body = std::move(body);
  return event;
}

/// One event per body, and a view that says how many there are.
inline CommitRequest commit_of(CaseId case_id, std::uint64_t version, const std::vector<std::string>& bodies) {
  CommitRequest request;
  request.case_id = case_id;
  request.expected_version = version;
  for (const auto& body : bodies) request.events.push_back(event_of(7, body));
  request.case_view = "view of " + std::to_string(version + bodies.size());
  return request;
}

/// A case in the given shard.
inline CaseId case_in(ShardIndex shard, std::uint64_t number) { return CaseId(number * shard_count + shard); }

inline CommitReceipt must_commit(Store& store, CommitRequest request) {
  const auto receipt = store.journal().commit_and_wait(std::move(request));
  if (receipt) return *receipt;
  ADD_FAILURE() << receipt.error().detail;
  return {};
}

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen() {
    store_.reset();
    store_ = open_store(settings_for(folder_.path()));
    ASSERT_NE(store_, nullptr);
  }
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace dunlin::storage_test
