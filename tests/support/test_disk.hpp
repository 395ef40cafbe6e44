#pragma once
// The disk of a node under test: a real store (storage/) in a folder of its own, in memory where the machine has such a
// place. It outlives the lives of the process: `close` after a crash and `open` again read what was synced. The case
// keys are always derived from the same installation key, so that a person has the same case id in every run.
// The test's thread only; calls block until the journal's writer has answered, so nothing depends on its speed.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/store.hpp"

namespace dunlin::test {

class TestDisk {
 public:
  TestDisk();
  ~TestDisk();
  TestDisk(const TestDisk&) = delete;
  TestDisk& operator=(const TestDisk&) = delete;

  void open();
  void close() { store_.reset(); }
  bool is_open() const { return store_ != nullptr; }
  Store& store() { return *store_; }

  CaseId case_id_for(const PersonKey& key) const;
  Result<CommitReceipt> apply(CommitRequest request) { return store_->journal().commit_and_wait(std::move(request)); }
  Status put_document(const std::string& kind, const std::string& id, std::optional<std::string> bytes);

  // What is on it.
  std::vector<CaseId> cases() const;
  std::vector<StoredEvent> events_of(CaseId id) const;
  /// nullopt when there is no such case.
  std::optional<std::string> view_of(CaseId id) const;

  bool is_full = false;   ///< The file system says it has no room; read by the journal's writer while we wait for it.

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace dunlin::test
