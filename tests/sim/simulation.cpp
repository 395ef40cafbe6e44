#include "tests/sim/simulation.hpp"

#include <algorithm>
#include <array>

#include "config/rule_loader.hpp"
#include "core/base/check.hpp"
#include "core/case/case_fold.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/policy_gate.hpp"

namespace dunlin::sim {
namespace {

/// Thursday, 29 October 2026, 00:00Z: the days after it hold a month's end, a week's end and a holiday (4 November).
constexpr UtcTime first_midnight{1'793'232'000'000};

class OpenGate final : public ContactGate {
 public:
  Decision judge(const GateQuestion& question) const override {
    Decision decision;
    decision.verdict = Verdict::allow;
    decision.at = question.at;
    return decision;
  }
};

/// The law for a person nothing is known against.
class BlindGate final : public ContactGate {
 public:
  explicit BlindGate(const ContactGate& law) : law_(law) {}
  Decision judge(const GateQuestion& question) const override {
    CaseRecord unbarred = question.record;
    unbarred.restrictions.clear();
    return law_.judge({unbarred, question.phone, question.channel, question.at, question.own_attempt, question.is_clock_shifted,
                       question.is_manual, question.ring_timeout_s});
  }

 private:
  const ContactGate& law_;
};

/// A broken reader of views: what it forgets is what the sabotage says.
std::string forgetful(Sabotage sabotage, std::uint64_t incarnation, std::string bytes) {
  auto record = decode_view(bytes);
  if (!record) return bytes;
  if (sabotage == Sabotage::forgets_talks) {
    for (AttemptRow& row : record->attempts) {
      if (row.status != ContactStatus::contact) continue;
      row.status = ContactStatus::no_contact;
      row.outcome = Outcome::not_sent;
    }
    return encode_view(*record);
  }
  if (!record->open_attempt || record->open_attempt->edge_incarnation == incarnation) return bytes;
  record->attempts.pop_back();
  record->open_attempt.reset();
  record->state = CaseState::open;
  return encode_view(*record);
}

const PolicyGate& law_gate() {
  static const PolicyGate gate = [] {
    auto rules = load_rule_set({});
    DUNLIN_CHECK(rules.ok());
    PolicyGateOptions options;
    options.organisation = Organisation::agency;
    options.jurisdictions = {"RU"};
    return PolicyGate(std::make_shared<const ContactPolicy>(*rules), options);
  }();
  return gate;
}

bool holds_event(const CommitRequest& batch, EventType type) {
  return std::any_of(batch.events.begin(), batch.events.end(),
                     [type](const EventDraft& event) { return event.type == static_cast<std::uint16_t>(type); });
}

}  // namespace

std::string_view to_string(Sabotage sabotage) {
  switch (sabotage) {
    case Sabotage::none: return "none";
    case Sabotage::open_gate: return "open_gate";
    case Sabotage::lying_journal: return "lying_journal";
    case Sabotage::forgets_settlements: return "forgets_settlements";
    case Sabotage::forgets_reservations: return "forgets_reservations";
    case Sabotage::sends_twice: return "sends_twice";
    case Sabotage::forgets_outcomes: return "forgets_outcomes";
    case Sabotage::eternal_slots: return "eternal_slots";
    case Sabotage::forgets_talks: return "forgets_talks";
    case Sabotage::blind_to_bars: return "blind_to_bars";
  }
  return "?";
}

Result<Sabotage> parse_sabotage(std::string_view name) {
  for (int n = 0; n <= static_cast<int>(Sabotage::blind_to_bars); ++n) {
    if (to_string(static_cast<Sabotage>(n)) == name) return static_cast<Sabotage>(n);
  }
  return invalid_input("unknown sabotage " + std::string(name));
}

class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);
  SimulationReport run();

 private:
  void boot();
  void hook_up();
  void die();
  void revive();
  void pass_second();
  void play_window(int window);
  void strike(const Fault& fault);
  void finish();
  void check_quiet();
  test::CommitFate fate_of(const CommitRequest& batch);
  Duration latency();
  bool is_lasting(FaultKind kind) const;
  void say(const std::string& line);
  bool is_over() const { return !judges_.violations().empty(); }
  SimulationReport report() const;

  SimulationOptions options_;
  Rng lots_;
  test::Stage stage_;
  test::TestDisk disk_;
  NodeSettings settings_ = test::test_settings();
  People people_;
  PublicNetwork network_;
  Judges judges_;
  Robots robots_;
  OpenGate open_gate_;
  BlindGate blind_gate_{law_gate()};
  std::unique_ptr<test::TestNode> node_;
  std::vector<Fault> faults_;
  std::map<FaultKind, MonoTime> lasting_;     ///< Until when.
  std::deque<std::string> transcript_;
  std::uint64_t trace_hash_ = 0xCBF29CE484222325ULL;   // FNV-1a.
  std::uint64_t lives_ = 0;
  std::uint64_t settlements_seen_ = 0;
  int crashes_ = 0;
};

Simulation::Simulation(const SimulationOptions& options)
    : options_(options),
      lots_(options.seed),
      stage_(first_midnight + hours(static_cast<std::int64_t>(lots_.below(24 * 7))), options.seed ^ 0xACED),
      people_(options.people, lots_, [this](const PersonKey& key) { return disk_.case_id_for(key); }),
      network_(stage_, people_, options.seed ^ 0xBEEF, [this](const std::string& line) { say(line); }),
      judges_(stage_, disk_, people_, network_),
      robots_(stage_, people_, network_, judges_, options.seed ^ 0xCAFE, [this](const std::string& line) { say(line); }),
      faults_(options.faults ? *options.faults : draw_fault_plan(lots_, options.windows, options.window_seconds)) {
  settings_.tick_ms = 1000;
  for (TrunkOptions& trunk : settings_.trunks) trunk.caller_ids = {"+74995550100"};
  settings_.trunks[0].channels = 6;
  settings_.trunks[1].channels = 4;
  network_.on_invite = [this](const test::SentInvite& invite) { judges_.on_invite(invite); };
}

void Simulation::say(const std::string& line) {
  transcript_.push_back(format_utc(stage_.now()) + " " + line);
  for (const char c : transcript_.back()) trace_hash_ = (trace_hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  if (transcript_.size() > options_.transcript_lines) transcript_.pop_front();
}

bool Simulation::is_lasting(FaultKind kind) const {
  const auto until = lasting_.find(kind);
  return until != lasting_.end() && stage_.clock().now_mono() < until->second;
}

test::CommitFate Simulation::fate_of(const CommitRequest& batch) {
  if (options_.sabotage == Sabotage::lying_journal && batch.reservation) return test::CommitFate::lied;
  if (options_.sabotage == Sabotage::forgets_outcomes && holds_event(batch, EventType::disposition_set)) return test::CommitFate::lied;
  if (options_.sabotage == Sabotage::forgets_settlements && holds_event(batch, EventType::attempt_settled) && ++settlements_seen_ % 7 == 0) {
    return test::CommitFate::lied;
  }
  if (is_lasting(FaultKind::disk_refuses)) return test::CommitFate::refused;
  if (is_lasting(FaultKind::in_doubt)) return test::CommitFate::in_doubt;
  return test::CommitFate::durable;
}

Duration Simulation::latency() {
  if (is_lasting(FaultKind::slow_disk)) return milliseconds(static_cast<std::int64_t>(lots_.below(8000)));
  return milliseconds(static_cast<std::int64_t>(lots_.below(20)));
}

void Simulation::boot() {
  const ContactGate* gate = &law_gate();
  if (options_.sabotage == Sabotage::open_gate) gate = &open_gate_;
  if (options_.sabotage == Sabotage::blind_to_bars) gate = &blind_gate_;
  node_ = std::make_unique<test::TestNode>(stage_, disk_, settings_, test::TestNodeOptions{++lives_ + 100, gate, true});
  hook_up();
  node_->spawn_actors();
  network_.connect(node_->sip, node_->media);
  robots_.connect(*node_);
  stage_.pass(Duration{});
}

void Simulation::hook_up() {
  node_->journal.choose_fate = [this](const CommitRequest& batch) { return fate_of(batch); };
  node_->journal.choose_document_fate = [this](const DocumentWrite&) {
    if (is_lasting(FaultKind::disk_refuses)) return test::CommitFate::refused;
    return is_lasting(FaultKind::in_doubt) ? test::CommitFate::in_doubt : test::CommitFate::durable;
  };
  node_->journal.choose_latency = [this] { return latency(); };
  node_->journal.on_durable = [this](const CommitRequest& batch) {
    for (const EventDraft& event : batch.events) say(batch.case_id.str() + " " + std::string(event_name(event.type)));
    judges_.on_durable(batch);
  };
  node_->sip.choose_wire_delay = [this] { return milliseconds(static_cast<std::int64_t>(lots_.below(lots_.below(50) == 0 ? 8000 : 30))); };
  node_->sip.ignores_expiry = options_.sabotage == Sabotage::eternal_slots;
  node_->sip.repeats_every = options_.sabotage == Sabotage::sends_twice ? 5 : 0;
  if (options_.sabotage == Sabotage::forgets_talks || options_.sabotage == Sabotage::forgets_reservations) {
    node_->archive.alter_view = [this](std::string view) { return forgetful(options_.sabotage, node_->context.incarnation, std::move(view)); };
  }
  node_->media.on_double_bridge = [this](LegId agent, LegId debtor, LegId) { judges_.on_double_bridge(agent, debtor); };
}

void Simulation::die() {
  ++crashes_;
  say("the process dies");
  node_->journal.crash(lots_);
  network_.disconnect();
  robots_.disconnect();
  stage_.bury();
  node_.reset();
  judges_.on_death();
}

void Simulation::revive() {
  stage_.restart();
  boot();
  say("life " + std::to_string(lives_) + " begins");
}

/// One second of everybody's day; a process that dies in it lies dead for a while.
void Simulation::pass_second() {
  disk_.is_full = is_lasting(FaultKind::disk_full);
  robots_.act();
  stage_.pass(seconds(1));
  if (!stage_.is_dead()) return;
  die();
  stage_.pass(seconds(static_cast<std::int64_t>(1 + lots_.below(30))));
  revive();
}

void Simulation::strike(const Fault& fault) {
  say("fault: " + std::string(to_string(fault.kind)) + " " + std::to_string(fault.length_s));
  const Duration length = seconds(fault.length_s);
  switch (fault.kind) {
    case FaultKind::crash: return stage_.die_after(lots_.below(3000));
    case FaultKind::suspend: return stage_.leap(length);
    case FaultKind::agents_lost: return robots_.lose_all_stations();
    case FaultKind::trunk_down:
      network_.is_trunk_down = true;
      for (const TrunkOptions& trunk : settings_.trunks) node_->sip.tell_trunk_health(trunk.name, false);
      break;
    case FaultKind::disk_refuses:
    case FaultKind::disk_full:
    case FaultKind::in_doubt:
    case FaultKind::slow_disk: break;
  }
  lasting_[fault.kind] = stage_.clock().now_mono() + length;
}

void Simulation::play_window(int window) {
  say("window " + std::to_string(window));
  for (int second = 0; second < options_.window_seconds && !is_over(); ++second) {
    for (const Fault& fault : faults_) {
      if (fault.window == window && fault.second == second) strike(fault);
    }
    if (network_.is_trunk_down && !is_lasting(FaultKind::trunk_down)) {
      network_.is_trunk_down = false;
      for (const TrunkOptions& trunk : settings_.trunks) node_->sip.tell_trunk_health(trunk.name, true);
    }
    pass_second();
  }
}

/// Everything heals, people go home, every line falls silent; a last restart, and then the books are read.
void Simulation::finish() {
  lasting_.clear();
  network_.is_trunk_down = false;
  robots_.go_home();
  for (const auto& name : {"north", "south"}) {
    (void)test::ask_later<msg::Answer>(stage_, node_->context.campaigns, msg::CommandCampaign{name, CampaignCommand::stop, "robot"});
  }
  for (int second = 0; second < 180 && !is_over(); ++second) pass_second();
  stage_.leap(hours(3));
  for (int second = 0; second < 30 && !is_over(); ++second) pass_second();
  check_quiet();
  judges_.judge_no_attempt_is_open();
  stage_.kill();
  pass_second();
  for (int second = 0; second < 30 && !is_over(); ++second) pass_second();
  if (!is_over()) judges_.at_end();
}

void Simulation::check_quiet() {
  const auto trunks = test::ask_later<msg::TrunksView>(stage_, node_->context.edge, msg::GetTrunks{});
  const auto calls = test::ask_later<msg::CallsView>(stage_, node_->context.calls, msg::GetCalls{});
  const auto agents = test::ask_later<msg::AgentsView>(stage_, node_->context.agents, msg::GetAgents{});
  const auto campaigns = test::ask_later<msg::CampaignsView>(stage_, node_->context.campaigns, msg::GetCampaigns{});
  stage_.pass(seconds(6));
  if (!trunks->answer || !calls->answer || !agents->answer || !campaigns->answer) return judges_.complain("the node does not answer when all is quiet");
  for (const TrunkView& trunk : trunks->answer->budget) {
    if (trunk.channels_in_use != 0) judges_.complain("trunk " + trunk.name + " has lost " + std::to_string(trunk.channels_in_use) + " channels");
  }
  for (const msg::CallView& call : calls->answer->live) judges_.complain("a call that never ends: " + call.attempt.str() + " " + std::string(to_string(call.state)));
  for (const msg::CampaignView& view : campaigns->answer->campaigns) {
    if (view.calls_in_flight != 0) judges_.complain(view.campaign.settings.name + " counts " + std::to_string(view.calls_in_flight) + " calls that are over");
  }
  std::size_t legs = 0;
  for (const msg::AgentView& agent : agents->answer->agents) {
    legs += agent.has_leg ? 1 : 0;
    const bool is_stuck = agent.state == AgentState::reserved || agent.state == AgentState::talking || agent.state == AgentState::hold;
    if (is_stuck) judges_.complain(agent.profile.user + " is stuck: " + std::string(to_string(agent.state)));
  }
  if (node_->media.leg_count() != legs) {
    judges_.complain("media legs: " + std::to_string(node_->media.leg_count()) + " open, " + std::to_string(legs) + " in use by agents");
  }
}

SimulationReport Simulation::report() const {
  SimulationReport report;
  report.seed = options_.seed;
  report.violations = judges_.violations();
  report.transcript.assign(transcript_.begin(), transcript_.end());
  report.faults = to_text(faults_);
  report.steps = stage_.steps();
  report.trace_hash = trace_hash_;
  report.merges = judges_.merges();
  report.reservations = judges_.reservations();
  report.invites = network_.log().size();
  report.talks = static_cast<std::size_t>(std::count_if(network_.log().begin(), network_.log().end(),
                                                        [](const NetworkCall& call) { return call.person_answered_at.has_value(); }));
  report.crashes = crashes_;
  report.played = stage_.clock().now_mono() - MonoTime{};
  report.outcomes = judges_.outcomes();
  return report;
}

SimulationReport Simulation::run() {
  boot();
  robots_.set_up(options_.agents);
  for (int window = 0; window < options_.windows && !is_over(); ++window) {
    play_window(window);
    if (is_over()) break;
    // To a little before some zone's hours begin or end, or anywhere.
    const Zone& zone = zones()[lots_.below(zones().size())];
    constexpr std::array<int, 5> edges{8 * 60 - 2, 9 * 60 - 2, 20 * 60 - 7, 22 * 60 - 7, 13 * 60};
    const std::int64_t minute = (edges[lots_.below(edges.size())] - zone.offset_minutes + 24 * 60) % (24 * 60);
    const std::int64_t today = stage_.now().ms / minutes(1).ms % (24 * 60);
    std::int64_t ahead = (minute - today + 24 * 60) % (24 * 60);
    if (ahead < 30) ahead += 24 * 60;
    if (lots_.below(3) == 0) {
      stage_.kill();
      die();
      stage_.pass(minutes(ahead));
      revive();
    } else {
      stage_.leap(minutes(ahead));
    }
  }
  if (!is_over()) finish();
  SimulationReport result = report();
  if (node_) die();
  return result;
}

std::string SimulationReport::to_text() const {
  std::string text = "seed " + std::to_string(seed) + ": " + (is_clean() ? "clean" : "VIOLATED") + ", steps=" + std::to_string(steps) +
                     " virtual_hours=" + std::to_string(played.ms / hours(1).ms) + " lives=" + std::to_string(crashes) +
                     " reservations=" + std::to_string(reservations) + " invites=" + std::to_string(invites) + " talks=" + std::to_string(talks) + " merges=" + std::to_string(merges) +
                     " trace=" + std::to_string(trace_hash) + "\n";
  for (const auto& [outcome, count] : outcomes) text += "  " + outcome + "=" + std::to_string(count);
  text += "\n";
  if (is_clean()) return text;
  text += "the last events:\n";
  for (const std::string& line : transcript) text += "  " + line + "\n";
  text += "faults (window second fault seconds):\n" + faults;
  for (const std::string& violation : violations) text += "VIOLATION at step " + std::to_string(steps) + ": " + violation + "\n";
  return text + "again: dunlin_sim --from " + std::to_string(seed) + " --seeds 1\n";
}

SimulationReport simulate(const SimulationOptions& options) { return Simulation(options).run(); }

}  // namespace dunlin::sim
