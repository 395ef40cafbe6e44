// What the world hears of each kind of fact, and what it must never hear.
#include "cluster/event_mapping.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/case/case_archive.hpp"

namespace dunlin {
namespace {

constexpr std::size_t known_types = std::variant_size_v<CaseEvent> - 1;
constexpr const char* secret_text = "Private";
constexpr const char* secret_number = "+79161234567";
constexpr std::int64_t secret_sum = 7'654'321;

/// Puts recognisable personal data into every field that can hold some, and sane values into the others.
class PrivateFiller {
 public:
  template <class T>
  using Ref = T&;

  template <class... T>
  void operator()(T&... values) {
    (fill(values), ...);
  }
  template <class T>
  void since(std::uint8_t, T& value) {
    (*this)(value);
  }

 private:
  void fill(bool& value) { value = true; }
  void fill(std::string& value) { value = secret_text; }
  void fill(PhoneNumber& value) { value = *PhoneNumber::from_e164(secret_number); }
  void fill(UtcTime& value) { value = *parse_utc("2026-11-24T08:00:00.123Z"); }
  void fill(Duration& value) { value = seconds(1); }
  void fill(CivilDate& value) { value = {2026, 11, 25}; }
  void fill(Money& value) { value = {secret_sum, Currency::rub}; }
  template <class Tag>
  void fill(Id<Tag>& value) {
    value = Id<Tag>(0xA1);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    fill(values.emplace_back());
  }
  template <class A, class B>
  void fill(std::pair<A, B>& value) {
    fill(value.first);
    fill(value.second);
  }
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>) value = T{};
    else if constexpr (std::is_integral_v<T>) value = 3;
    else describe(*this, value);
  }
};

template <std::size_t Index>
CaseEvent private_event() {
  std::variant_alternative_t<Index, CaseEvent> event;
  PrivateFiller{}(event);
  return event;
}

template <std::size_t... Index>
std::vector<CaseEvent> one_of_each(std::index_sequence<Index...>) {
  return {private_event<Index>()...};
}

std::vector<CaseEvent> one_of_each() { return one_of_each(std::make_index_sequence<known_types>{}); }

StoredEvent place_of(const CaseEvent& event) {
  StoredEvent stored;
  stored.shard = 12;
  stored.sequence = 345;
  stored.case_id = CaseId(0xC0);
  stored.version = 7;
  stored.type = event_type(event);
  stored.at = *parse_utc("2026-11-24T08:00:01Z");
  return stored;
}

std::vector<EventEnvelope> told(const CaseEvent& event) { return envelopes_of(place_of(event), event, CampaignId(5)); }

std::vector<std::string> types_of(const std::vector<EventEnvelope>& events) {
  std::vector<std::string> types;
  for (const auto& event : events) types.push_back(event.type);
  return types;
}

TEST(EventMapping, EveryFactHasItsType) {
  const std::map<std::string, std::vector<std::string>> expected = {
      {"case_opened", {"case.opened"}},
      {"row_imported", {"case.imported"}},
      {"import_undone", {"case.import_undone"}},
      {"payment_recorded", {"payment.recorded"}},
      {"debt_closed", {"case.debt_closed"}},
      {"stage_changed", {"case.stage_changed"}},
      {"plan_changed", {"case.planned"}},
      {"attempt_reserved", {"attempt.planned"}},
      {"attempt_denied", {"attempt.blocked"}},
      {"second_leg_committed", {"attempt.second_leg"}},
      {"attempt_answered", {"call.answered"}},
      {"agent_bridged", {"call.bridged"}},
      {"attempt_settled", {"attempt.finished", "call.ended"}},
      {"disposition_set", {"disposition.set"}},
      {"disposition_missed", {"disposition.missed"}},
      {"attempt_reconciled", {"attempt.reconciled"}},
      {"call_controlled", {"call.controlled"}},
      {"promise_made", {"promise.created"}},
      {"promise_kept", {"promise.kept"}},
      {"promise_broken", {"promise.broken"}},
      {"callback_asked", {"callback.asked"}},
      {"callback_cancelled", {"callback.cancelled"}},
      {"restriction_set", {"case.restricted"}},
      {"restriction_cleared", {"case.restriction_cleared"}},
      {"phone_blocked", {"case.number_blocked"}},
      {"phone_unblocked", {"case.number_unblocked"}},
      {"consent_changed", {"case.consent_changed"}},
      {"contact_recorded", {"contact.recorded"}},
      {"case_merged", {"case.merged"}},
      {"case_aliased", {"case.aliased"}},
      {"note_added", {"case.note_added"}},
  };
  ASSERT_EQ(expected.size(), known_types);
  for (const CaseEvent& event : one_of_each()) {
    const std::string name(event_name(event_type(event)));
    ASSERT_EQ(expected.count(name), 1U) << name;
    EXPECT_EQ(types_of(told(event)), expected.at(name)) << name;
  }
  EXPECT_EQ(types_of(told(UnknownEvent{999, "bytes"})), std::vector<std::string>{"case.other"});
}

TEST(EventMapping, PersonalDataNeverLeaves) {
  // Texts of carriers, law packs and operators' vocabularies may pass; whatever else is a text may be a person's.
  const std::set<std::string> may_hold_text = {"trunk", "reason", "stage", "restriction",
                                               "rule",  "facts",  "rule_set", "recording"};
  using Json = nlohmann::ordered_json;
  const std::function<void(const std::string&, const Json&)> check = [&](const std::string& key, const Json& value) {
    if (value.is_string()) {
      const bool is_free = value.get<std::string>().find(secret_text) != std::string::npos;
      EXPECT_TRUE(!is_free || may_hold_text.count(key) == 1) << key;
    }
    if (value.is_structured()) {
      for (const auto& item : value.items()) check(value.is_array() ? key : item.key(), item.value());
    }
  };
  for (const CaseEvent& event : one_of_each()) {
    for (const EventEnvelope& envelope : told(event)) {
      const auto document = cloud_event(envelope, {"bank"});
      const std::string line = to_line(document);
      EXPECT_EQ(line.find("9161234567"), std::string::npos) << line;
      EXPECT_EQ(line.find(std::to_string(secret_sum)), std::string::npos) << line;
      EXPECT_EQ(line.find("76543"), std::string::npos) << line;
      check("", document);
    }
  }
}

TEST(EventMapping, EveryTypeItGivesIsListed) {
  const auto listed = case_event_types();
  EXPECT_TRUE(std::is_sorted(listed.begin(), listed.end()));
  std::set<std::string> given;
  for (const CaseEvent& event : one_of_each()) {
    for (const auto& type : types_of(told(event))) given.insert(type);
  }
  for (int n = 0; n < outcome_count; ++n) {
    const auto outcome = static_cast<Outcome>(n);
    for (const auto& type : types_of(told(DispositionSet{AttemptId(1), {}, outcome, {}, {}, {}}))) given.insert(type);
    AttemptSettled settled;
    settled.outcome = outcome;
    settled.times.answered_at = UtcTime{1};
    for (const auto& type : types_of(told(settled))) given.insert(type);
  }
  AttemptAnswered machine;
  machine.answer = AnsweredBy::machine;
  for (const auto& type : types_of(told(machine))) given.insert(type);
  given.insert("case.other");
  EXPECT_EQ(given, std::set<std::string>(listed.begin(), listed.end()));
}

TEST(EventMapping, IdIsThePositionAndTheSecondEventOfAFactHasASuffix) {
  AttemptSettled settled;
  settled.attempt = AttemptId(0xA1);
  settled.outcome = Outcome::abandoned;
  settled.times.answered_at = UtcTime{1000};
  const auto events = told(settled);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id, "12-345");
  EXPECT_EQ(events[0].subject, "att_00000000000000a1");
  EXPECT_EQ(events[1].id, "12-345.1");
  EXPECT_EQ(events[1].type, "call.abandoned");
  EXPECT_EQ(events[1].subject, "call_00000000000000a1");
  EXPECT_EQ(events[1].sequence, 345U);
}

TEST(EventMapping, AnUnansweredAttemptHasNoCallEvent) {
  AttemptSettled settled;
  settled.outcome = Outcome::no_answer;
  EXPECT_EQ(types_of(told(settled)), std::vector<std::string>{"attempt.finished"});
}

TEST(EventMapping, AnswersArePersonsOrMachines) {
  const std::map<AnsweredBy, std::string> expected = {
      {AnsweredBy::unclassified, "call.answered"}, {AnsweredBy::human, "call.answered"}, {AnsweredBy::machine, "call.amd"},
      {AnsweredBy::fax, "call.amd"}, {AnsweredBy::call_screening, "call.amd"}, {AnsweredBy::announcement, "call.amd"},
      {AnsweredBy::silence, "call.amd"}};
  for (const auto& [answer, type] : expected) {
    AttemptAnswered event;
    event.answer = answer;
    EXPECT_EQ(types_of(told(event)), std::vector<std::string>{type});
  }
}

TEST(EventMapping, DispositionsSayWhoWasReached) {
  const std::map<Outcome, std::string> expected = {
      {Outcome::rpc_promise, "contact.identified"}, {Outcome::rpc_refusal, "contact.identified"},
      {Outcome::third_party_message_left, "contact.third_party"}, {Outcome::hung_up_at_identification, "contact.refused"}};
  for (const auto& [outcome, type] : expected) {
    const auto events = told(DispositionSet{AttemptId(1), {}, outcome, {}, {}, {}});
    EXPECT_EQ(types_of(events), (std::vector<std::string>{"disposition.set", type}));
  }
  const auto wrong = told(DispositionSet{AttemptId(1), {}, Outcome::wrong_number, {}, {}, {}});
  EXPECT_EQ(types_of(wrong), std::vector<std::string>{"disposition.set"});
}

TEST(EventMapping, ABlockedAttemptCarriesTheRulesThatSpoke) {
  AttemptDenied denied;
  denied.decision.verdict = Verdict::deny_until;
  denied.decision.until = *parse_utc("2026-11-25T05:00:00Z");
  denied.decision.findings = {{"RU-FRQ-C1", denied.decision.until, "used=1 limit=1 period=day"}};
  const auto events = told(denied);
  EXPECT_EQ(events.front().subject, "case_00000000000000c0");
  EXPECT_EQ(events.front().data["rules"][0]["rule"], "RU-FRQ-C1");
  EXPECT_EQ(events.front().data["rules"][0]["facts"], "used=1 limit=1 period=day");
  EXPECT_EQ(events.front().data["until"], "2026-11-25T05:00:00.000Z");
}

TEST(EventMapping, AttemptsOfEventsAreFound) {
  std::size_t with_attempt = 0;
  for (const CaseEvent& event : one_of_each()) with_attempt += attempt_of(event) == AttemptId(0xA1) ? 1 : 0;
  EXPECT_EQ(with_attempt, 11U);
}

}  // namespace
}  // namespace dunlin
