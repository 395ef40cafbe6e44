#include <algorithm>

#include "core/case/attempt_count.hpp"
#include "core/case/case_machine.hpp"
#include "core/case/effect_builder.hpp"
#include "core/dialing/answer_worth.hpp"
#include "core/dialing/caller_id_choice.hpp"
#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

/// How soon a callback that waits for its own agent is asked again.
constexpr Duration recheck_own_agent = seconds(15);
/// A refusal that only a change of data heals is asked again after this: packs and calendars change too.
constexpr Duration recheck_denied = days(1);

std::string rules_of(const Decision& decision) {
  AttemptDenied denial;
  denial.decision = decision;
  return mark_of(denial).rules;
}

/// Whether nothing new would be written down: the same rules until the same instant for the same number.
bool is_told(const CaseRecord& record, const AttemptDenied& denial) {
  const DenialMark mark = mark_of(denial);
  return std::any_of(record.denials.begin(), record.denials.end(), [&mark](const DenialMark& known) {
    return known.number == mark.number && known.rules == mark.rules && known.until == mark.until;
  });
}

/// The more useful of two refusals: the one that time heals first.
bool heals_sooner(const Decision& a, const Decision& b) {
  if (!a.until) return false;
  return !b.until || *a.until < *b.until;
}

bool is_predictive(const CampaignSettings& settings, bool is_manual) {
  return settings.mode == DialingMode::predictive && !is_manual;
}

/// The number the debtor sees, and whether the law lets it be shown. A campaign nobody chose names none.
struct Shown {
  PhoneNumber number;
  ShownNumber standing = ShownNumber::hidden;
};
template <class Request>
Shown shown_number(const Request& request, const ContactPhone& phone, const CampaignSettings& settings, const ContactGate& gate) {
  const auto of_campaign = parse_caller_ids(settings.caller_id);
  const OwnNumbers own{request.caller_ids, of_campaign ? *of_campaign : std::vector<PhoneNumber>()};
  Shown shown;
  shown.number = choose_caller_id(own, phone.number, [&gate](const PhoneNumber& number) { return gate.regions_of(number); });
  shown.standing = judge_caller_id(shown.number, own, request.of_company);
  return shown;
}

AttemptReserved reservation_of(const AttemptRequest& request, const ContactPhone& phone, const PhoneNumber& caller_id,
                               const Decision& proof) {
  AttemptReserved reserved;
  reserved.attempt = request.attempt;
  reserved.campaign = request.campaign;
  reserved.number = phone.number;
  reserved.type = phone.type;
  reserved.role = phone.owner;
  reserved.trunk = request.trunk;
  reserved.caller_id = caller_id.e164();
  reserved.slot_expires_at = request.slot_expires_at;
  reserved.edge_node = request.edge_node;
  reserved.edge_incarnation = request.edge_incarnation;
  reserved.agent = request.agent;
  reserved.is_manual = request.is_manual;
  reserved.is_clock_shifted = request.is_clock_shifted;
  reserved.proof = proof;
  return reserved;
}

/// What a grown model expects is kept beside the attempt, so that it can be held against what came of it.
void note_forecast(AttemptReserved& reserved, const AnswerOdds* odds, const CaseRecord& record, const ContactPhone& phone, UtcTime now) {
  if (odds == nullptr) return;
  reserved.answer_score_permille = score_permille(odds->forecast(record, phone, now));
  reserved.answer_model_at = odds->learned_at();
}

/// Why this number, this case: the strategy's rule, and the odds where the settings let them choose.
std::string reservation_reason(const WorkOrder& order, const AttemptReserved& reserved) {
  std::string reason = "attempt reserved";
  const bool is_by_odds = reserved.answer_model_at && order.settings->number_choice == NumberChoice::best_odds && !reserved.is_manual;
  if (is_by_odds) reason += ", number by odds: " + std::to_string((reserved.answer_score_permille + 5) / 10) + " %";
  const std::string under = order_text(order);
  return under.empty() ? reason : reason + "; " + under;
}

AttemptView view_of(const CaseRecord& record, const AttemptReserved& reserved) {
  AttemptView view;
  view.attempt = reserved.attempt;
  view.case_id = record.id;
  view.campaign = reserved.campaign;
  view.number = reserved.number;
  view.role = reserved.role;
  view.trunk = reserved.trunk;
  view.caller_id = reserved.caller_id;
  view.slot_expires_at = reserved.slot_expires_at;
  view.agent = reserved.agent;
  view.is_manual = reserved.is_manual;
  return view;
}

/// A manual call may name no campaign, or one that ended: then the settings nobody chose.
WorkOrder order_of(const CampaignBook& book, CampaignId id, const CaseRecord& record, UtcTime now) {
  static const CampaignSettings no_campaign;
  const Campaign* campaign = book.find(id);
  if (campaign != nullptr) return book.order(*campaign, record, now);
  WorkOrder order;
  order.settings = &no_campaign;
  return order;
}

Status check_request(const CaseRecord& record, const AttemptRequest& request, UtcTime now) {
  if (!request.attempt.is_set()) return invalid_input("attempt: no id");
  if (request.slot_expires_at <= now) return Error{Errc::conflict, "the slot has expired"};
  if (record.find_attempt(request.attempt) != nullptr) return Error{Errc::conflict, "the attempt id was used before"};
  if (request.number && record.find_phone(*request.number) == nullptr) {
    return Error{Errc::not_found, "not a number of this person"};
  }
  return Done{};
}

}  // namespace

Result<CaseEffects> CaseMachine::on_attempt_request(UtcTime now, const AttemptRequest& request, const CampaignBook& book,
                                                    const ContactGate& gate) const {
  if (auto status = check_ready(); !status) return status.error();
  if (auto status = check_request(record_, request, now); !status) return status.error();
  const std::string state(to_string(record_.state));
  switch (record_.state) {
    case CaseState::aliased: return answer_only(record_, now, AliasView{record_.alias_of});
    case CaseState::in_attempt:
    case CaseState::awaiting_disposition:
    case CaseState::stopped:
    case CaseState::closed: return deny(now, request, std::nullopt, state, book);
    case CaseState::promised:
      // A person may call whom the plan leaves in peace; the law has the last word.
      if (!request.is_manual) return deny(now, request, record_.open_promise()->check_at, state, book);
      break;
    case CaseState::resting:
    case CaseState::open: break;
  }
  if (record_.attempts.size() + record_.contacts.size() >= max_history_rows) {
    return deny(now, request, now + recheck_denied, "history bound reached", book);
  }
  if (request.is_manual) return ask_gate(now, request, book, gate);
  const Campaign* campaign = book.find(request.campaign);
  if (campaign == nullptr || campaign->state != CampaignState::running) {
    return deny(now, request, std::nullopt, "campaign not running", book);
  }
  const auto row = std::find_if(record_.due.begin(), record_.due.end(),
                                [&request](const DueRow& known) { return known.campaign == request.campaign; });
  if (row == record_.due.end()) return deny(now, request, std::nullopt, "not in this campaign", book);
  if (row->due_at > now) return deny(now, request, row->due_at, "not due", book);
  // The strategy is asked again: an hour of the day or a payment may have brought another rule since the plan was made.
  const WorkOrder order = book.order(*campaign, record_, now);
  if (!order.is_open() || order.rest_until) return deny(now, request, order.rest_until, order_text(order), book);
  const AgentId own = awaited_agent(order, record_, now);
  const auto& ready = request.ready_agents;
  const bool must_wait = own.is_set() && std::find(ready.begin(), ready.end(), own) == ready.end();
  if (must_wait) return deny(now, request, now + recheck_own_agent, "the callback waits for its own agent", book);
  return ask_gate(now, request, book, gate);
}

Result<CaseEffects> CaseMachine::deny(UtcTime now, const AttemptRequest& request, std::optional<UtcTime> until,
                                      std::string reason, const CampaignBook& book) const {
  EffectBuilder builder(record_, now, limits_);
  // The plan may be behind the campaigns (paused, edited): what denies now must not stay due.
  if (!request.is_manual) builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), record_.plan_reason});
  return std::move(builder).finish(DenialView{record_.id, request.campaign, false, until, std::move(reason)});
}

Result<CaseEffects> CaseMachine::ask_gate(UtcTime now, const AttemptRequest& request, const CampaignBook& book,
                                          const ContactGate& gate) const {
  const WorkOrder order = order_of(book, request.campaign, record_, now);
  const CampaignSettings& settings = *order.settings;
  std::vector<const ContactPhone*> numbers;
  if (request.number) numbers.push_back(record_.find_phone(*request.number));
  else numbers = numbers_to_try(record_, settings, now, book.odds());

  EffectBuilder builder(record_, now, limits_);
  const auto worthless = request.number || request.is_manual ? std::nullopt : keep_worthwhile(numbers, record_, settings, book.odds(), book.clock(), now);
  if (worthless) {
    builder.postpone(book, request.campaign, worthless->until, worthless->reason);
    return std::move(builder).finish(DenialView{record_.id, request.campaign, false, worthless->until, std::string(cost_refusal)});
  }
  AttemptDenied denial;
  bool is_judged = false;
  for (const ContactPhone* phone : numbers) {
    if (phone->is_blocked) continue;
    const int ring_s = static_cast<int>(settings.ring_timeout_ms / 1000);
    const Shown shown = shown_number(request, *phone, settings, gate);
    const GateQuestion question{record_, *phone, channel_of(settings.mode, request.is_manual), now, AttemptId(), request.is_clock_shifted,
                                request.is_manual, ring_s, is_predictive(settings, request.is_manual), request.rates, shown.standing};
    const Decision decision = gate.judge(question);
    if (decision.is_allowed()) {
      AttemptReserved reserved = reservation_of(request, *phone, shown.number, decision);
      note_forecast(reserved, book.odds(), record_, *phone, now);
      builder.add(reserved);
      builder.replan(book, PlanInputs{record_.rest_until, false, CampaignId(), reservation_reason(order, reserved)});
      AttemptView view = view_of(record_, reserved);
      if (!request.is_manual) view.preferred_agent = awaited_agent(order, record_, now);
      return std::move(builder).finish(std::move(view));
    }
    if (is_judged && !heals_sooner(decision, denial.decision)) continue;
    is_judged = true;
    denial = AttemptDenied{request.campaign, phone->number, phone->owner, request.agent, request.is_manual, decision};
  }
  if (!is_judged) {
    const UtcTime free = caps_free_at(record_, settings, now);
    const std::optional<UtcTime> until = free > now ? std::optional<UtcTime>(free) : std::nullopt;
    return deny(now, request, until, "no number may be dialed", book);
  }
  if (!is_told(record_, denial)) builder.add(denial);
  const std::string rules = rules_of(denial.decision);
  const auto until = denial.decision.until;
  if (!request.is_manual) builder.postpone(book, request.campaign, until.value_or(now + recheck_denied), "denied: " + rules);
  return std::move(builder).finish(DenialView{record_.id, request.campaign, true, until, rules});
}

Result<CaseEffects> CaseMachine::on_second_leg(UtcTime now, const SecondLegRequest& request, const CampaignBook& book,
                                               const ContactGate& gate) const {
  if (auto status = check_ready(); !status) return status.error();
  switch (record_.state) {
    case CaseState::aliased: return answer_only(record_, now, AliasView{record_.alias_of});
    case CaseState::in_attempt: break;
    case CaseState::open:
    case CaseState::resting:
    case CaseState::promised:
    case CaseState::closed:
    case CaseState::stopped:
    case CaseState::awaiting_disposition: return Error{Errc::conflict, "no attempt is open"};
  }
  const OpenAttempt& open = *record_.open_attempt;
  if (open.attempt != request.attempt) return Error{Errc::conflict, "another attempt is open"};
  if (open.legs >= 2) return Error{Errc::conflict, "the second leg was committed before"};
  // R6: a leg that may have rung is the only one.
  if (request.has_rung || open.has_rung) return Error{Errc::denied, "the first leg has rung"};
  if (request.slot_expires_at <= now) return Error{Errc::conflict, "the slot has expired"};
  const AttemptRow& row = *record_.find_attempt(open.attempt);
  const ContactPhone* phone = record_.find_phone(row.number);
  // Facts that came in since the first leg (a payment, a stop, a block) forbid a second one.
  const bool is_forbidden = phone == nullptr || phone->is_blocked || !record_.has_open_debt() || record_.is_stopped();
  if (is_forbidden) {
    return answer_only(record_, now, DenialView{record_.id, row.campaign, false, std::nullopt, "data changed"});
  }
  const WorkOrder order = order_of(book, row.campaign, record_, now);
  const CampaignSettings& settings = *order.settings;
  const Shown shown = shown_number(request, *phone, settings, gate);
  const GateQuestion question{record_, *phone, channel_of(settings.mode, row.is_manual), now, open.attempt, request.is_clock_shifted, row.is_manual,
                              static_cast<int>(settings.ring_timeout_ms / 1000), is_predictive(settings, row.is_manual),
                              FactRates{},  // The abandon limits were kept by the first leg, seconds ago.
                              shown.standing};
  const Decision decision = gate.judge(question);
  if (!decision.is_allowed()) {
    return answer_only(record_, now, DenialView{record_.id, row.campaign, true, decision.until, rules_of(decision)});
  }
  EffectBuilder builder(record_, now, limits_);
  builder.add(SecondLegCommitted{request.attempt, request.trunk, request.first_leg_cause, request.slot_expires_at, decision});
  AttemptView view;
  view.attempt = request.attempt;
  view.case_id = record_.id;
  view.campaign = row.campaign;
  view.number = row.number;
  view.role = row.role;
  view.trunk = request.trunk;
  view.caller_id = shown.number.e164();
  view.leg_number = 2;
  view.slot_expires_at = request.slot_expires_at;
  view.agent = row.agent;
  view.is_manual = row.is_manual;
  return std::move(builder).finish(view);
}

}  // namespace dunlin
