#pragma once
// Positions in the shared commit journal of a cluster. A shard's journal is a chain of batches; each batch is one
// decision group of the shard's owner, written by one transaction that checks the owner and the head (docs/cluster.md, R1).
// Batches have their own sequence: a fence (R2) is a batch without events. Pure, any thread.
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// Random, unique for all time: by it a writer recognises its own batch after a lost answer.
struct BatchId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  constexpr auto operator<=>(const BatchId&) const = default;
};

/// SHA-256 of (chain before, batch as stored).
using BatchChain = std::array<unsigned char, 32>;

/// The last batch of a shard. Sequence 0: none yet.
struct ShardHead {
  std::uint64_t sequence = 0;
  BatchId batch;
  BatchChain chain{};
  bool operator==(const ShardHead&) const = default;
};

/// "1 SEQUENCE BATCH CHAIN", numbers in decimal, the rest in hex: readable with etcdctl, compared byte by byte.
std::string encode(const ShardHead& head);
/// Errors: corrupt, with what is wrong.
Result<ShardHead> decode_shard_head(std::string_view text);

std::string format_batch_id(const BatchId& id);

}  // namespace dunlin
