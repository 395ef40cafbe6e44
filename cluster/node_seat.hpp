#pragma once
// One node's seat in its cluster: keeps the lease and the node key alive, watches who else sits, and claims the owner keys of
// the shards that placement gives to this node's store among those that hold a copy (docs/cluster.md, membership and claims). One thread of its own; the
// listener is called on it and must not block. What it says about shards is what etcd said last: safety rests on the
// commit's own compares, never on this.
// Errors of start: invalid_input (access, a node id that cannot be one). A node id in use is waited for: its key goes with
// its lease.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cluster/etcd_client.hpp"
#include "cluster/shard_txn.hpp"
#include "cluster/thread_host.hpp"
#include "core/cluster/membership.hpp"
#include "core/cluster/placement.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {

struct SeatSettings {
  std::string cluster;
  std::string node_id;
  std::string store_id;                          ///< Random id of this node's store: a wiped disk is a new store.
  std::string host;                              ///< Where the store's disk stands.
  std::string addresses;                         ///< What others need to reach this node; opaque here.
  std::uint64_t life = 0;                        ///< Unique to this life of the process.
  MembershipRules rules;
  Duration look_every = milliseconds(500);       ///< Between two looks at the other seats.
  Duration settle_before_moves = seconds(5);     ///< Nobody comes or goes for so long before shards move between live nodes.
  std::size_t moves_per_look = 8;
};

/// This incarnation of the node, for those who commit in its name.
struct SeatedNode {
  std::string incarnation;
  std::int64_t node_created_at = 0;
};

/// Who owns a shard: the node, and since when (the owner key's create_revision, the shard's epoch).
struct ShardPlace {
  std::string node_id;
  std::int64_t epoch = 0;
  bool operator==(const ShardPlace&) const = default;
};

/// A node that sits in the cluster, as its key says.
struct SeenSeat {
  std::string node_id;
  std::string addresses;
  bool operator==(const SeenSeat&) const = default;
};

/// What one look at etcd showed: everybody who sits, and the owners of the shards that have one.
struct SeatView {
  std::vector<SeenSeat> seats;
  std::map<ShardIndex, ShardPlace> owners;
};

/// All calls come from the seat's thread, in order.
class SeatListener {
 public:
  virtual ~SeatListener() = default;
  /// A member from now on; every shard must be won anew.
  virtual void on_seated(const SeatedNode& node) = 0;
  /// The incarnation is over: it owns nothing and never commits again (I9).
  virtual void on_unseated() = 0;
  /// May new attempts begin? False past the own deadline; talks live on.
  virtual void on_may_originate(bool may) = 0;
  virtual void on_shard_won(ShardIndex shard, std::int64_t owner_created_at) = 0;
  virtual void on_shard_lost(ShardIndex shard) = 0;
  virtual void on_looked(const SeatView& view) = 0;
  /// Ours, but placement gives it to another node that sits: to be given back (NodeSeat::give_back) once it serves nobody.
  /// Said again until it is; a few shards at a time, when nobody has come or gone for a while.
  virtual void on_shard_unwanted(ShardIndex shard) = 0;
};

class NodeSeat {
 public:
  static Result<std::unique_ptr<NodeSeat>> start(EtcdAccess access, SeatSettings settings, SeatListener& listener);
  static Result<std::unique_ptr<NodeSeat>> start(std::unique_ptr<EtcdClient> client, SeatSettings settings, SeatListener& listener, ThreadHost& threads);
  /// Gives the lease back, so that others take over at once, and ends the thread.
  ~NodeSeat();

  /// The shard is ours by its key, but this node cannot serve it: the key goes, and is not claimed here again for a while.
  /// Any thread.
  void give_back(ShardIndex shard);

  /// As a killed process would go: nothing is given back. For tests.
  void vanish();

 private:
  class Sitter;
  explicit NodeSeat(std::unique_ptr<Sitter> sitter);
  std::unique_ptr<Sitter> sitter_;
};

/// The node key's value: store and host on lines of their own, then the addresses.
std::string encode_seat(const SeatSettings& settings);
/// Errors: corrupt.
Result<StorePlace> decode_seat(std::string_view value);

}  // namespace dunlin
