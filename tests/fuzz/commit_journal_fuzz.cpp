// What comes back from etcd: heads, batches, answers of the gateway. Damage is refused, never read past.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cluster/batch_seal.hpp"
#include "cluster/etcd_txn.hpp"
#include "cluster/shard_txn.hpp"
#include "core/cluster/shard_head.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto head = dunlin::decode_shard_head(bytes);
  if (head && dunlin::encode(*head) != bytes) __builtin_trap();
  if (const auto decoded = dunlin::from_base64(bytes); decoded && bytes.find('=') == std::string_view::npos && dunlin::to_base64(*decoded) != bytes) __builtin_trap();
  const dunlin::BatchSeal seal(dunlin::ClusterSecret{1});
  if (seal.open({1, 2, {}}, bytes)) __builtin_trap();
  (void)dunlin::id_of_stored_batch(bytes);
  (void)dunlin::parse_read(bytes);
  (void)dunlin::parse_size(bytes);
  (void)dunlin::shard_in(bytes);
  if (const auto answers = dunlin::parse_txns(bytes, 1)) {
    (void)dunlin::answer_of_doubt(answers->each.front());
    dunlin::BatchDraft draft;
    draft.reserves = true;
    draft.lines_taken = {{"n", dunlin::AttemptId(1)}};
    (void)dunlin::answer_of_commit(answers->each.front(), {"a", "a#1", 1, 2}, draft);
  }
  return 0;
}
