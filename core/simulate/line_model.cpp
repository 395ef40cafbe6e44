#include "core/simulate/line_model.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/rng.hpp"
#include "core/compliance/contact_vocabulary.hpp"

namespace dunlin {
namespace {

/// Every kind of draw has a stream of its own, so that another plan meets the same luck.
enum class LineStream : std::uint64_t {
  setup, failure, dead, latent, answer, ring, kind, verdict, detection, hang_up, party, word, talk, wrap, pace, late, robot,
};

Rng line_lots(std::uint64_t seed, LineStream stream, std::uint64_t a, std::uint64_t b) {
  const std::uint64_t who = a * 0xC2B2AE3D27D4EB4FULL ^ b * 0x165667B19E3779F9ULL;
  return Rng(seed * 0x9E3779B97F4A7C15ULL ^ who ^ (static_cast<std::uint64_t>(stream) << 56));
}

double line_draw(std::uint64_t seed, LineStream stream, std::uint64_t a, std::uint64_t b = 0) {
  return line_lots(seed, stream, a, b).uniform();
}

/// Box and Muller.
double line_normal(std::uint64_t seed, LineStream stream, std::uint64_t a, std::uint64_t b = 0) {
  Rng lots = line_lots(seed, stream, a, b);
  const double radius = std::sqrt(-2 * std::log(1 - lots.uniform()));
  return radius * std::cos(2 * 3.14159265358979323846 * lots.uniform());
}

double around(double median, double sigma, double normal) { return median * std::exp(sigma * normal); }

double with_odds(double share, double factor) {
  if (share <= 0 || share >= 1) return std::clamp(share, 0.0, 1.0);
  const double odds = share / (1 - share) * factor;
  return odds / (1 + odds);
}

constexpr double longest_talk_s = 3600;

}  // namespace

LineFate LineWorld::fate(const LineAttempt& attempt) const {
  const std::uint64_t id = attempt.case_id.value();
  const auto ordinal = static_cast<std::uint64_t>(attempt.ordinal);
  const LineNumbers& numbers = model_.numbers[static_cast<std::size_t>(attempt.type)];
  LineFate fate;
  fate.rings_s = std::min(12.0, 0.3 + around(model_.setup_s, 0.4, line_normal(seed_, LineStream::setup, id, ordinal)));
  const bool is_dead = line_draw(seed_, LineStream::dead, id, contact_key(attempt.number.e164())) < numbers.invalid;
  if (is_dead || line_draw(seed_, LineStream::failure, id, ordinal) < model_.failures) {
    fate.ending = is_dead ? LineEnding::invalid : LineEnding::failed;
    fate.ends_s = fate.rings_s + 0.5;
    fate.rings_s = 0;
    return fate;
  }
  pick_up(attempt, fate);
  if (fate.ending == LineEnding::person || fate.ending == LineEnding::machine) talk(attempt, fate);
  return fate;
}

void LineWorld::pick_up(const LineAttempt& attempt, LineFate& fate) const {
  const std::uint64_t id = attempt.case_id.value();
  const auto ordinal = static_cast<std::uint64_t>(attempt.ordinal);
  const LineNumbers& numbers = model_.numbers[static_cast<std::size_t>(attempt.type)];
  const double person = std::exp(model_.person_spread * line_normal(seed_, LineStream::latent, id));
  const double supposed = with_odds(numbers.answers, person * model_.hour_factors[static_cast<std::size_t>(attempt.hour) % 24]);
  const double chance = attempt.learned ? attempt.learned->answers : supposed;
  fate.ends_s = fate.rings_s + attempt.ring_timeout_s;
  if (line_draw(seed_, LineStream::answer, id, ordinal) < chance) {
    double ring = around(numbers.ring_s, model_.ring_spread, line_normal(seed_, LineStream::ring, id, ordinal));
    // A learned chance counts only those who picked up in time.
    if (attempt.learned) ring = std::min(ring, attempt.ring_timeout_s);
    if (ring > attempt.ring_timeout_s) return;
    fate.ending = LineEnding::person;
    fate.ends_s = fate.rings_s + ring;
    return;
  }
  const double kind = line_draw(seed_, LineStream::kind, id, ordinal);
  const double u = line_draw(seed_, LineStream::ring, id, ordinal);
  if (kind < numbers.machines) {
    // Switched off: at once; else after the operator's usual delay.
    const double at_once = model_.machines_at_once;
    const double ring = u < at_once ? 0.5 + 1.5 * u / at_once : model_.machine_ring_s + 6 * (u - (1 + at_once) / 2);
    if (ring > attempt.ring_timeout_s) return;
    fate.ending = LineEnding::machine;
    fate.ends_s = fate.rings_s + ring;
  } else if (kind < numbers.machines + numbers.busy) {
    fate.ending = LineEnding::busy;
    fate.ends_s = fate.rings_s + (u < 0.5 ? 0.5 : std::min(attempt.ring_timeout_s, 12 * u));
  }
}

void LineWorld::talk(const LineAttempt& attempt, LineFate& fate) const {
  const std::uint64_t id = attempt.case_id.value();
  const auto ordinal = static_cast<std::uint64_t>(attempt.ordinal);
  const bool is_person = fate.ending == LineEnding::person;
  const double error = line_draw(seed_, LineStream::verdict, id, ordinal);
  fate.is_judged_person = true;
  if (attempt.is_classified) {
    fate.is_judged_person = is_person ? error >= model_.person_as_machine : error < model_.machine_as_person;
    const double median = fate.is_judged_person ? model_.detect_person_s : model_.detect_machine_s;
    fate.detection_s = std::min(5.0, around(median, 0.4, line_normal(seed_, LineStream::detection, id, ordinal)));
    fate.hangs_up = is_person && line_draw(seed_, LineStream::hang_up, id, ordinal) < model_.hangs_up;
  }
  const double right = attempt.learned ? attempt.learned->right_party : model_.numbers[static_cast<std::size_t>(attempt.type)].right_party;
  const double who = line_draw(seed_, LineStream::party, id, ordinal);
  const double word = line_draw(seed_, LineStream::word, id, ordinal);
  if (!is_person) {
    fate.party = LineParty::machine;
    fate.disposition = Outcome::agent_machine;
  } else if (who >= right) {
    fate.party = word < model_.wrong_numbers ? LineParty::wrong : LineParty::third;
    fate.disposition = word < model_.wrong_numbers ? Outcome::wrong_number : Outcome::third_party_message_left;
  } else {
    const double paid = model_.promises + model_.callbacks + model_.already_paid;
    fate.party = word < model_.promises ? LineParty::promise : LineParty::right;
    fate.disposition = word < model_.promises                      ? Outcome::rpc_promise
                       : word < model_.promises + model_.callbacks ? Outcome::rpc_callback
                       : word < paid                               ? Outcome::rpc_already_paid
                                                                   : Outcome::rpc_refusal;
  }
  const auto party = static_cast<std::size_t>(fate.party);
  const double talk_normal = line_normal(seed_, LineStream::talk, id, ordinal);
  fate.talk_s = std::min(longest_talk_s, around(model_.times.talk_s[party], model_.times.talk_spread, talk_normal));
  fate.wrap_s = around(model_.times.wrap_s[party], model_.times.wrap_spread, line_normal(seed_, LineStream::wrap, id, ordinal));
}

double LineWorld::robot_draw(CaseId id, int ordinal, int n) const {
  constexpr std::uint64_t most_draws = 1 << 20;
  return line_draw(seed_, LineStream::robot, id.value(), static_cast<std::uint64_t>(ordinal) * most_draws + static_cast<std::uint64_t>(n));
}

double LineWorld::pace_of(int agent) const {
  return around(1, model_.agent_spread, line_normal(seed_, LineStream::pace, static_cast<std::uint64_t>(agent)));
}

double LineWorld::late_s(int agent, int day) const {
  return model_.agent_late_s * line_draw(seed_, LineStream::late, static_cast<std::uint64_t>(agent), static_cast<std::uint64_t>(day));
}

}  // namespace dunlin
