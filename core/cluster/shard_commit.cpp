#include "core/cluster/shard_commit.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {

ShardCommit::ShardCommit(std::string owner, std::int64_t owner_created_at, ShardHead head)
    : owner_(std::move(owner)), owner_created_at_(owner_created_at), head_(head) {}

void ShardCommit::begin(const ShardHead& batch) {
  DUNLIN_CHECK(state_ == ShardCommitState::idle);
  DUNLIN_CHECK(batch.sequence == head_.sequence + 1);
  batch_ = batch;
  fences_.clear();
  state_ = ShardCommitState::sent;
}

void ShardCommit::begin_fence(const ShardHead& fence) {
  DUNLIN_CHECK(state_ == ShardCommitState::doubtful);
  DUNLIN_CHECK(fence.sequence == batch_.sequence && fence.batch != batch_.batch && !is_fence(fence.batch));
  fences_.push_back(fence);
  state_ = ShardCommitState::fencing;
}

CommitMove ShardCommit::on_answer(const CommitAnswer& answer) {
  DUNLIN_CHECK(state_ == ShardCommitState::sent || state_ == ShardCommitState::fencing);
  const bool is_fencing = state_ == ShardCommitState::fencing;
  switch (answer.kind) {
    case CommitAnswer::Kind::committed:
      head_ = is_fencing ? fences_.back() : batch_;
      if (!is_fencing) return settle(CommitVerdict::committed, ShardCommitState::idle, {});
      return settle(CommitVerdict::refused, ShardCommitState::idle, "its answer was lost and a fence took its place");
    case CommitAnswer::Kind::compare_failed:
      return judge(answer.seen);
    case CommitAnswer::Kind::refused:
      // A refused fence proves nothing about the batch it was to shut out, and is not on its way itself.
      if (!is_fencing) return settle(CommitVerdict::refused, ShardCommitState::idle, answer.detail);
      fences_.pop_back();
      break;
    case CommitAnswer::Kind::doubtful:
      break;
  }
  state_ = ShardCommitState::doubtful;
  return {CommitVerdict::pending, CommitStep::read, answer.detail};
}

CommitMove ShardCommit::on_read(const std::optional<SeenShard>& seen) {
  DUNLIN_CHECK(state_ == ShardCommitState::doubtful);
  if (!seen) return {CommitVerdict::pending, CommitStep::read, "the journal does not answer"};
  return judge(*seen);
}

CommitMove ShardCommit::on_ownership_lost() {
  switch (state_) {
    case ShardCommitState::idle:
    case ShardCommitState::lost:
      state_ = ShardCommitState::lost;
      return {CommitVerdict::refused, CommitStep::none, "the shard has another owner"};
    case ShardCommitState::sent:
    case ShardCommitState::doubtful:
    case ShardCommitState::fencing:
      return settle(CommitVerdict::unknown, ShardCommitState::lost, "the shard changed hands while the batch was in doubt");
  }
  DUNLIN_CHECK(false);
  return {};
}

/// Own batch first, whatever else stands there: a compare fails also when the request arrived twice.
CommitMove ShardCommit::judge(const SeenShard& seen) {
  const bool is_ours_now = is_ours(seen);
  const auto after = is_ours_now ? ShardCommitState::idle : ShardCommitState::lost;
  if (seen.head && (seen.head->batch == batch_.batch || is_fence(seen.head->batch))) {
    head_ = *seen.head;
    if (head_.batch == batch_.batch) return settle(CommitVerdict::committed_late, after, "its answer was lost");
    return settle(CommitVerdict::refused, after, "its answer was lost and a fence took its place");
  }
  if (seen.at_sequence == batch_.batch) return settle(CommitVerdict::committed_late, ShardCommitState::lost, "another owner has gone on from it");
  if (seen.head.value_or(ShardHead{}) == head_) return judge_own_head(seen);
  if (seen.at_sequence) return settle(CommitVerdict::refused, ShardCommitState::lost, "another batch stands in its place");
  return settle(CommitVerdict::unknown, ShardCommitState::lost, "another owner has gone on and the place is trimmed");
}

/// The head is the one we built on: nothing of ours stands yet.
CommitMove ShardCommit::judge_own_head(const SeenShard& seen) {
  if (!is_ours(seen)) {
    // What is still on its way compares an owner's key that will never come back.
    return settle(CommitVerdict::refused, ShardCommitState::lost, "the shard has another owner");
  }
  if (state_ == ShardCommitState::sent) {
    return settle(CommitVerdict::refused, ShardCommitState::idle, seen.refusal.empty() ? "the journal refused it" : seen.refusal);
  }
  if (fences_.size() >= max_fences) return settle(CommitVerdict::unknown, ShardCommitState::lost, "no fence was answered; the shard is given up");
  state_ = ShardCommitState::doubtful;
  return {CommitVerdict::pending, CommitStep::fence, "the batch is absent and may still be on its way"};
}

CommitMove ShardCommit::settle(CommitVerdict verdict, ShardCommitState state, std::string reason) {
  state_ = state;
  fences_.clear();
  return {verdict, CommitStep::none, std::move(reason)};
}

bool ShardCommit::is_fence(const BatchId& id) const {
  return std::any_of(fences_.begin(), fences_.end(), [&id](const ShardHead& fence) { return fence.batch == id; });
}

}  // namespace dunlin
