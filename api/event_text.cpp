#include "api/event_text.hpp"

#include <map>

#include <fmt/format.h>

#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

std::string rules_of(const Decision& decision) {
  std::string text;
  for (const RuleFinding& finding : decision.findings) text += (text.empty() ? "" : " ") + finding.rule_id;
  return text;
}

std::string verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow: return "allow";
    case Verdict::deny_until: return "deny_until";
    case Verdict::deny: return "deny";
  }
  return "deny";
}

std::string text_of(const CaseOpened& e) { return "by " + std::string(to_string(e.key.kind)); }
std::string text_of(const RowImported& e) { return fmt::format("{} line {} of {}, {} debts, {} numbers", e.import.str(), e.row_line, e.source, e.draft.debts.size(), e.draft.phones.size()); }
std::string text_of(const PaymentRecorded& e) { return "payment " + e.payment.payment_id; }
std::string text_of(const DebtClosed& e) { return e.reason; }
std::string text_of(const PlanChanged& e) { return e.reason + (e.rest_until ? " until " + format_utc(*e.rest_until) : ""); }
std::string text_of(const AttemptReserved& e) { return fmt::format("{} {} via {} [{}]", e.attempt.str(), e.number.masked(), e.trunk, rules_of(e.proof)); }
std::string text_of(const AttemptDenied& e) { return fmt::format("{} {}{}", e.number.masked(), rules_of(e.decision), e.decision.until ? " until " + format_utc(*e.decision.until) : ""); }
std::string text_of(const SecondLegCommitted& e) { return fmt::format("{} via {} after SIP {}", e.attempt.str(), e.trunk, e.first_leg_cause.sip_status); }
std::string text_of(const AttemptAnswered& e) { return fmt::format("{} confidence {}", e.attempt.str(), e.confidence_permille / 1000.0); }
std::string text_of(const AgentBridged& e) { return fmt::format("{} {}", e.attempt.str(), e.agent.str()); }
std::string text_of(const CallControlled& e) {
  return fmt::format("{} {} by {}{} at {}.{:03} s", e.attempt.str(), to_string(e.act), e.author, e.by.is_set() ? " as " + e.by.str() : "",
                     e.media_ms / 1000, e.media_ms % 1000);
}
std::string text_of(const AttemptSettled& e) { return fmt::format("{} {} SIP {} Q.850 {}", e.attempt.str(), to_string(e.outcome), e.cause.sip_status, e.cause.q850); }
std::string text_of(const DispositionSet& e) { return fmt::format("{} {}", e.attempt.str(), to_string(e.outcome)); }
std::string text_of(const PromiseMade& e) { return "promise for " + format_date(e.promise.date); }
std::string text_of(const RestrictionSet& e) { return e.flag.name; }
std::string text_of(const RestrictionCleared& e) { return e.name + " by document " + e.document_id; }
std::string text_of(const CaseMerged& e) { return "absorbed " + e.absorbed.str(); }
std::string text_of(const CaseAliased& e) { return "lives on as " + e.into.str(); }
template <class Event>
std::string text_of(const Event&) { return ""; }

}  // namespace

std::string event_text(const CaseEvent& event) {
  return std::visit([](const auto& e) { return text_of(e); }, event);
}

std::vector<AttemptStory> attempt_stories(CaseId id, const std::vector<StoredEvent>& history) {
  std::vector<AttemptStory> stories;
  std::map<AttemptId, std::size_t> index;
  const auto story_of = [&](AttemptId attempt) -> AttemptStory* {
    const auto found = index.find(attempt);
    return found == index.end() ? nullptr : &stories[found->second];
  };
  for (const StoredEvent& stored : history) {
    const auto event = decode(stored.type, stored.body);
    if (!event) continue;
    if (const auto* reserved = std::get_if<AttemptReserved>(&*event)) {
      index[reserved->attempt] = stories.size();
      AttemptStory story;
      story.case_id = id;
      story.reserved_at = stored.at;
      story.reserved_place = {stored.shard, stored.sequence};
      story.reserved = *reserved;
      stories.push_back(std::move(story));
    } else if (const auto* second = std::get_if<SecondLegCommitted>(&*event)) {
      if (auto* story = story_of(second->attempt)) {
        story->second_legs.push_back(*second);
        story->second_leg_places.push_back({stored.shard, stored.sequence});
      }
    } else if (const auto* answered = std::get_if<AttemptAnswered>(&*event)) {
      if (auto* story = story_of(answered->attempt)) story->answered = *answered;
    } else if (const auto* bridged = std::get_if<AgentBridged>(&*event)) {
      if (auto* story = story_of(bridged->attempt)) story->bridged = *bridged;
    } else if (const auto* settled = std::get_if<AttemptSettled>(&*event)) {
      if (auto* story = story_of(settled->attempt)) {
        story->settled = *settled;
        ++story->settlements;
      }
    } else if (const auto* disposition = std::get_if<DispositionSet>(&*event)) {
      if (auto* story = story_of(disposition->attempt)) story->disposition = *disposition;
    }
  }
  return stories;
}

namespace {

std::string text_of(const FactPlace& place) { return std::to_string(place.shard) + "/" + std::to_string(place.sequence); }

nlohmann::json second_leg_rows(const AttemptStory& s) {
  nlohmann::json rows = nlohmann::json::array();
  for (std::size_t i = 0; i < s.second_legs.size(); ++i) {
    rows.push_back({{"trunk", s.second_legs[i].trunk}, {"after_status", s.second_legs[i].first_leg_cause.sip_status}, {"place", text_of(s.second_leg_places[i])}});
  }
  return rows;
}

}  // namespace

nlohmann::ordered_json forecast_fields(const AttemptReserved& reserved) {
  if (!reserved.answer_model_at) return nlohmann::ordered_json::object();
  return {{"answer_score", fmt::format("{:.1f} %", reserved.answer_score_permille / 10.0)}, {"answer_model", format_utc(*reserved.answer_model_at)}};
}

nlohmann::ordered_json attempt_fields(const AttemptStory& s) {
  const auto time = [](const std::optional<UtcTime>& t) { return t ? format_utc(*t) : std::string(); };
  nlohmann::ordered_json fields = {{"attempt", s.reserved.attempt.str()}, {"case", s.case_id.str()}, {"campaign", s.reserved.campaign.str()},
                                   {"reserved_at", format_utc(s.reserved_at)}, {"trunk", s.reserved.trunk}, {"number", s.reserved.number.masked()},
                                   {"clock_shifted", s.reserved.is_clock_shifted}, {"verdict", verdict_name(s.reserved.proof.verdict)}};
  fields.update(forecast_fields(s.reserved));
  fields["place"] = text_of(s.reserved_place);
  fields["second_legs"] = second_leg_rows(s);
  fields["settlements"] = s.settlements;
  fields["legs"] = s.settled ? s.settled->legs : 1 + s.second_legs.size();
  fields["outcome"] = s.settled ? std::string(to_string(s.settled->outcome)) : "";
  fields["disposition"] = s.disposition ? std::string(to_string(s.disposition->outcome)) : "";
  fields["agent"] = s.bridged ? s.bridged->agent.str() : "";
  if (s.settled) {
    fields["sip_status"] = s.settled->cause.sip_status;
    fields["q850"] = s.settled->cause.q850;
    fields["invited_at"] = time(s.settled->times.invited_at);
    fields["ringing_at"] = time(s.settled->times.ringing_at);
    fields["answered_at"] = time(s.settled->times.answered_at);
    fields["bridged_at"] = time(s.settled->times.bridged_at);
    fields["ended_at"] = time(s.settled->times.ended_at);
    fields["recording"] = s.settled->recording_id;
  }
  return fields;
}

nlohmann::ordered_json case_summary(const CaseRecord& r) {
  std::string phones;
  for (const ContactPhone& phone : r.phones) phones += (phones.empty() ? "" : " ") + phone.number.masked() + (phone.is_blocked ? "(blocked)" : "");
  std::size_t open_debts = 0;
  for (const Debt& debt : r.debts) open_debts += debt.is_closed ? 0 : 1;
  std::string last;
  if (!r.attempts.empty() && r.attempts.back().final_outcome()) last = to_string(*r.attempts.back().final_outcome());
  std::optional<UtcTime> next;
  for (const DueRow& row : r.due) {
    if (!next || row.due_at < *next) next = row.due_at;
  }
  return {{"case", r.id.str()}, {"state", to_string(r.state)}, {"debts", open_debts}, {"phones", phones}, {"attempts", r.totals.attempts},
          {"last_outcome", last}, {"next", next ? format_utc(*next) : ""}, {"plan", r.plan_reason}, {"version", r.version}};
}

nlohmann::ordered_json decision_fields(const Decision& d, const std::string& sentence) {
  nlohmann::json findings = nlohmann::json::array();
  for (const RuleFinding& f : d.findings) findings.push_back({{"rule", f.rule_id}, {"facts", f.reason}, {"until", f.until ? format_utc(*f.until) : ""}});
  return {{"sentence", sentence}, {"verdict", verdict_name(d.verdict)}, {"until", d.until ? format_utc(*d.until) : ""},
          {"judged_at", format_utc(d.at)}, {"zones", d.zones}, {"findings", findings}, {"rule_set_version", d.rule_set_version},
          {"calendar_version", d.calendar_version}, {"tzdata_version", d.tzdata_version}, {"history_length", d.history_length}, {"clock_shifted", d.clock_shifted}};
}

}  // namespace dunlin
