#include "core/dialing/pacing_agents.hpp"

namespace dunlin {
namespace {

constexpr double agent_memory_s = 2 * 3600.0;
constexpr double agent_step_s = 5.0;

// Generic talk and wrap rates before anything is known: many short wrong-party talks, a long tail.
double prior_talk_rate(double age_s) { return age_s < 4 ? 0.015 : age_s < 20 ? 0.03 : age_s < 60 ? 0.02 : 0.013; }
double prior_wrap_rate(double age_s) { return age_s < 2 ? 0.04 : 0.09; }

}  // namespace

std::size_t PacingAgentModel::talk_bin(double age_s) {
  if (age_s < 60) return static_cast<std::size_t>(std::max(0.0, age_s) / 2);
  if (age_s < 120) return 30 + static_cast<std::size_t>((age_s - 60) / 5);
  return std::min(talk_bins - 1, 42 + static_cast<std::size_t>((age_s - 120) / 20));
}

std::size_t PacingAgentModel::wrap_bin(double age_s) {
  if (age_s < 30) return static_cast<std::size_t>(std::max(0.0, age_s));
  return std::min(wrap_bins - 1, 30 + static_cast<std::size_t>((age_s - 30) / 5));
}

int PacingAgentModel::talk_class(double talk_s) { return talk_s < 20 ? 0 : talk_s < 60 ? 1 : 2; }

PacingAgentModel::PacingAgentModel() : returns_(19), departures_(1) {
  constexpr double prior_calls = 30;
  double survival = 1;
  for (int age = 0; age < 420; ++age) {
    Hazard& bin = talk_prior_[talk_bin(age)];
    const double rate = prior_talk_rate(age);
    bin.exposure_s += prior_calls * survival;
    bin.events += prior_calls * survival * rate;
    survival *= 1.0 - chance_of_rate(rate);
  }
  survival = 1;
  for (int age = 0; age < 80; ++age) {
    Hazard& bin = wrap_prior_[wrap_bin(age)];
    const double rate = prior_wrap_rate(age);
    bin.exposure_s += 10 * survival;
    bin.events += 10 * survival * rate;
    survival *= 1.0 - chance_of_rate(rate);
  }
  talk_count_ = wrap_count_ = 5;
  talk_sum_s_ = 5 * 45.0;
  wrap_sum_s_ = 5 * 12.0;
  talk_rows_.resize(talk_ages + 1);
  for (auto& rows : wrap_rows_) rows.resize(wrap_ages + 1);
  rebuild();
}

void PacingAgentModel::observe(const PacingInput& input, double dt_s) {
  for (const PacingAgent& agent : input.agents) {
    const double begun_s = std::max(0.0, agent.in_state_s - dt_s);
    const double exposure_s = agent.in_state_s - begun_s;
    const double middle_s = (agent.in_state_s + begun_s) / 2;
    if (agent.state == PacingAgentState::talk) talk_[talk_bin(middle_s)].exposure_s += exposure_s;
    if (agent.state == PacingAgentState::wrap) {
      wrap_[static_cast<std::size_t>(talk_class(agent.last_talk_s))][wrap_bin(middle_s)].exposure_s += exposure_s;
    }
  }
  for (const PacingEvent& event : input.events) take_event(event);
  for (const PacingAgent& agent : input.agents) {
    if (agent.state == PacingAgentState::talk) talk_of_[agent.id] = agent.in_state_s;
    if (agent.state == PacingAgentState::wrap) talk_of_[agent.id] = agent.last_talk_s;
  }
  // Agents that vanished without a word do not stay for ever.
  if (talk_of_.size() > 2 * input.agents.size() + 64) talk_of_.clear();
  since_forget_s_ += dt_s;
  if (since_forget_s_ >= agent_step_s) forget(since_forget_s_);
}

void PacingAgentModel::take_event(const PacingEvent& event) {
  switch (event.kind) {
    case PacingEventKind::released:
      talk_[talk_bin(event.age_s)].events += 1;
      talk_sum_s_ += event.age_s;
      talk_count_ += 1;
      talk_of_[event.agent] = event.age_s;
      return;
    case PacingEventKind::agent_ready:
    case PacingEventKind::agent_break:
    case PacingEventKind::agent_logout: {
      if (event.result == PacingResult::none) return;
      const auto talk = talk_of_.find(event.agent);
      const double talk_s = talk == talk_of_.end() ? 0.0 : talk->second;
      wrap_[static_cast<std::size_t>(talk_class(talk_s))][wrap_bin(event.age_s)].events += 1;
      wrap_sum_s_ += event.age_s;
      wrap_count_ += 1;
      (event.kind == PacingEventKind::agent_ready ? returns_ : departures_) += 1;
      if (event.kind == PacingEventKind::agent_logout) talk_of_.erase(event.agent);
      return;
    }
    case PacingEventKind::dialed:
    case PacingEventKind::ringing:
    case PacingEventKind::answered:
    case PacingEventKind::human:
    case PacingEventKind::machine:
    case PacingEventKind::busy:
    case PacingEventKind::no_answer:
    case PacingEventKind::failed:
    case PacingEventKind::hung_up:
    case PacingEventKind::connected:
    case PacingEventKind::abandoned:
    case PacingEventKind::agent_login: return;
  }
}

void PacingAgentModel::forget(double dt_s) {
  since_forget_s_ = 0;
  const double keep = std::exp(-dt_s / agent_memory_s);
  const auto fade = [keep](Hazard& h) {
    h.events *= keep;
    h.exposure_s *= keep;
  };
  for (Hazard& h : talk_) fade(h);
  for (auto& row : wrap_) {
    for (Hazard& h : row) fade(h);
  }
  returns_ = 19 + (returns_ - 19) * keep;
  departures_ = 1 + (departures_ - 1) * keep;
  talk_sum_s_ *= keep;
  talk_count_ *= keep;
  wrap_sum_s_ *= keep;
  wrap_count_ *= keep;
  rebuild();
}

void PacingAgentModel::rebuild_wrap(int talk_class_index) {
  const auto c = static_cast<std::size_t>(talk_class_index);
  const double share_back = returns_ / (returns_ + departures_);
  std::vector<PacingRow>& rows = wrap_rows_[c];
  for (int age = wrap_ages; age >= 0; --age) {
    const std::size_t bin = wrap_bin(age);
    // Classes share what they know: a class without data follows the whole.
    Hazard all = wrap_prior_[bin];
    for (const auto& other : wrap_) {
      all.events += 0.15 * other[bin].events;
      all.exposure_s += 0.15 * other[bin].exposure_s;
    }
    const double rate = (wrap_[c][bin].events + all.events) / (wrap_[c][bin].exposure_s + all.exposure_s);
    const double chance = chance_of_rate(rate);
    const auto a = static_cast<std::size_t>(age);
    const PacingRow& next = rows[std::min(a + 1, rows.size() - 1)];
    PacingRow row{};
    for (std::size_t s = 1; s < row.size(); ++s) {
      row[s] = static_cast<float>(chance * share_back + (1.0 - chance) * (age == wrap_ages ? row[s - 1] : next[s - 1]));
    }
    rows[a] = row;
  }
}

void PacingAgentModel::rebuild() {
  for (int c = 0; c < talk_classes; ++c) rebuild_wrap(c);
  for (int age = talk_ages; age >= 0; --age) {
    const std::size_t bin = talk_bin(age);
    const double rate = (talk_[bin].events + talk_prior_[bin].events) / (talk_[bin].exposure_s + talk_prior_[bin].exposure_s);
    const double chance = chance_of_rate(rate);
    const PacingRow& wrap = wrap_rows_[static_cast<std::size_t>(talk_class(age))][0];
    const auto a = static_cast<std::size_t>(age);
    const PacingRow& next = talk_rows_[std::min(a + 1, talk_rows_.size() - 1)];
    PacingRow row{};
    for (std::size_t s = 1; s < row.size(); ++s) {
      // Released half a second into this second on average, then wrapping for the rest.
      const double wrapped = 0.5 * (wrap[s - 1] + wrap[s]);
      row[s] = static_cast<float>(chance * wrapped + (1.0 - chance) * (age == talk_ages ? row[s - 1] : next[s - 1]));
    }
    talk_rows_[a] = row;
  }
}

PacingRow PacingAgentModel::ready_within(const PacingAgent& agent, double lag_s) const {
  const auto read = [&agent, lag_s](const std::vector<PacingRow>& rows) {
    const double last = static_cast<double>(rows.size() - 1);
    const double age = std::clamp(agent.in_state_s, 0.0, last);
    const auto low = std::min(static_cast<std::size_t>(age), rows.size() - 2);
    return blend(rows[low], rows[low + 1], age - static_cast<double>(low), lag_s);
  };
  switch (agent.state) {
    case PacingAgentState::talk: return read(talk_rows_);
    case PacingAgentState::wrap: return read(wrap_rows_[static_cast<std::size_t>(talk_class(agent.last_talk_s))]);
    case PacingAgentState::ready:
    case PacingAgentState::on_break: break;
  }
  return {};
}

}  // namespace dunlin
