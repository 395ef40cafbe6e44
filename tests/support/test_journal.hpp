#pragma once
// One process's way to the test's disk, with faults on command: batches and documents reach the real journal in the order
// they were queued, at the virtual instant the test chooses, and are answered there. Also the archive, whose views a test
// may alter to play a broken reader. The test's thread only.
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/rng.hpp"
#include "storage/storage_actor.hpp"
#include "tests/support/stage.hpp"
#include "tests/support/test_disk.hpp"

namespace dunlin::test {

/// What becomes of one batch or document.
enum class CommitFate : std::uint8_t {
  durable,    ///< The real journal decides.
  no_room,    ///< Errc::exhausted, nothing written.
  refused,    ///< Errc::unavailable, nothing written.
  in_doubt,   ///< Errc::unavailable, and yet it is written.
  lied,       ///< A broken store for tests of judges: said to be durable, never written.
};

class TestJournal final : public Journal {
 public:
  TestJournal(Stage& stage, TestDisk& disk) : stage_(stage), disk_(disk) {}

  void commit(CommitRequest request, CommitCompletion done) override { enqueue(Batch{std::move(request), std::move(done)}); }
  void put(DocumentWrite write, std::function<void(Status)> done) { enqueue(Document{std::move(write), std::move(done)}); }

  /// Asked for every batch when it reaches the disk; unset = durable.
  std::function<CommitFate(const CommitRequest&)> choose_fate;
  /// The same for documents.
  std::function<CommitFate(const DocumentWrite&)> choose_document_fate;
  /// Asked for everything that is queued; unset = at once. The queue keeps its order.
  std::function<Duration()> choose_latency;
  /// Told of every batch that became durable.
  std::function<void(const CommitRequest&)> on_durable;

  /// While held, everything waits for `release`.
  void hold() { is_held_ = true; }
  void release();
  std::size_t queued() const { return queue_.size(); }
  /// The process dies: a first part of the queue was written without anybody hearing of it, the rest is lost.
  void crash(Rng& lots);

 private:
  struct Batch {
    CommitRequest request;
    CommitCompletion done;
  };
  struct Document {
    DocumentWrite write;
    std::function<void(Status)> done;
  };
  using Job = std::variant<Batch, Document>;
  void enqueue(Job job);
  Job take();
  void write_one();
  void write(Batch batch);
  void write(Document document);
  CommitFate fate_of(const Batch& batch) const { return choose_fate ? choose_fate(batch.request) : CommitFate::durable; }
  CommitFate fate_of(const Document& document) const { return choose_document_fate ? choose_document_fate(document.write) : CommitFate::durable; }
  Result<CommitReceipt> reach_disk(const CommitRequest& request, bool has_permit);

  Stage& stage_;
  TestDisk& disk_;
  std::deque<Job> queue_;
  MonoTime last_write_at_;
  bool is_held_ = false;
};

class TestDocuments final : public DocumentStore {
 public:
  TestDocuments(TestDisk& disk, TestJournal& journal) : reader_(disk.store()), journal_(journal) {}
  void put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) override {
    journal_.put({kind, id, std::move(bytes), std::nullopt}, std::move(done));
  }
  Result<std::vector<std::pair<std::string, std::string>>> list(const std::string& kind) const override { return reader_.list(kind); }

 private:
  StoreDocuments reader_;
  TestJournal& journal_;
};

class TestArchive final : public CaseArchive {
 public:
  explicit TestArchive(TestDisk& disk) : store_(disk.store()) {}
  Result<std::optional<std::string>> view(CaseId id) const override;
  Result<std::vector<StoredEvent>> events(CaseId id) const override { return store_.events(id); }
  Result<std::vector<CaseId>> find(const LookupKey& key) const override { return store_.find(key); }
  Result<std::vector<std::vector<CaseId>>> find_all(const std::vector<LookupKey>& keys) const override { return store_.find_all(keys); }
  CaseId case_id_for(const PersonKey& key) const override { return store_.case_id_for(key); }
  Status each_due(ShardIndex shard, const std::function<bool(CaseId, const std::vector<DueRow>&)>& visit) const override {
    return store_.each_due(shard, visit);
  }
  Status each_view(ShardIndex shard, const std::function<bool(CaseId, const std::string&)>& visit, CaseId after) const override {
    return store_.each_view(shard, visit, after);
  }
  Result<std::vector<CaseId>> case_ids(ShardIndex shard, CaseId after, std::size_t limit) const override {
    return store_.case_ids(shard, after, limit);
  }
  Result<std::optional<AttemptEntry>> attempt(AttemptId attempt) const override { return store_.attempt(attempt); }
  Status each_attempt(const AttemptRange& range, const std::function<bool(const AttemptEntry&)>& visit) const override {
    return store_.each_attempt(range, visit);
  }

  /// For tests of judges: what a broken reader makes of a case's view. Unset: nothing is altered.
  std::function<std::string(std::string)> alter_view;

 private:
  StoreArchive store_;
};

}  // namespace dunlin::test
