// Documents shared by nodes over a real etcd: nothing lost, nothing done twice, whatever happens to an answer on its way.
#include "cluster/shared_documents.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "cluster/document_seal.hpp"
#include "cluster/shard_txn.hpp"
#include "config/clock.hpp"
#include "tests/cluster/etcd_rig.hpp"

namespace dunlin::test {
namespace {

using WireFate = FaultyWire::Fate;
/// Only changes hold this; looks read.
const std::string document_put = "request_put";

template <class T>
T must_have(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

/// A node's disk; outlives its node's lives. Used by one thread at a time, read by the test when it is quiet.
class MemoryCopy final : public DocumentCopy {
 public:
  Result<DocumentSight> sight() override {
    const std::lock_guard lock(mutex_);
    return sight_;
  }
  Status store(const std::vector<SharedDocument>& documents, const DocumentSight& sight) override {
    const std::lock_guard lock(mutex_);
    if (is_full) return Error{Errc::unavailable, "the disk is full"};
    for (const SharedDocument& document : documents) {
      if (document.bytes) held_[{document.kind, document.id}] = *document.bytes;
      else held_.erase({document.kind, document.id});
    }
    sight_ = sight;
    return Done{};
  }
  Result<std::vector<SharedDocument>> all() override {
    const std::lock_guard lock(mutex_);
    std::vector<SharedDocument> all;
    for (const auto& [name, bytes] : held_) all.push_back({name.first, name.second, bytes});
    return all;
  }
  Status displace(const SharedDocument& document) override {
    const std::lock_guard lock(mutex_);
    displaced_.insert(document.id);
    return Done{};
  }
  std::string held(const std::string& kind, const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find({kind, id});
    return found == held_.end() ? "none" : found->second;
  }
  std::map<std::pair<std::string, std::string>, std::string> everything() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }
  void bring(const std::string& kind, const std::string& id, const std::string& bytes) { held_[{kind, id}] = bytes; }
  std::set<std::string> displaced() const {
    const std::lock_guard lock(mutex_);
    return displaced_;
  }
  std::atomic<bool> is_full = false;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::string> held_;
  std::set<std::string> displaced_;
  DocumentSight sight_;
};

/// A node's part in the documents, behind a wire that may lose what it says.
struct DocumentNode {
  explicit DocumentNode(const EtcdProcess& process, std::shared_ptr<MemoryCopy> with = std::make_shared<MemoryCopy>(), unsigned char secret_byte = 9)
      : etcd(process), wire(process.port()), copy(std::move(with)) {
    secret.fill(secret_byte);
    start();
  }
  void start() {
    auto access = etcd.access();
    access.members = {"http://127.0.0.1:" + std::to_string(wire.port())};
    SharedDocumentsOptions options;
    options.look_every = milliseconds(20);
    options.patience = patience;
    options.page = 3;
    shared = must_have(SharedDocuments::start({must_have(EtcdClient::make(access)), *copy, "test", secret,
                                               [this](const std::vector<SharedDocument>& news, std::int64_t at) {
                                                 const std::lock_guard lock(mutex);
                                                 for (const SharedDocument& document : news) told.push_back(document.id + "=" + document.bytes.value_or("removed"));
                                                 heard = at;
                                               },
                                               options}));
  }
  DocumentOutcome write(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::optional<std::int64_t> decided_on = {}) {
    std::promise<DocumentOutcome> promise;
    auto answer = promise.get_future();
    shared->write({kind, id, std::move(bytes)}, decided_on.value_or(position()), [&promise](DocumentOutcome outcome) { promise.set_value(std::move(outcome)); });
    return answer.get();
  }
  /// As a desk does: decides anew when only other documents have changed.
  DocumentOutcome insist(const std::string& kind, const std::string& id, const std::optional<std::string>& bytes) {
    auto outcome = write(kind, id, bytes);
    while (outcome.is_stale) outcome = write(kind, id, bytes);
    return outcome;
  }
  std::int64_t position() const {
    const std::lock_guard lock(mutex);
    return heard;
  }
  std::vector<std::string> news() const {
    const std::lock_guard lock(mutex);
    return told;
  }
  template <class Condition>
  static bool comes_to(Condition condition) {
    for (int waited_ms = 0; waited_ms < 60'000; waited_ms += 10) {
      if (condition()) return true;
      SystemClock::wait(milliseconds(10));
    }
    return false;
  }
  /// On its disk, and told.
  bool comes_to_hold(const std::string& kind, const std::string& id, const std::string& bytes) const {
    return comes_to([&] { return copy->held(kind, id) == bytes && position() == shared->stats().position; });
  }
  void stop() { shared.reset(); }

  const EtcdProcess& etcd;
  FaultyWire wire;
  std::shared_ptr<MemoryCopy> copy;
  ClusterSecret secret{};
  Duration patience = seconds(30);
  mutable std::mutex mutex;
  std::int64_t heard = 0;
  std::vector<std::string> told;
  std::unique_ptr<SharedDocuments> shared;
};

TEST(SharedDocuments, WhatOneNodeWritesAllHold) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  for (int i = 0; i < 8; ++i) ASSERT_FALSE(a.insist("campaign", std::to_string(i), "soft").error);
  ASSERT_FALSE(a.insist("agent", "anna", "secret of anna").error);
  EXPECT_EQ(a.copy->held("agent", "anna"), "secret of anna") << "durable here before it is told";
  ASSERT_TRUE(b.comes_to_hold("agent", "anna", "secret of anna"));
  EXPECT_EQ(a.copy->everything(), b.copy->everything());
  // In a row of changes the last may be held before its position is known, and comes again with it.
  ASSERT_TRUE(DocumentNode::comes_to([&] { return b.position() == a.position(); }));
  ASSERT_FALSE(b.insist("agent", "anna", std::nullopt).error);
  EXPECT_TRUE(a.comes_to_hold("agent", "anna", "none"));
  EXPECT_TRUE(a.news() == std::vector<std::string>{"anna=removed"}) << "nobody hears of its own changes";
}

TEST(SharedDocuments, NothingLegibleLiesInEtcd) {
  const EtcdProcess etcd;
  DocumentNode a(etcd);
  ASSERT_FALSE(a.insist("agent", "anna.petrova", "secret of anna").error);
  const auto client = must_have(EtcdClient::make(etcd.access()));
  const auto rows = must_have(client->read({"/dunlin/test/", range_end_of("/dunlin/test/"), 0}));
  ASSERT_EQ(rows.rows.size(), 2u);
  for (const EtcdRow& row : rows.rows) {
    for (const char* word : {"anna", "secret", "agent"}) EXPECT_EQ((row.key + row.value).find(word), std::string::npos) << word;
  }
}

TEST(SharedDocuments, OfTwoChangesOfOneDocumentOneIsRefused) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  ASSERT_FALSE(a.insist("campaign", "1", "first").error);
  ASSERT_TRUE(DocumentNode::comes_to([&] { return b.position() == a.position(); }));
  const auto seen = b.position();
  ASSERT_FALSE(a.write("campaign", "1", "of a").error);
  const auto refused = b.write("campaign", "1", "of b", seen);
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::conflict);
  EXPECT_FALSE(refused.is_stale);
  EXPECT_NE(refused.error->detail.find("campaign '1' was changed on another node at the same time"), std::string::npos) << refused.error->detail;
  EXPECT_EQ(b.copy->held("campaign", "1"), "of a") << "the refusal comes when the other's change is known here";
  const auto stale = b.write("campaign", "2", "other", seen);
  ASSERT_TRUE(stale.error);
  EXPECT_TRUE(stale.is_stale) << "what is decided on the old may be decided anew";
  EXPECT_FALSE(b.write("campaign", "2", "other").error);
}

TEST(SharedDocuments, NoChangeOfManyWritersIsLost) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd), c(etcd);
  ASSERT_FALSE(a.insist("campaign", "count", "0").error);
  std::atomic<int> done = 0;
  const auto count_up = [&done](DocumentNode& node, const std::string& name) {
    for (int i = 0; i < 12;) {
      const auto seen = node.position();
      const std::string held = node.copy->held("campaign", "count");
      if (held == "none") continue;
      if (node.write("campaign", "count", std::to_string(std::stoi(held) + 1), seen).error) continue;
      ++done;
      ++i;
      ASSERT_FALSE(node.insist("agent", name + std::to_string(i), "y").error);
    }
  };
  std::vector<std::thread> writers;
  for (const auto& [node, name] : {std::pair(&a, "a"), std::pair(&b, "b"), std::pair(&c, "c")}) {
    writers.emplace_back([&count_up, node, name] { count_up(*node, name); });
  }
  for (std::thread& writer : writers) writer.join();
  for (const DocumentNode* node : {&a, &b, &c}) EXPECT_TRUE(node->comes_to_hold("campaign", "count", "36")) << node->copy->held("campaign", "count");
}

TEST(SharedDocuments, ALostAnswerIsFoundOut) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  ASSERT_FALSE(a.insist("campaign", "1", "first").error);
  for (const WireFate fate : {WireFate::lose_answer, WireFate::lose_request}) {
    const std::string text = fate == WireFate::lose_answer ? "answer lost" : "request lost";
    a.wire.plan(document_put, {fate, fate});
    const auto written = a.write("campaign", "1", text);
    ASSERT_FALSE(written.error) << written.error->detail;
    EXPECT_EQ(a.wire.left_in_plan(), 0u);
    // The answer is told before the news of it: what is decided next has to know both.
    EXPECT_TRUE(a.comes_to_hold("campaign", "1", text));
    EXPECT_TRUE(b.comes_to_hold("campaign", "1", text));
  }
  EXPECT_FALSE(a.insist("campaign", "1", "and on it goes").error);
}

TEST(SharedDocuments, ALostChangeThatOthersHaveOvertakenStoodAndIsNotSpreadAgain) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  ASSERT_FALSE(a.insist("campaign", "1", "first").error);
  ASSERT_TRUE(b.comes_to_hold("campaign", "1", "first"));
  a.wire.plan(document_put, {WireFate::lose_answer, WireFate::lose_request, WireFate::lose_request});
  auto written = std::async(std::launch::async, [&a] { return a.write("campaign", "1", "of a"); });
  ASSERT_TRUE(b.comes_to_hold("campaign", "1", "of a"));
  ASSERT_FALSE(b.insist("campaign", "1", "of b").error);
  EXPECT_FALSE(written.get().error) << "it stood, if not for long";
  EXPECT_TRUE(a.comes_to_hold("campaign", "1", "of b"));
  EXPECT_EQ(b.copy->held("campaign", "1"), "of b");
}

TEST(SharedDocuments, ARequestThatComesLateChangesNothing) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  ASSERT_FALSE(a.insist("campaign", "1", "first").error);
  ASSERT_TRUE(b.comes_to_hold("campaign", "1", "first"));
  a.wire.plan(document_put, {WireFate::hold_request, WireFate::hold_request, WireFate::hold_request});
  auto written = std::async(std::launch::async, [&a] { return a.write("campaign", "1", "of a"); });
  ASSERT_TRUE(DocumentNode::comes_to([&] { return a.wire.left_in_plan() < 3; }));
  ASSERT_FALSE(b.insist("campaign", "1", "of b").error);
  const auto outcome = written.get();
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Errc::conflict);
  EXPECT_GT(a.wire.release(), 0u);
  ASSERT_FALSE(b.insist("campaign", "2", "after").error);
  ASSERT_TRUE(a.comes_to_hold("campaign", "2", "after"));
  EXPECT_EQ(a.copy->held("campaign", "1"), "of b");
}

TEST(SharedDocuments, WithoutEtcdNothingIsChangedAndAllIsRead) {
  EtcdProcess etcd;
  auto copy = std::make_shared<MemoryCopy>();
  {
    DocumentNode a(etcd, copy);
    ASSERT_FALSE(a.insist("campaign", "1", "first").error);
  }
  etcd.freeze();
  DocumentNode a(etcd, copy);
  const auto refused = a.write("campaign", "1", "second");
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::unavailable);
  EXPECT_NE(refused.error->detail.find("nothing was changed"), std::string::npos) << refused.error->detail;
  EXPECT_EQ(copy->held("campaign", "1"), "first");
  EXPECT_NE(a.shared->stats().trouble, "");
  etcd.thaw();
  ASSERT_TRUE(DocumentNode::comes_to([&] { return a.shared->stats().trouble.empty(); }));
  EXPECT_FALSE(a.insist("campaign", "1", "second").error);
}

TEST(SharedDocuments, WhoWasAwayOrWipedCatchesUp) {
  const EtcdProcess etcd;
  DocumentNode a(etcd);
  auto copy = std::make_shared<MemoryCopy>();
  {
    DocumentNode b(etcd, copy);
    ASSERT_FALSE(a.insist("agent", "anna", "1").error);
    ASSERT_TRUE(b.comes_to_hold("agent", "anna", "1"));
  }
  ASSERT_FALSE(a.insist("agent", "anna", "2").error);
  for (int i = 0; i < 10; ++i) ASSERT_FALSE(a.insist("flow", std::to_string(i), "steps").error);
  ASSERT_FALSE(a.insist("agent", "boris", "1").error);
  ASSERT_FALSE(a.write("agent", "boris", std::nullopt).error);
  DocumentNode back(etcd, copy), wiped(etcd);
  for (const DocumentNode* node : {&back, &wiped}) {
    EXPECT_TRUE(DocumentNode::comes_to([&] { return node->copy->everything() == a.copy->everything(); }));
    EXPECT_TRUE(node->copy->displaced().empty());
  }
}

TEST(SharedDocuments, TheFirstNodeBringsItsDocumentsAndALaterOneSetsItsOwnAside) {
  const EtcdProcess etcd;
  auto first = std::make_shared<MemoryCopy>(), later = std::make_shared<MemoryCopy>();
  for (int i = 0; i < 5; ++i) first->bring("campaign", std::to_string(i), "brought along");
  first->bring("agent", "anna", "of the first");
  later->bring("agent", "anna", "of the later");
  later->bring("campaign", "0", "brought along");
  later->bring("agent", "zoe", "only here");
  DocumentNode a(etcd, first);
  ASSERT_TRUE(DocumentNode::comes_to([&] { return a.shared->stats().position > 0 && !must_have(first->sight()).is_publishing; }));
  DocumentNode b(etcd, later);
  EXPECT_TRUE(DocumentNode::comes_to([&] { return later->everything() == first->everything(); }));
  EXPECT_EQ(later->displaced(), (std::set<std::string>{"anna", "zoe"}));
  EXPECT_EQ(first->held("agent", "anna"), "of the first");
}

TEST(SharedDocuments, AStopWhileBringingDocumentsAlongIsMadeGood) {
  const EtcdProcess etcd;
  auto copy = std::make_shared<MemoryCopy>();
  for (int i = 0; i < 6; ++i) copy->bring("campaign", std::to_string(i), "brought along");
  {
    DocumentNode a(etcd, copy);
    ASSERT_TRUE(DocumentNode::comes_to([&] { return must_have(copy->sight()).position > 0; }));
  }
  // As a stop before the last word leaves it.
  DocumentSight sight = must_have(copy->sight());
  sight.is_publishing = true;
  ASSERT_TRUE(copy->store({}, sight).ok());
  DocumentNode again(etcd, copy), other(etcd);
  EXPECT_TRUE(DocumentNode::comes_to([&] { return other.copy->everything().size() == 6 && !must_have(copy->sight()).is_publishing; }));
  EXPECT_TRUE(copy->displaced().empty());
  EXPECT_EQ(copy->everything(), other.copy->everything());
}

TEST(SharedDocuments, AnotherSecretNeitherReadsNorWrites) {
  const EtcdProcess etcd;
  DocumentNode a(etcd);
  ASSERT_FALSE(a.insist("agent", "anna", "1").error);
  DocumentNode stranger(etcd, std::make_shared<MemoryCopy>(), 10);
  const auto refused = stranger.write("agent", "boris", "1");
  ASSERT_TRUE(refused.error);
  EXPECT_NE(refused.error->detail.find("cluster.secret_file"), std::string::npos) << refused.error->detail;
  EXPECT_TRUE(stranger.copy->everything().empty());
  EXPECT_FALSE(a.insist("agent", "boris", "1").error) << "the cluster's own go on";
}

TEST(SharedDocuments, TooLargeADocumentIsRefusedBeforeItLeaves) {
  const EtcdProcess etcd;
  DocumentNode a(etcd);
  const auto refused = a.write("flow", "long", std::string(max_shared_document_bytes + 1, 'x'));
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::invalid_input);
  EXPECT_NE(refused.error->detail.find("flow 'long' has 1048577 bytes"), std::string::npos) << refused.error->detail;
  EXPECT_FALSE(a.insist("flow", "long", std::string(max_shared_document_bytes, 'x')).error) << "one at the bound fits etcd";
}

TEST(SharedDocuments, ANameNobodyCouldReadBackIsRefused) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  for (const std::string& name : {std::string(), std::string(max_shared_document_id + 1, 'x')}) {
    const auto refused = a.write("import_template", name, "columns");
    ASSERT_TRUE(refused.error);
    EXPECT_EQ(refused.error->code, Errc::invalid_input);
  }
  EXPECT_TRUE(a.write("import_job", "1", "a node's own").error) << "not of a shared kind";
  ASSERT_FALSE(a.insist("import_template", std::string(max_shared_document_id, 'x'), "columns").error);
  EXPECT_TRUE(b.comes_to_hold("import_template", std::string(max_shared_document_id, 'x'), "columns"));
}

TEST(SharedDocuments, AFullDiskDoesNotLoseWhatTheClusterHas) {
  const EtcdProcess etcd;
  DocumentNode a(etcd), b(etcd);
  ASSERT_FALSE(a.insist("agent", "anna", "1").error);
  a.copy->is_full = true;
  const auto half = a.write("agent", "anna", "2");
  ASSERT_TRUE(half.error);
  EXPECT_NE(half.error->detail.find("it stands in the cluster"), std::string::npos) << half.error->detail;
  EXPECT_TRUE(b.comes_to_hold("agent", "anna", "2"));
  a.copy->is_full = false;
  EXPECT_TRUE(a.comes_to_hold("agent", "anna", "2"));
  EXPECT_EQ(a.news(), std::vector<std::string>{"anna=2"}) << "the desk that was told of an error hears of it after all";
}

TEST(SharedDocuments, AnEtcdThatWentBackIsNotFollowed) {
  auto copy = std::make_shared<MemoryCopy>();
  {
    const EtcdProcess etcd;
    DocumentNode a(etcd, copy);
    ASSERT_FALSE(a.insist("agent", "anna", "1").error);
  }
  const EtcdProcess another;
  DocumentNode a(another, copy);
  const auto refused = a.write("agent", "anna", "2");
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(copy->held("agent", "anna"), "1");
  EXPECT_NE(must_have(copy->sight()).cluster_id, 0u);
  EXPECT_NE(a.shared->stats().trouble, "");
}

TEST(SharedDocument, ReadsBackWhatItWroteAndRefusesTheRest) {
  for (const SharedDocument& document : {SharedDocument{"agent", "anna", "bytes"}, SharedDocument{"flow", "soft.000001", std::nullopt}}) {
    const std::string bytes = encode(document);
    EXPECT_EQ(must_have(decode_shared_document(bytes)), document);
    for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_shared_document(bytes.substr(0, size)).ok()) << size;
    EXPECT_FALSE(decode_shared_document(bytes + "x").ok());
  }
  DocumentHead head;
  for (unsigned char i = 0; i < 100; ++i) head = head_after(head, DocumentWriteId{i});
  EXPECT_EQ(head.changes, 100u);
  EXPECT_EQ(head.last.size(), max_remembered_writes);
  EXPECT_TRUE(stands_in(head, DocumentWriteId{99}));
  EXPECT_FALSE(stands_in(head, DocumentWriteId{1}));
  EXPECT_EQ(must_have(decode_document_head(encode(head))), head);
}

}  // namespace
}  // namespace dunlin::test
