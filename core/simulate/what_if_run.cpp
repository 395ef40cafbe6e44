// The list and the ticks of a what-if run; calls and agents are in what_if_calls.cpp.
#include "core/simulate/what_if_run.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/compliance/rule_set.hpp"
#include "core/dialing/caller_id_choice.hpp"
#include "core/dialing/pacing_agentless.hpp"
#include "core/dialing/pacing_predictive.hpp"
#include "core/simulate/portfolio.hpp"

namespace dunlin {
namespace {

/// As the shards of a node do it.
constexpr int what_if_tries = 8;
constexpr Duration what_if_put_back = minutes(10);
constexpr Duration timer_put_back = minutes(1);
constexpr Duration slot_life = seconds(5);
constexpr Duration opened_before_work = hours(1);
constexpr std::string_view several_zones = "several zones";
constexpr std::string_view no_zone = "no zone known";

Campaign running(const CampaignSettings& settings) {
  Campaign campaign;
  campaign.settings = settings;
  campaign.state = CampaignState::running;
  return campaign;
}

/// The shift is the budget window: what is lost in it cannot be made good by answers of hours nobody works. A node does not
/// know when its shift ends; a line file may say what it takes instead.
PacingConfig pacing_config_of(const WhatIfPlan& plan, double shift_s) {
  PacingConfig config;
  config.shift_s = plan.line.budget_window_s > 0 ? plan.line.budget_window_s : shift_s;
  config.target_abandon = plan.campaign.abandon_limit_permille / 1000.0;
  config.wait_limit_s = plan.campaign.abandon_after_ms / 1000.0;
  config.tick_s = plan.line.tick_s;
  config.ring_timeout_s = plan.campaign.ring_timeout_ms / 1000.0;
  config.max_channels = channels_of(plan);
  config.max_cps = plan.line.calls_per_second;
  config.has_detection = plan.campaign.classifies_answers;
  const CallPrices& prices = plan.campaign.prices;
  const double kept = plan.odds ? plan.odds->kept_per_contact() : plan.line.promises * plan.line.kept;
  config.target_idle_s = plan.campaign.target_idle_s;
  config.prices = {in_units(prices.attempt), in_units(prices.minute), in_units(prices.agent_hour), value_of_contact(prices, kept)};
  if (plan.odds) config.segments = odds_segments;
  return config;
}

std::unique_ptr<PacingPolicy> policy_of(const WhatIfPlan& plan, double shift_s) {
  const PacingConfig config = pacing_config_of(plan, shift_s);
  if (!plan.campaign.flow.empty()) return std::make_unique<AgentlessPacing>(config);
  if (plan.campaign.mode == DialingMode::predictive) return std::make_unique<PredictivePacing>(config);
  return std::make_unique<ProgressivePacing>(config);
}

PortfolioOptions portfolio_of(const WhatIfPlan& plan, std::uint64_t seed) {
  PortfolioOptions options;
  options.cases = plan.synthetic_cases;
  options.seed = seed;
  const CaseFilter& filter = plan.campaign.filter;
  Debt debt;
  debt.portfolio = filter.portfolios.empty() ? "synthetic" : filter.portfolios.front();
  debt.stage = filter.stages.empty() ? "soft" : filter.stages.front();
  debt.product = filter.products.empty() ? "loan" : filter.products.front();
  if (filter.min_overdue) debt.overdue.currency = filter.min_overdue->currency;
  options.debt_of.debts = {debt};
  options.debt_of.language = filter.languages.empty() ? "ru" : filter.languages.front();
  options.dpd_from = filter.dpd_from.value_or(options.dpd_from);
  options.dpd_to = std::max(options.dpd_from, filter.dpd_to.value_or(std::max(options.dpd_from, options.dpd_to)));
  return options;
}

std::uint16_t score_in(const CaseEffects& effects) {
  for (const CaseEvent& event : effects.events) {
    if (const auto* reserved = std::get_if<AttemptReserved>(&event)) return reserved->answer_score_permille;
  }
  return 0;
}

PacingAgentState seen_state(bool is_ready, bool is_talking) {
  if (is_ready) return PacingAgentState::ready;
  return is_talking ? PacingAgentState::talk : PacingAgentState::wrap;
}

/// The simulated line has a contract for the campaign's numbers, or for one of its own where the campaign names none.
std::vector<PhoneNumber> numbers_of_line(const CampaignSettings& campaign) {
  auto numbers = parse_caller_ids(campaign.caller_id);
  return numbers ? std::move(*numbers) : std::vector<PhoneNumber>{*PhoneNumber::from_e164("+74950000001")};
}

}  // namespace

WhatIfRun::WhatIfRun(const WhatIfPlan& plan, std::uint64_t seed, WhatIfWitness* witness)
    : plan_(plan), witness_(witness), world_(plan.line, seed), law_(plan.policy, plan.gate),
      gate_(plan.gate_override != nullptr ? *plan.gate_override : law_), book_({running(plan.campaign)}, plan.strategies, &law_, plan.odds, plan.flows), queue_(4 * most_what_if_cases), judge_(plan.policy, plan.gate),
      // Far from the small numbers of tests and from a node's random base alike.
      next_attempt_(0x51'0000'0000'0000ULL) {
  day_.seed = seed;
  numbers_ = numbers_of_line(plan.campaign);
  agents_.resize(static_cast<std::size_t>(plan.agents));
  for (std::size_t i = 0; i < agents_.size(); ++i) agents_[i].pace = world_.pace_of(static_cast<int>(i));
}

WhatIfDay WhatIfRun::run() {
  const ZoneTable& zone = *plan_.policy->rules().zones->find(plan_.line.zone);
  const std::int64_t first = days_from_civil(plan_.day);
  now_ = wall_instant(zone, first, plan_.line.work_from_s) - opened_before_work;
  if (plan_.cases) open_known(now_);
  else open_synthetic(now_);
  for (int day = 0; day < plan_.days; ++day) {
    shift_from_ = wall_instant(zone, first + day, plan_.line.work_from_s);
    shift_to_ = wall_instant(zone, first + day, plan_.line.work_to_s);
    play_shift(day);
  }
  day_.list_left = queue_.summary(plan_.campaign.id, now_).ready;
  std::sort(day_.idle_s.begin(), day_.idle_s.end());
  day_.cost = static_cast<double>(day_.attempts) * plan_.line.price_attempt + day_.billed_s / 60 * plan_.line.price_minute;
  day_.promises_kept = static_cast<double>(day_.promises) * plan_.line.kept;
  measure_zones();
  day_.violations = judge_.violations();
  day_.violations_unlisted = judge_.unlisted();
  return std::move(day_);
}

void WhatIfRun::open_synthetic(UtcTime at) {
  const auto people = synthetic_portfolio(portfolio_of(plan_, day_.seed));
  cases_.reserve(people.size());
  for (const SyntheticCase& person : people) {
    CaseMachine machine{CaseRecord{}};
    RowImported row;
    row.import = ImportId(1);
    row.source = "synthetic";
    row.draft = person.draft;
    auto effects = machine.on_import(at, person.id, row, book_);
    if (!effects) {
      judge_.complain("a synthetic row was refused: " + effects.error().detail);
      continue;
    }
    machine.begin(std::move(*effects));
    machine.finish();
    add_case(std::move(machine));
  }
}

void WhatIfRun::open_known(UtcTime at) {
  cases_.reserve(plan_.cases->size());
  for (const CaseRecord& record : *plan_.cases) {
    CaseMachine machine{record};
    if (record.open_attempt) {
      auto lost = machine.on_reservation_lost(at, record.open_attempt->attempt, book_);
      if (lost && lost->has_events()) {
        machine.begin(std::move(*lost));
        machine.finish();
      }
    }
    auto replanned = machine.on_campaigns_changed(at, book_, true);
    if (replanned && replanned->has_events()) {
      machine.begin(std::move(*replanned));
      machine.finish();
    }
    add_case(std::move(machine));
  }
}

void WhatIfRun::add_case(CaseMachine machine) {
  const CaseRecord& record = machine.record();
  judge_.meet(record);
  if (witness_ != nullptr) witness_->on_case(now_, record);
  for (const DueRow& row : record.due) DUNLIN_CHECK(queue_.upsert({row.campaign, record.id, row.due_at, row.rank}).ok());
  index_of_.emplace(record.id, cases_.size());
  const std::size_t zone = zone_index(record);
  if (record.has_open_debt()) {
    ++day_.cases;
    ++day_.zones[zones_[zone]].cases;
  }
  cases_.push_back({std::move(machine), zone, 0});
}

std::size_t WhatIfRun::zone_index(const CaseRecord& record) {
  std::vector<std::string> names = record.zones;
  for (const std::string& region : record.regions) {
    const auto found = plan_.policy->rules().region_zones.find(region);
    if (names.empty() && found != plan_.policy->rules().region_zones.end()) names = found->second;
  }
  const std::string name = names.empty() ? std::string(no_zone) : names.size() > 1 ? std::string(several_zones) : names.front();
  const auto known = std::find(zones_.begin(), zones_.end(), name);
  if (known != zones_.end()) return static_cast<std::size_t>(known - zones_.begin());
  zones_.push_back(name);
  return zones_.size() - 1;
}

std::optional<CaseAnswer> WhatIfRun::commit(std::size_t index, Result<CaseEffects> effects) {
  CaseMachine& machine = cases_[index].machine;
  if (!effects) {
    judge_.complain(format_utc(now_) + " " + machine.record().id.str() + ": refused: " + effects.error().detail);
    return std::nullopt;
  }
  CaseAnswer answer = std::move(effects->answer);
  if (!effects->has_events()) return answer;
  const auto due = std::move(effects->due);
  const std::vector<CaseEvent> told = witness_ != nullptr ? effects->events : std::vector<CaseEvent>();
  machine.begin(std::move(*effects));
  machine.finish();
  if (witness_ != nullptr) witness_->on_events(now_, machine.record(), told);
  if (!due) return answer;
  const CaseId id = machine.record().id;
  queue_.erase_case(id);
  for (const DueRow& row : *due) DUNLIN_CHECK(queue_.upsert({row.campaign, id, row.due_at, row.rank}).ok());
  return answer;
}

/// The cases' own timers: promises and missing words.
void WhatIfRun::run_timers() {
  while (const auto row = queue_.pop_ready(CampaignId(), now_)) {
    const std::size_t index = index_of_.at(row->case_id);
    const std::uint64_t version = record_of(index).version;
    commit(index, cases_[index].machine.on_due(now_, book_));
    if (record_of(index).version != version) continue;
    DUNLIN_CHECK(queue_.upsert({CampaignId(), row->case_id, now_ + timer_put_back, row->rank}).ok());
  }
}

void WhatIfRun::play_shift(int day) {
  policy_ = policy_of(plan_, seconds_since_shift(shift_to_));
  totals_ = PacingTotals();
  events_.clear();
  granted_ = 0;
  tokens_ = 1;
  const std::uint64_t connected_before = day_.connected;
  const std::uint64_t abandoned_before = day_.abandoned;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    const auto late = milliseconds(static_cast<std::int64_t>(world_.late_s(static_cast<int>(i), day) * 1000));
    push(std::min(shift_from_ + late, shift_to_ - milliseconds(1)), Due::login, i);
  }
  is_dialing_ = true;
  const Duration step = milliseconds(static_cast<std::int64_t>(plan_.line.tick_s * 1000));
  for (UtcTime at = shift_from_; at < shift_to_; at = at + step) {
    advance(at);
    tick();
  }
  finish_shift();
  judge_.on_day_end(plan_.campaign, day_.connected - connected_before, day_.abandoned - abandoned_before);
}

/// Dialing stops; who rings or waits is still served, then everybody goes home.
void WhatIfRun::finish_shift() {
  advance(shift_to_);
  is_dialing_ = false;
  send_idle_home();
  drain();
  DUNLIN_CHECK(calls_.empty() && flows_.empty() && in_flight_ == 0);
}

void WhatIfRun::advance(UtcTime to) {
  while (!entries_.empty() && entries_.top().at <= to) {
    const Entry entry = entries_.top();
    entries_.pop();
    now_ = entry.at;
    handle(entry);
  }
  now_ = to;
}

void WhatIfRun::drain() {
  while (!entries_.empty()) {
    const Entry entry = entries_.top();
    entries_.pop();
    now_ = entry.at;
    handle(entry);
    send_idle_home();
  }
}

void WhatIfRun::tick() {
  run_timers();
  tokens_ = std::min(tokens_ + plan_.line.calls_per_second * plan_.line.tick_s, std::max(1.0, plan_.line.calls_per_second));
  granted_ = events_.empty() ? 0 : granted_;
  // With nobody to dial, or nobody to dial for, and nothing on the line there is nothing to decide and nothing to learn.
  const bool is_nobody =
      !has_flow() && std::all_of(agents_.begin(), agents_.end(), [](const Agent& agent) { return agent.state == AgentState::off; });
  const bool is_quiet = events_.empty() && calls_.empty() && (is_nobody || queue_.summary(plan_.campaign.id, now_).ready == 0);
  if (is_quiet) return;
  const PacingDecision decision = policy_->decide(input());
  events_.clear();
  granted_ = 0;
  start_calls(decision.dials);
}

PacingInput WhatIfRun::input() {
  PacingInput in;
  in.at_s = in.as_of_s = seconds_since_shift(now_);
  in.granted = granted_;
  in.channels_free = std::max(0, channels_of(plan_) - static_cast<int>(calls_.size()));
  in.start_tokens = -1;
  in.list_available = static_cast<int>(std::min<std::size_t>(queue_.summary(plan_.campaign.id, now_).ready, 1'000'000));
  in.totals = totals_;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    const Agent& agent = agents_[i];
    if (agent.state == AgentState::off) continue;
    const PacingAgentState state = seen_state(agent.state == AgentState::ready, agent.state == AgentState::talk);
    in.agents.push_back({i + 1, state, seconds_since(agent.since), agent.last_talk_s});
  }
  for (const auto& [attempt, call] : calls_) {
    in.calls.push_back({attempt.value(), call.phase, seconds_since(*call.times.invited_at),
                        seconds_since(call.phase_at), call.segment});
  }
  in.next_segments = next_odds_segments({latest_segments_.begin(), latest_segments_.end()});
  in.events = events_;
  return in;
}

void WhatIfRun::start_calls(int count) {
  for (int n = 0; n < count && tokens_ >= 1 && static_cast<int>(calls_.size()) < channels_of(plan_); ++n) {
    if (!place_one()) continue;
    ++granted_;
    tokens_ -= 1;
  }
}

bool WhatIfRun::place_one() {
  for (int tries = 0; tries < what_if_tries; ++tries) {
    const auto row = queue_.pop_ready(plan_.campaign.id, now_);
    if (!row) return false;
    const std::size_t index = index_of_.at(row->case_id);
    AttemptRequest request;
    request.attempt = AttemptId(next_attempt_++);
    request.campaign = plan_.campaign.id;
    request.trunk = "line";
    request.edge_node = "what-if";
    request.edge_incarnation = 1;
    request.slot_expires_at = now_ + slot_life;
    request.rates = abandons_.rates(now_);
    request.caller_ids = numbers_;
    auto effects = cases_[index].machine.on_attempt_request(now_, request, book_, gate_);
    const AttemptView* view = effects ? std::get_if<AttemptView>(&effects->answer) : nullptr;
    if (view != nullptr) {
      start_call(index, *view, book_.order(campaign(), record_of(index), now_), score_in(*effects));
      return commit(index, std::move(effects)).has_value();
    }
    const bool is_replanned = effects && effects->due.has_value();
    const auto answer = commit(index, std::move(effects));
    const auto* denial = answer ? std::get_if<DenialView>(&*answer) : nullptr;
    if (denial != nullptr) note_denial(*denial, index);
    const UtcTime later = denial != nullptr && denial->until ? *denial->until : now_ + what_if_put_back;
    if (is_replanned) continue;
    const UtcTime due = std::max(later, now_ + milliseconds(1));
    DUNLIN_CHECK(queue_.upsert({row->campaign, row->case_id, due, row->rank}).ok());
  }
  return false;
}

void WhatIfRun::note_denial(const DenialView& denial, std::size_t index) {
  if (witness_ != nullptr) witness_->on_refusal(now_, record_of(index), denial);
  if (!denial.is_by_law) {
    ++day_.denied_by_plan[denial.reason];
    return;
  }
  ++day_.law_denials;
  std::size_t from = 0;
  while (from < denial.reason.size()) {
    const std::size_t comma = std::min(denial.reason.find(',', from), denial.reason.size());
    ++day_.denied_by_law[denial.reason.substr(from, comma - from)];
    from = comma + 1;
  }
}

int WhatIfRun::next_segment(std::uint16_t score_permille) {
  latest_segments_.push_back(odds_segment(score_permille));
  if (latest_segments_.size() > latest_segments_kept) latest_segments_.pop_front();
  return latest_segments_.back();
}

void WhatIfRun::start_call(std::size_t index, const AttemptView& view, const WorkOrder& order, std::uint16_t score_permille) {
  OneCase& one = cases_[index];
  const CaseRecord& record = one.machine.record();
  const ContactPhone& phone = *record.find_phone(view.number);
  judge_.on_attempt({record, phone, view.attempt, now_, *order.settings, abandons_.rates(now_)});
  LineAttempt wanted;
  wanted.case_id = record.id;
  wanted.number = view.number;
  wanted.type = phone.type;
  wanted.ordinal = one.attempts;
  wanted.hour = law_.walls(record, now_).front().second_of_day / 3600;
  wanted.ring_timeout_s = order.settings->ring_timeout_ms / 1000.0;
  wanted.is_classified = order.settings->classifies_answers;
  if (plan_.answers_by_odds && plan_.odds) {
    const AnswerForecast forecast = plan_.odds->forecast(record, phone, now_);
    wanted.learned = LineOdds{forecast.live, forecast.right_party / forecast.live};
  }
  Call call;
  call.case_index = index;
  call.fate = world_.fate(wanted);
  call.phase_at = now_;
  call.segment = next_segment(score_permille);
  call.ordinal = one.attempts;
  call.times.invited_at = now_;
  call.abandon_after = milliseconds(order.settings->abandon_after_ms);
  WhatIfZone& zone = day_.zones[zones_[one.zone]];
  if (one.attempts++ == 0) {
    ++day_.cases_called;
    ++zone.called;
  }
  ++zone.attempts;
  ++day_.attempts;
  ++hour_at(now_).attempts;
  ++totals_.dialed;
  ++in_flight_;
  PacingEvent event;
  event.kind = PacingEventKind::dialed;
  event.call = view.attempt.value();
  event.segment = call.segment;
  tell(event);
  const auto after = [this](double s) { return now_ + milliseconds(static_cast<std::int64_t>(s * 1000)); };
  if (call.fate.rings_s > 0) push(after(call.fate.rings_s), Due::ring, view.attempt.value());
  push(after(call.fate.ends_s), Due::end, view.attempt.value());
  calls_.emplace(view.attempt, std::move(call));
}

void WhatIfRun::tell(PacingEvent event) {
  event.at_s = seconds_since_shift(now_);
  if (is_dialing_) events_.push_back(event);
}

}  // namespace dunlin
