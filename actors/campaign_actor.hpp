#pragma once
// One campaign at work: its state, its eyes on calls and agents, and the pacing tick that turns a policy's number into
// slots and tickets to the shards with the most urgent cases (campaign_actor_lines.cpp). Entity; spawned by the campaigns'
// desk. Pacing's view is soft: a lost message costs pace, never a second dial.
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "actors/contracts/agent_sharing.hpp"
#include "actors/contracts/allocation.hpp"
#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"
#include "core/base/clock_watch.hpp"
#include "core/dialing/shard_ranks.hpp"
#include "core/dialing/why_idle.hpp"
#include "core/report/abandon_shares.hpp"

namespace dunlin {

class CampaignActor : public caf::event_based_actor {
 public:
  CampaignActor(caf::actor_config& config, const NodeContext* context, msg::CampaignUpdated campaign);
  caf::behavior make_behavior() override;
  const char* name() const override { return "campaign"; }

 private:
  struct LiveCall {
    PacingCallPhase phase = PacingCallPhase::dialing;
    MonoTime started_at;
    MonoTime phase_at;
    int segment = 0;                ///< By the score of its attempt.
    AgentId agent{};                ///< Who talks; unset before.
  };
  struct KnownAgent {
    PacingAgentState state = PacingAgentState::ready;
    MonoTime since;
    double last_talk_s = 0;
    MonoTime ready_since;
  };

  void choose_policy();
  void on_updated(const msg::CampaignUpdated& update);
  bool has_flow() const { return !campaign_.settings.flow.empty(); }
  bool is_speech_ready() const { return flow_ && spoken_revision_ == flow_->revision; }
  void prepare_flow();
  void on_flow_prepared(const msg::FlowPrepared& news);
  void note_served(const LiveCall& call, const msg::CallStep& step);
  void explain_flow(IdleSnapshot& snapshot) const;
  void on_tick();
  void tell_demand();
  void on_shared(const msg::AgentsShared& share);
  /// A flow asks for agents only when a person wants one: no agent is set aside for it, and none is kept from it.
  bool may_pace_for(AgentId agent) const { return has_flow() || shared_.count(agent) != 0; }
  int channels_free() const;
  PacingInput input();
  // Lines on their way to the shards.
  void refresh_ranks();
  void expire_tickets();
  void ask_for_slots(int count);
  std::vector<AgentId> ready_agents() const;
  void use_slots(const msg::SlotsGranted& granted);
  void send_ticket(const msg::Slot& slot, ShardIndex shard);
  void give_back(const msg::Slot& slot);
  void on_dial_answered(const msg::Slot& slot, ShardIndex shard, const msg::DialAnswered& answer);
  void on_step(const msg::CallStep& step);
  void on_fact(const CaseEvent& event);
  int segment_of(AttemptId attempt) const;
  void on_presence(const msg::AgentPresence& presence);
  void count_agent_time(const msg::AgentPresence& presence, const KnownAgent& known);
  bool uses_trunk(const std::string& name) const;
  bool serves(const std::vector<std::string>& skills) const;
  void note_denials(const std::map<std::string, int>& denials);
  void remember(PacingEvent event);
  double seconds_since_start(MonoTime t) const { return static_cast<double>((t - started_at_).ms) / 1000.0; }
  PacingConfig pacing_config() const;
  void explain_trunks(IdleSnapshot& snapshot) const;
  IdleSnapshot idle_snapshot() const;
  msg::CampaignView view() const;
  void hint_counters();

  const NodeContext* context_;
  Campaign campaign_;
  std::shared_ptr<const Flow> flow_;            ///< Set when the campaign names one that is in force.
  std::uint32_t spoken_revision_ = 0;           ///< Of the flow whose speech is ready; 0: none.
  std::string speech_fault_;
  std::optional<MonoTime> speech_asked_at_;
  std::unique_ptr<PacingTape> tape_;            ///< Outlives the policy that writes on it.
  std::unique_ptr<PacingPolicy> policy_;
  MonoTime started_at_;
  ClockWatch clock_watch_;
  std::unordered_map<AttemptId, LiveCall> calls_;
  std::unordered_map<AttemptId, int> segments_; ///< Of attempts with a score that are not settled.
  std::deque<int> latest_segments_;             ///< Of the last attempts reserved, oldest first.
  std::unordered_map<AgentId, KnownAgent> agents_;
  int agents_on_break_ = 0;
  std::unordered_set<AgentId> shared_;          ///< Of agents_: those this campaign may pace for, as the desk shares them out.
  std::uint32_t guaranteed_ = 0;
  std::uint32_t told_demand_ = 0;
  std::vector<PacingEvent> events_;             ///< Since the last tick.
  PacingTotals totals_;
  TicketBook tickets_;
  ShardRanks ranks_;
  ShardIndex next_shard_ = 0;                   ///< Shards are asked for their queues in turn.
  msg::TrunksView trunks_;
  bool is_surveyed_ = false;                    ///< Every shard and the trunks have been asked once, and the trunks answered.
  std::deque<PacingDecision> decisions_;
  LiveCounters counters_;
  AbandonShares abandons_;                      ///< For the law; counted since the start of this process.
  std::map<std::string, int> denials_;
  MonoTime hinted_at_;
};

/// How pacing sees an agent; unset: not there.
std::optional<PacingAgentState> pacing_state(AgentState state);

/// Number of pacing decisions kept for `campaign pace`.
inline constexpr std::size_t pacing_decisions_kept = 1000;

}  // namespace dunlin
