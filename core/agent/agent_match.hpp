#pragma once
// The matchmaker's book: longest waiting ready agent with the needed skill for each waiting person, most urgent person
// for each agent who becomes ready. Deterministic, O(k log n) per step with k = skills of one agent. Runs inside the
// matchmaker actor. A campaign is a skill: an agent works for the campaigns whose skill it has.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

struct ReadyAgent {
  AgentId agent;
  std::uint64_t session = 0;          ///< Login session: part of the reservation token (R18).
  LegId leg;
  std::vector<std::string> skills;
  MonoTime since;                     ///< Waiting since; the longest waiting is served first.
};

struct AgentRequest {
  AttemptId attempt;
  std::string skill;                  ///< Empty: any agent.
  MonoTime deadline;                  ///< Past it the person is abandoned; expire() reports it.
  std::int32_t priority = 0;          ///< Lower is more urgent; the same priority is served by deadline.
  AgentId only_agent;                 ///< Set: nobody else may take it (a talk waiting for its own agent).
  AgentId preferred_agent{};          ///< Set: this one if it is ready and has the skill, else anybody (a promised callback).
  CampaignId campaign{};              ///< Its own agents go first, agents guaranteed to another one last.
};

/// The campaign an agent is meant for while several share agents (core/dialing/agent_shares).
struct AgentHome {
  CampaignId campaign;
  bool is_guaranteed = false;         ///< Taken for another campaign only when nobody else is ready.
  bool operator==(const AgentHome&) const = default;
};
using AgentHomes = std::map<AgentId, AgentHome>;

struct AgentMatched {
  AttemptId attempt;
  AgentId agent;
  std::uint64_t session = 0;
  LegId leg;
  std::string skill;
};

/// An agent expected to be ready at a known instant (closing script stage, wrap-up running out).
struct SoonFreeAgent {
  AgentId agent;
  std::vector<std::string> skills;
  MonoTime expected_at;
};

struct SkillCounts {
  std::size_t ready = 0;
  std::size_t waiting = 0;
  std::size_t soon_free = 0;
};

class AgentMatch {
 public:
  /// `max_waiting` bounds the persons waiting at once; past it request() refuses with Errc::exhausted.
  explicit AgentMatch(std::size_t max_waiting = 4096) : max_waiting_(max_waiting) {}

  /// The agent is free. Serves the most urgent waiting person it has the skill for: then the agent is not in the book.
  /// A second call for the same agent replaces its entry.
  std::optional<AgentMatched> add_ready(ReadyAgent agent);
  /// Takes the agent out (reserved elsewhere, break, logout, leg lost). False: it was not in the book.
  bool remove(AgentId agent);

  /// A live person needs an agent: a match now, or nullopt = queued until cancel(), expire() or a ready agent.
  /// Errc::conflict: the attempt already waits. Errc::exhausted: too many waiting.
  Result<std::optional<AgentMatched>> request(const AgentRequest& request);
  /// Who is meant for which campaign from now on; agents not named are anybody's. Decides whom a person gets, never whether.
  void set_homes(AgentHomes homes) { homes_ = std::move(homes); }
  /// The person hung up or was served otherwise. False: it did not wait.
  bool cancel(AttemptId attempt);
  /// Removes and returns everybody whose deadline is at or before `now`, earliest first.
  std::vector<AttemptId> expire(MonoTime now);
  /// The next instant at which expire() has work; nullopt when nobody waits.
  std::optional<MonoTime> next_deadline() const;

  /// Hint for pacing: forgotten when the agent becomes ready or is removed.
  void expect_free(SoonFreeAgent agent);
  std::size_t soon_free_by(const std::string& skill, MonoTime by) const;

  SkillCounts counts(const std::string& skill) const;
  std::size_t ready_count() const { return agents_.size(); }
  std::size_t waiting_count() const { return requests_.size(); }
  /// Ready agents of a skill, longest waiting first (shows the board's order).
  std::vector<AgentId> ready_agents(const std::string& skill) const;
  void check_invariants() const;

 private:
  using ReadyKey = std::pair<MonoTime, AgentId>;
  using WaitKey = std::tuple<std::int32_t, MonoTime, AttemptId>;
  struct SkillBook {
    std::set<ReadyKey> ready;
    std::set<WaitKey> waiting;                         ///< Open to every agent of the skill.
    std::set<std::pair<MonoTime, AgentId>> soon_free;
  };
  AgentMatched join(const AgentRequest& request, const ReadyAgent& agent);
  bool may_take(AgentId agent, const std::string& skill) const;
  std::optional<AgentId> best_for(const AgentRequest& request) const;
  std::optional<AttemptId> most_urgent_for(const ReadyAgent& agent) const;
  void forget_soon_free(AgentId agent);
  static WaitKey wait_key(const AgentRequest& request) {
    return {request.priority, request.deadline, request.attempt};
  }

  std::size_t max_waiting_;
  std::map<std::string, SkillBook> skills_;
  std::unordered_map<AgentId, ReadyAgent> agents_;
  std::unordered_map<AttemptId, AgentRequest> requests_;
  std::map<AgentId, std::set<WaitKey>> reserved_for_;  ///< Requests with only_agent.
  std::set<std::pair<MonoTime, AttemptId>> deadlines_;
  std::unordered_map<AgentId, SoonFreeAgent> soon_free_;
  AgentHomes homes_;
};

}  // namespace dunlin
