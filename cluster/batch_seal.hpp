#pragma once
// How a batch lies in the shared journal (docs/cluster.md, R19): "format, batch id, nonce-free AES-256-GCM box". Each batch has
// a key of its own (HKDF-SHA-256 of the cluster's secret, salted with the batch id), so no nonce can repeat; shard, sequence
// and the chain before it are authenticated, so a batch moved elsewhere does not open. Thread safe.
#include <string>
#include <string_view>

#include "cluster/secret_box.hpp"
#include "core/cluster/shard_head.hpp"

namespace dunlin {

/// Where a batch stands.
struct BatchPlace {
  ShardIndex shard = 0;
  std::uint64_t sequence = 0;
  BatchChain before{};
};

struct OpenedBatch {
  BatchId id;
  std::string rows;      ///< Empty: a fence.
};

class BatchSeal {
 public:
  explicit BatchSeal(const ClusterSecret& secret) : secret_(secret) {}

  std::string seal(const BatchPlace& place, const BatchId& id, std::string_view rows) const;
  /// Errors: corrupt, naming shard and sequence: damaged, moved, written with another secret or by a newer version.
  Result<OpenedBatch> open(const BatchPlace& place, std::string_view bytes) const;

 private:
  ClusterSecret secret_;
};

/// The batch id a stored batch names, without opening it. Errors: corrupt.
Result<BatchId> id_of_stored_batch(std::string_view bytes);

/// The chain after a batch as stored.
BatchChain chain_after(const BatchChain& before, std::string_view stored_batch);

/// From the operating system's generator.
BatchId random_batch_id();

}  // namespace dunlin
