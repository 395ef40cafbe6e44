#pragma once
// One node's membership of the cluster: a lease in etcd, a node key under it, and the node's own idea of how long both are
// good (docs/cluster.md, membership). The deadline is counted on the boot clock from before the request that renewed the
// lease, so the node stops originating before etcd gives its shards to others. A lost lease ends the incarnation: the node
// drops its shards and joins anew under another name. Pure; one thread.
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.hpp"

namespace dunlin {

enum class MembershipState : std::uint8_t {
  outside,     ///< No lease: ask for one.
  joining,     ///< A lease, but no node key yet.
  member,      ///< The key stands and the lease is fresh: may originate and own.
  suspended,   ///< Past the own deadline without an answer: talks live on, nothing new begins.
};

/// What to ask etcd next.
enum class MembershipAsk : std::uint8_t { nothing, grant_lease, put_node_key, renew_lease };

struct MembershipRules {
  Duration lease_ttl = seconds(4);
  Duration renew_every = milliseconds(1300);   ///< A third of the TTL: two renewals may be lost.
  Duration retry_pause = milliseconds(300);
};

class Membership {
 public:
  /// `node_id` and a number unique to this life of the process (its start) make the incarnations' names.
  Membership(std::string node_id, std::uint64_t life, MembershipRules rules);

  MembershipState state() const { return state_; }
  /// "node-1#5f2c.3": changes with every lease.
  std::string incarnation() const;
  std::int64_t lease() const { return lease_; }
  std::int64_t node_created_at() const { return node_created_at_; }
  /// Last instant at which this incarnation may originate.
  MonoTime good_until() const { return good_until_; }
  bool may_originate(MonoTime now) const { return state_ == MembershipState::member && now < good_until_; }

  /// What is due; called at least every retry_pause. Suspends the node when its deadline has passed.
  MembershipAsk on_tick(MonoTime now);
  /// Answers. `asked_at` is the instant before the request left. An unset value: no answer, or a refusal.
  void on_granted(std::optional<std::int64_t> lease, MonoTime asked_at);
  void on_node_key(std::optional<std::int64_t> created_at, MonoTime asked_at);
  /// The lease's remaining seconds; 0: etcd has ended it. Returns true when this incarnation is over.
  bool on_renewed(std::optional<std::int64_t> ttl_s, MonoTime asked_at);

 private:
  bool end_incarnation();

  std::string node_id_;
  std::uint64_t life_ = 0;
  MembershipRules rules_;
  MembershipState state_ = MembershipState::outside;
  std::uint64_t number_ = 1;             ///< Of the incarnation within this life.
  std::int64_t lease_ = 0;
  std::int64_t node_created_at_ = 0;
  MonoTime good_until_;
  std::optional<MonoTime> asked_at_;     ///< The last question, answered or not.
};

}  // namespace dunlin
