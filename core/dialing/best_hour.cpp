#include "core/dialing/best_hour.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

constexpr int most_hours_of_a_day = 24;

struct HourOdds {
  BetterHour hour;
  const ContactPhone* phone = nullptr;
};

/// The number that would be dialed at that instant and its odds; nullopt when caps leave none.
std::optional<HourOdds> odds_at(const CaseRecord& record, const CampaignSettings& settings, const AnswerOdds& odds, UtcTime at) {
  const auto numbers = numbers_to_try(record, settings, at, &odds);
  if (numbers.empty()) return std::nullopt;
  HourOdds found;
  found.hour.at = at;
  found.hour.odds = odds.forecast(record, *numbers.front(), at).right_party;
  found.phone = numbers.front();
  return found;
}

bool is_wholly_in(const std::vector<LocalTime>& walls, std::optional<DayPart> part) {
  return !part || std::all_of(walls.begin(), walls.end(), [part](const LocalTime& wall) { return day_part_of(wall) == part; });
}

}  // namespace

std::optional<BetterHour> better_hour(const CaseRecord& record, const CampaignSettings& settings, const AnswerOdds& odds,
                                      const DebtorClock& clock, const PlannedHour& planned) {
  const auto first = odds_at(record, settings, odds, planned.at);
  if (!first) return std::nullopt;
  const double planned_odds = clock.may_call(record, *first->phone, planned.at) ? first->hour.odds : 0;
  const std::int64_t day = clock.walls(record, planned.at).front().day;
  std::vector<HourOdds> later;
  for (int step = 1; step < most_hours_of_a_day; ++step) {
    const UtcTime at = planned.at + hours(step);
    const std::vector<LocalTime> walls = clock.walls(record, at);
    if (at > planned.latest || walls.front().day != day) break;
    if (!is_wholly_in(walls, planned.part)) continue;
    auto found = odds_at(record, settings, odds, at);
    if (!found || found->hour.odds < clearly_better * planned_odds) continue;
    found->hour.odds_planned = planned_odds;
    found->hour.hour = walls.front().second_of_day / 3600;
    later.push_back(*found);
  }
  std::stable_sort(later.begin(), later.end(), [](const HourOdds& a, const HourOdds& b) { return a.hour.odds > b.hour.odds; });
  for (const HourOdds& found : later) {
    if (clock.may_call(record, *found.phone, found.hour.at)) return found.hour;
  }
  return std::nullopt;
}

std::string better_hour_text(const BetterHour& better) {
  const auto percent = [](double odds) { return std::to_string(std::lround(100 * odds)) + " %"; };
  return "better at " + std::to_string(better.hour) + "h: " + percent(better.odds) + " instead of " + percent(better.odds_planned);
}

}  // namespace dunlin
