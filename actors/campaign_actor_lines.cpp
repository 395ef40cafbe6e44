// How a campaign gives its lines away: slots of the edge become tickets for the shards with the most urgent cases.
#include <algorithm>

#include "actors/campaign_actor.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

/// Shards asked for their queues per tick: all 256 within a few ticks, at a bounded message rate.
constexpr int queues_per_tick = 64;
/// Rows a shard tells at a time. More lines than that within a few ticks go by the last row told.
constexpr std::size_t urgent_rows_told = 8;
/// No call begins any more once the slot is dead and its commit had its time.
constexpr Duration longest_doubt = limits::slot_life + limits::commit_timeout;

}  // namespace

void CampaignActor::refresh_ranks() {
  for (int n = 0; n < queues_per_tick; ++n) {
    const ShardIndex shard = next_shard_;
    next_shard_ = static_cast<ShardIndex>((next_shard_ + 1) % shard_count);
    ask(this, context_->shards[shard], limits::request_timeout, msg::GetRanks{campaign_.settings.id, urgent_rows_told})
        .then([this](const msg::RanksView& view) { ranks_.update(view.shard, view.queue, view.top); }, [](const caf::error&) {});
  }
  if (next_shard_ != 0) return;
  ask(this, context_->edge, limits::request_timeout, msg::GetTrunks{})
      .then(
          [this](const msg::TrunksView& trunks) {
            trunks_ = trunks;
            is_surveyed_ = true;
          },
          [](const caf::error&) {});
}

int CampaignActor::channels_free() const {
  int free = 0;
  for (const TrunkView& trunk : trunks_.budget) {
    if (!uses_trunk(trunk.name) || trunk.health == TrunkHealth::down) continue;
    free += std::max(0, trunk.channels - trunk.channels_in_use);
  }
  return free;
}

/// Whatever came of a line that nobody answered for in time: the next decision has it again.
void CampaignActor::expire_tickets() {
  for (const TicketBook::Slot& dead : tickets_.expire(context_->clock->now_mono())) {
    log_warn("campaign", "ticket_lost", "campaign={} attempt={} trunk={}", campaign_.settings.name, dead.attempt.str(), dead.trunk);
    tell(this, context_->edge, msg::ReleaseSlot{dead.attempt, dead.trunk});
  }
}

void CampaignActor::ask_for_slots(int count) {
  if (count <= 0) return;
  msg::AcquireSlots acquire;
  acquire.campaign = campaign_.settings.id;
  acquire.trunks = campaign_.settings.trunks;
  acquire.count = count;
  const std::uint64_t wish = tickets_.wish(count, context_->clock->now_mono());
  ask(this, context_->edge, limits::request_timeout, acquire)
      .then(
          [this, wish](const msg::SlotsGranted& granted) {
            if (tickets_.end_wish(wish)) return use_slots(granted);
            // Pacing has asked anew meanwhile: these would be calls beyond what it meant.
            for (const msg::Slot& slot : granted.slots) give_back(slot);
          },
          [this, wish](const caf::error&) { tickets_.end_wish(wish); });
}

void CampaignActor::give_back(const msg::Slot& slot) { tell(this, context_->edge, msg::ReleaseSlot{slot.attempt, slot.trunk}); }

/// Only a strategy lets a callback wait for the agent who promised it.
std::vector<AgentId> CampaignActor::ready_agents() const {
  std::vector<AgentId> ready;
  if (campaign_.settings.strategy.empty()) return ready;
  for (const auto& [id, agent] : agents_) {
    if (agent.state == PacingAgentState::ready) ready.push_back(id);
  }
  return ready;
}

void CampaignActor::use_slots(const msg::SlotsGranted& granted) {
  for (const msg::Slot& slot : granted.slots) {
    if (const auto shard = ranks_.take()) send_ticket(slot, *shard);
    else give_back(slot);
  }
}

void CampaignActor::send_ticket(const msg::Slot& slot, ShardIndex shard) {
  msg::DialNext ticket{campaign_.settings.id, slot, abandons_.rates(context_->clock->now_utc()), ready_agents()};
  const MonoTime now = context_->clock->now_mono();
  ticket.expires_at = tickets_.issue({slot.attempt, slot.trunk}, now, now + longest_doubt);
  ask(this, context_->shards[shard], longest_doubt, ticket)
      .then([this, slot, shard](const msg::DialAnswered& answer) { on_dial_answered(slot, shard, answer); },
            [this, attempt = slot.attempt](const caf::error&) { tickets_.on_doubt(attempt); });
}

void CampaignActor::on_dial_answered(const msg::Slot& slot, ShardIndex shard, const msg::DialAnswered& answer) {
  note_denials(answer.denials);
  if (answer.kind == msg::DialAnswered::Kind::none_ready) ranks_.on_empty(shard);
  switch (tickets_.on_answer(slot.attempt, answer.kind == msg::DialAnswered::Kind::placed)) {
    case TicketEnd::watch_call: {
      const MonoTime now = context_->clock->now_mono();
      calls_.try_emplace(slot.attempt, LiveCall{PacingCallPhase::dialing, now, now, segment_of(slot.attempt)});
      return;
    }
    case TicketEnd::none: return;
    case TicketEnd::give_back_slot: return give_back(slot);
  }
}

}  // namespace dunlin
