#include "storage/chain_check.hpp"

#include <string>

#include "storage/event_rows.hpp"
#include "storage/key_space.hpp"

namespace dunlin {
namespace {

std::string words_of(ShardIndex shard) { return "shard " + std::to_string(shard); }
Error at_row(ShardIndex shard, std::uint64_t sequence, const Error& error) {
  return {error.code, words_of(shard) + " event " + std::to_string(sequence) + ": " + error.detail};
}

}  // namespace

ChainCheck::ChainCheck(ShardIndex shard) : shard_(shard), head_key_(key_space::head(shard)) {}

Status ChainCheck::take(std::string_view key, std::string_view value) {
  if (key == head_key_) {
    const auto row = decode_head_row(value);
    if (!row) return Error{row.error().code, words_of(shard_) + ": " + row.error().detail};
    head_ = *row;
    return Done{};
  }
  const auto first = key_space::sequence_of_event(key);
  return first ? take_event(*first, key, value) : Status(Done{});
}

Status ChainCheck::take_event(std::uint64_t first, std::string_view key, std::string_view value) {
  if (first != sequence_ + 1) return at_row(shard_, sequence_ + 1, {Errc::corrupt, "missing"});
  const auto count = count_events(value);
  if (!count) return at_row(shard_, first, count.error());
  sequence_ += *count;
  chain_ = hasher_.of(view_of(chain_), key, value);
  return Done{};
}

Status ChainCheck::finish() const {
  const HeadRow expected = head_.value_or(HeadRow{0, 0, std::string(view_of(Digest{}))});
  if (expected.sequence != sequence_) {
    return Error{Errc::corrupt, words_of(shard_) + " ends at event " + std::to_string(sequence_) + ", its head says " + std::to_string(expected.sequence)};
  }
  if (expected.chain != view_of(chain_)) return Error{Errc::corrupt, words_of(shard_) + ": the chain does not match: an event was changed"};
  return Done{};
}

}  // namespace dunlin
