#include "core/dialing/answer_odds.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr std::array<std::uint16_t, odds_segments - 2> segment_bounds{100, 200, 300, 450, 600};

}  // namespace

AnswerOdds::AnswerOdds(std::shared_ptr<const AnswerModel> model, UtcTime learned_at, PersonZone zone, TalkResults talks)
    : model_(std::move(model)), learned_at_(learned_at), zone_(std::move(zone)), kept_per_contact_(dunlin::kept_per_contact(talks)) {
  DUNLIN_CHECK(model_ != nullptr && zone_ != nullptr);
}

AnswerForecast AnswerOdds::forecast(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const {
  return model_->forecast(question_of(record, phone, zone_(record), at));
}

AnswerForecast AnswerOdds::explain(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const {
  return model_->explain(question_of(record, phone, zone_(record), at));
}

std::shared_ptr<const AnswerOdds> learn_odds(std::vector<AnswerExample> examples, UtcTime learned_at, PersonZone zone) {
  std::stable_sort(examples.begin(), examples.end(), [](const AnswerExample& a, const AnswerExample& b) { return a.at < b.at; });
  auto model = std::make_shared<AnswerModel>();
  TalkResults talks;
  for (const AnswerExample& example : examples) {
    model->observe(example.question, example.result, example.at);
    talks.contacts += example.result.is_right_party ? 1 : 0;
    talks.promises += example.promise ? 1 : 0;
    talks.kept += example.promise == PromiseState::kept ? 1 : 0;
    talks.broken += example.promise == PromiseState::broken ? 1 : 0;
  }
  return std::make_shared<const AnswerOdds>(std::move(model), learned_at, std::move(zone), talks);
}

std::uint16_t score_permille(const AnswerForecast& forecast) {
  return static_cast<std::uint16_t>(std::clamp(std::lround(1000 * forecast.live), 1L, 1000L));
}

int odds_segment(std::uint16_t score_permille) {
  if (score_permille == 0) return 0;
  const auto place = std::upper_bound(segment_bounds.begin(), segment_bounds.end(), score_permille);
  return 1 + static_cast<int>(place - segment_bounds.begin());
}

std::vector<int> next_odds_segments(const std::vector<int>& latest) {
  const bool is_scored = std::any_of(latest.begin(), latest.end(), [](int segment) { return segment != 0; });
  return is_scored ? latest : std::vector<int>();
}

}  // namespace dunlin
