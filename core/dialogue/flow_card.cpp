#include "core/dialogue/flow_card.hpp"

#include <algorithm>

namespace dunlin {
namespace {

/// The conditions of one branch as a strategy, so that they mean exactly what they mean there.
Strategy rules_of_branch(const Flow& flow, const flow_step::Branch& branch) {
  Strategy rules;
  rules.name = flow.name;
  rules.currency = flow.currency;
  for (const flow_step::BranchCase& one : branch.cases) {
    StrategyRule rule;
    rule.when = one.when;
    rules.rules.push_back(std::move(rule));
  }
  return rules;
}

CivilDate today_of(const CaseRecord& record, UtcTime now, const DebtorClock* clock) {
  std::vector<LocalTime> walls{utc_wall(now)};
  if (clock != nullptr) walls = clock->walls(record, now);
  const auto is_earlier = [](const LocalTime& a, const LocalTime& b) { return a.day < b.day; };
  const auto earliest = std::min_element(walls.begin(), walls.end(), is_earlier);
  return civil_from_days(earliest == walls.end() ? utc_wall(now).day : earliest->day);
}

void take_debts(const Flow& flow, const CaseFilter& filter, const CaseRecord& record, FlowCard& card) {
  card.overdue.currency = flow.currency;
  card.balance.currency = flow.currency;
  const Debt* oldest = nullptr;
  std::size_t count = 0;
  for (const Debt& debt : record.debts) {
    if (!takes_debt(filter, debt)) continue;
    if (debt.overdue.currency == flow.currency) card.overdue.minor += debt.overdue.minor;
    if (debt.balance.currency == flow.currency) card.balance.minor += debt.balance.minor;
    if (oldest == nullptr || debt.days_past_due > oldest->days_past_due) oldest = &debt;
    ++count;
  }
  if (oldest == nullptr) return;
  card.creditor = oldest->creditor;
  card.product = oldest->product;
  card.days_past_due = oldest->days_past_due;
  card.arrears_since = oldest->arrears_since;
  if (count == 1) card.debt_external_id = oldest->external_id;
}

SpokenPieces synthesised(const std::string& text) { return text.empty() ? SpokenPieces() : SpokenPieces{{"", text}}; }

SpokenPieces spoken_value(const Flow& flow, const FlowCard& card, FlowValue value, SpokenCase form) {
  switch (value) {
    case FlowValue::name: return synthesised(card.name);
    case FlowValue::creditor: return synthesised(card.creditor);
    case FlowValue::product: return synthesised(card.product);
    case FlowValue::caller_number: return spoken_phone(flow.language, card.caller_number);
    case FlowValue::overdue: return spoken_money(flow.language, card.overdue, form);
    case FlowValue::balance: return spoken_money(flow.language, card.balance, form);
    case FlowValue::days_past_due: return spoken_days(flow.language, card.days_past_due);
    case FlowValue::arrears_since:
      return card.arrears_since ? spoken_date(flow.language, *card.arrears_since, true) : SpokenPieces();
    case FlowValue::amount:
    case FlowValue::date: return {};
  }
  return {};
}

}  // namespace

FlowCard flow_card(const Flow& flow, const CaseFilter& filter, const CaseRecord& record, UtcTime now, const DebtorClock* clock) {
  FlowCard card;
  card.name = record.name.full;
  card.today = today_of(record, now, clock);
  take_debts(flow, filter, record, card);
  card.branches.resize(flow.steps.size(), 0);
  for (FlowIndex i = 0; i < flow.steps.size(); ++i) {
    const auto* branch = std::get_if<flow_step::Branch>(&flow.steps[i].act);
    if (branch == nullptr) continue;
    const Strategy rules = rules_of_branch(flow, *branch);
    const auto decision = decide(rules, strategy_facts(rules, filter, record, now, clock));
    card.branches[i] = decision.rule ? branch->cases[*decision.rule].next : branch->otherwise;
  }
  return card;
}

SpokenPieces spoken_flow_text(const Flow& flow, const FlowCard& card, const FlowText& text, const std::optional<Money>& amount,
                              const std::optional<CivilDate>& date) {
  SpokenPieces pieces;
  const auto add = [&pieces](SpokenPieces more) {
    for (SpokenPiece& piece : more) pieces.push_back(std::move(piece));
  };
  for (const FlowTextPart& part : text) {
    if (!part.value) pieces.push_back({part.fragment, part.phrase});
    else if (part.value == FlowValue::amount) add(spoken_money(flow.language, amount.value_or(card.overdue), part.form));
    else if (part.value == FlowValue::date) add(date ? spoken_date(flow.language, *date) : SpokenPieces());
    else add(spoken_value(flow, card, *part.value, part.form));
  }
  return pieces;
}

SpokenPieces flow_fragments(const Flow& flow) {
  SpokenPieces pieces;
  for (const FlowStep& step : flow.steps) {
    for (const FlowTextPart& part : text_of(step.act)) {
      if (!part.value) pieces.push_back({part.fragment, part.phrase});
    }
  }
  for (SpokenPiece& piece : spoken_vocabulary(flow.language)) pieces.push_back(std::move(piece));
  return pieces;
}

SpokenPieces words_of_card(const Flow& flow, const FlowCard& card) {
  SpokenPieces own;
  for (const FlowStep& step : flow.steps) {
    for (SpokenPiece& piece : spoken_flow_text(flow, card, text_of(step.act), std::nullopt, std::nullopt)) {
      if (piece.fragment.empty() && std::find(own.begin(), own.end(), piece) == own.end()) own.push_back(std::move(piece));
    }
  }
  return own;
}

}  // namespace dunlin
