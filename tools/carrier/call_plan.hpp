#pragma once
// The fate of one call with all its times, decided before it begins: a function of scenario, seed, number and
// attempt, so that a run can be repeated whatever order the calls arrive in. Pure, any thread.
#include <string>
#include <string_view>

#include "tools/carrier/scenario.hpp"
#include "tools/peer/speech_bank.hpp"

namespace dunlin::carrier {

struct CallPlan {
  std::string number;
  int attempt = 1;
  Outcome outcome;
  int refusal_status = 0;               ///< The final status of a call that is not answered.
  std::int64_t post_dial_delay_ms = 0;  ///< INVITE to ringing.
  std::int64_t ring_ms = 0;             ///< Ringing to the answer or the refusal.
  bool has_early_media = false;
  std::int64_t answer_delay_ms = 0;  ///< Answer to the first word.
  std::int64_t patience_ms = 0;      ///< A person hears nothing so long, then hangs up.
  std::int64_t talk_ms = 0;          ///< From the first word heard.
  bool is_hanging_up = false;        ///< Ends the talk; otherwise waits for the caller.
  peer::Language language = peer::Language::russian;
  bool is_recorded = false;  ///< Its notice or greeting is a recorded prompt, where there is one.
  std::uint64_t seed = 0;  ///< For the sounds of this call.
};

/// The digits of a number: +7 (999) 000-00-01 → 79990000001.
std::string digits_of(std::string_view number);

CallPlan plan_call(const Scenario& scenario, std::uint64_t seed, std::string_view number, int attempt);

/// What the far end says once it has answered (or while it announces); empty clips are silence.
peer::SoundPlan opening_sound(const CallPlan& plan, const peer::SpeechBank& bank);
/// A person's side of a talk.
peer::SoundPlan talking_sound(const CallPlan& plan, const peer::SpeechBank& bank);
/// SIT and a notice, spoken or recorded, played as early media.
peer::SoundPlan notice_sound(const CallPlan& plan, const peer::SpeechBank& bank);
/// The ringing tone of Russia: 425 Hz, 1 s on, 4 s off.
peer::SoundPlan ringing_sound();
std::int64_t length_ms(const peer::SoundPlan& sound);

}  // namespace dunlin::carrier
