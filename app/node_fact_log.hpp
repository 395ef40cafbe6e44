#pragma once
// Facts that belong to no case, kept for the event feed: numbered documents written through the journal, in order.
// Thread safe; record() only queues. At the bounds: told facts beyond `limits::node_facts_kept` are removed; a fact the
// disk refuses is logged and lost (what it is about - campaign, import, recording - is stored on its own).
#include <atomic>
#include <functional>
#include <mutex>

#include "actors/contracts/doors.hpp"
#include "cluster/event_ports.hpp"
#include "config/clock.hpp"
#include "storage/store.hpp"

namespace dunlin {

class StoredFactLog final : public NodeFactLog {
 public:
  /// `told` says up to which number the world has heard; what it has not heard is never removed.
  using ToldUpTo = std::function<std::uint64_t()>;
  static Result<std::unique_ptr<StoredFactLog>> open(Store& store, const Clock& clock, std::string node_name);

  /// Both before the first record().
  void wake(std::function<void()> listener) { listener_ = std::move(listener); }
  void keep_until_told(ToldUpTo told) { told_ = std::move(told); }

  void record(NodeFact fact) override;

  Result<EventPage> read(std::uint64_t after, std::size_t limit) const;
  /// Number of the last fact on disk.
  std::uint64_t head() const { return head_; }

 private:
  StoredFactLog(Store& store, const Clock& clock, std::string node_name, std::uint64_t last)
      : store_(store), clock_(clock), node_name_(std::move(node_name)), next_(last), head_(last) {}
  void remove_old();
  Result<EventEnvelope> envelope_of(const Document& document) const;

  Store& store_;
  const Clock& clock_;
  const std::string node_name_;
  std::function<void()> listener_ = [] {};
  ToldUpTo told_;
  std::mutex mutex_;                 ///< Keeps numbers and queue in the same order.
  std::uint64_t next_;
  std::atomic<std::uint64_t> head_;
};

/// Types of node facts, sorted.
std::vector<std::string_view> node_fact_types();

}  // namespace dunlin
