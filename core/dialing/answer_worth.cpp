#include "core/dialing/answer_worth.hpp"

#include <algorithm>
#include <cmath>

#include "core/dialing/number_choice.hpp"

namespace dunlin {
namespace {

/// A live answer is reckoned as a minute of line: talks with the debtor are longer, those with others shorter.
constexpr double minutes_of_live_answer = 1.0;
constexpr int hours_a_day = 24;
constexpr int days_ahead = 3;

/// The number that brings most beyond its cost, and what that is.
struct BestNumber {
  const ContactPhone* phone = nullptr;  ///< Null: there was no number.
  AnswerWorth worth;
};

struct HourWorth {
  AnswerWorth worth;
  UtcTime at;
};

BestNumber most_worth(const std::vector<const ContactPhone*>& numbers, const CaseRecord& record, const CampaignSettings& settings,
                      const AnswerOdds& odds, UtcTime at) {
  BestNumber best;
  for (const ContactPhone* phone : numbers) {
    const AnswerWorth worth = worth_of(settings.prices, odds, record, *phone, at);
    if (best.phone == nullptr || worth.net() > best.worth.net()) best = {phone, worth};
  }
  return best;
}

/// The first lawful hour at which the attempt is worth its cost. Not the best one: that may lie where nobody sits, or where all the
/// others wait as well, and whoever is not served in it would wait for it again every day.
std::optional<HourWorth> worthwhile_hour(const CaseRecord& record, const CampaignSettings& settings, const AnswerOdds& odds,
                                         const DebtorClock& clock, UtcTime now) {
  for (int hour = 1; hour <= days_ahead * hours_a_day; ++hour) {
    const UtcTime at = now + hours(hour);
    const BestNumber best = most_worth(numbers_to_try(record, settings, at, &odds), record, settings, odds, at);
    if (best.phone == nullptr || !best.worth.is_worthwhile()) continue;
    if (clock.may_call(record, *best.phone, at)) return HourWorth{best.worth, at};
  }
  return std::nullopt;
}

std::string percent_text(double share) { return std::to_string(std::lround(100 * share)) + " %"; }

std::string amount_text(double units) { return format_price(static_cast<std::uint32_t>(std::clamp(std::lround(units * 100) * 100, 0L, static_cast<long>(most_price)))); }

}  // namespace

AnswerWorth worth_of(const CallPrices& prices, const AnswerOdds& odds, const CaseRecord& record, const ContactPhone& phone, UtcTime at) {
  const AnswerForecast forecast = odds.forecast(record, phone, at);
  AnswerWorth worth;
  worth.right_party = forecast.right_party;
  worth.value = forecast.right_party * value_of_contact(prices, odds.kept_per_contact());
  worth.cost = in_units(prices.attempt) + forecast.live * minutes_of_live_answer * in_units(prices.minute);
  return worth;
}

bool is_owed(const CaseRecord& record) {
  if (record.callback) return true;
  if (record.promises.empty() || record.promises.back().state != PromiseState::broken) return false;
  const UtcTime broken_at = record.promises.back().check_at;
  return std::none_of(record.attempts.begin(), record.attempts.end(), [broken_at](const AttemptRow& row) {
    const auto outcome = row.final_outcome();
    return row.reserved_at >= broken_at && outcome && traits(*outcome).right_party;
  });
}

std::optional<WorthlessNow> keep_worthwhile(std::vector<const ContactPhone*>& numbers, const CaseRecord& record, const CampaignSettings& settings,
                                            const AnswerOdds* odds, const DebtorClock* clock, UtcTime now) {
  if (odds == nullptr || numbers.empty() || !settings.prices.weighs_attempts() || is_owed(record)) return std::nullopt;
  const AnswerWorth best = most_worth(numbers, record, settings, *odds, now).worth;
  if (best.is_worthwhile()) {
    std::erase_if(numbers, [&](const ContactPhone* phone) { return !worth_of(settings.prices, *odds, record, *phone, now).is_worthwhile(); });
    return std::nullopt;
  }
  numbers.clear();
  WorthlessNow refusal{now + days(days_ahead), false, {}};
  refusal.reason = "costs more than it brings: " + amount_text(best.cost) + " " + std::string(to_string(settings.prices.currency)) + " for " +
                   amount_text(best.value) + " at " + percent_text(best.right_party);
  const auto hour = clock != nullptr ? worthwhile_hour(record, settings, *odds, *clock, now) : std::nullopt;
  if (hour) {
    refusal.until = hour->at;
    refusal.is_better_then = true;
    refusal.reason += "; waits for " + amount_text(hour->worth.value) + " at " + percent_text(hour->worth.right_party);
  } else {
    refusal.reason += "; no hour of the next days is worth it";
  }
  return refusal;
}

}  // namespace dunlin
