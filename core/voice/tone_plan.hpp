#pragma once
// Tones of telephone networks as data, so that a new country is a line and not a rule. Frequencies are nominal, Hz.
// ITU-T E.180 supplement 2 (national tones), E.180 §7 (special information tone), T.30 §4 (CED, CNG). Values only.
#include <array>
#include <cstddef>
#include <cstdint>

namespace dunlin {

/// What a tone means when it is heard on an answered leg.
enum class ToneKind : std::uint8_t { network, information, fax_answer, fax_calling };

/// One or two frequencies that sound together; `second_hz` 0 = a single tone. A voice may hold a note once, hardly
/// twice at one pitch: hence a short burst is believed when it is repeated.
struct TonePlan {
  ToneKind kind = ToneKind::network;
  float first_hz = 0;
  float second_hz = 0;
  float tolerance_hz = 20;
  std::uint32_t burst_ms = 200;  ///< A burst this long counts; two of a network's tone are believed.
  std::uint32_t alone_ms = 600;  ///< A single burst this long is believed.
};

inline constexpr std::size_t max_tone_plans = 32;

/// A bounded list, so that settings stay a plain value; an entry whose `first_hz` is 0 is unused.
using TonePlans = std::array<TonePlan, max_tone_plans>;

/// CED, CNG, SIT, and the call-progress tones of continental Europe, Russia, North America, the United Kingdom and Japan.
TonePlans standard_tone_plans();

}  // namespace dunlin
