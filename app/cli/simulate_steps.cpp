#include "app/cli/simulate_steps.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/why_text.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {
namespace {

/// Numbers of a person by their place, so that no journal holds one.
std::string number_name(const CaseRecord& record, const PhoneNumber& number) {
  for (std::size_t i = 0; i < record.phones.size(); ++i) {
    if (record.phones[i].number == number) return "n" + std::to_string(i + 1);
  }
  return "";
}

std::string person_name(const CaseRecord& record) { return record.debts.empty() ? "" : record.debts.front().external_id; }

std::vector<std::string> rule_names(const Decision& decision) {
  std::vector<std::string> names;
  for (const RuleFinding& finding : decision.findings) {
    if (std::find(names.begin(), names.end(), finding.rule_id) == names.end()) names.push_back(finding.rule_id);
  }
  return names;
}

nlohmann::ordered_json due_rows(const std::vector<DueRow>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const DueRow& row : rows) list.push_back({{"campaign", row.campaign.is_set() ? row.campaign.str() : ""}, {"at", row.due_at.ms}});
  return list;
}

nlohmann::ordered_json phone_rows(const CaseRecord& record) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ContactPhone& phone : record.phones) {
    list.push_back({{"number", number_name(record, phone.number)}, {"type", to_string(phone.type)}, {"owner", to_string(phone.owner)}});
  }
  return list;
}

}  // namespace

SimulatedSteps::SimulatedSteps(const WhatIfPlan& plan, std::uint64_t seed, Wish wish)
    : plan_(plan), wish_(std::move(wish)), clock_(plan.policy, plan.gate) {
  for (const std::string& wanted : wish_.stories) stories_.push_back({wanted, CaseId(), {}});
  if (wish_.journal.empty()) return;
  journal_.open(wish_.journal, std::ios::binary | std::ios::trunc);
  const CampaignSettings& settings = plan.campaign;
  const Json head = {{"step", "course"}, {"seed", seed}, {"day", format_date(plan.day)}, {"days", plan.days}, {"zone", plan.line.zone},
                     {"jurisdictions", plan.gate.jurisdictions}, {"organisation", to_string(plan.gate.organisation)},
                     {"mode", to_string(settings.mode)}, {"ring_timeout_s", settings.ring_timeout_ms / 1000},
                     {"strategy", settings.strategy}};
  journal_ << head.dump() << "\n";
}

bool SimulatedSteps::is_wanted(const CaseRecord& record) const {
  if (journal_.is_open()) return true;
  return std::any_of(stories_.begin(), stories_.end(), [&record](const Story& story) { return story.id == record.id; });
}

std::string SimulatedSteps::wall_text(const CaseRecord& record, UtcTime at) const {
  const LocalTime wall = clock_.walls(record, at).front();
  const int minute = wall.second_of_day / 60;
  return fmt::format("{} {:02}:{:02}:{:02}", format_date(civil_from_days(wall.day)), minute / 60, minute % 60, wall.second_of_day % 60);
}

void SimulatedSteps::tell(UtcTime at, const CaseRecord& record, const std::string& step, const std::string& text, Json fields) {
  for (Story& story : stories_) {
    if (story.id == record.id) story.text += fmt::format("  {}  {:<8}  {}\n", wall_text(record, at), step, text);
  }
  if (!journal_.is_open()) return;
  Json line = {{"at", at.ms}, {"case", record.id.str()}, {"step", step}};
  line.update(fields);
  line["text"] = text;
  journal_ << line.dump() << "\n";
}

void SimulatedSteps::on_case(UtcTime at, const CaseRecord& record) {
  for (Story& story : stories_) {
    const bool is_named = story.wanted == record.id.str() || record.find_debt(story.wanted) != nullptr;
    if (!is_named) continue;
    story.id = record.id;
    story.text = fmt::format("{} {}, {}\n", person_name(record), record.id.str(), fmt::join(record.zones.empty() ? record.regions : record.zones, " "));
  }
  if (!is_wanted(record)) return;
  const std::string next = record.due.empty() ? say("nobody calls", "никто не звонит") : say("next ", "далее ") + wall_text(record, record.due.front().due_at);
  const std::string text = record.plan_reason + "; " + next;
  tell(at, record, "case", text, {{"person", person_name(record)}, {"zones", record.zones}, {"regions", record.regions}, {"phones", phone_rows(record)},
                                  {"due", due_rows(record.due)}, {"reason", record.plan_reason}});
}

void SimulatedSteps::tell_plan(UtcTime at, const CaseRecord& record, const PlanChanged& plan) {
  std::string next = say("no further call is planned", "звонков больше не запланировано");
  if (!plan.rows.empty()) {
    const auto first = std::min_element(plan.rows.begin(), plan.rows.end(), [](const DueRow& a, const DueRow& b) { return a.due_at < b.due_at; });
    const bool is_timer = !first->campaign.is_set();
    next = (is_timer ? say("looked at again ", "снова рассмотреть ") : say("next ", "далее ")) + wall_text(record, first->due_at);
  }
  Json fields = {{"reason", plan.reason}, {"due", due_rows(plan.rows)}};
  if (plan.rest_until) fields["rest_until"] = plan.rest_until->ms;
  tell(at, record, "plan", plan.reason + "; " + next, std::move(fields));
}

void SimulatedSteps::tell_event(UtcTime at, const CaseRecord& record, const CaseEvent& event) {
  if (const auto* plan = std::get_if<PlanChanged>(&event)) return tell_plan(at, record, *plan);
  if (const auto* reserved = std::get_if<AttemptReserved>(&event)) {
    const std::string number = number_name(record, reserved->number);
    const std::string text = fmt::format("{} {} {}: {}", to_string(reserved->role), to_string(reserved->type), number,
                                         why_sentences(reserved->proof, plan_.policy->rules(), wish_.is_russian ? "ru" : "en"));
    return tell(at, record, "call", text, {{"attempt", reserved->attempt.str()}, {"number", number}, {"type", to_string(reserved->type)}, {"owner", to_string(reserved->role)}});
  }
  if (const auto* denied = std::get_if<AttemptDenied>(&event)) {
    const std::string text = why_sentences(denied->decision, plan_.policy->rules(), wish_.is_russian ? "ru" : "en");
    return tell(at, record, "law", text, {{"number", number_name(record, denied->number)}, {"rules", rule_names(denied->decision)}});
  }
  if (const auto* settled = std::get_if<AttemptSettled>(&event)) {
    const std::string outcome(to_string(settled->outcome));
    return tell(at, record, "end", outcome, {{"attempt", settled->attempt.str()}, {"outcome", outcome}});
  }
  if (const auto* word = std::get_if<DispositionSet>(&event)) {
    const std::string outcome(to_string(word->outcome));
    Json fields = {{"attempt", word->attempt.str()}, {"outcome", outcome}};
    if (word->promise) fields["promised"] = format_date(word->promise->date);
    if (word->callback) fields["callback"] = word->callback->at.ms;
    return tell(at, record, "word", outcome + (word->promise ? " " + format_date(word->promise->date) : "") +
                                        (word->callback ? " " + wall_text(record, word->callback->at) : ""), std::move(fields));
  }
  const std::string name(event_name(event_type(event)));
  tell(at, record, "fact", name, {{"name", name}});
}

void SimulatedSteps::on_events(UtcTime at, const CaseRecord& record, const std::vector<CaseEvent>& events) {
  if (!is_wanted(record)) return;
  for (const CaseEvent& event : events) tell_event(at, record, event);
}

void SimulatedSteps::on_refusal(UtcTime at, const CaseRecord& record, const DenialView& denial) {
  if (!is_wanted(record)) return;
  const std::string until = denial.until ? say(" until ", " до ") + wall_text(record, *denial.until) : say(", time alone does not heal it", ", само время этого не изменит");
  const std::string by = denial.is_by_law ? say("refused by the law: ", "отказ закона: ") : say("held back by the plan: ", "удержано планом: ");
  Json fields = {{"by", denial.is_by_law ? "law" : "plan"}, {"reason", denial.reason}};
  if (denial.until) fields["until"] = denial.until->ms;
  tell(at, record, "refusal", by + denial.reason + until, std::move(fields));
}

Status SimulatedSteps::finish() {
  for (const Story& story : stories_) {
    if (!story.id.is_set()) return Error{Errc::not_found, "--story: no case " + story.wanted + " in the list; synthetic persons are S-0, S-1, …"};
  }
  if (wish_.journal.empty()) return Done{};
  journal_.close();
  if (!journal_) return Error{Errc::unavailable, "cannot write " + wish_.journal};
  return Done{};
}

std::string SimulatedSteps::stories() const {
  std::string text;
  for (const Story& story : stories_) text += "\n" + story.text;
  return text;
}

}  // namespace dunlin
