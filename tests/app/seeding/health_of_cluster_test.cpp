// Each thing that may be wrong with a cluster is told in its line, with its grade, and in a metric.
#include "app/health_of_cluster.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace dunlin {
namespace {

ClusterView healthy_cluster() {
  ClusterView view;
  view.name = "bank";
  view.incarnation = "node1#5f.2";
  view.may_originate = true;
  view.gate = "open 1";
  view.seats.seats = {{"node1", ""}, {"node2", ""}};
  for (ShardIndex shard = 0; shard < shard_count; ++shard) view.seats.owners[shard] = {shard % 2 == 0 ? "node1" : "node2", 7};
  view.shards_served = 128;
  view.follower.shards_held = 128;
  return view;
}

std::string line_of(const ClusterView& view, const SharedDocumentsStats& documents, const std::string& name) {
  for (const auto& check : cluster_checks(view, documents)) {
    if (check.name == "cluster " + name) return check.grade + " " + check.detail;
  }
  return "no such line";
}

TEST(HealthOfCluster, IsGoodInEveryLine) {
  SharedDocumentsStats documents;
  documents.position = 42;
  const auto checks = cluster_checks(healthy_cluster(), documents);
  EXPECT_EQ(checks.size(), 7u);
  for (const auto& check : checks) EXPECT_EQ(check.grade, "good") << check.name << ": " << check.detail;
  EXPECT_EQ(line_of(healthy_cluster(), documents, "membership"), "good node1#5f.2, 2 nodes sit");
  EXPECT_EQ(line_of(healthy_cluster(), documents, "shards"), "good serves 128, follows 128, 0 without an owner, 0 in doubt");
  EXPECT_EQ(line_of(healthy_cluster(), documents, "documents"), "good followed to 42");
}

TEST(HealthOfCluster, TellsWhatIsWrong) {
  const struct { const char* line; const char* told; std::function<void(ClusterView&, SharedDocumentsStats&)> breaks; } rows[] = {
      {"membership", "red no seat", [](auto& view, auto&) { view.incarnation.clear(); }},
      {"membership", "red etcd does not answer in time", [](auto& view, auto&) { view.may_originate = false; }},
      {"membership", "red the journal went back", [](auto& view, auto&) { view.has_gone_back = true; }},
      {"membership", "red the cluster's gate is closed", [](auto& view, auto&) { view.gate = "closed 1"; }},
      {"disk", "red little room", [](auto& view, auto&) { view.is_low_on_space = true; }},
      {"shards", "attention serves 128, follows 128, 1 without", [](auto& view, auto&) { view.seats.owners.erase(3); }},
      {"copies", "attention 20000 batches behind", [](auto& view, auto&) { view.follower.batches_behind = 20'000; }},
      {"copies", "attention 0 batches behind, 2 own shards short", [](auto& view, auto&) { view.trimmer.shards_short = 2; }},
      {"copies", "attention 0 batches behind, 0 own shards short of copies, 4 newcomers rest", [](auto& view, auto&) { view.trimmer.newcomers_resting = 4; }},
      {"journal", "red 0 MiB in etcd", [](auto& view, auto&) { view.trimmer.room = JournalRoom::no_reservations; }},
      {"documents", "attention etcd does not answer", [](auto&, auto& documents) { documents.trouble = "etcd does not answer"; }},
      {"seeding", "attention 0 shards copied now, 1 wait, 0 done: nobody has a copy", [](auto& view, auto&) { view.seeding.waiting = 1, view.seeding.trouble = "nobody has a copy"; }}};
  for (const auto& row : rows) {
    auto view = healthy_cluster();
    SharedDocumentsStats documents;
    row.breaks(view, documents);
    EXPECT_EQ(line_of(view, documents, row.line).rfind(row.told, 0), 0u) << line_of(view, documents, row.line);
  }
}

TEST(HealthOfCluster, HasMetrics) {
  auto view = healthy_cluster();
  view.seats.owners.erase(3);
  view.trimmer.used_bytes = 77;
  const auto text = cluster_metrics(view, {});
  for (const char* line : {"\ndunlin_cluster_member 1\n", "\ndunlin_cluster_shards_without_owner 1\n", "\ndunlin_cluster_journal_bytes 77\n",
                           "# TYPE dunlin_cluster_seed_failures_total counter\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace dunlin
