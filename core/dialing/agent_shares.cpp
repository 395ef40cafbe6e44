#include "core/dialing/agent_shares.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "core/dialing/agent_share_table.hpp"

namespace dunlin {
namespace {

/// A claim keeps an agent until another one is ahead by this many agents: nobody changes hands over a rounding.
constexpr double holding = 0.5;
constexpr double most_credit = 1.0;
constexpr double minute_ms = 60'000.0;

/// One share-out from claims to homes.
class ShareOut {
 public:
  ShareOut(const std::vector<SharedAgent>& agents, const std::vector<AgentClaim>& claims, const std::map<AgentId, CampaignId>& homes,
           const std::map<CampaignId, double>& credits)
      : claims_(claims), table_(claims.size()), guaranteed_(claims.size(), 0), credits_(claims.size(), 0) {
    for (std::size_t c = 0; c < claims_.size(); ++c) {
      const auto credit = credits.find(claims_[c].campaign);
      if (credit != credits.end()) credits_[c] = credit->second;
    }
    for (const SharedAgent& agent : agents) add(agent, homes);
  }

  void count() {
    give_guarantees();
    give_by_priority(true);
    wanted_.clear();
    for (std::size_t c = 0; c < claims_.size(); ++c) wanted_.push_back(table_.count(c));
    give_by_priority(false);  // Whoever could use the rest first finds it at hand.
  }
  std::map<AgentId, CampaignId> settle() const;
  std::map<CampaignId, double> credits_after(double minutes) const;
  std::uint32_t guaranteed(std::size_t claim) const { return guaranteed_[claim]; }

 private:
  struct Member {
    AgentId agent;
    bool is_ready = false;
    std::optional<std::size_t> holder;
  };
  using Members = std::vector<Member>;

  void add(const SharedAgent& agent, const std::map<AgentId, CampaignId>& homes);
  void give_guarantees();
  void give_by_priority(bool is_bound_by_demand);
  void give_level(std::int32_t priority, bool has_weight, bool is_bound_by_demand);
  void settle_group(std::size_t group, std::vector<std::uint32_t>& missing, std::map<AgentId, CampaignId>& homes) const;
  std::vector<double> quotas(const std::vector<std::size_t>& level) const;

  const std::vector<AgentClaim>& claims_;
  AgentShareTable table_;
  std::map<std::vector<std::size_t>, std::size_t> groups_;   ///< By the claims their agents may serve.
  std::vector<Members> members_;
  std::vector<std::uint32_t> guaranteed_;
  std::vector<double> credits_;
  std::vector<std::uint32_t> wanted_;                        ///< Counts before what nobody asked for was given away.
};

void ShareOut::add(const SharedAgent& agent, const std::map<AgentId, CampaignId>& homes) {
  std::vector<std::size_t> fits;
  for (std::size_t c = 0; c < claims_.size(); ++c) {
    const std::string& skill = claims_[c].skill;
    if (skill.empty() || std::find(agent.skills.begin(), agent.skills.end(), skill) != agent.skills.end()) fits.push_back(c);
  }
  if (fits.empty()) return;
  Member member{agent.agent, agent.is_ready, std::nullopt};
  const auto home = homes.find(agent.agent);
  for (const std::size_t c : fits) {
    if (home != homes.end() && claims_[c].campaign == home->second) member.holder = c;
  }
  const auto [place, is_new] = groups_.try_emplace(fits, members_.size());
  if (is_new) {
    table_.add_group(fits);
    members_.emplace_back();
  }
  table_.add_agent(place->second, member.holder);
  members_[place->second].push_back(member);
}

/// The most urgent first; equals in step, so that a shortage is shared by what each was promised.
void ShareOut::give_guarantees() {
  std::set<std::size_t> open;
  for (std::size_t c = 0; c < claims_.size(); ++c) open.insert(c);
  const auto key = [this](std::size_t c) {
    return std::tuple(claims_[c].priority, (table_.count(c) + 0.5) / claims_[c].guaranteed, c);
  };
  while (!open.empty()) {
    std::optional<std::size_t> next;
    for (const std::size_t c : open) {
      if (table_.count(c) >= std::min(claims_[c].guaranteed, claims_[c].demand)) continue;
      if (!next || key(c) < key(*next)) next = c;
    }
    if (!next) return;
    if (table_.take(*next)) ++guaranteed_[*next];
    else open.erase(*next);
  }
}

void ShareOut::give_by_priority(bool is_bound_by_demand) {
  std::set<std::int32_t> levels;
  for (const AgentClaim& claim : claims_) levels.insert(claim.priority);
  for (const std::int32_t priority : levels) {
    give_level(priority, true, is_bound_by_demand);
    give_level(priority, false, is_bound_by_demand);
  }
}

void ShareOut::give_level(std::int32_t priority, bool has_weight, bool is_bound_by_demand) {
  std::set<std::size_t> open;
  for (std::size_t c = 0; c < claims_.size(); ++c) {
    if (claims_[c].priority == priority && (claims_[c].weight > 0) == has_weight) open.insert(c);
  }
  const auto key = [this](std::size_t c) {
    const double kept = table_.count(c) < table_.held(c) ? holding : 0.0;
    const double weight = std::max<std::uint32_t>(claims_[c].weight, 1);
    return std::pair((table_.count(c) + 0.5 - credits_[c] - kept) / weight, c);
  };
  while (!open.empty()) {
    const std::size_t next = *std::min_element(open.begin(), open.end(), [&key](std::size_t a, std::size_t b) { return key(a) < key(b); });
    const bool has_enough = is_bound_by_demand && table_.count(next) >= claims_[next].demand;
    if (has_enough || !table_.take(next)) open.erase(next);
  }
}

/// Every agent who can stay stays. Those talking go before the idle, who have a line on its way, unless a guarantee waits.
void ShareOut::settle_group(std::size_t group, std::vector<std::uint32_t>& missing, std::map<AgentId, CampaignId>& homes) const {
  std::vector<std::uint32_t> room(claims_.size());
  bool is_urgent = false;
  for (std::size_t c = 0; c < claims_.size(); ++c) {
    room[c] = table_.count(group, c);
    is_urgent = is_urgent || (missing[c] > 0 && room[c] > 0);
  }
  Members members = members_[group];
  std::sort(members.begin(), members.end(), [is_urgent](const Member& a, const Member& b) {
    return std::pair(a.is_ready == is_urgent, a.agent) < std::pair(b.is_ready == is_urgent, b.agent);
  });
  Members moving;
  for (const Member& member : members) {
    if (!member.holder || room[*member.holder] == 0) {
      moving.push_back(member);
      continue;
    }
    --room[*member.holder];
    homes[member.agent] = claims_[*member.holder].campaign;
  }
  std::sort(moving.begin(), moving.end(), [](const Member& a, const Member& b) { return std::pair(!a.is_ready, a.agent) < std::pair(!b.is_ready, b.agent); });
  for (const Member& member : moving) {
    std::optional<std::size_t> taker;
    for (std::size_t c = 0; c < claims_.size(); ++c) {
      if (room[c] > 0 && (!taker || (missing[c] > 0 && missing[*taker] == 0))) taker = c;
    }
    if (!taker) return;  // No campaign may have the rest.
    --room[*taker];
    if (missing[*taker] > 0) --missing[*taker];
    homes[member.agent] = claims_[*taker].campaign;
  }
}

std::map<AgentId, CampaignId> ShareOut::settle() const {
  std::vector<std::uint32_t> missing(claims_.size());   // What a guarantee lacks beyond the agents its campaign has already.
  for (std::size_t c = 0; c < claims_.size(); ++c) {
    missing[c] = guaranteed_[c] - std::min(guaranteed_[c], table_.held(c));
  }
  std::map<AgentId, CampaignId> homes;
  for (std::size_t group = 0; group < members_.size(); ++group) settle_group(group, missing, homes);
  return homes;
}

/// What weights promise of the agents this level has, between each claim's guarantee and what it can use.
std::vector<double> ShareOut::quotas(const std::vector<std::size_t>& level) const {
  double agents = 0;
  for (const std::size_t c : level) agents += wanted_[c];
  const auto quota = [this](std::size_t c, double per_weight) {
    const double most = std::min(claims_[c].demand, table_.eligible(c));
    return std::clamp<double>(per_weight * claims_[c].weight, std::min<double>(guaranteed_[c], most), most);
  };
  double low = 0;
  double high = agents + 1;
  for (int round = 0; round < 50; ++round) {
    const double middle = (low + high) / 2;
    double sum = 0;
    for (const std::size_t c : level) sum += quota(c, middle);
    (sum < agents ? low : high) = middle;
  }
  std::vector<double> found;
  found.reserve(level.size());
  for (const std::size_t c : level) found.push_back(quota(c, high));
  return found;
}

/// A campaign with nothing to dial neither saves nor owes.
std::map<CampaignId, double> ShareOut::credits_after(double minutes) const {
  std::map<std::int32_t, std::vector<std::size_t>> levels;
  for (std::size_t c = 0; c < claims_.size(); ++c) {
    if (claims_[c].demand > 0 && claims_[c].weight > 0) levels[claims_[c].priority].push_back(c);
  }
  std::map<CampaignId, double> credits;
  for (const auto& [priority, level] : levels) {
    const std::vector<double> due = quotas(level);
    for (std::size_t i = 0; i < level.size(); ++i) {
      const double owed = credits_[level[i]] + minutes * (due[i] - wanted_[level[i]]);
      credits[claims_[level[i]].campaign] = std::clamp(owed, -most_credit, most_credit);
    }
  }
  return credits;
}

template <class Row, class Key>
std::vector<Row> sorted_once(std::vector<Row> rows, Key key) {
  std::stable_sort(rows.begin(), rows.end(), [key](const Row& a, const Row& b) { return key(a) < key(b); });
  rows.erase(std::unique(rows.begin(), rows.end(), [key](const Row& a, const Row& b) { return key(a) == key(b); }), rows.end());
  return rows;
}

}  // namespace

void AgentShares::share_out(MonoTime now, const std::vector<SharedAgent>& agents, const std::vector<AgentClaim>& claims) {
  const auto all = sorted_once(agents, [](const SharedAgent& agent) { return agent.agent; });
  const auto asked = sorted_once(claims, [](const AgentClaim& claim) { return claim.campaign; });
  ShareOut out(all, asked, homes_, credits_);
  out.count();
  homes_ = out.settle();
  // The time since the last share-out is booked as if it had been shared like this: shares change seldom, ticks are short.
  const double minutes = has_shared_ ? static_cast<double>(std::max<std::int64_t>(0, (now - shared_at_).ms)) / minute_ms : 0.0;
  credits_ = out.credits_after(std::min(minutes, most_credit));
  shared_at_ = now;
  has_shared_ = true;
  shares_.clear();
  for (std::size_t c = 0; c < asked.size(); ++c) shares_[asked[c].campaign].guaranteed = out.guaranteed(c);
  for (const auto& [agent, campaign] : homes_) shares_[campaign].agents.push_back(agent);
}

CampaignId AgentShares::home_of(AgentId agent) const {
  const auto home = homes_.find(agent);
  return home == homes_.end() ? CampaignId() : home->second;
}

}  // namespace dunlin
