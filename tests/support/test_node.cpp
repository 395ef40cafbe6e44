#include "tests/support/test_node.hpp"

#include <cstdlib>

#include "actors/agent_desk_actor.hpp"
#include "actors/call_desk_actor.hpp"
#include "actors/campaign_desk_actor.hpp"
#include "actors/edge_actor.hpp"
#include "actors/import_desk_actor.hpp"
#include "actors/matchmaker_actor.hpp"
#include "actors/merge_desk_actor.hpp"
#include "actors/shard_actor.hpp"
#include "config/log.hpp"

namespace dunlin::test {
namespace {

/// Verdicts come from the test, not from sound.
class DeafListener final : public FrameListener {
 public:
  std::optional<VoiceVerdict> on_frame(std::span<const std::int16_t>) override { return std::nullopt; }
};

/// A life begins with what is on the disk.
TestDisk& opened(TestDisk& disk) {
  if (!disk.is_open()) disk.open();
  return disk;
}

}  // namespace

NodeSettings test_settings() {
  NodeSettings settings;
  settings.node_name = "test";
  settings.tick_ms = 500;
  for (const char* name : {"a", "b"}) {
    TrunkOptions trunk;
    trunk.name = name;
    trunk.address = "127.0.0.1:5060";
    trunk.channels = 10;
    trunk.calls_per_second = 20;
    settings.trunks.push_back(trunk);
  }
  return settings;
}

TestNode::TestNode(Stage& play, TestDisk& its_disk, const NodeSettings& settings, TestNodeOptions options)
    : stage(play),
      disk(opened(its_disk)),
      journal(play, disk),
      archive(disk),
      documents(disk, journal),
      sip(play, disk.store().permit_desk()),
      media(play),
      ids(options.incarnation << 40U) {
  // What fails on purpose would fill the screen; DUNLIN_TEST_LOG=1 shows it.
  spdlog::set_level(std::getenv("DUNLIN_TEST_LOG") ? spdlog::level::debug : spdlog::level::off);
  context.clock = &play.clock();
  context.settings = &settings;
  context.journal = &journal;
  context.archive = &archive;
  context.documents = &documents;
  context.media = &media;
  context.sip = &sip;
  context.imports_door = &imports;
  context.speech = &speech;
  context.live = &feed;
  context.facts = &feed;
  context.gate = options.gate;
  context.ids = &ids;
  context.incarnation = options.incarnation;
  context.is_on_one_thread = true;
  if (options.has_classifier) context.make_classifier = [] { return std::make_unique<DeafListener>(); };
}

TestNode::~TestNode() {
  sip.forget_owners();
  media.forget_owners();
  disk.close();
}

void TestNode::spawn_actors() {
  caf::actor_system& system = stage.system();
  auto stored = load_campaigns(documents);
  auto strategies = StrategyShelf::load(documents);
  auto flows = FlowShelf::load(documents);
  const auto book = make_book(context, stored, strategies, flows);
  context.edge = system.spawn<EdgeActor>(&context);
  context.calls = system.spawn<CallDeskActor>(&context);
  context.matchmaker = system.spawn<MatchmakerActor>(&context);
  context.campaigns = system.spawn<CampaignDeskActor>(&context, std::move(stored), std::move(strategies), std::move(flows));
  for (ShardIndex shard = 0; shard < shard_count; ++shard) context.shards[shard] = system.spawn<ShardActor>(&context, shard, book);
  context.agents = system.spawn<AgentDeskActor>(&context);
  context.merges = system.spawn<MergeDeskActor>(&context);
  context.imports = system.spawn<ImportDeskActor>(&context);
  sip.set_desk(context.agents);
}

}  // namespace dunlin::test
