#include "actors/case_actor.hpp"

#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

/// The attempt an event speaks of, for routing it to its campaign; unset for events about data.
AttemptId attempt_of(const CaseEvent& event) {
  return std::visit(
      [](const auto& fact) -> AttemptId {
        if constexpr (requires { fact.attempt; }) return fact.attempt;
        else return {};
      },
      event);
}

CampaignId campaign_of(const CaseRecord& record, const CaseEvent& event) {
  if (const auto* denied = std::get_if<AttemptDenied>(&event)) return denied->campaign;
  const AttemptRow* row = record.find_attempt(attempt_of(event));
  return row ? row->campaign : CampaignId{};
}

msg::Answer answer_from(const Result<CaseAnswer>& result) {
  msg::Answer answer;
  if (!result) answer.error = result.error();
  return answer;
}

}  // namespace

CaseActor::CaseActor(caf::actor_config& config, const NodeContext* context, caf::actor shard, msg::BookPointer book, CaseRecord record)
    : caf::event_based_actor(config), context_(context), shard_(std::move(shard)), book_(std::move(book)), machine_(std::move(record)) {}

caf::behavior CaseActor::make_behavior() {
  return {
      [this](const msg::ImportOne& row) { return on_import(row); },
      [this](const msg::RequestAttempt& command) { return on_request_attempt(command); },
      [this](const msg::RecordFact& fact) { return on_fact(fact); },
      [this](const msg::RequestSecondLeg& command) { return on_second_leg(command); },
      [this](const msg::CampaignsChanged& change) { return on_campaigns_changed(change); },
      [this](const msg::Dispose& c) { return answer_with([this, c] { return machine_.on_disposition(now(), c.disposition, *book_); }); },
      [this](const msg::RecordPayment& c) { return answer_with([this, c] { return machine_.on_payment(now(), c.payment, *book_); }); },
      [this](const msg::SetRestriction& c) { return answer_with([this, c] { return machine_.on_restriction_set(now(), c.command, *book_); }); },
      [this](const msg::ClearRestriction& c) { return answer_with([this, c] { return machine_.on_restriction_cleared(now(), c.command, *book_); }); },
      [this](const msg::AddNote& c) { return answer_with([this, c] { return machine_.on_note(now(), c.note); }); },
      [this](const msg::LoseReservation& c) { return answer_with([this, c] { return machine_.on_reservation_lost(now(), c.attempt, *book_); }); },
      [this](const msg::UndoImportOfCase& c) {
        return answer_with([this, c] { return machine_.on_import_undone(now(), ImportUndone{c.import, c.author}, *book_); });
      },
      [this](const msg::CaseTimerFired&) { return answer_with([this] { return judge_timer(); }); },
      [this](const msg::GetCase&) { return msg::CaseView{std::make_shared<const CaseRecord>(machine_.record())}; },
      [this](const msg::CommitDone& result) { on_commit_done(result); },
      [this](const msg::GoToSleep&) {
        const bool is_idle = !machine_.is_pending() && waiting_.empty();
        if (is_idle) quit();
        return msg::FellAsleep{is_idle};
      },
  };
}

void CaseActor::enqueue(Work work) {
  waiting_.push_back(std::move(work));
  run_waiting();
}

void CaseActor::run_waiting() {
  while (!waiting_.empty() && !machine_.is_pending()) {
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    work();
  }
}

void CaseActor::decide(Result<CaseEffects> effects, Tell tell, std::optional<CommitRequest::Reservation> reservation) {
  if (!effects) return tell(effects.error());
  if (!effects->has_events()) return tell(std::move(effects->answer));
  CommitRequest request = make_commit(*effects);
  if (std::holds_alternative<AttemptView>(effects->answer)) request.reservation = reservation;
  pending_events_ = effects->events;
  pending_at_ = effects->at;
  pending_due_ = effects->due;
  pending_answer_ = effects->answer;
  pending_tell_ = std::move(tell);
  machine_.begin(std::move(*effects));
  context_->journal->commit(std::move(request), [self = caf::actor_cast<caf::actor>(this)](Result<CommitReceipt> receipt) {
    post(self, msg::CommitDone{receipt ? std::optional<Error>() : receipt.error()});
  });
}

void CaseActor::on_commit_done(const msg::CommitDone& result) {
  Tell tell = std::move(pending_tell_);
  pending_tell_ = nullptr;
  if (result.error) {
    machine_.abort();
    tell(*result.error);
    if (result.error->code != Errc::exhausted) {
      log_warn("case", "commit_failed", "case={} error={}", machine_.record().id.str(), result.error->detail);
      return quit(caf::make_error(caf::sec::runtime_error));
    }
    return run_waiting();
  }
  machine_.finish();
  if (pending_due_) dunlin::tell(this, shard_, msg::CaseDueChanged{machine_.record().id, *pending_due_});
  announce(pending_events_, pending_at_);
  tell(std::move(pending_answer_));
  run_waiting();
}

void CaseActor::announce(const std::vector<CaseEvent>& events, UtcTime at) {
  msg::CaseFactsCommitted facts{machine_.record().id, {}, at, {}};
  for (const CaseEvent& event : events) {
    const CampaignId campaign = campaign_of(machine_.record(), event);
    if (!campaign.is_set()) continue;
    facts.campaign = campaign;
    facts.events.push_back(event);
  }
  if (!facts.events.empty()) dunlin::tell(this, context_->campaigns, std::move(facts));
}

caf::typed_response_promise<msg::Answer> CaseActor::answer_with(std::function<Result<CaseEffects>()> question) {
  auto promise = make_response_promise<msg::Answer>();
  enqueue([this, promise, question = std::move(question)]() mutable {
    decide(question(), [promise](Result<CaseAnswer> result) mutable { promise.deliver(answer_from(result)); });
  });
  return promise;
}

caf::typed_response_promise<msg::ImportOneDone> CaseActor::on_import(const msg::ImportOne& row) {
  auto promise = make_response_promise<msg::ImportOneDone>();
  enqueue([this, promise, row]() mutable {
    const bool is_new = !machine_.record().is_opened();
    auto effects = machine_.on_import(now(), row.case_id, RowImported{row.import, row.line, row.source, std::nullopt, row.draft}, *book_);
    const bool is_changed = effects && effects->has_events();
    decide(std::move(effects), [promise, is_new, is_changed](Result<CaseAnswer> result) mutable {
      promise.deliver(msg::ImportOneDone{is_new && is_changed, is_changed, result ? std::optional<Error>() : result.error()});
    });
  });
  return promise;
}

caf::typed_response_promise<msg::AttemptReply> CaseActor::on_request_attempt(const msg::RequestAttempt& command) {
  auto promise = make_response_promise<msg::AttemptReply>();
  enqueue([this, promise, command]() mutable {
    AttemptRequest request;
    request.attempt = command.slot.attempt;
    request.campaign = command.campaign;
    request.trunk = command.slot.trunk;
    request.edge_node = context_->settings->node_name;
    request.edge_incarnation = context_->incarnation;
    request.slot_expires_at = command.slot.expires_at_utc;
    request.number = command.number;
    request.agent = command.agent;
    request.is_manual = command.number.has_value();
    request.is_clock_shifted = context_->clock->is_shifted();
    auto effects = machine_.on_attempt_request(now(), request, *book_, *context_->gate);
    const UtcTime reserved_at = now();
    const CommitRequest::Reservation reservation{command.slot.attempt, 1, command.slot.expires_at};
    decide(std::move(effects), [this, promise, reserved_at, command](Result<CaseAnswer> result) mutable {
      msg::AttemptReply reply;
      if (!result) reply.error = result.error();
      else if (const auto* denial = std::get_if<DenialView>(&*result)) reply.denial = *denial;
      else if (const auto* view = std::get_if<AttemptView>(&*result)) {
        reply.is_placed = true;
        const Campaign* campaign = book_->find(command.campaign);
        dunlin::tell(this, context_->calls, msg::StartCall{*view, campaign ? campaign->settings : CampaignSettings{}, reserved_at});
      }
      promise.deliver(std::move(reply));
    }, reservation);
  });
  return promise;
}

Result<CaseEffects> CaseActor::judge_fact(const CaseEvent& event) {
  if (const auto* answered = std::get_if<AttemptAnswered>(&event)) return machine_.on_answered(now(), *answered);
  if (const auto* bridged = std::get_if<AgentBridged>(&event)) return machine_.on_bridged(now(), *bridged);
  if (const auto* settled = std::get_if<AttemptSettled>(&event)) return machine_.on_settled(now(), *settled, *book_);
  return invalid_input("not a fact of an attempt: " + std::string(event_name(event_type(event))));
}

caf::typed_response_promise<msg::Answer> CaseActor::on_fact(const msg::RecordFact& fact) {
  return answer_with([this, fact]() -> Result<CaseEffects> {
    const auto event = decode(fact.type, fact.body);
    if (!event) return event.error();
    return judge_fact(*event);
  });
}

caf::typed_response_promise<msg::Answer> CaseActor::on_second_leg(const msg::RequestSecondLeg& command) {
  auto promise = make_response_promise<msg::Answer>();
  enqueue([this, promise, command]() mutable {
    const SecondLegRequest request{command.slot.attempt, command.slot.trunk, command.slot.expires_at_utc, command.cause, command.has_rung,
                                   context_->clock->is_shifted()};
    auto effects = machine_.on_second_leg(now(), request, *book_, *context_->gate);
    const CommitRequest::Reservation reservation{command.slot.attempt, 2, command.slot.expires_at};
    decide(std::move(effects), [promise](Result<CaseAnswer> result) mutable {
      msg::Answer answer = answer_from(result);
      if (result && !std::holds_alternative<AttemptView>(*result)) answer.error = Error{Errc::denied, "the second leg is not allowed now"};
      promise.deliver(std::move(answer));
    }, reservation);
  });
  return promise;
}

caf::typed_response_promise<msg::Answer> CaseActor::on_campaigns_changed(const msg::CampaignsChanged& change) {
  return answer_with([this, book = change.book] {
    book_ = book;
    return machine_.on_campaigns_changed(now(), *book_);
  });
}

/// The case's own timer. A reservation whose edge is another life of this process is lost. Of one of this life the call
/// desk knows: a commit in doubt may have made it durable without anybody being told (R2), and then nobody calls.
Result<CaseEffects> CaseActor::judge_timer() {
  auto effects = machine_.on_due(now(), *book_);
  if (!effects) return effects;
  const auto* unsettled = std::get_if<UnsettledView>(&effects->answer);
  if (unsettled && unsettled->edge_incarnation != context_->incarnation) {
    return machine_.on_reservation_lost(now(), unsettled->attempt, *book_);
  }
  if (unsettled) dunlin::tell(this, context_->calls, msg::LoseReservation{machine_.record().id, unsettled->attempt});
  return effects;
}

}  // namespace dunlin
