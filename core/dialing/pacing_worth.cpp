#include "core/dialing/pacing_worth.hpp"

namespace dunlin {
namespace {

constexpr double usual_right_share = 0.6;
constexpr double usual_weight = 20;

}  // namespace

void PacingWorth::observe(const PacingInput& input) {
  for (const PacingEvent& event : input.events) {
    if (event.result == PacingResult::none) continue;
    talks_ += 1;
    right_ += event.result == PacingResult::right_party || event.result == PacingResult::right_party_promise ? 1 : 0;
  }
}

double PacingWorth::right_share() const { return (right_ + usual_weight * usual_right_share) / (talks_ + usual_weight); }

bool PacingWorth::is_worth(const PacingLine& line, double mean_talk_s) const {
  const double fee = prices_.attempt + line.live * prices_.minute * mean_talk_s / 60;
  const double talk = line.live * right_share() * prices_.contact_value;
  const double saved = line.arrives_s * prices_.agent_hour / 3600;
  const double served = 1 - line.risk;
  if (fee > 0 && prices_.contact_value > 0 && served * (talk + saved) < fee) return false;
  // Without a price of the agents' time nobody knows what waiting costs, and the budget alone decides.
  if (prices_.agent_hour <= 0) return true;
  return served * saved >= line.risk * (fee + talk);
}

}  // namespace dunlin
