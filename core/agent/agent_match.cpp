#include "core/agent/agent_match.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

/// Sorted, unique, and with the empty skill: a campaign that asks for none takes any agent.
void settle_skills(std::vector<std::string>& skills) {
  skills.emplace_back();
  std::sort(skills.begin(), skills.end());
  skills.erase(std::unique(skills.begin(), skills.end()), skills.end());
}

}  // namespace

std::optional<AgentMatched> AgentMatch::add_ready(ReadyAgent agent) {
  remove(agent.agent);
  settle_skills(agent.skills);
  if (const auto attempt = most_urgent_for(agent)) {
    const AgentRequest request = requests_.at(*attempt);
    cancel(*attempt);
    return join(request, agent);
  }
  for (const std::string& skill : agent.skills) skills_[skill].ready.insert({agent.since, agent.agent});
  const AgentId id = agent.agent;
  agents_.emplace(id, std::move(agent));
  return std::nullopt;
}

std::optional<AttemptId> AgentMatch::most_urgent_for(const ReadyAgent& agent) const {
  // A talk that waits for exactly this agent goes before everything else.
  const auto own = reserved_for_.find(agent.agent);
  if (own != reserved_for_.end() && !own->second.empty()) return std::get<2>(*own->second.begin());
  std::optional<WaitKey> best;
  for (const std::string& skill : agent.skills) {
    const auto book = skills_.find(skill);
    if (book == skills_.end() || book->second.waiting.empty()) continue;
    const WaitKey& first = *book->second.waiting.begin();
    if (!best || first < *best) best = first;
  }
  if (!best) return std::nullopt;
  return std::get<2>(*best);
}

AgentMatched AgentMatch::join(const AgentRequest& request, const ReadyAgent& agent) {
  return {request.attempt, agent.agent, agent.session, agent.leg, request.skill};
}

bool AgentMatch::remove(AgentId agent) {
  forget_soon_free(agent);
  const auto it = agents_.find(agent);
  if (it == agents_.end()) return false;
  for (const std::string& skill : it->second.skills) skills_[skill].ready.erase({it->second.since, agent});
  agents_.erase(it);
  return true;
}

bool AgentMatch::may_take(AgentId agent, const std::string& skill) const {
  const auto ready = agents_.find(agent);
  if (!agent.is_set() || ready == agents_.end()) return false;
  const auto& skills = ready->second.skills;
  return std::find(skills.begin(), skills.end(), skill) != skills.end();
}

/// An idle agent is better used for the wrong campaign than a person abandoned: homes only set the order.
std::optional<AgentId> AgentMatch::best_for(const AgentRequest& request) const {
  const auto book = skills_.find(request.skill);
  if (book == skills_.end()) return std::nullopt;
  std::optional<AgentId> of_nobody, of_others;
  for (const auto& [since, agent] : book->second.ready) {
    const auto home = homes_.find(agent);
    if (home != homes_.end() && home->second.campaign == request.campaign) return agent;
    const bool is_reserved = home != homes_.end() && home->second.is_guaranteed;
    std::optional<AgentId>& place = is_reserved ? of_others : of_nobody;
    if (!place) place = agent;
  }
  return of_nobody ? of_nobody : of_others;
}

Result<std::optional<AgentMatched>> AgentMatch::request(const AgentRequest& request) {
  if (requests_.count(request.attempt) != 0) return Error{Errc::conflict, request.attempt.str() + " already waits"};
  std::optional<AgentId> chosen;
  if (request.only_agent.is_set()) {
    if (agents_.count(request.only_agent) != 0) chosen = request.only_agent;
  } else if (may_take(request.preferred_agent, request.skill)) {
    chosen = request.preferred_agent;
  } else {
    chosen = best_for(request);
  }
  if (chosen) {
    const ReadyAgent agent = agents_.at(*chosen);
    remove(*chosen);
    return std::optional<AgentMatched>(join(request, agent));
  }
  if (requests_.size() >= max_waiting_) return Error{Errc::exhausted, "too many persons wait for an agent"};
  requests_.emplace(request.attempt, request);
  deadlines_.insert({request.deadline, request.attempt});
  if (request.only_agent.is_set()) {
    reserved_for_[request.only_agent].insert(wait_key(request));
  } else {
    skills_[request.skill].waiting.insert(wait_key(request));
  }
  return std::optional<AgentMatched>();
}

bool AgentMatch::cancel(AttemptId attempt) {
  const auto it = requests_.find(attempt);
  if (it == requests_.end()) return false;
  const AgentRequest& request = it->second;
  deadlines_.erase({request.deadline, attempt});
  if (request.only_agent.is_set()) {
    const auto own = reserved_for_.find(request.only_agent);
    own->second.erase(wait_key(request));
    if (own->second.empty()) reserved_for_.erase(own);
  } else {
    skills_[request.skill].waiting.erase(wait_key(request));
  }
  requests_.erase(it);
  return true;
}

std::vector<AttemptId> AgentMatch::expire(MonoTime now) {
  std::vector<AttemptId> expired;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const AttemptId attempt = deadlines_.begin()->second;
    cancel(attempt);
    expired.push_back(attempt);
  }
  return expired;
}

std::optional<MonoTime> AgentMatch::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void AgentMatch::expect_free(SoonFreeAgent agent) {
  forget_soon_free(agent.agent);
  if (agents_.count(agent.agent) != 0) return;  // Already free: there is nothing to expect.
  settle_skills(agent.skills);
  for (const std::string& skill : agent.skills) skills_[skill].soon_free.insert({agent.expected_at, agent.agent});
  const AgentId id = agent.agent;
  soon_free_.emplace(id, std::move(agent));
}

void AgentMatch::forget_soon_free(AgentId agent) {
  const auto it = soon_free_.find(agent);
  if (it == soon_free_.end()) return;
  for (const std::string& skill : it->second.skills) skills_[skill].soon_free.erase({it->second.expected_at, agent});
  soon_free_.erase(it);
}

std::size_t AgentMatch::soon_free_by(const std::string& skill, MonoTime by) const {
  const auto book = skills_.find(skill);
  if (book == skills_.end()) return 0;
  const auto& expected = book->second.soon_free;
  const auto end = std::find_if(expected.begin(), expected.end(), [by](const auto& entry) { return entry.first > by; });
  return static_cast<std::size_t>(std::distance(expected.begin(), end));
}

SkillCounts AgentMatch::counts(const std::string& skill) const {
  const auto book = skills_.find(skill);
  if (book == skills_.end()) return {};
  return {book->second.ready.size(), book->second.waiting.size(), book->second.soon_free.size()};
}

std::vector<AgentId> AgentMatch::ready_agents(const std::string& skill) const {
  std::vector<AgentId> agents;
  const auto book = skills_.find(skill);
  if (book == skills_.end()) return agents;
  for (const auto& [since, agent] : book->second.ready) agents.push_back(agent);
  return agents;
}

void AgentMatch::check_invariants() const {
  DUNLIN_CHECK(requests_.size() == deadlines_.size());
  DUNLIN_CHECK(requests_.size() <= max_waiting_);
  for (const auto& [name, book] : skills_) {
    // Nobody waits while somebody who could serve them is idle.
    DUNLIN_CHECK(book.waiting.empty() || book.ready.empty());
    for (const auto& [since, agent] : book.ready) DUNLIN_CHECK(agents_.count(agent) == 1);
    for (const auto& key : book.waiting) DUNLIN_CHECK(requests_.count(std::get<2>(key)) == 1);
  }
  for (const auto& [agent, waiting] : reserved_for_) {
    DUNLIN_CHECK(agents_.count(agent) == 0);
    DUNLIN_CHECK(!waiting.empty());
  }
}

}  // namespace dunlin
