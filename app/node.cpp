#include "app/node.hpp"

#include <openssl/rand.h>

#include "actors/agent_desk_actor.hpp"
#include "actors/call_desk_actor.hpp"
#include "actors/campaign_desk_actor.hpp"
#include "actors/edge_actor.hpp"
#include "actors/import_desk_actor.hpp"
#include "actors/matchmaker_actor.hpp"
#include "actors/merge_desk_actor.hpp"
#include "actors/shard_actor.hpp"
#include "api/job_board.hpp"
#include "api/request.hpp"
#include "api/shell_server.hpp"
#include "app/adapter_settings.hpp"
#include "app/clock_evidence.hpp"
#include "app/cluster_belonging.hpp"
#include "app/cluster_wiring.hpp"
#include "app/default_prompts.hpp"
#include "app/fold_case.hpp"
#include "app/gate_settings.hpp"
#include "app/import_door.hpp"
#include "app/left_trunk_tests.hpp"
#include "app/node_services.hpp"
#include "app/number_ranges.hpp"
#include "app/pacing_tape_file.hpp"
#include "app/recording_keys.hpp"
#include "app/speech_desk.hpp"
#include "config/rule_loader.hpp"
#include "core/base/check.hpp"
#include "core/case/home_zone.hpp"
#include "core/case/policy_gate.hpp"
#include "core/voice/answer_classifier.hpp"
#include "media/media_actor.hpp"
#include "sip/self_signed.hpp"
#include "sip/sip_actor.hpp"
#include "storage/law_replay.hpp"
#include "storage/storage_actor.hpp"

namespace dunlin {
namespace {

std::uint64_t random_number() {
  std::uint64_t value = 0;
  DUNLIN_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof(value)) == 1);
  return value;
}

caf::actor_system_config caf_settings(const NodeSettings& settings) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<std::size_t>(settings.worker_threads));
  config.set("logger.verbosity", caf::atom("quiet"));
  return config;
}

Error at_part(const char* part, const Error& error) { return {error.code, std::string(part) + ": " + error.detail}; }

std::string host_of(const std::string& bind) { return bind.substr(0, bind.rfind(':')); }

}  // namespace

class Node::Impl {
 public:
  explicit Impl(NodeOptions options)
      : settings_(std::move(options.settings)), clock_(options.clock_start), is_clock_confirmed_(options.is_clock_confirmed), caf_config_(caf_settings(settings_.settings)), ids_(random_number()) {}
  Status start();
  void drain();
  void close();
  bool has_actors() const { return actors_ != nullptr; }

 private:
  Status open_store();
  Status check_clock();
  Status settle_left_tests();
  Status open_cluster();
  Status open_events();
  Status upgrade_store();
  Status load_law();
  Status start_edges();
  void introduce();
  void spawn_actors();
  Status open_socket();
  void watch_calls_end(Duration limit);

  LoadedSettings settings_;
  SystemClock clock_;
  bool is_clock_confirmed_;
  ClockEvidence clock_evidence_;
  std::optional<ClockDoubt> clock_doubt_;  ///< Set: the wall clock found at the start is wrong; this life begins no call.
  caf::actor_system_config caf_config_;
  IdSource ids_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<StoreArchive> archive_;
  std::unique_ptr<StoreDocuments> documents_;
  std::unique_ptr<StoreTestReservations> test_reservations_;
  std::unique_ptr<EventWiring> events_;
  std::unique_ptr<StoredRecordingKeys> recording_keys_;
  std::shared_ptr<const ContactPolicy> policy_;
  PolicyGateOptions gate_options_;
  std::unique_ptr<PolicyGate> gate_;
  NumberDesk number_desk_;
  PhonePlan phone_plan_;
  FileImportDoor imports_door_{phone_plan_};
  std::unique_ptr<MediaDoorway> media_;
  std::unique_ptr<SpeechDesk> speech_;
  std::unique_ptr<SipDoorway> sip_;
  std::unique_ptr<ClusterWiring> cluster_;  ///< Null: a node of its own.
  NodeContext context_;
  std::unique_ptr<caf::actor_system> actors_;
  std::unique_ptr<NodeStatus> status_;
  std::unique_ptr<AnswerModelDesk> answer_model_;
  NodeServices services_;
  CommandTable commands_;
  JobBoard jobs_;
  std::unique_ptr<CommandContext> command_context_;
  std::unique_ptr<ShellServer> shell_;
};

Status Node::Impl::open_store() {
  auto store = Store::open(storage_settings(settings_.settings));
  if (!store) return at_part("storage", store.error());
  store_ = std::move(*store);
  archive_ = std::make_unique<StoreArchive>(*store_);
  documents_ = std::make_unique<StoreDocuments>(*store_);
  test_reservations_ = std::make_unique<StoreTestReservations>(*store_);
  recording_keys_ = std::make_unique<StoredRecordingKeys>(*store_);
  log_info("node", "store_open", "folder={} key={} store={}", settings_.settings.data_folder.string(), store_->key_fingerprint(), store_->store_id());
  if (!settings_.settings.cluster.is_set()) {
    if (const Status own = check_is_no_clusters(*store_); !own) return at_part("storage", own.error());
  }
  return store_->needs_upgrade() ? upgrade_store() : Status(Done{});
}

/// A node with a wrong clock starts all the same: what is stored can be looked at, and it begins no call.
Status Node::Impl::check_clock() {
  const auto evidence = clock_evidence(*store_);
  if (!evidence) return at_part("storage", evidence.error());
  clock_evidence_ = *evidence;
  const auto doubt = doubt_at_start(clock_.now_utc(), clock_.is_shifted(), clock_evidence_);
  if (!doubt) return Done{};
  if (is_clock_confirmed_) log_warn("node", "clock_confirmed", "{}; believed, for --clock-is-right was given", to_text(*doubt));
  else clock_doubt_ = doubt;
  if (clock_doubt_) log_error("node", "clock_in_doubt", "{}: no new attempts in this life of the node", to_text(*doubt));
  return Done{};
}

/// A disk that takes nothing now is no reason to stay down: the next start settles them.
Status Node::Impl::settle_left_tests() {
  const auto settled = settle_left_trunk_tests(*store_);
  if (!settled) log_error("node", "trunk_tests_not_settled", "{}", settled.error().detail);
  else if (*settled > 0) log_info("node", "trunk_tests_settled", "count={}", *settled);
  return Done{};
}

Status Node::Impl::open_cluster() {
  // The clock may be shifted for a demo; the certificates' days, and the other nodes' eyes on them, are the machine's.
  auto opened = ClusterWiring::open(settings_.settings, *store_, SystemClock().now_utc());
  if (!opened) return opened.error();
  cluster_ = std::move(*opened);
  if (cluster_ && clock_doubt_) cluster_->forbid_originating();
  return Done{};
}

/// The data of an older version: everything that can be derived is made anew from the facts, before anybody commits.
Status Node::Impl::upgrade_store() {
  log_info("node", "upgrade_begun", "format={}", storage_format_version);
  const auto report = store_->projections().run(ProjectionMode::rebuild, fold_case, [](ShardIndex done, const ProjectionReport& so_far) {
    if (done % 16 == 0) log_info("node", "upgrade", "done_percent={} cases={} events={}", done * 100 / shard_count, so_far.cases, so_far.events);
    return true;
  });
  if (!report) return at_part("storage upgrade", report.error());
  log_info("node", "upgraded", "cases={} events={} rewritten={}", report->cases, report->events, report->differing_cases);
  return Done{};
}

Status Node::Impl::open_events() {
  auto events = EventWiring::open(*store_, settings_.settings, clock_, random_number());
  if (!events) return at_part("events", events.error());
  events_ = std::move(*events);
  return Done{};
}

Status Node::Impl::load_law() {
  const auto files = rule_files_of(settings_.settings.rules_folder);
  if (!files) return at_part("law", files.error());
  auto rules = compile_rule_set(*files);
  if (!rules) return at_part("law", rules.error());
  // Before anything is judged by it: a decision without its rules could never be repeated.
  if (const Status kept = keep_rule_files(store_->documents(), **rules, *files); !kept) return at_part("law", kept.error());
  policy_ = std::make_shared<const ContactPolicy>(*rules);
  gate_options_ = gate_options_of(settings_.settings);
  if (const Status numbers = number_desk_.load(store_->documents(), **rules); !numbers) return at_part("number ranges", numbers.error());
  gate_options_.number_regions = [this](const PhoneNumber& number) { return number_desk_.regions_of(number); };
  gate_ = std::make_unique<PolicyGate>(policy_, gate_options_);
  log_info("node", "law_loaded", "version={} calendar={}", (*rules)->version.substr(0, 16), (*rules)->calendar_version);
  return Done{};
}

Status Node::Impl::start_edges() {
  const NodeSettings& s = settings_.settings;
  std::filesystem::path certificates = s.agents.certificate_folder;
  if (certificates.empty()) {
    certificates = s.data_folder / "tls";
    const Status made = make_self_signed({certificates.string(), s.agents.realm, {host_of(s.agents.tls_bind), "localhost"}});
    if (!made) return at_part("agents", made.error());
  }
  media_ = std::make_unique<MediaDoorway>();
  const Status spoken = make_default_prompts(s);
  if (!spoken) log_warn("media", "notice_not_spoken", "{}; give media.prompts_folder an abandon.wav", spoken.error().detail);
  const Status media = media_->start(media_settings(s, [this] { return clock_.now_utc(); }), recording_keys_.get(), s.media.prompts_folder, made_prompts_folder(s));
  if (!media) return at_part("media", media.error());
  auto sip = sip_settings(s, certificates);
  if (!sip) return at_part("sip", sip.error());
  sip_ = std::make_unique<SipDoorway>(store_->permit_desk());
  const Status started = sip_->start(std::move(*sip), [this] { return clock_.now_mono(); });
  if (!started) return at_part("sip", started.error());
  log_info("node", "edges_up", "srtp=\"{}\" agents={} trunks={}", srtp_build(), s.agents.tls_bind, s.trunks.size());
  return Done{};
}

void Node::Impl::introduce() {
  context_.clock = &clock_;
  context_.settings = &settings_.settings;
  context_.journal = &store_->journal();
  context_.documents = documents_.get();
  if (cluster_) cluster_->introduce(context_);
  context_.archive = archive_.get();
  context_.test_reservations = test_reservations_.get();
  context_.media = media_.get();
  context_.sip = sip_.get();
  imports_door_.set_templates(documents_.get());
  imports_door_.set_reject_folder(std::filesystem::absolute(settings_.settings.data_folder / "rejects"));
  context_.imports_door = &imports_door_;
  const NodeSettings& options = settings_.settings;
  speech_ = std::make_unique<SpeechDesk>(options.media.speech_folder.empty() ? options.data_folder / "speech" : std::filesystem::path(options.media.speech_folder),
                                         espeak_speech_maker);
  context_.speech = speech_.get();
  context_.live = &events_->live();
  context_.facts = &events_->facts();
  context_.gate = gate_.get();
  context_.ids = &ids_;
  context_.incarnation = random_number() | 1;
  context_.make_classifier = [] { return make_answer_classifier(ClassifierSettings{}); };
  const std::filesystem::path& tapes = settings_.settings.pacing_tapes;
  if (!tapes.empty()) context_.make_pacing_tape = [this, tapes](CampaignId id) { return make_tape_file(tapes, id, clock_.now_utc()); };
}

void Node::Impl::spawn_actors() {
  if (cluster_) cluster_->load(caf_config_);
  actors_ = std::make_unique<caf::actor_system>(caf_config_);
  auto stored = load_campaigns(*documents_);
  auto strategies = StrategyShelf::load(*documents_);
  auto flows = FlowShelf::load(*documents_);
  const auto book = make_book(context_, stored, strategies, flows);
  context_.edge = actors_->spawn<EdgeActor>(&context_);
  if (clock_doubt_) post(context_.edge, msg::MayOriginate{false});
  context_.calls = actors_->spawn<CallDeskActor>(&context_);
  context_.matchmaker = actors_->spawn<MatchmakerActor>(&context_);
  context_.campaigns = actors_->spawn<CampaignDeskActor>(&context_, std::move(stored), std::move(strategies), std::move(flows));
  for (ShardIndex shard = 0; shard < shard_count; ++shard) context_.shards[shard] = actors_->spawn<ShardActor>(&context_, shard, book);
  context_.agents = actors_->spawn<AgentDeskActor>(&context_);
  // Merges and undos that a former life left go on at once: they need the shards.
  context_.merges = actors_->spawn<MergeDeskActor>(&context_);
  context_.imports = actors_->spawn<ImportDeskActor>(&context_);
  status_ = std::make_unique<NodeStatus>(settings_, clock_, *store_, *media_, *sip_, *events_, cluster_.get(), clock_doubt_,
                                         policy_->rules().packs.at(settings_.settings.jurisdiction).calendar);
  media_->set_desk(status_->recordings_desk(*actors_));
  sip_->set_desk(context_.agents);
}

Status Node::Impl::open_socket() {
  const auto publish = [desk = context_.campaigns](AnswerModelDesk::Odds odds) { post(desk, msg::OddsLearned{std::move(odds)}); };
  answer_model_ = std::make_unique<AnswerModelDesk>(*store_, [policy = policy_, options = gate_options_](const CaseRecord& record) { return home_zone(record, policy->rules(), options); }, clock_, publish);
  answer_model_->keep_fresh();
  services_ = make_services({*status_, *store_, *recording_keys_, *gate_, policy_->rules(), context_, *answer_model_});
  if (cluster_) {
    services_.cluster = [this] { return cluster_->status(); };
    services_.shard_owners = [this] { return cluster_->shard_owners(); };
    services_.compare_history = [this](const CompareScope& scope, const std::function<bool(double)>& progress) {
      return cluster_->compare_history(scope, progress);
    };
  }
  command_context_ = std::make_unique<CommandContext>(*actors_, context_, settings_, services_, jobs_);
  auto shell = ShellServer::start(settings_.settings.socket_path(), [this](const std::string& request, const std::string& user) {
    return answer_request(commands_, *command_context_, request, user);
  });
  if (!shell) return at_part("admin socket", shell.error());
  shell_ = std::move(*shell);
  return Done{};
}

Status Node::Impl::start() {
  for (const auto step : {&Impl::open_store, &Impl::check_clock, &Impl::settle_left_tests, &Impl::open_cluster, &Impl::open_events, &Impl::load_law, &Impl::start_edges}) {
    Status done = (this->*step)();
    if (!done) return done;
  }
  introduce();
  spawn_actors();
  const Status joined = cluster_ ? cluster_->start(*actors_, context_) : Status(Done{});
  return joined ? open_socket() : joined;
}

void Node::Impl::watch_calls_end(Duration limit) {
  const MonoTime until = clock_.now_mono() + limit;
  std::optional<std::size_t> told;
  while (clock_.now_mono() < until) {
    const auto health = command_context_->ask<msg::NodeHealthView>(context_.calls, msg::GetHealth{});
    if (!health || health->calls == 0) return;
    if (told != health->calls) log_info("node", "draining", "calls={} limit_s={}", health->calls, limit.ms / 1000);
    told = health->calls;
    SystemClock::wait(milliseconds(500));
  }
}

void Node::Impl::drain() {
  if (!actors_ || !command_context_) return;
  status_->begin_drain();
  for (const caf::actor& desk : {context_.campaigns, context_.edge, context_.calls}) post(desk, msg::Drain{});
  watch_calls_end(seconds(settings_.settings.drain_limit_s));
  post(context_.calls, msg::StopCallFor{StopReason::operator_hang_up});
  watch_calls_end(seconds(5));
}

/// Doors first, so that nothing new comes in; then everything queued for the history goes to the disk. Actors are not
/// waited for: what they hold is either durable or was told to nobody.
void Node::Impl::close() {
  shell_.reset();
  if (answer_model_) answer_model_->stop();
  if (speech_) speech_->stop();
  if (sip_) sip_->stop(seconds(2));
  if (media_) media_->stop();
  if (cluster_) cluster_->stop();
  if (store_) {
    // A clock that is not believed, or shifted, says nothing of when the node stopped: what was known before stays known.
    const bool says_nothing = clock_.is_shifted() || (status_ && !status_->clock_problem().empty());
    const UtcTime stopped_at = says_nothing ? clock_evidence_.latest() : clock_.now_utc();
    const auto flushed = store_->journal().commit_document_and_wait(stop_record(stopped_at));
    if (!flushed) log_error("node", "not_flushed", "{}", flushed.error().detail);
  }
  if (events_) events_->stop();
  log_info("node", "stopped", "node={}", settings_.settings.node_name);
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Node::~Node() = default;
void Node::drain() { impl_->drain(); }
void Node::close() { impl_->close(); }

Result<std::unique_ptr<Node>> Node::start(NodeOptions options) {
  if (options.clock_start && !are_all_trunks_loopback(options.settings.settings)) {
    return Error{Errc::denied, "--clock-start is for demo and tests: every trunk must be on the loopback interface"};
  }
  auto impl = std::make_unique<Impl>(std::move(options));
  const Status started = impl->start();
  if (!started) {
    // The actors of a half-started node cannot be waited for; the process ends with this error anyway.
    if (impl->has_actors()) static_cast<void>(impl.release());
    return started.error();
  }
  return std::unique_ptr<Node>(new Node(std::move(impl)));
}

}  // namespace dunlin
