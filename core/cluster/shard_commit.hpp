#pragma once
// What the owner of a shard knows about its commits to the shared journal, and what it may conclude from an answer, from
// a read, or from silence (docs/cluster.md, R1 and R2). One batch in flight; a lost answer stops the shard until it is
// known whether the batch stands: read the head, and if the batch is absent, put a fence on the same head, because the
// lost request may still be on its way. Pure; the shard's owner calls it from one thread.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster/shard_head.hpp"

namespace dunlin {

enum class ShardCommitState : std::uint8_t {
  idle,      ///< Nothing in flight: a batch may begin.
  sent,      ///< A batch is under way.
  doubtful,  ///< Its answer is missing: read before anything else.
  fencing,   ///< It was absent: a fence is under way on the same head.
  lost,      ///< Another owns the shard, or the head is not ours: this owner never commits again.
};

/// What a transaction's else branch or a read saw of the shard, all at one revision of the journal.
struct SeenShard {
  std::int64_t owner_created_at = 0;      ///< create_revision of the owner key; 0: nobody owns the shard.
  std::string owner;                      ///< The incarnation written there.
  std::optional<ShardHead> head;          ///< nullopt: no batch was ever written.
  std::optional<BatchId> at_sequence;     ///< The batch standing at the sequence of the batch in flight, if it is still there.
  std::string refusal;                    ///< Why another compare fails ("the gate is closed"); empty: none of them.
};

/// What became of a transaction.
struct CommitAnswer {
  enum class Kind : std::uint8_t {
    committed,       ///< It stands.
    compare_failed,  ///< It was executed and a compare failed; `seen` says what stood there.
    refused,         ///< Known not to have been executed.
    doubtful,        ///< Anything else.
  };
  Kind kind = Kind::doubtful;
  SeenShard seen;
  std::string detail;
};

/// What is now known of the batch that was begun.
enum class CommitVerdict : std::uint8_t {
  pending,         ///< Nothing yet: follow `next`.
  committed,       ///< It stands, and its permit may be given.
  committed_late,  ///< It stands, but was in doubt: no permit existed, whatever it reserved is settled as not sent.
  refused,         ///< It does not stand and never will.
  unknown,         ///< Another owner has gone on and the place is trimmed: the new owner settles it.
};

/// What to ask the journal next.
enum class CommitStep : std::uint8_t { none, read, fence };

struct CommitMove {
  CommitVerdict verdict = CommitVerdict::pending;
  CommitStep next = CommitStep::none;
  std::string reason;    ///< Of anything but `committed`, for the log and the caller.
};

class ShardCommit {
 public:
  /// The owner with this incarnation and this create_revision of its key; `head` as read after the claim.
  ShardCommit(std::string owner, std::int64_t owner_created_at, ShardHead head);

  ShardCommitState state() const { return state_; }
  /// The last batch known to stand.
  const ShardHead& head() const { return head_; }

  /// Idle only; the batch's sequence follows the head's.
  void begin(const ShardHead& batch);
  CommitMove on_answer(const CommitAnswer& answer);
  /// Doubtful only. An unanswered read leaves the doubt.
  CommitMove on_read(const std::optional<SeenShard>& seen);
  /// Doubtful only, when told to; the fence is a new batch id on the same head.
  void begin_fence(const ShardHead& fence);
  /// Membership's word that the shard is no longer ours. A batch in flight is unknown to us from then on.
  CommitMove on_ownership_lost();

 private:
  CommitMove judge(const SeenShard& seen);
  CommitMove judge_own_head(const SeenShard& seen);
  CommitMove settle(CommitVerdict verdict, ShardCommitState state, std::string reason);
  bool is_fence(const BatchId& id) const;
  bool is_ours(const SeenShard& seen) const { return seen.owner_created_at == owner_created_at_ && seen.owner == owner_; }

  std::string owner_;
  std::int64_t owner_created_at_ = 0;
  ShardHead head_;
  ShardHead batch_;                  ///< The batch in flight; meaningful outside idle and lost.
  std::vector<ShardHead> fences_;    ///< Tried on the same head; each may still be on its way. Bounded by max_fences.
  ShardCommitState state_ = ShardCommitState::idle;
};

/// Fences without an answer for one batch before the owner gives the shard up.
inline constexpr std::size_t max_fences = 64;

}  // namespace dunlin
