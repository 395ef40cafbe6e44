#pragma once
// The transactions a shard's owner sends to the shared journal, and what their answers say (docs/cluster.md, keys and R1).
// Every commit compares the owner key (create_revision and value) and the head by value; one that reserves compares also
// the gate, the own node key and the called numbers' line keys. Pure, any thread.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/etcd_txn.hpp"
#include "core/cluster/batch_store.hpp"
#include "core/cluster/shard_commit.hpp"

namespace dunlin {

/// Names of the keys of one cluster: /dunlin/<cluster>/…
class JournalKeys {
 public:
  explicit JournalKeys(const std::string& cluster) : prefix_("/dunlin/" + cluster + "/") {}
  std::string node(const std::string& id) const { return prefix_ + "node/" + id; }
  /// What all owner keys begin with.
  std::string owners() const { return prefix_ + "owner/"; }
  std::string owner(ShardIndex shard) const { return owners() + std::to_string(shard); }
  std::string heads() const { return prefix_ + "head/"; }
  std::string head(ShardIndex shard) const { return heads() + std::to_string(shard); }
  /// The sequence in 16 hex digits, so that keys sort as sequences do.
  std::string batch(ShardIndex shard, std::uint64_t sequence) const;
  std::string replica_lists() const { return prefix_ + "replicas/"; }
  std::string replicas(ShardIndex shard) const { return replica_lists() + std::to_string(shard); }
  /// Behind it stands "<shard>/<store>".
  std::string positions() const { return prefix_ + "applied/"; }
  std::string applied(ShardIndex shard, const std::string& store) const { return positions() + std::to_string(shard) + "/" + store; }
  std::string line(const std::string& number_hash) const { return prefix_ + "line/" + number_hash; }
  /// The head of the shared documents' changes.
  std::string document_head() const { return prefix_ + "documents"; }
  std::string documents() const { return prefix_ + "document/"; }
  /// By DocumentSeal::name_of.
  std::string document(const std::string& name) const { return documents() + name; }
  std::string gate() const { return prefix_ + "gate"; }
  std::string identity() const { return prefix_ + "identity"; }
  /// Of a cluster that began with a single node's store (cluster/adoption).
  std::string adoption() const { return prefix_ + "adoption"; }

 private:
  std::string prefix_;
};

/// The shard a part of a key names; nullopt: none.
std::optional<ShardIndex> shard_in(std::string_view text);

/// Who commits: what its owner keys hold, and which life of its node key.
struct ShardOwner {
  std::string node_id;
  std::string incarnation;                ///< Value of the owner keys.
  std::int64_t node_created_at = 0;       ///< create_revision of the node key.
  std::int64_t owner_created_at = 0;      ///< create_revision of this shard's owner key.
};

/// One batch on its way. A fence takes and frees no line and reserves nothing.
struct BatchDraft {
  ShardIndex shard = 0;
  ShardHead on;                           ///< The head it is built on.
  ShardHead head;                         ///< The head once it stands.
  std::string bytes;                      ///< As stored.
  bool reserves = false;                  ///< Holds a reservation or a second leg.
  std::string gate;                       ///< What an open gate holds in this generation; compared when it reserves.
  std::vector<HeldLine> lines_taken;      ///< Numbers that must not be in another attempt's call.
  std::vector<HeldLine> lines_freed;      ///< Freed if this attempt holds them still; a late fact frees nobody else's.
};

EtcdTxn commit_txn(const JournalKeys& keys, const ShardOwner& owner, const BatchDraft& draft);
/// Reads all that ends a doubt about a batch at this sequence, at one revision.
EtcdTxn doubt_txn(const JournalKeys& keys, ShardIndex shard, std::uint64_t sequence);

/// What an executed commit_txn says. Errors: corrupt (a row in the journal is damaged).
Result<CommitAnswer> answer_of_commit(const EtcdTxnAnswer& answer, const ShardOwner& owner, const BatchDraft& draft);
/// What an executed doubt_txn says.
Result<SeenShard> answer_of_doubt(const EtcdTxnAnswer& answer);

}  // namespace dunlin
