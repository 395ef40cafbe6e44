#include "cluster/adoption.hpp"

#include <algorithm>

#include "cluster/cluster_identity.hpp"
#include "cluster/secret_box.hpp"
#include "core/cluster/replica_set.hpp"

namespace dunlin {
namespace {

/// etcd takes 128 operations a request; a shard needs three.
constexpr std::size_t shards_per_request = 32;
constexpr std::string_view stage_begun = "begun";
constexpr std::string_view stage_done = "done";

/// Of the first hex digits, sixteen at a time.
std::uint64_t number_of(const std::string& digits, std::size_t from) { return std::stoull(digits.substr(from, 16), nullptr, 16); }

}  // namespace

ShardHead adopted_head(const ClusterSecret& secret, const std::string& store, ShardIndex shard, const ShardHead& applied, std::string_view history_chain) {
  ShardHead head;
  if (history_chain.size() != head.chain.size()) return applied;
  std::copy(history_chain.begin(), history_chain.end(), head.chain.begin());
  if (applied.sequence > 0 && applied.chain == head.chain) return applied;
  head.sequence = applied.sequence + 1;
  const auto place = store + "|" + std::to_string(shard) + "|" + std::to_string(head.sequence) + "|";
  const auto name = keyed_name(secret, "dunlin cluster adoption", place + std::string(history_chain));
  head.batch = {number_of(name, 0), number_of(name, 16)};
  return head;
}

Adoption::Adoption(EtcdClient& client, const std::string& cluster, const ClusterSecret& secret, std::string key_fingerprint, StorePlace own)
    : client_(client), cluster_(cluster), keys_(cluster), secret_(secret), key_fingerprint_(std::move(key_fingerprint)), own_(std::move(own)) {}

std::string Adoption::mark(std::string_view stage) const { return "1 " + std::string(stage) + " " + own_.store; }

Result<Adoption::Stage> Adoption::look() {
  std::vector<EtcdRead> reads{{keys_.adoption(), {}, 1}};
  for (const auto& prefix : {keys_.heads(), keys_.documents(), keys_.replica_lists(), keys_.owners(), keys_.node("")}) {
    reads.push_back({prefix, range_end_of(prefix), 1});
  }
  const auto seen = client_.read_together(std::move(reads));
  if (!seen) return seen.error();
  const auto& marks = seen->front();
  const auto holds = [&seen](std::size_t part) { return !(*seen)[part].empty(); };
  if (holds(4) || holds(5)) return Error{Errc::conflict, "a node sits in cluster '" + cluster_ + "': only a cluster that nobody has joined adopts a data folder. Stop its nodes, and see that they made nothing yet"};
  if (marks.empty()) {
    if (!holds(1) && !holds(2) && !holds(3)) return Stage::empty;
    return Error{Errc::conflict, "cluster '" + cluster_ + "' holds a history or documents already: only an empty cluster adopts a data folder. Import into it instead"};
  }
  const std::string& said = marks.front().value;
  if (said == mark(stage_done)) return Stage::done;
  if (said != mark(stage_begun)) {
    return Error{Errc::conflict, "cluster '" + cluster_ + "' adopts or has adopted another data folder (" + said + "): it takes one only"};
  }
  if (!holds(1)) return Stage::half_done;
  const Status is_ours = confirm_identity(client_, cluster_, secret_, key_fingerprint_);
  return is_ours ? Result<Stage>(Stage::half_done) : is_ours.error();
}

Status Adoption::begin() {
  const auto stage = look();
  if (!stage) return stage.error();
  if (*stage == Stage::done) return Error{Errc::conflict, "this data folder was adopted already"};
  if (*stage == Stage::empty) {
    EtcdTxn first;
    first.compares = {EtcdCompare::absent(keys_.adoption()), EtcdCompare::absent(keys_.document_head())};
    first.then.push_back(EtcdPut{keys_.adoption(), mark(stage_begun)});
    const auto put = client_.run(first);
    if (!put) return put.error();
    if (!put->is_done) return Error{Errc::conflict, "somebody else writes to cluster '" + cluster_ + "' at this moment"};
  }
  return confirm_identity(client_, cluster_, secret_, key_fingerprint_);
}

/// What stands there already is not put again; what an adoption that was broken off put otherwise is written over.
Result<EtcdTxn> Adoption::txn_of(const Heads& heads, std::size_t from, std::size_t to) {
  std::vector<EtcdRead> reads;
  for (std::size_t i = from; i < to; ++i) reads.push_back({keys_.head(heads[i].first), {}, 1});
  const auto seen = client_.read_together(std::move(reads));
  if (!seen) return seen.error();
  EtcdTxn txn;
  txn.compares.push_back(EtcdCompare::holds(keys_.adoption(), mark(stage_begun)));
  ReplicaSet list;
  list.number = 1;
  list.stores.push_back({own_, ReplicaState::in_sync});
  for (std::size_t i = from; i < to; ++i) {
    const auto& [shard, head] = heads[i];
    const auto& before = (*seen)[i - from];
    txn.compares.push_back(EtcdCompare::absent(keys_.owner(shard)));
    txn.compares.push_back(before.empty() ? EtcdCompare::absent(keys_.head(shard)) : EtcdCompare::holds(keys_.head(shard), before.front().value));
    txn.then.push_back(EtcdPut{keys_.head(shard), encode(head)});
    txn.then.push_back(EtcdPut{keys_.replicas(shard), encode(list)});
    txn.then.push_back(EtcdPut{keys_.applied(shard, own_.store), encode(head)});
  }
  return txn;
}

Status Adoption::put_heads(const Heads& heads) {
  for (std::size_t from = 0; from < heads.size(); from += shards_per_request) {
    const auto txn = txn_of(heads, from, std::min(heads.size(), from + shards_per_request));
    if (!txn) return txn.error();
    const auto put = client_.run(*txn);
    if (!put) return put.error();
    if (!put->is_done) return Error{Errc::conflict, "somebody else wrote to cluster '" + cluster_ + "' meanwhile: stop all its nodes and run this again"};
  }
  return Done{};
}

Status Adoption::end() {
  const auto stage = look();
  if (!stage) return stage.error();
  EtcdTxn last;
  last.compares.push_back(EtcdCompare::holds(keys_.adoption(), mark(stage_begun)));
  last.then.push_back(EtcdPut{keys_.adoption(), mark(stage_done)});
  const auto put = client_.run(last);
  if (!put) return put.error();
  return put->is_done ? Status(Done{}) : Status(Error{Errc::conflict, "the adoption was ended by somebody else"});
}

Status check_not_adopting(EtcdClient& client, const std::string& cluster) {
  const auto seen = client.read({JournalKeys(cluster).adoption(), {}, 1});
  if (!seen) return seen.error();
  if (seen->rows.empty() || seen->rows.front().value.rfind("1 " + std::string(stage_done) + " ", 0) == 0) return Done{};
  return Error{Errc::denied, "cluster '" + cluster + "' is taking over a single node's data folder, and that is half done: run `dunlin cluster adopt` on that folder again, then start the nodes"};
}

}  // namespace dunlin
