#include "cluster/shard_tail.hpp"

#include <utility>

namespace dunlin {
namespace {

/// Batches of one read: each is at most a request's size, and an answer must fit the client's bound and deadline.
constexpr std::int64_t tail_page = 4;

/// Whatever keeps the copy from following, this node cannot serve the shard.
Error of_copy(ShardIndex shard, const Error& why) {
  return {Errc::corrupt, "this node's copy of shard " + std::to_string(shard) + " cannot be brought to the journal's head: " + why.detail};
}
/// Says nothing about the copy.
Error of_etcd(const Error& why) { return {why.code == Errc::denied ? Errc::denied : Errc::unavailable, why.detail}; }

Result<ShardHead> apply_next(const TailReader& reader, ShardIndex shard, const ShardHead& applied, const EtcdRow& row) {
  const auto next = check_next(reader.keys, reader.seal, shard, applied, row);
  if (!next) return next.error();
  const auto written = reader.store.apply(shard, next->head, next->rows);
  if (!written) return of_copy(shard, written.error());
  return next->head;
}

/// One page of the journal beyond `applied`, up to the head that was seen: what comes later is not ours to judge.
Result<ShardHead> apply_page(const TailReader& reader, ShardIndex shard, ShardHead applied, std::uint64_t last) {
  EtcdRead wanted{reader.keys.batch(shard, applied.sequence + 1), reader.keys.batch(shard, last + 1), tail_page};
  auto page = reader.client.read(wanted);
  // An answer too large to come within its deadline is asked for in the smallest part: one batch brings the shard on, too.
  if (!page && page.error().code == Errc::unavailable) {
    wanted.limit = 1;
    page = reader.client.read(wanted);
  }
  if (!page) return of_etcd(page.error());
  if (page->rows.empty()) return does_not_join(shard, applied, "but the journal beyond it is trimmed");
  for (const auto& row : page->rows) {
    const auto next = apply_next(reader, shard, applied, row);
    if (!next) return next.error();
    applied = *next;
  }
  return applied;
}

}  // namespace

Error does_not_join(ShardIndex shard, const ShardHead& applied, const std::string& why) {
  return {Errc::corrupt, "shard " + std::to_string(shard) + ": the store ends at batch " + std::to_string(applied.sequence) + ", " + why +
                             "; it must be seeded again from another replica"};
}

Result<NextBatch> check_next(const JournalKeys& keys, const BatchSeal& seal, ShardIndex shard, const ShardHead& applied, const EtcdRow& row) {
  const BatchPlace place{shard, applied.sequence + 1, applied.chain};
  if (row.key != keys.batch(shard, place.sequence)) return does_not_join(shard, applied, "but the journal goes on later");
  auto opened = seal.open(place, row.value);
  if (!opened) return opened.error();
  return NextBatch{{place.sequence, opened->id, chain_after(applied.chain, row.value)}, std::move(opened->rows)};
}

Result<ShardHead> catch_up(TailReader reader, const ShardOwner& owner, ShardIndex shard) {
  auto applied = reader.store.applied(shard);
  if (!applied) return of_copy(shard, applied.error());
  const auto answer = reader.client.run(doubt_txn(reader.keys, shard, applied->sequence));
  if (!answer) return of_etcd(answer.error());
  const auto seen = answer_of_doubt(*answer);
  if (!seen) return of_etcd(seen.error());
  if (seen->owner_created_at != owner.owner_created_at || seen->owner != owner.incarnation) {
    return Error{Errc::conflict, "shard " + std::to_string(shard) + " has another owner"};
  }
  const auto head = seen->head.value_or(ShardHead{});
  while (applied->sequence < head.sequence) {
    applied = apply_page(reader, shard, *applied, head.sequence);
    if (!applied) return applied.error();
  }
  if (*applied == head) return applied;
  return does_not_join(shard, *applied, "and the journal at batch " + std::to_string(head.sequence) + " with another chain");
}

}  // namespace dunlin
