#include "tools/carrier/call_plan.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "tools/peer/sip_message.hpp"

namespace dunlin::carrier {
namespace {

using peer::Clip;
using peer::Dice;
using peer::Phrase;
using peer::SoundPlan;

Outcome throw_outcome(const Scenario& scenario, Dice& dice) {
  double total = 0;
  for (const auto& share : scenario.mix) total += share.weight;
  double place = dice.uniform() * total;
  for (const auto& share : scenario.mix) {
    place -= share.weight;
    if (place < 0) return share.outcome;
  }
  return scenario.mix.back().outcome;
}

bool matches(const NumberRule& rule, std::string_view number) {
  if (rule.match.back() != '*') return digits_of(rule.match) == number;
  const std::string prefix = digits_of(rule.match);
  return number.substr(0, prefix.size()) == prefix;
}

int refusal_of(Fate fate, Dice& dice) {
  switch (fate) {
    case Fate::busy:
      return 486;
    case Fate::invalid:
      return dice.happens(0.7) ? 404 : 484;
    case Fate::congestion:
      return 503;
    case Fate::reject:
      return 603;
    case Fate::redirect:
      return 302;
    case Fate::announcement:
    case Fate::no_answer:
    case Fate::silent_invite:
    case Fate::late_answer:
      return 480;
    case Fate::answered_announcement:
    case Fate::machine:
    case Fate::fax:
    case Fate::person:
    case Fate::silence:
    case Fate::screening:
    case Fate::tone:
    case Fate::dtmf:
    case Fate::echo:
    case Fate::duplicate_answer:
    case Fate::lost_bye:
      return 0;
  }
  return 0;
}

std::int64_t ring_time(const Scenario& scenario, Fate fate, Dice& dice) {
  switch (fate) {
    case Fate::no_answer:
    case Fate::silent_invite:
    case Fate::late_answer:
      return dice.within(scenario.ring_limit_ms);
    case Fate::machine:
    case Fate::screening:
      return dice.within(scenario.machine_after_ms);
    case Fate::busy:
    case Fate::invalid:
    case Fate::congestion:
    case Fate::redirect:
    case Fate::announcement:
      return 0;
    case Fate::answered_announcement:
    case Fate::reject:
    case Fate::fax:
    case Fate::person:
    case Fate::silence:
    case Fate::tone:
    case Fate::dtmf:
    case Fate::echo:
    case Fate::duplicate_answer:
    case Fate::lost_bye:
      return dice.within(scenario.answer_after_ms);
  }
  return 0;
}

bool is_person(Fate fate) {
  return fate == Fate::person || fate == Fate::late_answer || fate == Fate::duplicate_answer ||
         fate == Fate::lost_bye;
}

Clip pick_beep(Dice& dice) {
  constexpr std::array<double, 5> hz{1000, 1400, 850, 1200, 440};
  return peer::make_tone(hz[dice.below(hz.size())], 250 + static_cast<std::int64_t>(dice.below(400)), -14.0);
}

bool says_recording(Fate fate) {
  return fate == Fate::announcement || fate == Fate::answered_announcement || fate == Fate::machine;
}

/// The recorded prompt if the plan wants one and it is there, else espeak-ng's.
Clip recorded_or(Phrase recorded, Phrase spoken, const CallPlan& plan, const peer::SpeechBank& bank, Dice& dice) {
  const Clip clip = plan.is_recorded ? bank.pick(recorded, plan.language, dice) : nullptr;
  return clip ? clip : bank.pick(spoken, plan.language, dice);
}

/// What an operator says instead of connecting: by its argument, else one of the two.
Clip pick_notice(const CallPlan& plan, const peer::SpeechBank& bank, Dice& dice) {
  const bool is_any = plan.is_recorded && plan.outcome.argument.empty();
  const bool is_busy = is_any ? dice.happens(0.5) : plan.outcome.argument == "circuits_busy";
  return recorded_or(is_busy ? Phrase::recorded_circuits_busy : Phrase::recorded_no_service, Phrase::notice, plan, bank, dice);
}

}  // namespace

std::string digits_of(std::string_view number) {
  std::string digits;
  std::copy_if(number.begin(), number.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

CallPlan plan_call(const Scenario& scenario, std::uint64_t seed, std::string_view number, int attempt) {
  CallPlan plan;
  plan.number = digits_of(number);
  plan.attempt = attempt;
  plan.seed = peer::hash_of(seed, plan.number + "#" + std::to_string(attempt));
  Dice dice(plan.seed);
  plan.outcome = throw_outcome(scenario, dice);
  for (const auto& rule : scenario.numbers) {
    if (!matches(rule, plan.number)) continue;
    plan.outcome =
        rule.outcomes[std::min<std::size_t>(static_cast<std::size_t>(attempt) - 1, rule.outcomes.size() - 1)];
    break;
  }
  plan.refusal_status = refusal_of(plan.outcome.fate, dice);
  plan.post_dial_delay_ms = dice.within(scenario.post_dial_delay_ms);
  plan.ring_ms = ring_time(scenario, plan.outcome.fate, dice);
  plan.has_early_media = dice.happens(scenario.early_media_share) || plan.outcome.fate == Fate::announcement;
  plan.answer_delay_ms =
      dice.within(plan.outcome.fate == Fate::machine ? scenario.greeting_delay_ms : scenario.answer_delay_ms);
  plan.patience_ms = dice.within(scenario.patience_ms);
  plan.talk_ms = dice.within(scenario.talk_ms);
  plan.is_hanging_up = dice.happens(scenario.hangs_up_share) && is_person(plan.outcome.fate);
  plan.language = dice.happens(scenario.russian_share) ? peer::Language::russian : peer::Language::english;
  const bool is_recorded = dice.happens(scenario.recorded_share) || !plan.outcome.argument.empty();
  plan.is_recorded = says_recording(plan.outcome.fate) && is_recorded;
  return plan;
}

SoundPlan opening_sound(const CallPlan& plan, const peer::SpeechBank& bank) {
  Dice dice(plan.seed ^ 0x5011D);
  const Clip delay = peer::make_silence(plan.answer_delay_ms);
  const auto say = [&](Phrase phrase) { return bank.pick(phrase, plan.language, dice); };
  switch (plan.outcome.fate) {
    case Fate::machine:
      return {{delay, recorded_or(Phrase::recorded_greeting, Phrase::greeting, plan, bank, dice), peer::make_silence(300), pick_beep(dice)},
              false,
              -60.0};
    case Fate::answered_announcement: {
      const Clip notice = pick_notice(plan, bank, dice);
      return {{delay, notice, peer::make_silence(500), notice, peer::make_silence(300)}, false, -65.0};
    }
    case Fate::fax:
      return {{peer::make_fax_answer()}, false, -70.0};
    case Fate::screening:
      return {{delay, say(Phrase::screening), peer::make_silence(7000)}, true, -60.0};
    case Fate::tone: {
      const double hz = std::max<double>(50.0, static_cast<double>(peer::number_of(plan.outcome.argument)));
      return {{peer::make_tone(hz, 1000)}, true, -90.0};
    }
    case Fate::person:
    case Fate::duplicate_answer:
    case Fate::lost_bye:
    case Fate::late_answer:
      return {
          {delay, say(Phrase::hello), peer::make_silence(2500), say(Phrase::hello), peer::make_silence(2500)},
          true,
          -55.0};
    case Fate::silence:
      return {{}, false, -58.0};
    case Fate::dtmf:
    case Fate::echo:
      return {{}, false, -90.0};
    case Fate::no_answer:
    case Fate::busy:
    case Fate::invalid:
    case Fate::congestion:
    case Fate::reject:
    case Fate::announcement:
    case Fate::silent_invite:
    case Fate::redirect:
      return {};
  }
  return {};
}

SoundPlan talking_sound(const CallPlan& plan, const peer::SpeechBank& bank) {
  Dice dice(plan.seed ^ 0x7A1C);
  SoundPlan sound{{}, true, -55.0};
  for (int turn = 0; turn < 6; ++turn) {
    sound.clips.push_back(peer::make_silence(700 + static_cast<std::int64_t>(dice.below(2000))));
    sound.clips.push_back(bank.pick(Phrase::answer, plan.language, dice));
  }
  return sound;
}

SoundPlan notice_sound(const CallPlan& plan, const peer::SpeechBank& bank) {
  Dice dice(plan.seed ^ 0x517);
  const Clip notice = pick_notice(plan, bank, dice);
  return {{peer::make_sit(), notice, peer::make_silence(500), notice, peer::make_silence(300)}, false, -65.0};
}

SoundPlan ringing_sound() {
  return {{peer::make_tone(425, 1000), peer::make_silence(4000)}, true, -75.0};
}

std::int64_t length_ms(const SoundPlan& sound) {
  std::size_t samples = 0;
  for (const auto& clip : sound.clips) samples += clip ? clip->size() : 0;
  return static_cast<std::int64_t>(samples) / 8;
}

}  // namespace dunlin::carrier
