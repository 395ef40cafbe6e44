#pragma once
// Stored facts in words and fields for people and machines. Numbers masked, names left out. Pure.
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/case/case_event.hpp"
#include "core/case/case_record.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

/// One line about one fact.
std::string event_text(const CaseEvent& event);

/// Where the history holds a fact: the row's place in its shard.
struct FactPlace {
  ShardIndex shard = 0;
  std::uint64_t sequence = 0;
};

/// One attempt's facts, gathered from the history of its case.
struct AttemptStory {
  CaseId case_id;
  UtcTime reserved_at;
  FactPlace reserved_place;
  AttemptReserved reserved;
  std::vector<SecondLegCommitted> second_legs;
  std::vector<FactPlace> second_leg_places;  ///< One for each of them.
  std::optional<AttemptAnswered> answered;
  std::optional<AgentBridged> bridged;
  std::optional<AttemptSettled> settled;
  int settlements = 0;                       ///< More than one breaks I3.
  std::optional<DispositionSet> disposition;
};
std::vector<AttemptStory> attempt_stories(CaseId id, const std::vector<StoredEvent>& history);

nlohmann::ordered_json attempt_fields(const AttemptStory& story);
/// What the answer model expected of the attempt; an empty object when none was asked.
nlohmann::ordered_json forecast_fields(const AttemptReserved& reserved);
nlohmann::ordered_json case_summary(const CaseRecord& record);
/// The decision for people: the sentence about it, verdict, rule ids, reasons, instant, zones, versions.
nlohmann::ordered_json decision_fields(const Decision& decision, const std::string& sentence);

}  // namespace dunlin
