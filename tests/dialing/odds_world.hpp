#pragma once
// A world whose truth is known: landlines answer by day, mobiles in the evening. And a desk that has a model of it.
#include <cmath>
#include <memory>

#include "core/base/rng.hpp"
#include "core/dialing/answer_odds.hpp"
#include "tests/dialing/strategy_fixture.hpp"

namespace dunlin::test {

/// Chance of a live answer, which is the debtor himself in seven of ten.
inline double true_chance(PhoneType type, int hour) {
  const bool is_evening = hour >= 18;
  if (type == PhoneType::mobile) return is_evening ? 0.5 : 0.2;
  return is_evening ? 0.15 : 0.3;
}
inline constexpr double true_right_party = 0.7;

/// Whoever is told to live by the clock of Moscow does; of the others nobody knows.
inline const ZoneTable* moscow_if_told(const CaseRecord& record) {
  static const ZoneTable moscow{"Europe/Moscow", 3 * 3600, {}};
  return record.zones == std::vector<std::string>{"Europe/Moscow"} ? &moscow : nullptr;
}

/// Learned from so many first attempts at random hours of the four weeks before `noon`.
inline std::shared_ptr<const AnswerOdds> learned_odds(int attempts, std::uint64_t seed = 1) {
  auto model = std::make_shared<AnswerModel>();
  Rng lots(seed);
  for (int i = 0; i < attempts; ++i) {
    AnswerQuestion question;
    question.type = lots.below(2) == 0 ? PhoneType::mobile : PhoneType::home;
    question.hour_of_week = static_cast<int>(lots.below(5) * 24 + 8 + lots.below(14));
    const bool is_live = lots.uniform() < true_chance(question.type, question.hour_of_week % 24);
    const bool is_right = is_live && lots.uniform() < true_right_party;
    model->observe(question, {is_live, is_right}, noon - days(28) + minutes(i));
  }
  return std::make_shared<const AnswerOdds>(std::move(model), noon - hours(1), moscow_if_told);
}

/// The clock of Moscow.
inline const FixedClock& moscow_clock() {
  static const FixedClock clock({hours(3)});
  return clock;
}

/// Tuesday so many o'clock in Moscow.
inline UtcTime moscow_hour(int hour) { return noon + hours(hour - 15); }

inline Campaign odds_campaign() {
  Campaign campaign = test::campaign();
  campaign.settings.number_choice = NumberChoice::best_odds;
  campaign.settings.max_attempts_per_case_day = 20;
  campaign.settings.max_attempts_per_number_day = 20;
  return campaign;
}

class OddsDesk : public Desk {
 public:
  explicit OddsDesk(Campaign of = odds_campaign(), std::shared_ptr<const AnswerOdds> odds = learned_odds(20'000),
                    const DebtorClock& clock = moscow_clock())
      : Desk(of) {
    book = CampaignBook({of}, {}, &clock, std::move(odds));
  }
  PhoneNumber dialed(std::uint64_t id) {
    const CaseEffects effects = reserve(id);
    const auto* view = std::get_if<AttemptView>(&effects.answer);
    EXPECT_NE(view, nullptr);
    return view != nullptr ? view->number : PhoneNumber();
  }
};

}  // namespace dunlin::test
