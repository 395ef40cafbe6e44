#pragma once
// A node's store in memory and a journal over a real etcd, with the membership's part (node and owner keys) played by the
// test.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cluster/etcd_journal.hpp"
#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {

/// Rows are lines "case version body"; a body "takes N" calls the number N for the commit's reservation, "frees N A" is done
/// with it for attempt A. May be used by several threads; `history` only while none of them writes.
class MemoryStore final : public BatchStore {
 public:
  Result<ShardHead> applied(ShardIndex shard) override {
    const std::lock_guard lock(mutex_);
    return heads_[shard];
  }

  Result<StagedBatch> stage(ShardIndex shard, const std::vector<const CommitRequest*>& commits) override {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(staged_.insert({shard, true}).second) << "one group of a shard at a time";
    StagedBatch batch;
    auto versions = versions_;
    auto sequence = sequences_[shard];
    for (const auto* commit : commits) {
      auto& version = versions[commit->case_id];
      if (commit->expected_version != version) {
        batch.receipts.push_back(Error{Errc::conflict, "stale version"});
        continue;
      }
      CommitReceipt receipt{sequence + 1, sequence, version};
      for (const auto& event : commit->events) {
        ++receipt.last_sequence;
        ++version;
        batch.rows += commit->case_id.str() + " " + std::to_string(version) + " " + event.body + "\n";
        if (event.body.rfind("takes ", 0) == 0) batch.lines_taken.push_back({event.body.substr(6), commit->reservation->attempt});
        if (event.body.rfind("frees ", 0) == 0) batch.lines_freed.push_back(freed_line(event.body.substr(6)));
      }
      sequence = receipt.last_sequence;
      receipt.version = version;
      batch.receipts.push_back(receipt);
    }
    return batch;
  }

  Status apply(ShardIndex shard, const ShardHead& head, const std::string& rows) override {
    const std::lock_guard lock(mutex_);
    staged_.erase(shard);
    if (is_broken) return Error{Errc::unavailable, "broken on purpose"};
    EXPECT_EQ(head.sequence, heads_[shard].sequence + 1) << "batches come in order";
    heads_[shard] = head;
    images_[shard] += "[" + std::to_string(head.sequence) + "]" + rows;
    std::istringstream lines(rows);
    for (std::string line; std::getline(lines, line);) {
      const auto case_id = CaseId::parse(line.substr(0, line.find(' ')));
      if (!case_id.ok()) {
        ADD_FAILURE() << line;
        continue;
      }
      ++versions_[*case_id];
      ++sequences_[shard];
      history[shard].push_back(line.substr(line.find(' ') + 1));
    }
    return Done{};
  }
  void drop(ShardIndex shard) override {
    const std::lock_guard lock(mutex_);
    staged_.erase(shard);
  }
  Status sync() override { return Done{}; }

  /// Every batch applied to the shard, byte by byte and in order.
  std::string image(ShardIndex shard) const {
    const std::lock_guard lock(mutex_);
    const auto found = images_.find(shard);
    return found == images_.end() ? std::string() : found->second;
  }
  /// Seeds the shard: all of it as the other store has it.
  void copy_from(const MemoryStore& other, ShardIndex shard) {
    const std::scoped_lock lock(mutex_, other.mutex_);
    heads_[shard] = other.heads_.at(shard);
    images_[shard] = other.images_.at(shard);
  }

  std::atomic<bool> is_broken = false;
  std::map<ShardIndex, std::vector<std::string>> history;

 private:
  static HeldLine freed_line(const std::string& words) {
    const auto space = words.find(' ');
    return {words.substr(0, space), AttemptId(std::stoull(words.substr(space + 1)))};
  }
  mutable std::mutex mutex_;
  std::map<ShardIndex, ShardHead> heads_;
  std::map<ShardIndex, std::string> images_;
  std::map<CaseId, std::uint64_t> versions_;
  std::map<ShardIndex, std::uint64_t> sequences_;
  std::map<ShardIndex, bool> staged_;
};

inline CommitRequest commit_of(CaseId case_id, std::uint64_t version, const std::vector<std::string>& bodies) {
  CommitRequest request;
  request.case_id = case_id;
  request.expected_version = version;
  for (const auto& body : bodies) request.events.push_back({7, UtcTime{1'790'000'000'000}, body});
  return request;
}

inline CommitRequest reservation_of(CaseId case_id, std::uint64_t version, AttemptId attempt, const std::string& number) {
  auto request = commit_of(case_id, version, {"takes " + number});
  request.reservation = CommitRequest::Reservation{attempt, 1, MonoTime{5'000}};
  return request;
}

inline CaseId case_in(ShardIndex shard, std::uint64_t number) { return CaseId(number * shard_count + shard); }

/// One cluster member: its keys in etcd, its store, its journal. The wire may lose what it says.
struct JournalRig {
  explicit JournalRig(const EtcdProcess& etcd_process, std::string node_id = "a", std::shared_ptr<MemoryStore> with_store = std::make_shared<MemoryStore>(),
                      EtcdJournalOptions journal_options = {})
      : etcd(etcd_process), wire(etcd.port()), node{"test", std::move(node_id), {}, 0, "open 1"}, store(std::move(with_store)), options(journal_options),
        keeper(must(EtcdClient::make(etcd.access()))) {
    static int lives = 0;
    node.incarnation = node.node_id + "#" + std::to_string(++lives);
    set_gate(node.open_gate);
    EXPECT_TRUE(keeper->run({{}, {EtcdErase{keys.node(node.node_id), {}}}, {}}).ok());
    node.node_created_at = put_new(keys.node(node.node_id));
    start();
  }
  template <class T>
  static T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
  }
  void start() {
    auto access = etcd.access();
    access.members = {"http://127.0.0.1:" + std::to_string(wire.port())};
    access.deadline = seconds(30);
    journal = EtcdJournal::start({must(EtcdClient::make(access)), *store, desk, node, ClusterSecret{9}, options,
                                  [this](const LostShard& news) {
                                    lost_epoch = news.owner_created_at;
                                    is_store_to_blame = news.is_own_store;
                                    lost = news.shard;
                                  }});
  }
  std::int64_t put_new(const std::string& key) {
    EXPECT_TRUE(must(keeper->run({{}, {EtcdPut{key, node.incarnation, 0}}, {}})).is_done);
    return must(keeper->read({key, {}, 1})).rows.at(0).created_at;
  }
  void set_gate(const std::string& value) { EXPECT_TRUE(keeper->run({{}, {EtcdPut{keys.gate(), value, 0}}, {}}).ok()); }
  /// Takes the owner key from whoever has it, as after a lease's end.
  std::int64_t claim(ShardIndex shard) {
    EXPECT_TRUE(keeper->run({{}, {EtcdErase{keys.owner(shard), {}}}, {}}).ok());
    return put_new(keys.owner(shard));
  }
  Status own(ShardIndex shard) { return journal->own_and_wait(shard, claim(shard)); }
  Result<CommitReceipt> commit(CommitRequest request) { return journal->commit_and_wait(std::move(request)); }
  bool has_permit(AttemptId attempt) { return desk.take(attempt, 1).has_value(); }

  const EtcdProcess& etcd;
  FaultyWire wire;
  ClusterNode node;
  JournalKeys keys{"test"};
  std::shared_ptr<MemoryStore> store;
  EtcdJournalOptions options;
  PermitDesk desk;
  std::atomic<int> lost{-1};      ///< The shard the journal gave up last,
  std::atomic<std::int64_t> lost_epoch{0};
  std::atomic<bool> is_store_to_blame{false};
  std::unique_ptr<EtcdClient> keeper;
  std::unique_ptr<EtcdJournal> journal;
};

}  // namespace dunlin::test
