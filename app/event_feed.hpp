#pragma once
// The store as the event bus and `event tail` see it: 256 shards of the history and one partition of node facts, each an
// ordered feed of envelopes, and the cursors that say how far Redis has been told. Thread safe; reads the disk.
#include <mutex>
#include <unordered_map>

#include "api/command.hpp"
#include "app/node_fact_log.hpp"
#include "cluster/event_ports.hpp"
#include "storage/bounded_cache.hpp"
#include "storage/store.hpp"

namespace dunlin {

inline constexpr Partition node_facts_partition = shard_count;

class StoreEventSource final : public EventSource {
 public:
  StoreEventSource(const Store& store, const StoredFactLog& facts);
  Partition partition_count() const override { return shard_count + 1; }
  Result<EventPage> read(Partition partition, std::uint64_t after, std::size_t limit) override;
  Result<std::uint64_t> head(Partition partition) override;
  /// The whole story of one case, oldest first.
  Result<std::vector<EventEnvelope>> story_of(CaseId case_id);

 private:
  Result<std::vector<EventEnvelope>> told(const std::vector<StoredEvent>& events);
  /// The campaign of an attempt, from what was just read or from the history of its case.
  Result<CampaignId> campaign_of(CaseId case_id, AttemptId attempt);
  void remember(const CaseEvent& event);

  const HistoryLog& history_;
  const StoredFactLog& facts_;
  std::mutex mutex_;
  BoundedCache<AttemptId, CampaignId> campaigns_;
};

class StoreCursors final : public CursorStore {
 public:
  explicit StoreCursors(Documents& documents) : documents_(documents) {}
  Result<std::uint64_t> load(Partition partition) override;
  Status save(const std::vector<CursorMove>& moves) override;

 private:
  Documents& documents_;
};

/// Answers `event tail` straight from the committed facts.
Result<EventAnswer> find_events(StoreEventSource& source, const EventOrigin& origin, const EventQuery& query);

}  // namespace dunlin
