#pragma once
// The whole numbers behind core/dialing/agent_shares: agents of the same skills form a group, and the table says how many
// of each group each claim has. Taking one more agent moves others between groups where that makes room, so the order in
// which claims take decides who gets, never who stands in the way. Lives for one share-out.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace dunlin {

class AgentShareTable {
 public:
  explicit AgentShareTable(std::size_t claims) : counts_(claims, 0), held_(claims, 0) {}

  /// A group all of whose agents may serve exactly these claims. Returns its place.
  std::size_t add_group(std::vector<std::size_t> claims);
  /// One agent of the group, until now with that claim (unset: with none of these claims).
  void add_agent(std::size_t group, std::optional<std::size_t> holder);

  /// Gives the claim one more agent; false: nobody is left for it, now or later.
  bool take(std::size_t claim);
  std::uint32_t count(std::size_t claim) const { return counts_[claim]; }
  std::uint32_t count(std::size_t group, std::size_t claim) const { return groups_[group].given[claim]; }
  /// Agents the claim had before, of those still here.
  std::uint32_t held(std::size_t claim) const { return held_[claim]; }
  /// Agents that could serve the claim at all.
  std::uint32_t eligible(std::size_t claim) const;
  std::size_t claims() const { return counts_.size(); }

 private:
  struct Group {
    std::vector<std::size_t> claims;
    std::vector<std::uint32_t> held;
    std::vector<std::uint32_t> given;
    std::uint32_t agents = 0;
    std::uint32_t used = 0;
    bool has_room() const { return used < agents; }
    bool serves(std::size_t claim) const;
  };
  std::optional<std::size_t> group_with_room(std::size_t claim) const;
  bool take_by_moves(std::size_t claim);

  std::vector<Group> groups_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> held_;
};

}  // namespace dunlin
