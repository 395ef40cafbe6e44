#include "core/cluster/journal_watch.hpp"

namespace dunlin {

std::string why_gone_back(const JournalSight& before, const JournalSight& now) {
  if (before.cluster_id == 0) return {};
  if (now.cluster_id != before.cluster_id) return "the journal is another etcd cluster than the one this store belongs to";
  if (now.revision >= before.revision) return {};
  return "the journal is at revision " + std::to_string(now.revision) + " and was at " + std::to_string(before.revision) +
         ": it was restored from an older copy";
}

std::string why_behind_store(ShardIndex shard, const ShardHead& head, const ShardHead& applied) {
  return "shard " + std::to_string(shard) + " is at batch " + std::to_string(head.sequence) + " in the journal and at " +
         std::to_string(applied.sequence) + " in the store: the journal was restored from an older copy";
}

std::string_view to_string(JournalRoom room) {
  switch (room) {
    case JournalRoom::enough:
      return "enough";
    case JournalRoom::no_reservations:
      return "no_reservations";
    case JournalRoom::facts_only:
      return "facts_only";
  }
  return {};
}

JournalRoom room_for(std::uint64_t bytes, JournalRoom before, const RoomBounds& bounds) {
  const auto lowered = [](std::uint64_t bound, bool is_lowered) { return is_lowered ? bound - bound / 8 : bound; };
  if (bytes >= lowered(bounds.hard_bytes, before == JournalRoom::facts_only)) return JournalRoom::facts_only;
  if (bytes >= lowered(bounds.soft_bytes, before != JournalRoom::enough)) return JournalRoom::no_reservations;
  return JournalRoom::enough;
}

}  // namespace dunlin
