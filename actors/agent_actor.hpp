#pragma once
// One agent at work: the machine of the working day, the persistent SIP leg with its media, and the disposition on its
// way into the case. Entity; spawned by the agents' desk from the stored profile. Nothing is told to the agent as saved
// before the case has it in the history.
#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class AgentActor : public caf::event_based_actor {
 public:
  AgentActor(caf::actor_config& config, const NodeContext* context, msg::AgentProfile profile);
  caf::behavior make_behavior() override;
  const char* name() const override { return "agent"; }

 private:
  msg::Answer command(const msg::AgentCommand& command);
  Result<AgentEffects> judge(const msg::AgentCommand& command);
  caf::typed_response_promise<msg::Answer> dispose(const msg::DisposeCall& command);
  caf::typed_response_promise<msg::Answer> dispose_taken_over(const msg::DisposeCall& command);
  Result<AgentEffects> judge(const msg::Supervise& command);
  caf::typed_response_promise<msg::Answer> supervise(const msg::Supervise& command);
  void on_supervise_answered(const msg::Supervise& command, const msg::Answer& answer, bool was_on_call);
  void on_dialed_in(const msg::StationDialedIn& event);
  void on_leg_gone(LegId leg, const std::string& why);
  void on_rtp_stopped(const msg::RtpStopped& event);
  void on_reoffered(const msg::LegReoffered& event);
  void perform(const AgentEffects& effects);
  void act(const agent_effect::StateChanged& effect);
  void act(const agent_effect::WantLeg& effect);
  void act(const agent_effect::DropLeg& effect);
  void act(const agent_effect::OfferToMatchmaker& effect);
  void act(const agent_effect::WithdrawFromMatchmaker& effect);
  void act(const agent_effect::ReportDisposition& effect);
  void act(const agent_effect::HangUpCall& effect);
  void act(const agent_effect::LeaveCall& effect);
  void act(const agent_effect::RejoinCall& effect);
  void act(const agent_effect::HoldCall& effect);
  void act(const agent_effect::ResumeCall& effect);
  void act(const agent_effect::MuteLeg& effect);
  void act(const agent_effect::LeaveSupervision& effect);
  void act(const agent_effect::DialPreview& effect);
  void act(const agent_effect::WrapOverdue& effect);
  void act(const agent_effect::StartTimer& effect);
  MediaLegRequest leg_request() const;
  msg::AgentView view() const;
  AgentMoment moment() const { return {context_->clock->now_mono(), context_->clock->now_utc()}; }

  const NodeContext* context_;
  msg::AgentProfile profile_;
  AgentMachine machine_;
  std::uint64_t logins_ = 0;
  std::optional<LegId> leg_;                 ///< Persistent leg, up.
  std::optional<LegId> calling_leg_;         ///< Our call to the station, not answered yet.
  // The attempt the agent works on; kept until its disposition is in the case.
  AttemptId attempt_;
  CaseId case_id_;
  CampaignId campaign_;
  caf::actor call_;
  bool is_taken_over_ = false;               ///< A supervisor has the talk; the outcome is not this agent's any more.
  std::optional<Outcome> last_disposition_;
  float mos_ = 0;
  float loss_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace dunlin
