#include "actors/case_actor.hpp"

#include <algorithm>

#include "actors/trunk_media.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/person_merge.hpp"
#include "core/dialing/caller_id_choice.hpp"

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

/// A flow names the number the debtor sees, which need not be the campaign's.
std::shared_ptr<const CallScript> said_with(std::shared_ptr<const CallScript> script, const std::string& shown) {
  const auto number = PhoneNumber::from_e164(shown);
  if (!script || !number || script->card.caller_number == *number) return script;
  auto said = std::make_shared<CallScript>(*script);
  said->card.caller_number = *number;
  return said;
}

}  // namespace

UtcTime line_quiet_at(const CaseRecord& record) {
  return record.open_attempt && !record.has_open_debt() ? record.open_attempt->slot_expires_at : UtcTime{};
}

CaseActor::CaseActor(caf::actor_config& config, const NodeContext* context, caf::actor shard, msg::BookPointer book, CaseRecord record)
    : caf::event_based_actor(config), context_(context), shard_(std::move(shard)), book_(std::move(book)), machine_(std::move(record)) {}

caf::behavior CaseActor::make_behavior() {
  return {
      [this](const msg::ImportOne& row) { return on_import(row); },
      [this](const msg::RequestAttempt& command) { return on_request_attempt(command); },
      [this](const msg::RecordFact& c) { return answer_to(c, &CaseActor::judge_fact); },
      [this](const msg::RequestSecondLeg& command) { return on_second_leg(command); },
      [this](const msg::CampaignsChanged& change) { return on_campaigns_changed(change); },
      [this](const msg::BookRenewed& news) { book_ = news.book; },
      [this](const msg::Dispose& c) { return answer_to(c, &CaseActor::judge_disposition); },
      [this](const msg::RecordPromise& c) { return answer_to(c, &CaseActor::judge_promise); },
      [this](const msg::RecordPayment& c) { return answer_to(c, &CaseActor::judge_payment); },
      [this](const msg::SetRestriction& c) { return answer_to(c, &CaseActor::judge_restriction); },
      [this](const msg::ClearRestriction& c) { return answer_to(c, &CaseActor::judge_clearing); },
      [this](const msg::AddNote& c) { return answer_to(c, &CaseActor::judge_note); },
      [this](const msg::LoseReservation& c) { return answer_to(c, &CaseActor::judge_loss); },
      [this](const msg::UndoImportOfCase& command) { return on_import_undone(command); },
      [this](const msg::AbsorbCase& command) { return on_absorb(command); },
      [this](const msg::BecomeAlias& command) { return on_become_alias(command); },
      [this](const msg::CaseTimerFired&) { return answer_with([this] { return judge_timer(); }); },
      [this](const msg::GetCase&) { return msg::CaseView{std::make_shared<const CaseRecord>(machine_.record())}; },
      [this](const msg::CommitDone& result) { on_commit_done(result); },
      [this](const msg::GoToSleep&) {
        const bool is_idle = !machine_.is_pending() && !is_absorbing_ && waiting_.empty();
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
  while (!waiting_.empty() && !machine_.is_pending() && !is_absorbing_) {
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    work();
  }
}

void CaseActor::decide(Result<CaseEffects> effects, Tell tell, std::optional<CommitRequest::Reservation> reservation) {
  if (!effects) return tell(effects.error());
  if (!effects->has_events()) return tell(std::move(effects->answer));
  pending_due_ = effects->due;
  CommitRequest request = make_commit(*effects);
  if (std::holds_alternative<AttemptView>(effects->answer)) request.reservation = reservation;
  pending_events_ = std::move(effects->events);
  pending_at_ = effects->at;
  pending_answer_ = std::move(effects->answer);
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

template <class Command>
caf::typed_response_promise<msg::Answer> CaseActor::answer_to(Command command, Result<CaseEffects> (CaseActor::*question)(const Command&)) {
  auto promise = make_response_promise<msg::Answer>();
  enqueue([this, promise, command = std::move(command), question]() mutable {
    decide((this->*question)(command), [this, promise, command](Result<CaseAnswer> result) mutable {
      const auto* alias = result ? std::get_if<AliasView>(&*result) : nullptr;
      if (alias == nullptr) {
        promise.deliver(answer_from(result));
        return;
      }
      command.case_id = alias->into;
      promise.delegate(context_->shard_for(alias->into), std::move(command));
    });
  });
  return promise;
}

caf::typed_response_promise<msg::ImportOneDone> CaseActor::on_import(const msg::ImportOne& row) {
  auto promise = make_response_promise<msg::ImportOneDone>();
  enqueue([this, promise, row]() mutable {
    const bool is_new = !machine_.record().is_opened();
    auto effects = machine_.on_import(now(), row.case_id, RowImported{row.import, row.line, row.source, std::nullopt, row.draft}, *book_);
    const bool is_changed = effects && effects->has_events();
    decide(std::move(effects), [this, promise, is_new, is_changed](Result<CaseAnswer> result) mutable {
      msg::ImportOneDone answer{is_new && is_changed, is_changed, result ? std::optional<Error>() : result.error(), {}, line_quiet_at(machine_.record())};
      if (const auto* alias = result ? std::get_if<AliasView>(&*result) : nullptr) answer.alias_of = alias->into;
      promise.deliver(std::move(answer));
    });
  });
  return promise;
}

/// In the present book: who keeps the pointer keeps the book.
const CampaignSettings* CaseActor::settings_for(CampaignId id, UtcTime at) const {
  static const CampaignSettings no_campaign;
  const Campaign* campaign = book_->find(id);
  return campaign != nullptr ? book_->order(*campaign, machine_.record(), at).settings : &no_campaign;
}

std::shared_ptr<const CallScript> CaseActor::script_for(const CampaignSettings& settings, UtcTime at) const {
  auto flow = book_->find_flow(settings.flow);
  if (!flow) return nullptr;
  auto script = std::make_shared<CallScript>();
  script->card = flow_card(*flow, settings.filter, machine_.record(), at, book_->clock());
  // Which of several is shown is said by the reservation.
  if (auto numbers = parse_caller_ids(settings.caller_id)) script->card.caller_number = numbers->front();
  script->flow = std::move(flow);
  return script;
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
    tell_own_numbers(request, *context_->settings);
    request.agent = command.agent;
    request.is_manual = command.number.has_value();
    request.rates = command.rates;
    request.ready_agents = command.ready_agents;
    request.is_clock_shifted = context_->clock->is_shifted();
    const UtcTime reserved_at = now();
    // Before the decision: the reservation itself may be what makes another rule fit.
    const CampaignSettings* settings = settings_for(command.campaign, reserved_at);
    // A person's own dialing plays no flow.
    const auto script = request.is_manual ? nullptr : script_for(*settings, reserved_at);
    auto effects = machine_.on_attempt_request(reserved_at, request, *book_, *context_->gate);
    const CommitRequest::Reservation reservation{command.slot.attempt, 1, command.slot.expires_at};
    decide(std::move(effects), [this, promise, reserved_at, settings, script, book = book_](Result<CaseAnswer> result) mutable {
      msg::AttemptReply reply;
      if (!result) reply.error = result.error();
      else if (std::holds_alternative<AliasView>(*result)) reply.denial.reason = "merged into another case";
      else if (const auto* denial = std::get_if<DenialView>(&*result)) reply.denial = *denial;
      else if (const auto* view = std::get_if<AttemptView>(&*result)) {
        reply.is_placed = true;
        dunlin::tell(this, context_->calls, msg::StartCall{*view, *settings, reserved_at, said_with(script, view->caller_id)});
      }
      promise.deliver(std::move(reply));
    }, reservation);
  });
  return promise;
}

Result<CaseEffects> CaseActor::judge_fact(const msg::RecordFact& fact) {
  const auto event = decode(fact.type, fact.body);
  if (!event) return event.error();
  if (const auto* answered = std::get_if<AttemptAnswered>(&*event)) return machine_.on_answered(now(), *answered);
  if (const auto* bridged = std::get_if<AgentBridged>(&*event)) return machine_.on_bridged(now(), *bridged);
  if (const auto* controlled = std::get_if<CallControlled>(&*event)) return machine_.on_controlled(now(), *controlled);
  if (const auto* said = std::get_if<DispositionSet>(&*event)) return machine_.on_disposition(now(), *said, *book_);
  if (const auto* asked = std::get_if<CallbackAsked>(&*event)) return machine_.on_callback_asked(now(), asked->callback, *book_, asked->attempt);
  if (const auto* settled = std::get_if<AttemptSettled>(&*event)) return machine_.on_settled(now(), *settled, *book_);
  return invalid_input("not a fact of an attempt: " + std::string(event_name(event_type(*event))));
}

caf::typed_response_promise<msg::ImportOfCaseUndone> CaseActor::on_import_undone(const msg::UndoImportOfCase& command) {
  auto promise = make_response_promise<msg::ImportOfCaseUndone>();
  enqueue([this, promise, command]() mutable {
    auto effects = machine_.on_import_undone(now(), ImportUndone{command.import, command.author}, *book_);
    const bool is_changed = effects && effects->has_events();
    decide(std::move(effects), [promise, is_changed](Result<CaseAnswer> result) mutable {
      msg::ImportOfCaseUndone answer;
      if (!result) answer.error = result.error();
      else if (const auto* kept = std::get_if<KeptView>(&*result)) answer.kept_because = kept->reason;
      else answer.is_undone = is_changed;
      promise.deliver(std::move(answer));
    });
  });
  return promise;
}

/// The survivor takes no decision between asking for the other's facts and having them: an attempt reserved in between
/// would not know the other history.
caf::typed_response_promise<msg::Answer> CaseActor::on_absorb(const msg::AbsorbCase& command) {
  auto promise = make_response_promise<msg::Answer>();
  enqueue([this, promise, command]() mutable {
    const std::function<void(std::optional<Error>)> end = [this, promise](std::optional<Error> error) mutable {
      is_absorbing_ = false;
      promise.deliver(msg::Answer{std::move(error), {}});
      run_waiting();
    };
    const CaseRecord& record = machine_.record();
    if (!record.is_opened()) return end(Error{Errc::not_found, "no such case"});
    if (record.alias_of.is_set()) return end(Error{Errc::conflict, "merged into another case meanwhile"});
    const auto& known = record.absorbed;
    if (std::find(known.begin(), known.end(), command.absorbed) != known.end()) return end(std::nullopt);
    is_absorbing_ = true;
    // Whether there is room must be known before the other case is closed for ever.
    ask(this, context_->shard_for(command.absorbed), limits::request_timeout, msg::GetCase{command.absorbed})
        .then(
            [this, command, end](const msg::CaseView& view) {
              if (!view.record->is_opened()) return end(Error{Errc::not_found, "no such case"});
              // Its keys may be others than those for which the merge was planned: a third case may have been merged meanwhile.
              const bool is_whole = !view.record->alias_of.is_set();
              Status may = is_whole ? check_one_person(machine_.record(), *view.record) : Status(Done{});
              if (may) may = check_merge(machine_.record(), absorbed_facts(*view.record));
              if (!may) return end(may.error());
              take_over(command, end);
            },
            [end](const caf::error& error) { end(Error{Errc::unavailable, caf::to_string(error)}); });
  });
  return promise;
}

void CaseActor::take_over(const msg::AbsorbCase& command, const std::function<void(std::optional<Error>)>& end) {
  ask(this, context_->shard_for(command.absorbed), limits::commit_timeout, msg::BecomeAlias{command.absorbed, command.alias_into})
      .then(
          [this, command, end](const msg::AliasMade& alias) {
            if (alias.error) return end(alias.error);
            decide(machine_.on_merge(now(), command.absorbed, alias.facts, *book_), [this, command, end](Result<CaseAnswer> result) {
              if (!result) log_error("case", "merge_unfinished", "case={} absorbed={} {}", command.case_id.str(), command.absorbed.str(), result.error().detail);
              end(result ? std::optional<Error>() : result.error());
            });
          },
          [end](const caf::error& error) { end(Error{Errc::unavailable, caf::to_string(error)}); });
}

/// A case that is taking another over is no alias meanwhile: two that were told to absorb each other, by the desks of two nodes, would
/// wait for each other until both give up, and both become aliases afterwards.
caf::typed_response_promise<msg::AliasMade> CaseActor::on_become_alias(const msg::BecomeAlias& command) {
  auto promise = make_response_promise<msg::AliasMade>();
  if (is_absorbing_) {
    promise.deliver(msg::AliasMade{{}, Error{Errc::conflict, "the case takes another one over"}});
    return promise;
  }
  enqueue([this, promise, command]() mutable {
    decide(machine_.on_alias(now(), command.into), [promise](Result<CaseAnswer> result) mutable {
      msg::AliasMade made;
      if (!result) made.error = result.error();
      else if (auto* facts = std::get_if<AbsorbedFacts>(&*result)) made.facts = std::move(*facts);
      else made.error = Error{Errc::conflict, "the case gave no facts"};
      promise.deliver(std::move(made));
    });
  });
  return promise;
}

caf::typed_response_promise<msg::Answer> CaseActor::on_second_leg(const msg::RequestSecondLeg& command) {
  auto promise = make_response_promise<msg::Answer>();
  enqueue([this, promise, command]() mutable {
    SecondLegRequest request{command.slot.attempt, command.slot.trunk, command.slot.expires_at_utc, command.cause, command.has_rung,
                             context_->clock->is_shifted()};
    tell_own_numbers(request, *context_->settings);
    auto effects = machine_.on_second_leg(now(), request, *book_, *context_->gate);
    const CommitRequest::Reservation reservation{command.slot.attempt, 2, command.slot.expires_at};
    decide(std::move(effects), [this, promise, command](Result<CaseAnswer> result) mutable {
      if (const auto* alias = result ? std::get_if<AliasView>(&*result) : nullptr) {
        msg::RequestSecondLeg moved = command;
        moved.case_id = alias->into;
        promise.delegate(context_->shard_for(alias->into), std::move(moved));
        return;
      }
      msg::Answer answer = answer_from(result);
      if (result && !std::holds_alternative<AttemptView>(*result)) answer.error = Error{Errc::denied, "the second leg is not allowed now"};
      promise.deliver(std::move(answer));
    }, reservation);
  });
  return promise;
}

caf::typed_response_promise<msg::Answer> CaseActor::on_campaigns_changed(const msg::CampaignsChanged& change) {
  return answer_with([this, change] {
    book_ = change.book;
    return machine_.on_campaigns_changed(now(), *book_, change.has_new_rules);
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
