#include "core/voice/tone_plan.hpp"

namespace dunlin {

TonePlans standard_tone_plans() {
  // SIT segments have three permitted variants each (913.8/985.2, 1370.6/1428.5, 1776.7), hence the wide tolerance.
  TonePlans plans{};
  std::size_t next = 0;
  const auto add = [&](ToneKind kind, float first_hz, float second_hz, float tolerance_hz, std::uint32_t burst_ms, std::uint32_t alone_ms) {
    plans[next++] = TonePlan{kind, first_hz, second_hz, tolerance_hz, burst_ms, alone_ms};
  };
  add(ToneKind::fax_answer, 2100, 0, 25, 300, 500);
  add(ToneKind::fax_calling, 1100, 0, 45, 300, 3000);
  add(ToneKind::information, 950, 0, 45, 200, 1000);
  add(ToneKind::information, 1400, 0, 45, 200, 1000);
  add(ToneKind::information, 1800, 0, 45, 200, 1000);
  add(ToneKind::network, 425, 0, 15, 180, 600);    // Russia, continental Europe, most of Asia and South America
  add(ToneKind::network, 440, 480, 15, 180, 600);  // North America: ringback
  add(ToneKind::network, 480, 620, 20, 180, 600);  // North America: busy 0.5 s, congestion 0.25 s
  add(ToneKind::network, 350, 440, 20, 180, 600);  // North America, United Kingdom: dial tone
  add(ToneKind::network, 400, 450, 15, 180, 600);  // United Kingdom, Ireland, New Zealand: ringback
  add(ToneKind::network, 400, 0, 15, 180, 600);    // United Kingdom: busy; Japan, Israel
  add(ToneKind::network, 450, 0, 15, 180, 600);    // China
  add(ToneKind::network, 480, 0, 15, 180, 600);
  add(ToneKind::network, 400, 440, 15, 180, 600);  // India, Australia: ringback
  return plans;
}

}  // namespace dunlin
