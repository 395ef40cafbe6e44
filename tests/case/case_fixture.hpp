#pragma once
// A debtor, a campaign, a gate under the test's command, and a machine driven the way its actor drives it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/case/case_fold.hpp"
#include "core/case/case_machine.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin::test {

/// Tuesday 2026-11-24 12:00 UTC.
inline constexpr UtcTime noon{1'795'521'600'000};
inline constexpr CaseId case_id{0xA1};
inline constexpr CampaignId campaign_id{7};

inline PhoneNumber number(int last) { return *PhoneNumber::from_e164("+7900555" + std::to_string(1000 + last)); }

inline ContactPhone phone(int last, PhoneType type = PhoneType::mobile, PartyRole owner = PartyRole::debtor) {
  ContactPhone phone;
  phone.number = number(last);
  phone.type = type;
  phone.owner = owner;
  return phone;
}

inline Debt debt(std::string id, std::int64_t overdue_minor = 1'000'00) {
  Debt debt;
  debt.external_id = std::move(id);
  debt.portfolio = "north";
  debt.balance = Money{overdue_minor * 10, Currency::rub};
  debt.overdue = Money{overdue_minor, Currency::rub};
  debt.days_past_due = 12;
  debt.stage = "soft";
  return debt;
}

inline RowImported row(std::uint64_t import = 1) {
  RowImported row;
  row.import = ImportId(import);
  row.row_line = 2;
  row.source = "north.xlsx";
  row.draft.keys = {PersonKey{PersonKeyKind::source_client, "north|42"}};
  row.draft.name = PersonName{"Synthetic Person"};
  row.draft.zones = {"Europe/Moscow"};
  row.draft.phones = {phone(1), phone(2, PhoneType::home)};
  row.draft.debts = {debt("C-1")};
  return row;
}

inline Campaign campaign() {
  Campaign campaign;
  campaign.state = CampaignState::running;
  campaign.settings.id = campaign_id;
  campaign.settings.name = "north soft";
  campaign.settings.trunks = {TrunkShare{"demo", 1}};
  campaign.settings.caller_id = "+74995550100";
  return campaign;
}

/// Answers what the test wants and counts the questions.
class CommandedGate final : public ContactGate {
 public:
  Decision judge(const GateQuestion& question) const override {
    ++asked;
    asked_channel = question.channel;
    asked_shown = question.shown;
    Decision decision = answer;
    decision.at = question.at;
    const bool is_denied_number = denied_number.is_set() && question.phone.number == denied_number;
    if (is_denied_number) decision.verdict = Verdict::deny;
    return decision;
  }
  void allow() { answer = Decision{Verdict::allow, {}, {}, {}, "rules-1", "cal-1", "2026a", {}, 0, false}; }
  void deny_until(UtcTime until) {
    answer.verdict = Verdict::deny_until;
    answer.until = until;
    answer.findings = {RuleFinding{"RU-FRQ-C1", until, "used=1 limit=1"}};
  }
  Decision answer;
  PhoneNumber denied_number;
  mutable int asked = 0;
  mutable Channel asked_channel = Channel::call;
  mutable ShownNumber asked_shown = ShownNumber::not_chosen;
};

/// The machine with its history: what a case actor and its journal do together.
class Desk {
 public:
  explicit Desk(Campaign of = campaign()) : book({std::move(of)}) { gate.allow(); }

  /// Commits the effects as the journal would: encoded, then applied.
  CaseEffects commit(Result<CaseEffects> effects) {
    EXPECT_TRUE(effects.ok()) << effects.error().detail;
    if (!effects.ok()) return {};
    if (!effects->has_events()) return *effects;
    EXPECT_EQ(broken_invariant(effects->next), "") << "version " << effects->expected_version;
    CaseEffects spent = *effects;  // The request takes parts of it, and tests look at all of them.
    const CommitRequest request = make_commit(spent);
    EXPECT_EQ(request.expected_version, history.size());
    machine.begin(*effects);
    for (const EventDraft& draft : request.events) {
      StoredEvent stored;
      stored.case_id = request.case_id;
      stored.version = history.size() + 1;
      stored.type = draft.type;
      stored.at = draft.at;
      stored.body = draft.body;
      history.push_back(stored);
    }
    machine.finish();
    EXPECT_EQ(request.case_view, encode_view(machine.record()));
    return *effects;
  }

  CaseEffects import(const RowImported& what = row()) { return commit(machine.on_import(now, case_id, what, book)); }

  AttemptRequest request(std::uint64_t id) const {
    AttemptRequest request;
    request.attempt = AttemptId(id);
    request.campaign = campaign_id;
    request.trunk = "demo";
    request.edge_node = "n1";
    request.edge_incarnation = 3;
    request.slot_expires_at = now + seconds(5);
    // The campaign's number, by a contract of the company's.
    request.of_company = {*PhoneNumber::from_e164("+74995550100")};
    return request;
  }
  CaseEffects reserve(std::uint64_t id) { return commit(machine.on_attempt_request(now, request(id), book, gate)); }

  AttemptSettled settlement(std::uint64_t id, Outcome outcome) const {
    AttemptSettled fact;
    fact.attempt = AttemptId(id);
    fact.outcome = outcome;
    fact.times.invited_at = now;
    fact.times.ended_at = now + seconds(20);
    if (traits(outcome).human_answered) {
      fact.times.answered_at = now + seconds(5);
      fact.answer = AnsweredBy::human;
    }
    if (outcome == Outcome::answered) fact.times.bridged_at = now + seconds(6);
    return fact;
  }
  CaseEffects settle(std::uint64_t id, Outcome outcome) {
    return commit(machine.on_settled(now, settlement(id, outcome), book));
  }
  CaseEffects dispose(std::uint64_t id, Outcome outcome) {
    DispositionSet command;
    command.attempt = AttemptId(id);
    command.agent = AgentId(9);
    command.outcome = outcome;
    if (outcome == Outcome::rpc_promise) command.promise = PromiseTerms{Money{500'00, Currency::rub}, {2026, 11, 27}, "C-1"};
    if (outcome == Outcome::rpc_callback) command.callback = Callback{now + hours(3), AgentId(9), {}};
    return commit(machine.on_disposition(now, command, book));
  }

  const CaseRecord& record() const { return machine.record(); }
  /// The instant at which the campaign may dial the case, if at all.
  std::optional<UtcTime> due() const {
    for (const DueRow& known : record().due) {
      if (known.campaign == campaign_id) return known.due_at;
    }
    return std::nullopt;
  }

  UtcTime now = noon;
  CampaignBook book;
  CommandedGate gate;
  CaseMachine machine{CaseRecord{}};
  std::vector<StoredEvent> history;
};

template <class Event>
int count_of(const CaseEffects& effects) {
  int count = 0;
  for (const CaseEvent& event : effects.events) count += std::holds_alternative<Event>(event) ? 1 : 0;
  return count;
}

inline const DenialView* denial_of(const CaseEffects& effects) { return std::get_if<DenialView>(&effects.answer); }

}  // namespace dunlin::test
