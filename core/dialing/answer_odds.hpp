#pragma once
// The answer model as dialing asks it: one learned model with the instant it was learned, which is its revision. It says
// what it expects; what may be dialed is decided elsewhere and the law is asked afterwards. A young model decides nothing:
// its odds are hardly more than the common ones. Immutable, shared by all cases of the node, any thread.
#include <cstdint>
#include <memory>
#include <vector>

#include "core/case/case_record.hpp"
#include "core/compliance/zone_table.hpp"
#include "core/dialing/answer_examples.hpp"
#include "core/dialing/answer_model.hpp"
#include "core/dialing/call_prices.hpp"

namespace dunlin {

class AnswerOdds {
 public:
  /// So many faded attempts before anything is decided by the model.
  static constexpr double least_observations = 500;

  AnswerOdds(std::shared_ptr<const AnswerModel> model, UtcTime learned_at, PersonZone zone, TalkResults talks = {});
  bool has_grown() const { return model_->observations() >= least_observations; }
  UtcTime learned_at() const { return learned_at_; }
  const AnswerModel& model() const { return *model_; }
  /// Kept promises to expect of one talk with a debtor.
  double kept_per_contact() const { return kept_per_contact_; }
  AnswerForecast forecast(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const;
  /// With the factors that move it.
  AnswerForecast explain(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const;

 private:
  std::shared_ptr<const AnswerModel> model_;
  UtcTime learned_at_;
  PersonZone zone_;
  double kept_per_contact_ = 0;
};

/// Learns from the examples in the order of their time.
std::shared_ptr<const AnswerOdds> learn_odds(std::vector<AnswerExample> examples, UtcTime learned_at, PersonZone zone);

/// The forecast of a live answer as it is stored with an attempt: 1 to 1000, because 0 means that none was made.
std::uint16_t score_permille(const AnswerForecast& forecast);

/// Pacing counts attempts apart by their score: 0 without one, then from the unlikely to the likely.
inline constexpr int odds_segments = 7;
int odds_segment(std::uint16_t score_permille);
/// The segments of the latest attempts, for the next ones: whoever is next in the list is much like them. Empty as long as
/// none of them had a score.
std::vector<int> next_odds_segments(const std::vector<int>& latest);
inline constexpr std::size_t latest_segments_kept = 16;

}  // namespace dunlin
