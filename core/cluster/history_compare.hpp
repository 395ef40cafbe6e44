#pragma once
// Compares the copies of shards on several nodes, byte for byte, while the cluster goes on (docs/cluster.md, comparing). A
// copy that lags is waited for and then compared as far as it is; each is held against the one that is ahead, piece by piece,
// and where a piece differs the first row that does is found. A copy that stands alone is held against its own chain.
// Pure: who asks the nodes, and who waits, is given. The thread of the caller.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/cluster/digest_message.hpp"

namespace dunlin {

/// Where a copy of a shard stands.
struct CopyPlace {
  std::string node;                 ///< Empty: the store's node does not sit.
  std::string store;
};

enum class CopyState : std::uint8_t {
  equal,
  behind,       ///< Equal as far as it is, but it did not come on while it was waited for.
  different,
  not_there,    ///< It could not be asked.
};

struct FirstDifference {
  ShardIndex shard = 0;
  std::string node;                 ///< Differs from
  std::string from_node;            ///< this one; empty: from what its own chain says.
  CaseId case_id;                   ///< Unset: the row cannot be told whose it is.
  std::uint64_t sequence = 0;       ///< Of the row; 0: the version says more.
  std::uint64_t version = 0;        ///< Of the case, where its first differing commit begins; 0: its key.
  enum class What : std::uint8_t { row_missing, row_extra, row_differs, key_differs, index_differs, chain_broken } what = What::row_differs;
};

struct ComparedCopy {
  CopyPlace place;
  CopyState state = CopyState::equal;
  std::uint64_t sequence = 0;       ///< Where it was when it was compared.
  std::string trouble;              ///< Why it is not there.
};

struct ComparedShard {
  ShardIndex shard = 0;
  CopyState state = CopyState::equal;   ///< The worst of its copies'.
  std::uint64_t sequence = 0;       ///< Compared up to here, where the copy was that was ahead.
  HistoryDigest digest{};           ///< The chain up to there; of one case, of its commits.
  std::uint64_t cases = 0;
  std::vector<ComparedCopy> copies;
  std::optional<FirstDifference> difference;
};

struct HistoryComparison {
  std::optional<CaseId> case_id;    ///< Only this one was compared.
  std::vector<ComparedShard> shards;
  std::size_t count_of(CopyState state) const;
  std::uint64_t events() const;
  std::uint64_t cases() const;
  const FirstDifference* first_difference() const;
  /// 0: equal; 1: different; 7: a copy is behind or not there.
  int exit() const;
};

struct ComparePorts {
  /// Errors: as the node's answer, or unavailable.
  std::function<Result<DigestAnswer>(const CopyPlace& place, ShardIndex shard, const DigestAsk& ask)> ask;
  /// Before a copy that lags is asked again; false: it was waited for long enough. `round` from 0, anew for each shard.
  std::function<bool(unsigned round)> wait;
  /// Once a piece; false: give up.
  std::function<bool()> go_on = [] { return true; };
};

/// `places`: all copies, the owner's first. `case_id`: only this case, of the shard. Errors: not_found (no copy knows the case),
/// unavailable (no copy could be asked; given up).
Result<ComparedShard> compare_shard(ShardIndex shard, const std::vector<CopyPlace>& places, std::optional<CaseId> case_id, const ComparePorts& ports);

/// What is compared: one case, one shard, or (neither set) all of them.
struct CompareScope {
  std::optional<CaseId> case_id;
  std::optional<ShardIndex> shard;
};
/// `places`: by shard. `progress` gets the share done and says whether to go on. Errors: of a single shard or case as above;
/// of many only unavailable (given up), a shard that cannot be read is `not_there`.
Result<HistoryComparison> compare_history(const CompareScope& scope, const std::vector<std::vector<CopyPlace>>& places, const ComparePorts& ports,
                                          const std::function<bool(double)>& progress);

}  // namespace dunlin
