#include "app/cli/cluster_adopt.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "app/cli/failure.hpp"
#include "app/cluster_place.hpp"
#include "cluster/adoption.hpp"
#include "config/settings.hpp"
#include "storage/store.hpp"

namespace dunlin {
namespace {

constexpr const char* adopt_usage = R"(usage: dunlin cluster adopt --config FILE [--dry-run]
Makes the data folder of a stopped single node the first one of an empty cluster. FILE: the settings this node will have
there, with [cluster] and with the data folder that is to be adopted. Stopped in the middle, it goes on when it is run again.
  --dry-run   check everything and write nothing
)";

struct AdoptRequest {
  std::filesystem::path config;
  bool is_dry = false;
};

/// A folder that may be adopted, and what there is to take over.
struct AdoptedStore {
  std::unique_ptr<Store> store;
  Adoption::Heads heads;
  HistoryCounts counts;
};

Result<AdoptRequest> parse_adoption(const std::vector<std::string>& words) {
  AdoptRequest request;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--dry-run") request.is_dry = true;
    else if (words[i] == "--config" && i + 1 < words.size()) request.config = words[++i];
    else return invalid_input("cannot use \"" + words[i] + "\" here\n" + adopt_usage);
  }
  if (request.config.empty()) return invalid_input(std::string("missing --config FILE\n") + adopt_usage);
  return request;
}

/// Of an open store: is it a single node's, whole, and of this version?
Status check_single(Store& store, const NodeSettings& settings) {
  const auto seat = former_seat(store);
  if (!seat) return seat.error();
  // Of one that was adopted and never started, etcd tells how far its adoption is.
  const bool is_adopted_here = seat->has_value() && (*seat)->cluster == settings.cluster.name && !(*seat)->is_confirmed;
  if (seat->has_value() && !is_adopted_here) {
    const bool is_this = (*seat)->cluster == settings.cluster.name;
    return Error{is_this ? Errc::conflict : Errc::denied, "the data folder " + settings.data_folder.string() + " is that of node '" + (*seat)->node + "' of cluster '" +
                                                              (*seat)->cluster + "': " + (is_this ? "start the node" : "only a single node's folder is adopted")};
  }
  if (!store.needs_upgrade()) return Done{};
  return Error{Errc::conflict, "the data folder " + settings.data_folder.string() + " has an older data format: start this version of dunlind on it once, without [cluster], and stop it"};
}

void show_progress(ShardIndex shard) {
  if (::isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\rreading the history %3d%%%s", shard * 100 / (shard_count - 1), shard + 1 == shard_count ? "\n" : "");
}

/// Its copy will be the only one for a while: it must be whole.
Status collect_heads(AdoptedStore& adopted, const ClusterSecret& secret) {
  Store& store = *adopted.store;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    show_progress(shard);
    const auto whole = store.history().verify_chain(shard);
    if (!whole) return Error{whole.error().code, "the history is damaged and is not adopted: " + whole.error().detail + ". Restore a backup of it first"};
    const auto head = store.history().head(shard);
    if (!head) return head.error();
    const auto applied = store.shards().applied(shard);
    if (!applied) return applied.error();
    if (head->sequence > 0) adopted.heads.emplace_back(shard, adopted_head(secret, store.store_id(), shard, *applied, head->chain));
  }
  const auto counts = store.history().counts();
  if (!counts) return counts.error();
  adopted.counts = *counts;
  return Done{};
}

Result<AdoptedStore> open_adopted(const NodeSettings& settings, const ClusterSecret& secret) {
  if (!std::filesystem::exists(settings.data_folder / "history")) {
    return Error{Errc::not_found, "no history in " + settings.data_folder.string() + " (node.data_folder): a node without any needs no adoption, start it"};
  }
  StorageSettings storage;
  storage.path = settings.data_folder;
  AdoptedStore adopted;
  auto store = Store::open(storage);
  if (!store) {
    const bool is_running = store.error().code == Errc::conflict;
    return is_running ? Error{Errc::conflict, "the node of " + settings.data_folder.string() + " is running: stop it first (" + store.error().detail + ")"} : store.error();
  }
  adopted.store = std::move(*store);
  if (const auto single = check_single(*adopted.store, settings); !single) return single.error();
  if (const auto collected = collect_heads(adopted, secret); !collected) return collected.error();
  if (adopted.heads.empty()) return invalid_input("the history in " + settings.data_folder.string() + " is empty: a node without any needs no adoption, start it");
  return adopted;
}

/// etcd first: what the store says of its place must be true when it is read.
Status take_over(Adoption& adoption, AdoptedStore& adopted) {
  if (const auto begun = adoption.begin(); !begun) return begun;
  if (const auto put = adoption.put_heads(adopted.heads); !put) return put;
  ShardStore& shards = adopted.store->shards();
  for (const auto& [shard, head] : adopted.heads) {
    if (const auto placed = shards.apply(shard, head, {}); !placed) return placed;
  }
  if (const auto synced = shards.sync(); !synced) return synced;
  return adoption.end();
}

void print_next_steps(const NodeSettings& settings, const AdoptRequest& request, const Store& store) {
  std::printf(R"(Next:
1. Give every other node of '%s' this installation key (fingerprint %s) before its first start, not another one:
     dunlin --data %s key export > key.txt      # a secret
     dunlin --data ITS_FOLDER key install key.txt
2. Start this node: dunlind --config %s
   Without [cluster] this folder is refused from now on. Its campaigns, strategies, flows and agents become the cluster's then.
3. Start the others. Copies come to them over the link; shards_short_of_copies in `dunlin cluster status` falls to 0.
4. Look: dunlin history compare
)",
              settings.cluster.name.c_str(), store.key_fingerprint().c_str(), settings.data_folder.c_str(), request.config.c_str());
}

Error with_advice(const Error& error) {
  if (error.code != Errc::unavailable) return error;
  return {error.code, error.detail + ". Nothing is lost: run the same command again"};
}

Status adopt(const AdoptRequest& request, const NodeSettings& settings) {
  const auto secret = read_cluster_secret(settings.cluster.secret_file);
  if (!secret) return secret.error();
  const auto access = etcd_access_of(settings.cluster);
  if (const auto usable = check_access(access); !usable) return usable;
  const auto client = EtcdClient::make(access);
  if (!client) return client.error();
  auto adopted = open_adopted(settings, *secret);
  if (!adopted) return adopted.error();
  Store& store = *adopted->store;
  Adoption adoption(**client, settings.cluster.name, *secret, store.key_fingerprint(), store_place(settings, store));
  const auto stage = adoption.look();
  if (!stage) return with_advice(stage.error());
  if (*stage == Adoption::Stage::done) {
    // Stopped behind the last step, it is still open to a start without [cluster].
    if (const auto kept = request.is_dry ? Status(Done{}) : keep_adopted_seat(store, settings.cluster.name, settings.node_name); !kept) return kept;
    return Error{Errc::conflict, "cluster '" + settings.cluster.name + "' has adopted " + settings.data_folder.string() + " already: start the node"};
  }
  if (*stage == Adoption::Stage::half_done) std::printf("An adoption of this folder was broken off: it goes on.\n");
  std::printf("%s: %llu cases, %llu events in %zu shards, every chain whole; key %s\n", settings.data_folder.c_str(), static_cast<unsigned long long>(adopted->counts.cases),
              static_cast<unsigned long long>(adopted->counts.events), adopted->heads.size(), store.key_fingerprint().c_str());
  if (request.is_dry) {
    std::printf("Would become the first data folder of cluster '%s', of node '%s'. Nothing was written.\n", settings.cluster.name.c_str(), settings.node_name.c_str());
    return Done{};
  }
  if (const auto taken = take_over(adoption, *adopted); !taken) return with_advice(taken.error());
  if (const auto kept = keep_adopted_seat(store, settings.cluster.name, settings.node_name); !kept) return kept;
  std::printf("Is the first data folder of cluster '%s' now, of node '%s'.\n", settings.cluster.name.c_str(), settings.node_name.c_str());
  print_next_steps(settings, request, store);
  return Done{};
}

}  // namespace

int run_cluster_adopt(const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), "--help") != words.end()) return std::fputs(adopt_usage, stdout), 0;
  const auto request = parse_adoption(words);
  if (!request) return tell_failure(request.error());
  const auto loaded = load_settings(request->config, read_environment());
  if (!loaded) return tell_failure({Errc::invalid_input, loaded.error().detail});
  if (!loaded->settings.cluster.is_set()) return tell_failure(invalid_input(request->config.string() + " has no [cluster]: take the settings that `dunlin cluster init` wrote"));
  const Status adopted = adopt(*request, loaded->settings);
  return adopted ? 0 : tell_failure(adopted.error());
}

}  // namespace dunlin
