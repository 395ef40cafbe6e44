#include "core/dialing/agent_share_table.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace dunlin {

bool AgentShareTable::Group::serves(std::size_t claim) const { return std::binary_search(claims.begin(), claims.end(), claim); }

std::size_t AgentShareTable::add_group(std::vector<std::size_t> claims) {
  std::sort(claims.begin(), claims.end());
  Group group;
  group.claims = std::move(claims);
  group.held.assign(counts_.size(), 0);
  group.given.assign(counts_.size(), 0);
  groups_.push_back(std::move(group));
  return groups_.size() - 1;
}

void AgentShareTable::add_agent(std::size_t group, std::optional<std::size_t> holder) {
  ++groups_[group].agents;
  if (!holder) return;
  ++groups_[group].held[*holder];
  ++held_[*holder];
}

std::uint32_t AgentShareTable::eligible(std::size_t claim) const {
  std::uint32_t agents = 0;
  for (const Group& group : groups_) agents += group.serves(claim) ? group.agents : 0;
  return agents;
}

/// First where the claim's own agents are, then where the fewest others could use them.
std::optional<std::size_t> AgentShareTable::group_with_room(std::size_t claim) const {
  std::optional<std::size_t> best;
  const auto key = [this, claim](std::size_t g) {
    const Group& group = groups_[g];
    return std::pair(group.held[claim] <= group.given[claim], group.claims.size());
  };
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (!groups_[g].has_room() || !groups_[g].serves(claim)) continue;
    if (!best || key(g) < key(*best)) best = g;
  }
  return best;
}

bool AgentShareTable::take(std::size_t claim) {
  if (const auto group = group_with_room(claim)) {
    ++groups_[*group].given[claim];
    ++groups_[*group].used;
  } else if (!take_by_moves(claim)) {
    return false;
  }
  ++counts_[claim];
  return true;
}

/// The shortest chain in which each claim takes an agent of the next one's and the last one finds a free group.
bool AgentShareTable::take_by_moves(std::size_t claim) {
  struct Step {
    std::size_t taker = 0;
    std::size_t group = 0;
  };
  std::vector<std::optional<Step>> reached(counts_.size());
  reached[claim] = Step{};
  std::deque<std::size_t> open{claim};
  while (!open.empty()) {
    const std::size_t taker = open.front();
    open.pop_front();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (!groups_[g].serves(taker)) continue;
      for (const std::size_t loser : groups_[g].claims) {
        if (reached[loser] || groups_[g].given[loser] == 0) continue;
        reached[loser] = Step{taker, g};
        open.push_back(loser);
        const auto room = group_with_room(loser);
        if (!room) continue;
        ++groups_[*room].given[loser];
        ++groups_[*room].used;
        for (std::size_t mover = loser; mover != claim; mover = reached[mover]->taker) {
          Group& from = groups_[reached[mover]->group];
          --from.given[mover];
          ++from.given[reached[mover]->taker];
        }
        return true;
      }
    }
  }
  return false;
}

}  // namespace dunlin
