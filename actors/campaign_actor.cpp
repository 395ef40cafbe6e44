#include "actors/campaign_actor.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/dialing/answer_odds.hpp"
#include "core/dialing/pacing_agentless.hpp"
#include "core/dialing/pacing_predictive.hpp"
#include "core/dialing/why_idle.hpp"
#include "core/report/call_costs.hpp"

namespace dunlin {
namespace {

constexpr std::size_t denial_rules_kept = 64;
/// Speech that could not be made is tried again after this.
constexpr Duration speech_retry = seconds(30);

std::optional<PacingCallPhase> phase_after(PacingEventKind kind) {
  switch (kind) {
    case PacingEventKind::dialed: return PacingCallPhase::dialing;
    case PacingEventKind::ringing: return PacingCallPhase::ringing;
    case PacingEventKind::answered: return PacingCallPhase::detect;
    case PacingEventKind::human: return PacingCallPhase::queued;
    case PacingEventKind::connected: return PacingCallPhase::talk;
    case PacingEventKind::machine:
    case PacingEventKind::busy:
    case PacingEventKind::no_answer:
    case PacingEventKind::failed:
    case PacingEventKind::hung_up:
    case PacingEventKind::abandoned:
    case PacingEventKind::released:
    case PacingEventKind::agent_ready:
    case PacingEventKind::agent_break:
    case PacingEventKind::agent_logout:
    case PacingEventKind::agent_login: return std::nullopt;
  }
  return std::nullopt;
}

PacingResult pacing_result(const std::optional<Outcome>& disposition) {
  if (!disposition) return PacingResult::none;
  if (*disposition == Outcome::rpc_promise) return PacingResult::right_party_promise;
  if (*disposition == Outcome::agent_machine) return PacingResult::machine;
  if (*disposition == Outcome::wrong_number) return PacingResult::wrong_party;
  return traits(*disposition).right_party ? PacingResult::right_party : PacingResult::third_party;
}

CampaignActivity activity_of(CampaignState state) {
  switch (state) {
    case CampaignState::created: return CampaignActivity::draft;
    case CampaignState::running: return CampaignActivity::running;
    case CampaignState::paused: return CampaignActivity::paused;
    case CampaignState::stopped: return CampaignActivity::stopped;
  }
  return CampaignActivity::draft;
}

}  // namespace

std::optional<PacingAgentState> pacing_state(AgentState state) {
  switch (state) {
    case AgentState::ready: return PacingAgentState::ready;
    case AgentState::reserved:
    case AgentState::preview:
    case AgentState::connecting:
    case AgentState::talking:
    case AgentState::hold:
    case AgentState::callback_due: return PacingAgentState::talk;
    case AgentState::wrap_up: return PacingAgentState::wrap;
    case AgentState::on_break:
    case AgentState::supervising: return PacingAgentState::on_break;  // Not there for calls, whatever it does meanwhile.
    case AgentState::logged_out:
    case AgentState::link_lost: return std::nullopt;
  }
  return std::nullopt;
}

CampaignActor::CampaignActor(caf::actor_config& config, const NodeContext* context, msg::CampaignUpdated campaign)
    : caf::event_based_actor(config), context_(context), campaign_(std::move(campaign.campaign)), flow_(std::move(campaign.flow)), started_at_(context->clock->now_mono()),
      clock_watch_(context->clock->now_utc(), started_at_), tickets_(limits::ticket_life) {
  choose_policy();
}

/// Calls with a flow go by free lines. Progressive never has more lines in flight than ready agents; predictive forecasts, within the abandon budget.
void CampaignActor::choose_policy() {
  const PacingConfig config = pacing_config();
  if (has_flow()) policy_ = std::make_unique<AgentlessPacing>(config);
  else if (campaign_.settings.mode == DialingMode::predictive) policy_ = std::make_unique<PredictivePacing>(config);
  else policy_ = std::make_unique<ProgressivePacing>(config);
  if (!context_->make_pacing_tape) return;
  auto tape = context_->make_pacing_tape(campaign_.settings.id);
  policy_ = std::make_unique<TapedPacing>(std::move(policy_), config, *tape);
  tape_ = std::move(tape);
}

void CampaignActor::on_updated(const msg::CampaignUpdated& update) {
  const CampaignSettings& now = update.campaign.settings;
  const bool is_other_policy = now.mode != campaign_.settings.mode || now.flow.empty() != campaign_.settings.flow.empty();
  const bool is_other_flow = update.flow != flow_;
  campaign_ = update.campaign;
  flow_ = update.flow;
  if (is_other_flow) {
    spoken_revision_ = 0;
    speech_fault_.clear();
    speech_asked_at_.reset();
  }
  if (is_other_policy) choose_policy();
  else policy_->reconfigure(pacing_config());
}

/// Off this thread: the door answers when every word can be heard.
void CampaignActor::prepare_flow() {
  const MonoTime now = context_->clock->now_mono();
  if (!flow_ || is_speech_ready() || (speech_asked_at_ && now - *speech_asked_at_ < speech_retry)) return;
  speech_asked_at_ = now;
  if (context_->speech == nullptr) return on_flow_prepared({flow_->name, flow_->revision, Error{Errc::unavailable, "this node makes no speech"}});
  const auto self = caf::actor_cast<caf::actor>(this);
  context_->speech->prepare(flow_, [self, flow = flow_](Result<SpeechPointer> made) {
    post(self, msg::FlowPrepared{flow->name, flow->revision, made ? std::optional<Error>() : made.error()});
  });
}

void CampaignActor::on_flow_prepared(const msg::FlowPrepared& news) {
  if (!flow_ || news.name != flow_->name || news.revision != flow_->revision) return;
  speech_fault_ = news.error ? news.error->detail : "";
  if (news.error) log_warn("campaign", "flow_not_ready", "campaign={} flow={} {}", campaign_.settings.name, news.name, news.error->detail);
  else spoken_revision_ = news.revision;
}

caf::behavior CampaignActor::make_behavior() {
  tell_after(this, milliseconds(context_->settings->tick_ms), caf::actor_cast<caf::actor>(this), msg::CampaignTick{});
  return {
      [this](const msg::CampaignTick&) { on_tick(); },
      [this](const msg::CampaignUpdated& update) { on_updated(update); },
      [this](const msg::FlowPrepared& news) { on_flow_prepared(news); },
      [this](const msg::CallStep& step) { on_step(step); },
      [this](const msg::AgentPresence& presence) { on_presence(presence); },
      [this](const msg::AgentsShared& share) { on_shared(share); },
      [this](const msg::TicketTaken& news) { tickets_.on_taken(news.attempt); },
      [this](const msg::CaseFactsCommitted& facts) {
        for (const CaseEvent& event : facts.events) on_fact(event);
      },
      [this](const msg::GetCampaign&) { return view(); },
      [this](const msg::GetPace& query) {
        msg::PaceView pace;
        const std::size_t count = std::min(query.last, decisions_.size());
        pace.decisions.assign(decisions_.end() - static_cast<std::ptrdiff_t>(count), decisions_.end());
        return pace;
      },
  };
}

PacingConfig CampaignActor::pacing_config() const {
  PacingConfig config;
  config.target_abandon = campaign_.settings.abandon_limit_permille / 1000.0;
  config.wait_limit_s = campaign_.settings.abandon_after_ms / 1000.0;
  config.tick_s = context_->settings->tick_ms / 1000.0;
  config.ring_timeout_s = campaign_.settings.ring_timeout_ms / 1000.0;
  config.has_detection = campaign_.settings.classifies_answers;
  config.segments = odds_segments;
  const CallPrices& prices = campaign_.settings.prices;
  config.target_idle_s = campaign_.settings.target_idle_s;
  config.prices = {in_units(prices.attempt), in_units(prices.minute), in_units(prices.agent_hour),
                   value_of_contact(prices, kept_per_contact(talks_of(counters_)))};
  config.max_channels = 0;
  config.max_cps = 0;
  for (const TrunkOptions& trunk : context_->settings->trunks) {
    if (!uses_trunk(trunk.name)) continue;
    config.max_channels += trunk.channels;
    config.max_cps += trunk.calls_per_second;
  }
  return config;
}

void CampaignActor::on_tick() {
  tell_after(this, milliseconds(context_->settings->tick_ms), caf::actor_cast<caf::actor>(this), msg::CampaignTick{});
  expire_tickets();
  refresh_ranks();
  hint_counters();
  if (campaign_.state != CampaignState::running) return;
  tell_demand();
  prepare_flow();
  if (has_flow() && !is_speech_ready()) return;
  const PacingDecision decision = policy_->decide(input());
  events_.clear();
  decisions_.push_back(decision);
  if (decisions_.size() > pacing_decisions_kept) decisions_.pop_front();
  ask_for_slots(decision.dials);
}

/// Each person on a line, in a talk or to dial on a free line wants one agent at most. Persons without a line keep no agent
/// from campaigns that have one.
void CampaignActor::tell_demand() {
  const std::size_t waiting = ranks_.total().ready;
  const std::size_t lines = static_cast<std::size_t>(channels_free());
  const std::size_t persons = calls_.size() + static_cast<std::size_t>(tickets_.lines()) + std::min(waiting, lines);
  const auto demand = static_cast<std::uint32_t>(std::min<std::size_t>(persons, most_guaranteed_agents));
  if (demand == told_demand_) return;
  told_demand_ = demand;
  tell(this, context_->campaigns, msg::CampaignDemand{campaign_.settings.id, demand});
}

void CampaignActor::on_shared(const msg::AgentsShared& share) {
  shared_ = {share.agents.begin(), share.agents.end()};
  guaranteed_ = share.guaranteed;
}

/// The numbers a wallboard moves by, at most once a second.
void CampaignActor::hint_counters() {
  const MonoTime now = context_->clock->now_mono();
  if (now - hinted_at_ < seconds(1)) return;
  hinted_at_ = now;
  const auto waiting = static_cast<std::int64_t>(ranks_.total().ready);
  const auto count = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  context_->live->hint("campaign", {{"campaign", campaign_.settings.id.str()}, {"state", std::string(to_string(campaign_.state))},
                                    {"calls", static_cast<std::int64_t>(calls_.size())}, {"agents", static_cast<std::int64_t>(agents_.size())},
                                    {"cases_ready", waiting}, {"attempts", count(counters_.reserved)}, {"answered", count(counters_.answered)},
                                    {"connected", count(counters_.connected)}, {"abandoned", count(counters_.abandoned)},
                                    {"promises", count(counters_.promises)}});
}

PacingInput CampaignActor::input() {
  PacingInput in;
  const MonoTime now = context_->clock->now_mono();
  in.at_s = in.as_of_s = seconds_since_start(now);
  // Every grant is among the calls below from the moment it is asked for, so none has to be remembered as unseen.
  in.granted = 0;
  in.totals = totals_;
  in.events = events_;
  in.channels_free = channels_free();
  in.start_tokens = -1;
  in.list_available = static_cast<int>(std::min<std::size_t>(ranks_.total().ready, 1'000'000));
  for (const auto& [id, agent] : agents_) {
    if (!may_pace_for(id)) continue;
    in.agents.push_back({id.value(), agent.state, static_cast<double>((now - agent.since).ms) / 1000.0, agent.last_talk_s});
  }
  for (const auto& [id, call] : calls_) {
    in.calls.push_back({id.value(), call.phase, static_cast<double>((now - call.started_at).ms) / 1000.0, static_cast<double>((now - call.phase_at).ms) / 1000.0, call.segment});
  }
  in.next_segments = next_odds_segments({latest_segments_.begin(), latest_segments_.end()});
  const int next = in.next_segments.empty() ? 0 : in.next_segments.front();
  // What was granted and has not sent its INVITE yet is on its way to ringing all the same.
  for (int n = 0; n < tickets_.lines(); ++n) in.calls.push_back({~static_cast<std::uint64_t>(n), PacingCallPhase::dialing, 0, 0, next});
  return in;
}

void CampaignActor::note_denials(const std::map<std::string, int>& denials) {
  for (const auto& [rule, count] : denials) {
    if (denials_.size() < denial_rules_kept || denials_.count(rule) != 0) denials_[rule] += count;
  }
}

void CampaignActor::remember(PacingEvent event) {
  event.at_s = seconds_since_start(context_->clock->now_mono());
  events_.push_back(event);
}

/// The reservation is told before anything of its call is: the score is known when the first step comes.
void CampaignActor::on_fact(const CaseEvent& event) {
  counters_.count(event);
  if (const auto* reserved = std::get_if<AttemptReserved>(&event)) {
    const int segment = odds_segment(reserved->answer_score_permille);
    if (segment != 0) segments_[reserved->attempt] = segment;
    latest_segments_.push_back(segment);
    if (latest_segments_.size() > latest_segments_kept) latest_segments_.pop_front();
  }
  if (const auto* settled = std::get_if<AttemptSettled>(&event)) segments_.erase(settled->attempt);
}

int CampaignActor::segment_of(AttemptId attempt) const {
  const auto known = segments_.find(attempt);
  return known == segments_.end() ? 0 : known->second;
}

void CampaignActor::on_step(const msg::CallStep& step) {
  const MonoTime now = context_->clock->now_mono();
  auto [found, is_new] = calls_.try_emplace(step.attempt, LiveCall{PacingCallPhase::dialing, now, now, segment_of(step.attempt)});
  PacingEvent event;
  event.kind = step.kind;
  event.call = step.attempt.value();
  if (step.agent.is_set()) found->second.agent = step.agent;
  event.agent = found->second.agent.value();
  event.segment = found->second.segment;
  // The end of a talk tells the talk's length and whose it was: how soon agents become free is learned from it.
  const bool is_talk = step.kind == PacingEventKind::released && found->second.phase == PacingCallPhase::talk;
  event.age_s = static_cast<double>((now - (is_talk ? found->second.phase_at : found->second.started_at)).ms) / 1000.0;
  event.wait_s = step.wait_s;
  remember(event);
  if (step.kind == PacingEventKind::dialed) ++totals_.dialed;
  if (step.kind == PacingEventKind::human) ++totals_.live;
  if (step.kind == PacingEventKind::connected) ++totals_.connected;
  if (step.kind == PacingEventKind::abandoned) ++totals_.abandoned;
  const bool is_live = step.kind == PacingEventKind::connected || step.kind == PacingEventKind::abandoned;
  if (is_live) abandons_.add(context_->clock->now_utc(), step.kind == PacingEventKind::abandoned);
  note_served(found->second, step);
  tickets_.on_step(step.attempt, step.is_over);
  if (step.is_over) {
    calls_.erase(found);
    return;
  }
  if (const auto phase = phase_after(step.kind); phase && *phase != found->second.phase) {
    found->second.phase = *phase;
    found->second.phase_at = now;
  }
}

/// A person whom a flow has served without an agent was not lost: the share of the lost is of these too.
void CampaignActor::note_served(const LiveCall& call, const msg::CallStep& step) {
  const bool is_served = has_flow() && step.is_over && call.phase == PacingCallPhase::queued && step.kind == PacingEventKind::hung_up;
  if (!is_served) return;
  ++totals_.connected;
  abandons_.add(context_->clock->now_utc(), false);
}

bool CampaignActor::uses_trunk(const std::string& name) const {
  const std::vector<TrunkShare>& shares = campaign_.settings.trunks;
  return shares.empty() || std::any_of(shares.begin(), shares.end(), [&name](const TrunkShare& share) { return share.trunk == name; });
}

bool CampaignActor::serves(const std::vector<std::string>& skills) const {
  const std::string& needed = campaign_.settings.skill;
  return needed.empty() || std::find(skills.begin(), skills.end(), needed) != skills.end();
}

void CampaignActor::on_presence(const msg::AgentPresence& presence) {
  const MonoTime now = context_->clock->now_mono();
  const auto known = agents_.find(presence.agent);
  PacingEvent event;
  event.agent = presence.agent.value();
  event.age_s = presence.spent_s;
  if (known != agents_.end()) count_agent_time(presence, known->second);
  const auto state = pacing_state(presence.state);
  if (!state || !serves(presence.skills)) {
    if (known == agents_.end()) return;
    event.kind = PacingEventKind::agent_logout;
    if (may_pace_for(presence.agent)) remember(event);
    agents_.erase(known);
    return;
  }
  if (known == agents_.end()) event.kind = PacingEventKind::agent_login;
  else if (*state == PacingAgentState::ready) event.kind = PacingEventKind::agent_ready;
  else if (*state == PacingAgentState::on_break) event.kind = PacingEventKind::agent_break;
  event.result = pacing_result(presence.disposition);
  const bool is_news = known == agents_.end() || *state == PacingAgentState::ready || *state == PacingAgentState::on_break;
  // What is learned of agents is learned of those seen: ends of others' wrap-ups without their time would make all look quick.
  if (is_news && (event.kind == PacingEventKind::agent_login || may_pace_for(presence.agent))) remember(event);
  KnownAgent& agent = agents_[presence.agent];
  agent = {*state, now, static_cast<double>(presence.last_talk.ms) / 1000.0, *state == PacingAgentState::ready ? now : agent.ready_since};
}

/// `spent_s` belongs to the state just left.
void CampaignActor::count_agent_time(const msg::AgentPresence& presence, const KnownAgent& known) {
  const Duration spent = milliseconds(static_cast<std::int64_t>(presence.spent_s * 1000.0));
  switch (known.state) {
    case PacingAgentState::ready:
      counters_.add_agent_time(AgentTime::waiting, spent);
      if (pacing_state(presence.state) == PacingAgentState::talk) counters_.add_idle(spent);
      break;
    case PacingAgentState::talk: counters_.add_agent_time(AgentTime::talking, spent); break;
    case PacingAgentState::wrap: counters_.add_agent_time(AgentTime::wrap_up, spent); break;
    case PacingAgentState::on_break: counters_.add_agent_time(AgentTime::on_break, spent); break;
  }
}

void CampaignActor::explain_flow(IdleSnapshot& snapshot) const {
  snapshot.has_flow = has_flow();
  if (!has_flow() || is_speech_ready()) return;
  const std::string& name = campaign_.settings.flow;
  if (!flow_) {
    snapshot.flow_fault_ru = "Сценарий «" + name + "» не сохранён или больше не годен: `flow list`.";
    snapshot.flow_fault_en = "The flow \"" + name + "\" is not stored or not valid any more: `flow list`.";
  } else if (speech_fault_.empty()) {
    snapshot.flow_fault_ru = "Речь сценария «" + name + "» готовится.";
    snapshot.flow_fault_en = "The speech of the flow \"" + name + "\" is being made.";
  } else {
    snapshot.flow_fault_ru = "Речь сценария «" + name + "» не готова: " + speech_fault_ + ".";
    snapshot.flow_fault_en = "The speech of the flow \"" + name + "\" is not ready: " + speech_fault_ + ".";
  }
}

void CampaignActor::explain_trunks(IdleSnapshot& snapshot) const {
  snapshot.is_surveyed = is_surveyed_;
  snapshot.start_tokens = 0;
  std::set<std::string> known;
  for (const TrunkView& trunk : trunks_.budget) {
    known.insert(trunk.name);
    if (!uses_trunk(trunk.name)) continue;
    const bool is_up = trunk.health != TrunkHealth::down;
    snapshot.trunks.push_back({trunk.name, is_up, trunk.channels, trunk.channels_in_use});
    if (is_up && trunk.channels_in_use < trunk.channels) snapshot.start_tokens += std::floor(trunk.tokens + 1e-9);
  }
  for (const TrunkShare& share : campaign_.settings.trunks) {
    if (known.count(share.trunk) == 0) snapshot.unknown_trunks.push_back(share.trunk);
  }
}

IdleSnapshot CampaignActor::idle_snapshot() const {
  IdleSnapshot s;
  s.at = context_->clock->now_utc();
  s.activity = activity_of(campaign_.state);
  s.is_clock_believed = clock_watch_.is_believed(context_->clock->now_utc(), context_->clock->now_mono());
  s.agents_logged_in = static_cast<int>(agents_.size());
  s.agents_with_skill = s.agents_logged_in;
  s.skill = campaign_.settings.skill;
  for (const auto& [id, agent] : agents_) {
    s.agents_ready += agent.state == PacingAgentState::ready ? 1 : 0;
    const bool is_for_others = campaign_.state == CampaignState::running && !may_pace_for(id);
    s.agents_for_others += agent.state == PacingAgentState::ready && is_for_others ? 1 : 0;
    s.agents_on_break += agent.state == PacingAgentState::on_break ? 1 : 0;
    s.agents_in_call += agent.state == PacingAgentState::talk || agent.state == PacingAgentState::wrap ? 1 : 0;
  }
  const QueueSummary list = ranks_.total();
  s.list_ready = static_cast<std::int64_t>(list.ready);
  s.list_waiting = static_cast<std::int64_t>(list.waiting);
  s.next_due_at = list.next_due;
  s.list_total = s.list_ready + s.list_waiting;
  for (const auto& [rule, count] : denials_) s.denied.push_back({rule, count});
  explain_trunks(s);
  explain_flow(s);
  s.calls_in_flight = static_cast<int>(calls_.size());
  s.abandon_rate = counters_.abandon_rate().value_or(0) / 1000.0;
  s.abandon_limit = campaign_.settings.abandon_limit_permille / 1000.0;
  return s;
}

msg::CampaignView CampaignActor::view() const {
  msg::CampaignView v;
  v.campaign = campaign_;
  v.counters = counters_;
  v.queue = ranks_.total();
  if (!decisions_.empty()) v.pace = decisions_.back();
  v.calls_in_flight = static_cast<int>(calls_.size());
  for (const auto& [id, agent] : agents_) {
    v.agents_ready += agent.state == PacingAgentState::ready ? 1 : 0;
    v.agents_working += agent.state == PacingAgentState::talk || agent.state == PacingAgentState::wrap ? 1 : 0;
  }
  v.tickets = tickets_.counts();
  v.agents_shared = static_cast<int>(shared_.size());
  v.agents_guaranteed = static_cast<int>(guaranteed_);
  v.denials = denials_;
  for (const auto& reason : why_idle(idle_snapshot(), "ru")) v.idle_reasons_ru.push_back(reason.text);
  for (const auto& reason : why_idle(idle_snapshot(), "en")) v.idle_reasons_en.push_back(reason.text);
  return v;
}

}  // namespace dunlin
