// The campaigns' desk as the one who shares agents out: it knows every agent's presence and every campaign's demand.
#include "actors/campaign_actor.hpp"
#include "actors/campaign_desk_actor.hpp"

namespace dunlin {
namespace {

/// Whether the agent takes calls at all now or after the present one.
bool is_at_work(const msg::AgentPresence& presence) {
  const auto state = pacing_state(presence.state);
  return state && *state != PacingAgentState::on_break;
}

/// A flow speaks by itself; what it hands over goes to whoever is ready.
bool paces_by_agents(const Campaign& campaign) { return campaign.state == CampaignState::running && campaign.settings.flow.empty(); }

}  // namespace

void CampaignDeskActor::on_presence(const msg::AgentPresence& presence) {
  const auto known = presence_.find(presence.agent);
  const bool was_at_work = known != presence_.end() && is_at_work(known->second);
  const bool is_change = was_at_work != is_at_work(presence) || (was_at_work && known->second.skills != presence.skills);
  presence_[presence.agent] = presence;
  for (const auto& [id, entry] : campaigns_) tell(this, entry.actor, presence);
  // Who talks and who waits changes nothing of how many each may have: the next tick is soon enough for that.
  if (is_change) share_agents();
}

void CampaignDeskActor::on_share_tick() {
  tell_after(this, milliseconds(context_->settings->tick_ms), caf::actor_cast<caf::actor>(this), msg::ShareTick{});
  share_agents();
}

std::vector<SharedAgent> CampaignDeskActor::agents_to_share() const {
  std::vector<SharedAgent> agents;
  for (const auto& [id, presence] : presence_) {
    if (is_at_work(presence)) agents.push_back({id, presence.state == AgentState::ready, presence.skills});
  }
  return agents;
}

std::vector<AgentClaim> CampaignDeskActor::claims() const {
  std::vector<AgentClaim> claims;
  for (const auto& [id, entry] : campaigns_) {
    const CampaignSettings& s = entry.campaign.settings;
    if (paces_by_agents(entry.campaign)) claims.push_back({id, s.skill, s.priority, s.weight, s.guaranteed_agents, entry.demand});
  }
  return claims;
}

void CampaignDeskActor::share_agents() {
  shares_.share_out(context_->clock->now_mono(), agents_to_share(), claims());
  AgentHomes homes;
  for (auto& [id, entry] : campaigns_) {
    const auto found = shares_.shares().find(id);
    AgentShare share = found == shares_.shares().end() ? AgentShare() : found->second;
    for (std::size_t i = 0; i < share.agents.size(); ++i) homes[share.agents[i]] = {id, i < share.guaranteed};
    if (share == entry.share) continue;
    tell(this, entry.actor, msg::AgentsShared{share.agents, share.guaranteed});
    entry.share = std::move(share);
  }
  if (homes == homes_) return;
  homes_ = std::move(homes);
  tell(this, context_->matchmaker, msg::AgentsHoused{homes_});
}

}  // namespace dunlin
