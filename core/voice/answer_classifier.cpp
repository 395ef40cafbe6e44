#include "core/voice/answer_classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "core/voice/speech_history.hpp"
#include "core/voice/tone_tracker.hpp"

namespace dunlin {
namespace {

using AnswerClass = VoiceVerdict::AnswerClass;

constexpr std::uint32_t tone_mark_ms = 160;       // from here on a steady sound is no part of a voice
constexpr std::uint32_t spoken_before_tone_ms = 160;
constexpr std::uint32_t beep_lead_pause_ms = 60;  // a beep follows the greeting, a held vowel is part of it
constexpr std::uint32_t doubtful_beep_ms = 320;   // after one word, or in a room whose music holds short notes
constexpr std::uint32_t information_gap_ms = 900; // two segments of a special information tone lie closer
constexpr std::uint32_t cng_shortest_cycle_ms = 2400;
constexpr std::uint32_t cng_longest_cycle_ms = 4600;
constexpr float low_beep_hz = 500;
constexpr float held_note_hz = 10;
constexpr float held_note_share = 0.50F;
constexpr float music_share = 0.47F;    // held notes among sounding frames: speech keeps below
constexpr float melody_share = 0.40F;   // enough notes to mistrust a beep
constexpr float voice_rise_db = 1;      // what stands out of music this far is a voice before it

struct Decision {
  AnswerClass answer = AnswerClass::unknown;
  float confidence = 0;
};

/// The level of the fourth loudest frame: a click cannot raise it.
class LoudestFrames {
 public:
  void add(float level_dbov) {
    if (level_dbov <= levels_.back()) return;
    levels_.back() = level_dbov;
    std::sort(levels_.begin(), levels_.end(), std::greater<>());
  }
  float fourth_dbov() const { return levels_.back(); }

 private:
  std::array<float, 4> levels_{-96, -96, -96, -96};
};

class AnswerClassifier final : public FrameListener {
 public:
  explicit AnswerClassifier(const ClassifierSettings& settings)
      : settings_(settings), tones_(settings.tones),
        history_(SpeechLimits{settings.quiet_dbov, settings.min_contrast_db, settings.clear_contrast_db, settings.min_utterance_ms, settings.long_pause_ms}) {}

  std::optional<VoiceVerdict> on_frame(std::span<const std::int16_t> frame_20ms_8khz) override;

 private:
  void listen(std::span<const std::int16_t> frame);
  void note_plan();
  void note_beep();
  std::optional<Decision> first_look() const;
  std::optional<Decision> second_look() const;
  std::optional<Decision> judge_tone() const;
  std::optional<Decision> judge_speech() const;
  std::optional<Decision> judge_time() const;
  std::uint32_t needed_pause_ms() const;
  float held_share() const;
  bool has_melody() const;
  VoiceVerdict tell(const Decision& decision);

  ClassifierSettings settings_;
  SpectrumAnalyzer spectrum_;
  ToneTracker tones_;
  SpeechHistory history_;
  FrameFeatures last_;
  ToneState tone_;
  SpeechView speech_;
  std::uint32_t now_ms_ = 0;
  std::uint32_t loud_frames_ = 0;
  std::uint32_t held_frames_ = 0;
  LoudestFrames loudest_held_;
  LoudestFrames loudest_other_;
  std::uint32_t cng_started_ms_ = 0;           ///< 0 = none heard.
  std::uint32_t information_ms_ = 0;           ///< When the last segment was heard; 0 = none.
  std::size_t information_plan_ = max_tone_plans;
  bool is_fax_ = false;
  bool is_network_tone_ = false;
  bool has_beeped_ = false;
  std::optional<AnswerClass> first_verdict_;
  bool has_revoked_ = false;
  bool has_told_end_ = false;
};

void AnswerClassifier::listen(std::span<const std::int16_t> frame) {
  now_ms_ += frame_ms;
  const FrameFeatures features = spectrum_.analyze(frame);
  const bool is_loud = features.level_dbov > settings_.quiet_dbov;
  const bool is_held = is_loud && features.first_share >= held_note_share && std::abs(features.first_hz - last_.first_hz) <= held_note_hz;
  loud_frames_ += is_loud ? 1 : 0;
  held_frames_ += is_held ? 1 : 0;
  (is_held ? loudest_held_ : loudest_other_).add(features.level_dbov);
  last_ = features;
  tone_ = tones_.on_frame(features, is_loud);
  history_.add(features.level_dbov, features.is_blank);
  const std::uint32_t tone_ms = std::max(tone_.plan_ms, tone_.steady_ms);
  if (tone_ms >= tone_mark_ms) history_.mark_tone(tone_ms / frame_ms + 1);
  speech_ = history_.view();
}

void AnswerClassifier::note_plan() {
  if (tone_.plan == max_tone_plans) return;
  const bool has_spoken = speech_.spoken_ms >= spoken_before_tone_ms;
  switch (settings_.tones[tone_.plan].kind) {
    case ToneKind::fax_answer: is_fax_ = is_fax_ || tone_.is_believed; break;
    case ToneKind::fax_calling: {
      if (!tone_.is_new_burst) break;
      const std::uint32_t started_ms = now_ms_ - tone_.plan_ms;
      const std::uint32_t since_ms = started_ms - cng_started_ms_;
      is_fax_ = is_fax_ || (cng_started_ms_ > 0 && !has_spoken && since_ms >= cng_shortest_cycle_ms && since_ms <= cng_longest_cycle_ms);
      cng_started_ms_ = has_spoken ? 0 : std::max<std::uint32_t>(started_ms, 1);
      break;
    }
    case ToneKind::information:
      if (!tone_.is_new_burst) break;
      if (information_plan_ != max_tone_plans && information_plan_ != tone_.plan && now_ms_ - information_ms_ <= information_gap_ms) {
        is_network_tone_ = true;
      }
      information_plan_ = tone_.plan;
      information_ms_ = now_ms_;
      break;
    case ToneKind::network: is_network_tone_ = is_network_tone_ || (tone_.is_believed && !has_spoken); break;
  }
}

void AnswerClassifier::note_beep() {
  const bool has_spoken = speech_.spoken_ms >= spoken_before_tone_ms;
  const bool is_calling_fax = cng_started_ms_ > 0;
  is_network_tone_ = is_network_tone_ || (!has_spoken && !is_calling_fax && tone_.steady_ms >= settings_.unlisted_tone_ms);
  const bool is_answering_fax = tone_.plan != max_tone_plans && settings_.tones[tone_.plan].kind == ToneKind::fax_answer;
  if (!has_spoken || is_answering_fax || has_melody()) return;
  const bool is_low = tone_.steady_hz < low_beep_hz;
  const bool is_clear = speech_.contrast_db >= settings_.clear_contrast_db && speech_.utterance_ms > settings_.word_ms;
  const std::uint32_t beep_ms = is_low ? settings_.low_beep_min_ms : settings_.beep_min_ms;
  const std::uint32_t needed_ms = is_clear ? beep_ms : std::max(beep_ms, doubtful_beep_ms);
  const bool has_lead = speech_.pause_ms >= tone_.steady_ms + beep_lead_pause_ms;
  has_beeped_ = has_beeped_ || (tone_.steady_ms >= needed_ms && has_lead);
}

std::optional<Decision> AnswerClassifier::judge_tone() const {
  if (is_fax_) return Decision{AnswerClass::fax, 0.99F};
  if (is_network_tone_) return Decision{AnswerClass::tone, 0.95F};
  if (has_beeped_) return Decision{AnswerClass::machine_end, 0.95F};
  return std::nullopt;
}

float AnswerClassifier::held_share() const {
  return loud_frames_ == 0 ? 0.0F : static_cast<float>(held_frames_) / static_cast<float>(loud_frames_);
}

bool AnswerClassifier::has_melody() const {
  const std::uint32_t present = tone_.steady_ms / frame_ms;  // the beep itself is no evidence against it
  const std::uint32_t held = held_frames_ - std::min(held_frames_, present);
  const std::uint32_t loud = loud_frames_ - std::min(loud_frames_, present);
  return static_cast<float>(held) >= melody_share * static_cast<float>(std::max<std::uint32_t>(loud, 1));
}

std::uint32_t AnswerClassifier::needed_pause_ms() const {
  if (speech_.utterance_ms <= settings_.word_ms) return settings_.word_pause_ms;
  return speech_.utterance_ms <= settings_.sentence_ms ? settings_.sentence_pause_ms : settings_.long_pause_ms;
}

std::optional<Decision> AnswerClassifier::judge_speech() const {
  const bool is_melodic = held_share() >= music_share && loud_frames_ * frame_ms >= settings_.music_ms;
  const bool has_voice_before_it = loudest_other_.fourth_dbov() - loudest_held_.fourth_dbov() >= voice_rise_db;
  if (is_melodic && !has_voice_before_it) return Decision{AnswerClass::music, 0.8F};
  if (speech_.utterance_ms == 0 || tone_.steady_ms > 0) return std::nullopt;
  if (speech_.utterance_ms >= settings_.machine_speech_ms) {
    if (speech_.contrast_db < settings_.clear_contrast_db || held_share() >= music_share) return std::nullopt;
    return Decision{AnswerClass::machine, 0.85F};
  }
  if (speech_.pause_ms < needed_pause_ms()) return std::nullopt;
  if (history_.has_repetition(speech_)) return Decision{AnswerClass::announcement, 0.9F};
  return Decision{AnswerClass::human, speech_.utterance_ms <= settings_.word_ms ? 0.9F : 0.7F};
}

std::optional<Decision> AnswerClassifier::judge_time() const {
  const bool is_quiet = speech_.spoken_ms == 0 && cng_started_ms_ == 0;
  const bool is_silent = is_quiet && speech_.background_dbov < settings_.quiet_dbov + 10;
  if (is_silent && now_ms_ >= settings_.silence_ms) return Decision{AnswerClass::silence, 0.9F};
  const bool is_speaking = speech_.utterance_ms > 0 && speech_.pause_ms < needed_pause_ms();
  const bool is_waiting = is_speaking || (cng_started_ms_ > 0 && speech_.spoken_ms == 0);
  if (now_ms_ >= settings_.hard_deadline_ms || (now_ms_ >= settings_.deadline_ms && !is_waiting)) {
    return Decision{AnswerClass::unknown, 0.0F};
  }
  return std::nullopt;
}

std::optional<Decision> AnswerClassifier::first_look() const {
  if (const auto tone = judge_tone()) return tone;
  if (const auto speech = judge_speech()) return speech;
  return judge_time();
}

std::optional<Decision> AnswerClassifier::second_look() const {
  const bool was_agent = *first_verdict_ == AnswerClass::human || *first_verdict_ == AnswerClass::unknown;
  if (has_beeped_ && !has_told_end_ && (was_agent || *first_verdict_ == AnswerClass::machine)) {
    return Decision{AnswerClass::machine_end, 0.9F};
  }
  if (!was_agent || has_revoked_) return std::nullopt;
  if (is_fax_) return Decision{AnswerClass::fax, 0.95F};
  const bool is_long = speech_.utterance_ms >= settings_.second_look_speech_ms && speech_.contrast_db >= settings_.clear_contrast_db &&
                       held_share() < music_share;
  if (is_long) return Decision{AnswerClass::machine, 0.6F};
  return std::nullopt;
}

VoiceVerdict AnswerClassifier::tell(const Decision& decision) {
  const bool is_second = first_verdict_.has_value();
  if (!is_second) first_verdict_ = decision.answer;
  has_revoked_ = has_revoked_ || is_second;
  has_told_end_ = has_told_end_ || decision.answer == AnswerClass::machine_end;
  return VoiceVerdict{decision.answer, decision.confidence, now_ms_, is_second};
}

std::optional<VoiceVerdict> AnswerClassifier::on_frame(std::span<const std::int16_t> frame_20ms_8khz) {
  if (first_verdict_ && now_ms_ >= settings_.second_look_ms) return std::nullopt;
  listen(frame_20ms_8khz);
  note_plan();
  note_beep();
  const auto decision = first_verdict_ ? second_look() : first_look();
  if (!decision) return std::nullopt;
  return tell(*decision);
}

}  // namespace

std::unique_ptr<FrameListener> make_answer_classifier(const ClassifierSettings& settings) {
  return std::make_unique<AnswerClassifier>(settings);
}

}  // namespace dunlin
