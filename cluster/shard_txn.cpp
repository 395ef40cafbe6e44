#include "cluster/shard_txn.hpp"

#include <charconv>

#include "cluster/batch_seal.hpp"
#include "core/base/check.hpp"
#include "core/base/hex.hpp"

namespace dunlin {
namespace {

/// The reads that stand first in every else branch and in a doubt's read, in this order.
std::vector<EtcdOp> shard_reads(const JournalKeys& keys, ShardIndex shard, std::uint64_t sequence) {
  return {EtcdRead{keys.owner(shard), {}, 1}, EtcdRead{keys.head(shard), {}, 1}, EtcdRead{keys.batch(shard, sequence), {}, 1}};
}
constexpr std::size_t shard_read_count = 3;

EtcdCompare head_compare(const JournalKeys& keys, const BatchDraft& draft) {
  const auto key = keys.head(draft.shard);
  return draft.on.sequence == 0 ? EtcdCompare::absent(key) : EtcdCompare::holds(key, encode(draft.on));
}

/// Why a reservation's other compares fail; empty when none of them does.
std::string refusal_of(const EtcdTxnAnswer& answer, const ShardOwner& owner, const BatchDraft& draft) {
  if (!draft.reserves) return {};
  const auto& gate = answer.reads[shard_read_count];
  if (gate.empty() || gate.front().value != draft.gate) return "the cluster's gate is closed";
  const auto& node = answer.reads[shard_read_count + 1];
  if (node.empty() || node.front().created_at != owner.node_created_at) return "this node's membership has ended";
  for (std::size_t i = 0; i < draft.lines_taken.size(); ++i) {
    if (!answer.reads[shard_read_count + 2 + i].empty()) return "another attempt holds the number";
  }
  return {};
}

std::size_t reads_expected(const BatchDraft& draft) { return shard_read_count + (draft.reserves ? 2 + draft.lines_taken.size() : 0); }

Result<SeenShard> seen_in(const std::vector<std::vector<EtcdRow>>& reads) {
  SeenShard seen;
  if (!reads[0].empty()) {
    seen.owner = reads[0].front().value;
    seen.owner_created_at = reads[0].front().created_at;
  }
  if (!reads[1].empty()) {
    const auto head = decode_shard_head(reads[1].front().value);
    if (!head) return head.error();
    seen.head = *head;
  }
  if (!reads[2].empty()) {
    const auto id = id_of_stored_batch(reads[2].front().value);
    if (!id) return id.error();
    seen.at_sequence = *id;
  }
  return seen;
}

Error odd_answer() { return {Errc::corrupt, "etcd's answer to a journal transaction has other parts than were asked"}; }

}  // namespace

std::string JournalKeys::batch(ShardIndex shard, std::uint64_t sequence) const {
  return prefix_ + "journal/" + std::to_string(shard) + "/" + hex_digits(sequence);
}

std::optional<ShardIndex> shard_in(std::string_view text) {
  ShardIndex shard = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), shard);
  if (failure != std::errc() || end != text.data() + text.size() || shard >= shard_count) return std::nullopt;
  return std::to_string(shard) == text ? std::optional(shard) : std::nullopt;
}

EtcdTxn commit_txn(const JournalKeys& keys, const ShardOwner& owner, const BatchDraft& draft) {
  DUNLIN_CHECK(draft.head.sequence == draft.on.sequence + 1);
  DUNLIN_CHECK(draft.reserves || draft.lines_taken.empty());
  EtcdTxn txn;
  txn.compares = {EtcdCompare::created(keys.owner(draft.shard), owner.owner_created_at),
                  EtcdCompare::holds(keys.owner(draft.shard), owner.incarnation), head_compare(keys, draft)};
  txn.then = {EtcdPut{keys.head(draft.shard), encode(draft.head)}, EtcdPut{keys.batch(draft.shard, draft.head.sequence), draft.bytes}};
  txn.otherwise = shard_reads(keys, draft.shard, draft.head.sequence);
  if (draft.reserves) {
    txn.compares.push_back(EtcdCompare::holds(keys.gate(), draft.gate));
    txn.compares.push_back(EtcdCompare::created(keys.node(owner.node_id), owner.node_created_at));
    txn.otherwise.push_back(EtcdRead{keys.gate(), {}, 1});
    txn.otherwise.push_back(EtcdRead{keys.node(owner.node_id), {}, 1});
    for (const auto& [line, attempt] : draft.lines_taken) {
      txn.compares.push_back(EtcdCompare::absent(keys.line(line)));
      txn.then.push_back(EtcdPut{keys.line(line), attempt.str()});
      txn.otherwise.push_back(EtcdRead{keys.line(line), {}, 1});
    }
  }
  for (const auto& [line, attempt] : draft.lines_freed) txn.then.push_back(EtcdEraseIf{keys.line(line), attempt.str()});
  return txn;
}

EtcdTxn doubt_txn(const JournalKeys& keys, ShardIndex shard, std::uint64_t sequence) { return {{}, shard_reads(keys, shard, sequence), {}}; }

Result<CommitAnswer> answer_of_commit(const EtcdTxnAnswer& answer, const ShardOwner& owner, const BatchDraft& draft) {
  if (answer.is_done) return CommitAnswer{CommitAnswer::Kind::committed, {}, {}};
  if (answer.reads.size() != reads_expected(draft)) return odd_answer();
  auto seen = seen_in(answer.reads);
  if (!seen) return seen.error();
  seen->refusal = refusal_of(answer, owner, draft);
  return CommitAnswer{CommitAnswer::Kind::compare_failed, std::move(*seen), {}};
}

Result<SeenShard> answer_of_doubt(const EtcdTxnAnswer& answer) {
  if (!answer.is_done || answer.reads.size() != shard_read_count) return odd_answer();
  return seen_in(answer.reads);
}

}  // namespace dunlin
