#pragma once
// Decides what answered a call: person, machine, fax, tone, music or nothing, from 20 ms frames, causally.
// Asymmetric by design: a person is waiting, so `human` comes early (a short utterance and a pause); a machine costs
// only line time, so `machine` comes late (long unbroken speech, or a beep after speech). What stays undecided is
// `unknown` at the deadline, and unknown goes to an agent: throwing a live person away is the one grave error.
// After the first verdict it keeps listening and may take a second look (`is_second_look`), for example a beep heard
// while an agent is already bridged. Each class is told at most once per look.
// Runs on the media worker; no allocation, lock, clock or I/O in on_frame. Units: ms of audio, dBov, Hz.
#include <cstdint>
#include <memory>

#include "core/voice/frame_listener.hpp"
#include "core/voice/tone_plan.hpp"

namespace dunlin {

/// Every threshold of a classifier; per campaign, so that stored audio can be replayed with other values.
struct ClassifierSettings {
  std::uint32_t min_utterance_ms = 80;       ///< Shorter bursts are clicks, not voices.
  std::uint32_t word_ms = 700;               ///< An utterance up to this is a word ("hello?").
  std::uint32_t word_pause_ms = 600;         ///< Silence after a word that makes it a person's.
  std::uint32_t sentence_ms = 3100;          ///< Longer than a word, up to this: a sentence.
  std::uint32_t sentence_pause_ms = 760;     ///< Silence after a sentence that makes it a person's.
  std::uint32_t long_pause_ms = 780;         ///< The same after still longer speech: a beep may follow.
  std::uint32_t machine_speech_ms = 3500;    ///< Speech without such a pause this long is a machine's greeting.
  std::uint32_t beep_min_ms = 120;             ///< Steady single tone after speech: the machine's record signal.
  std::uint32_t low_beep_min_ms = 180;         ///< The same below 500 Hz, where held vowels live.
  std::uint32_t unlisted_tone_ms = 600;        ///< A steady tone of no plan before anybody spoke.
  std::uint32_t music_ms = 3000;               ///< Unbroken tonal sound this long is music.
  std::uint32_t silence_ms = 4500;             ///< Nothing heard this long; never set below 4000: people are slow.
  std::uint32_t deadline_ms = 5000;            ///< Undecided and nobody speaking: unknown, to an agent.
  std::uint32_t hard_deadline_ms = 7000;       ///< Undecided although something sounds: unknown, to an agent.
  std::uint32_t second_look_ms = 30000;        ///< Listening ends this long after the first frame.
  std::uint32_t second_look_speech_ms = 4000;  ///< Unbroken speech after a human or unknown verdict that revokes it.
  float quiet_dbov = -50;                      ///< Sounds below this are nobody's voice.
  float min_contrast_db = 8;                   ///< Voice must rise this far over the background.
  float clear_contrast_db = 20;                ///< Below it a room's talk may be what never pauses: no machine.
  TonePlans tones = standard_tone_plans();
};

/// A listener for one leg; it owns all its memory (about 30 kB) from the start.
std::unique_ptr<FrameListener> make_answer_classifier(const ClassifierSettings& settings);

}  // namespace dunlin
