#include "app/health_of_cluster.hpp"

#include <string_view>

#include <fmt/format.h>

namespace dunlin {
namespace {

/// Over all shards: what a busy node is behind for a moment is far less.
constexpr std::uint64_t many_batches_behind = 20'000;

ClusterCheck membership_check(const ClusterView& view) {
  const auto line = [](std::string grade, std::string detail) { return ClusterCheck{"cluster membership", std::move(grade), std::move(detail)}; };
  if (view.has_gone_back) return line("red", "the journal went back: nobody dials here until an operator has looked");
  if (view.incarnation.empty()) return line("red", "no seat in the cluster: no new attempts, talks go on; look at etcd, the network, the certificates, and for two nodes of one name");
  if (!view.may_originate) return line("red", "etcd does not answer in time: no new attempts, talks go on");
  if (view.gate.rfind("open ", 0) != 0) return line("red", "the cluster's gate is closed: nobody dials");
  return line("good", fmt::format("{}, {} nodes sit", view.incarnation, view.seats.seats.size()));
}

std::size_t shards_without_owner(const ClusterView& view) { return shard_count - view.seats.owners.size(); }

ClusterCheck shard_check(const ClusterView& view) {
  const auto orphans = shards_without_owner(view);
  auto text = fmt::format("serves {}, follows {}, {} without an owner, {} in doubt", view.shards_served, view.follower.shards_held, orphans,
                          view.journal.shards_in_doubt);
  return {"cluster shards", orphans == 0 ? "good" : "attention", std::move(text)};
}

ClusterCheck copies_check(const ClusterView& view) {
  const auto behind = view.follower.batches_behind;
  const auto short_of = view.trimmer.shards_short;
  auto text = fmt::format("{} batches behind, {} own shards short of copies, {} newcomers rest", behind, short_of, view.trimmer.newcomers_resting);
  const bool is_good = behind < many_batches_behind && short_of == 0 && view.trimmer.newcomers_resting == 0;
  return {"cluster copies", is_good ? "good" : "attention", std::move(text)};
}

ClusterCheck journal_check(const ClusterView& view) {
  auto text = fmt::format("{} MiB in etcd, {} batches kept for copies", view.trimmer.used_bytes >> 20, view.trimmer.batches_kept);
  if (view.trimmer.room == JournalRoom::enough) return {"cluster journal", "good", std::move(text)};
  return {"cluster journal", "red", text + ": no new attempts until it is trimmed; bring back or replace the node that is away"};
}

ClusterCheck seeding_check(const ClusterView& view) {
  const auto& seeds = view.seeding;
  auto text = fmt::format("{} shards copied now, {} wait, {} done", seeds.copying, seeds.waiting, seeds.seeded);
  if (!seeds.trouble.empty()) text += ": " + seeds.trouble;
  return {"cluster seeding", seeds.trouble.empty() ? "good" : "attention", std::move(text)};
}

}  // namespace

std::vector<ClusterCheck> cluster_checks(const ClusterView& view, const SharedDocumentsStats& documents) {
  const bool follows = documents.trouble.empty();
  return {membership_check(view),
          {"cluster disk", view.is_low_on_space ? "red" : "good", view.is_low_on_space ? "little room on the disk: this node makes no new attempts, results are kept" : ""},
          shard_check(view),
          copies_check(view),
          journal_check(view),
          {"cluster documents", follows ? "good" : "attention", follows ? fmt::format("followed to {}", documents.position) : documents.trouble},
          seeding_check(view)};
}

std::string cluster_metrics(const ClusterView& view, const SharedDocumentsStats& documents) {
  std::string text;
  const auto add = [&text](std::string_view name, std::string_view kind, std::string_view help, auto value) {
    text += fmt::format("# HELP dunlin_cluster_{0} {1}\n# TYPE dunlin_cluster_{0} {2}\ndunlin_cluster_{0} {3}\n", name, help, kind, value);
  };
  add("member", "gauge", "1: this node has a seat.", view.incarnation.empty() ? 0 : 1);
  add("may_originate", "gauge", "1: the cluster's journal answers in time.", view.may_originate ? 1 : 0);
  add("went_back", "gauge", "1: the journal went back, nobody dials here.", view.has_gone_back ? 1 : 0);
  add("low_disk", "gauge", "1: too little room on this node's disk for new attempts.", view.is_low_on_space ? 1 : 0);
  add("nodes", "gauge", "Nodes that sit.", view.seats.seats.size());
  add("shards_served", "gauge", "Shards this node owns and serves.", view.shards_served);
  add("shards_followed", "gauge", "Shards this node holds a copy of and follows.", view.follower.shards_held);
  add("shards_without_owner", "gauge", "Shards nobody owns.", shards_without_owner(view));
  add("shards_in_doubt", "gauge", "Own shards that wait for what became of a commit.", view.journal.shards_in_doubt);
  add("doubts_total", "counter", "Commits whose answer was lost.", view.journal.doubts);
  add("batches_total", "counter", "Batches committed.", view.journal.batches);
  add("batches_behind", "gauge", "Batches the copies here lack.", view.follower.batches_behind);
  add("shards_short_of_copies", "gauge", "Own shards with fewer copies than there should be.", view.trimmer.shards_short);
  add("newcomers_resting", "gauge", "Newcomers that got nowhere and are listed again later.", view.trimmer.newcomers_resting);
  add("batches_kept", "gauge", "Batches of own shards kept for copies that lack them.", view.trimmer.batches_kept);
  add("journal_bytes", "gauge", "Room in use in etcd's database.", view.trimmer.used_bytes);
  add("documents_position", "gauge", "Shared documents are followed to here.", documents.position);
  add("documents_followed", "gauge", "1: shared documents are followed.", documents.trouble.empty() ? 1 : 0);
  add("shards_to_seed", "gauge", "Shards that lack what the journal no longer has.", view.follower.shards_to_seed);
  add("shards_copying", "gauge", "Shards that are copied from another node now.", view.seeding.copying);
  add("shards_seeded_total", "counter", "Shards copied from other nodes.", view.seeding.seeded);
  add("seed_failures_total", "counter", "Copies that failed and are tried again.", view.seeding.failures);
  return text;
}

}  // namespace dunlin
