#pragma once
// One debtor case at work: turns messages into CaseMachine questions and performs their effects, the append first.
// Entity: at most one per CaseId, spawned by its shard. Runs on the CAF pool, never blocks. Work that comes while a
// commit is pending waits in order. A commit that fails for a reason other than room ends the actor: the shard rebuilds
// it from the history. A case that was merged into another one passes commands on to it.
#include <deque>
#include <functional>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class CaseActor : public caf::event_based_actor {
 public:
  CaseActor(caf::actor_config& config, const NodeContext* context, caf::actor shard, msg::BookPointer book, CaseRecord record);
  caf::behavior make_behavior() override;
  const char* name() const override { return "case"; }

 private:
  using Work = std::function<void()>;
  using Tell = std::function<void(Result<CaseAnswer>)>;

  void enqueue(Work work);
  void run_waiting();
  /// Commits the effects, then tells; effects without events are told at once.
  void decide(Result<CaseEffects> effects, Tell tell, std::optional<CommitRequest::Reservation> reservation = std::nullopt);
  void on_commit_done(const msg::CommitDone& done);
  void announce(const std::vector<CaseEvent>& events, UtcTime at);
  /// Runs one decision that is answered with msg::Answer.
  caf::typed_response_promise<msg::Answer> answer_with(std::function<Result<CaseEffects>()> question);
  /// The same for a command that belongs to the survivor when this case was merged.
  template <class Command>
  caf::typed_response_promise<msg::Answer> answer_to(Command command, Result<CaseEffects> (CaseActor::*question)(const Command&));

  caf::typed_response_promise<msg::ImportOneDone> on_import(const msg::ImportOne& row);
  caf::typed_response_promise<msg::AttemptReply> on_request_attempt(const msg::RequestAttempt& command);
  caf::typed_response_promise<msg::ImportOfCaseUndone> on_import_undone(const msg::UndoImportOfCase& command);
  caf::typed_response_promise<msg::Answer> on_absorb(const msg::AbsorbCase& command);
  void take_over(const msg::AbsorbCase& command, const std::function<void(std::optional<Error>)>& end);
  caf::typed_response_promise<msg::AliasMade> on_become_alias(const msg::BecomeAlias& command);
  caf::typed_response_promise<msg::Answer> on_second_leg(const msg::RequestSecondLeg& command);
  caf::typed_response_promise<msg::Answer> on_campaigns_changed(const msg::CampaignsChanged& change);
  Result<CaseEffects> judge_fact(const msg::RecordFact& fact);
  Result<CaseEffects> judge_disposition(const msg::Dispose& c) { return machine_.on_disposition(now(), c.disposition, *book_); }
  Result<CaseEffects> judge_promise(const msg::RecordPromise& c) { return machine_.on_promise_recorded(now(), c.terms, *book_, c.attempt); }
  Result<CaseEffects> judge_payment(const msg::RecordPayment& c) { return machine_.on_payment(now(), c.payment, *book_); }
  Result<CaseEffects> judge_restriction(const msg::SetRestriction& c) { return machine_.on_restriction_set(now(), c.command, *book_); }
  Result<CaseEffects> judge_clearing(const msg::ClearRestriction& c) { return machine_.on_restriction_cleared(now(), c.command, *book_); }
  Result<CaseEffects> judge_note(const msg::AddNote& c) { return machine_.on_note(now(), c.note); }
  Result<CaseEffects> judge_loss(const msg::LoseReservation& c) { return machine_.on_reservation_lost(now(), c.attempt, *book_); }
  Result<CaseEffects> judge_timer();
  /// How the campaign works this case, by its strategy.
  const CampaignSettings* settings_for(CampaignId id, UtcTime at) const;
  /// What the flow of such a campaign says to this person; unset when agents talk.
  std::shared_ptr<const CallScript> script_for(const CampaignSettings& settings, UtcTime at) const;
  UtcTime now() const { return context_->clock->now_utc(); }

  const NodeContext* context_;
  caf::actor shard_;
  msg::BookPointer book_;
  CaseMachine machine_;
  std::deque<Work> waiting_;
  std::vector<CaseEvent> pending_events_;
  UtcTime pending_at_;
  std::optional<std::vector<DueRow>> pending_due_;
  CaseAnswer pending_answer_;
  Tell pending_tell_;
  bool is_absorbing_ = false;       ///< Asking the other case for its facts: nothing is decided meanwhile.
};

/// Until when a call that was reserved before the debt was paid may still be sent out; unset time = not at all.
UtcTime line_quiet_at(const CaseRecord& record);

}  // namespace dunlin
