#include "app/cluster_wiring.hpp"

#include <map>

#include "actors/person_desk_actor.hpp"
#include "actors/region_door_actor.hpp"
#include "actors/remote_region_actor.hpp"
#include "app/cluster_compare.hpp"
#include "app/seed_source_actor.hpp"
#include "cluster/copy_places.hpp"
#include "cluster/link_actor.hpp"
#include "cluster/link_middleman.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

Error in_cluster(const Error& error) { return {error.code, "cluster: " + error.detail}; }

}  // namespace

Result<std::unique_ptr<ClusterWiring>> ClusterWiring::open(const NodeSettings& settings, Store& store, UtcTime now) {
  const ClusterOptions& options = settings.cluster;
  if (!options.is_set()) return std::unique_ptr<ClusterWiring>();
  auto credentials = SealedCredentials::take({options.certificate_file, options.key_file, options.ca_file}, now);
  if (!credentials) return in_cluster(credentials.error());
  auto history = SharedHistory::open(settings, store);
  if (!history) return in_cluster(history.error());
  return std::unique_ptr<ClusterWiring>(new ClusterWiring(settings, store, std::move(*credentials), std::move(*history)));
}

ClusterWiring::~ClusterWiring() = default;

void ClusterWiring::load(caf::actor_system_config& config) const { load_link(config, credentials_); }

void ClusterWiring::introduce(NodeContext& context) {
  region_.holder_of = [this](ShardIndex shard) { return history_->holder_of(shard); };
  region_.life_of = [this](const std::string& node) { return history_->life_of(node); };
  region_.own_epoch = [this](ShardIndex shard) { return history_->served_epoch(shard); };
  context.journal = history_.get();
  context.region = &region_;
  context.documents = &documents_;
}

Status ClusterWiring::start(caf::actor_system& system, const NodeContext& context) {
  const auto bind = parse_link_address(settings_.cluster.link_bind);
  if (!bind) return Error{bind.error().code, "cluster.link_bind: " + bind.error().detail};
  if (const auto seen = parse_link_address(settings_.cluster.link_address()); !seen) {
    return Error{seen.error().code, "cluster.link_advertised: " + seen.error().detail};
  }
  system_ = &system;
  region_.persons = system.spawn<PersonDeskActor, caf::detached>(&context, &persons_);
  const auto door = system.spawn<RegionDoorActor>(&context, [this](ShardIndex shard) { return history_->serves(shard); });
  LinkSettings link;
  link.self = {settings_.cluster.name, settings_.node_name, store_.store_id(), context.incarnation, link_protocol};
  link.epoch_of = [this](ShardIndex shard) { return history_->epoch_of(shard); };
  link.seed = context.incarnation;
  const auto source = system.spawn<SeedSourceActor, caf::detached>(context.clock, &store_.copies(), context.incarnation);
  const auto digests = system.spawn<caf::detached>(digest_door, &store_.digests());
  const NodeDoors doors{caf::actor(door), caf::actor(source), digests};
  link_ = system.spawn<LinkActor>(context.clock, std::move(link), system.spawn(node_door, doors));
  const auto port = publish_link(link_, *bind);
  if (!port) return in_cluster(port.error());
  region_.remote = system.spawn<RemoteRegionActor>(context.clock, link_, context.incarnation);
  log_info("cluster", "link_up", "bind={} port={}", settings_.cluster.link_bind, *port);
  const Status documents = start_documents(context);
  if (!documents) return in_cluster(documents.error());
  auto parts = history_->taker_parts(context.clock, link_);
  if (!parts) return in_cluster(parts.error());
  const auto taker = system.spawn<SeedTakerActor, caf::detached>(std::move(*parts));
  const Status started = history_->start(context, link_, taker);
  return started ? started : in_cluster(started.error());
}

Status ClusterWiring::start_documents(const NodeContext& context) {
  auto client = history_->client();
  if (!client) return client.error();
  return documents_.start(std::move(*client), history_->secret(), {context.campaigns, context.agents});
}

void ClusterWiring::stop() {
  documents_.stop();
  history_->stop();
}

nlohmann::json ClusterWiring::nodes(const ClusterView& view) const {
  std::map<std::string, std::size_t> shards;
  for (const auto& [shard, place] : view.seats.owners) ++shards[place.node_id];
  std::map<std::string, std::string> links;
  caf::scoped_actor self{*system_};
  self->request(link_, to_chrono(limits::request_timeout), msg::GetPeers{})
      .receive(
          [&links](const msg::PeersView& peers) {
            for (const msg::PeerView& peer : peers.peers) links[peer.node_id] = peer.is_up ? "up" : peer.cause;
          },
          [](const caf::error&) {});
  nlohmann::json rows = nlohmann::json::array();
  for (const SeenSeat& seat : view.seats.seats) {
    const auto link = links.find(seat.node_id);
    const std::string shown = seat.node_id == settings_.node_name ? "this node" : link == links.end() ? "not tried yet" : link->second;
    rows.push_back({{"node", seat.node_id}, {"shards", shards[seat.node_id]}, {"link", shown}});
  }
  return rows;
}

nlohmann::ordered_json ClusterWiring::status() const {
  const ClusterView view = history_->view();
  const SharedDocumentsStats documents = documents_.stats();
  return {{"cluster", view.name},
          {"node", settings_.node_name},
          {"incarnation", view.incarnation},
          {"may_originate", view.may_originate && !view.has_gone_back},
          {"gate", view.has_gone_back ? "shut on this node: the journal went back" : view.gate},
          {"trouble", view.trouble},
          {"nodes", nodes(view)},
          {"documents", documents.trouble.empty() ? "followed" : documents.trouble},
          {"documents_position", documents.position},
          {"shards_without_owner", shard_count - view.seats.owners.size()},
          {"shards_served", view.shards_served},
          {"shards_in_doubt", view.journal.shards_in_doubt},
          {"batches", view.journal.batches},
          {"doubts", view.journal.doubts},
          {"fences", view.journal.fences},
          {"batches_followed", view.follower.batches},
          {"batches_behind", view.follower.batches_behind},
          {"shards_to_seed", view.follower.shards_to_seed},
          {"shards_copying", view.seeding.copying},
          {"shards_seeded", view.seeding.seeded},
          {"seeded_mb", view.seeding.bytes >> 20},
          {"seed_failures", view.seeding.failures},
          {"seed_trouble", view.seeding.trouble},
          {"shards_short_of_copies", view.trimmer.shards_short},
          {"newcomers_resting", view.trimmer.newcomers_resting},
          {"batches_in_journal", view.trimmer.batches_kept},
          {"journal_mb", view.trimmer.used_bytes >> 20}};
}

Result<HistoryComparison> ClusterWiring::compare_history(const CompareScope& scope, const std::function<bool(double)>& progress) const {
  const auto client = history_->client();
  if (!client) return client.error();
  const auto places = copy_places(**client, JournalKeys(settings_.cluster.name));
  if (!places) return places.error();
  CopyAsker asker(*system_, link_, settings_.node_name, store_.digests());
  double share_done = 0;
  ComparePorts ports;
  ports.ask = [&asker](const CopyPlace& place, ShardIndex shard, const DigestAsk& question) { return asker.ask(place, shard, question); };
  ports.wait = [&asker](unsigned round) { return asker.wait(round); };
  ports.go_on = [&] { return progress(share_done); };
  return dunlin::compare_history(scope, *places, ports, [&](double share) { return progress(share_done = share); });
}

nlohmann::json ClusterWiring::shard_owners() const {
  const ClusterView view = history_->view();
  nlohmann::json rows = nlohmann::json::array();
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto place = view.seats.owners.find(shard);
    const bool is_owned = place != view.seats.owners.end();
    rows.push_back({{"shard", shard}, {"owner", is_owned ? place->second.node_id : "nobody"}, {"epoch", is_owned ? place->second.epoch : 0}});
  }
  return rows;
}

}  // namespace dunlin
