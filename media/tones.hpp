#pragma once
// The door to spandsp: in-band DTMF and fax answer tone (CED or V.21 preamble, ITU-T T.30) on 20 ms frames;
// and our own DTMF tone generator. Made on the control thread, used by one media worker; no allocation after
// construction.
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/base/result.hpp"

namespace dunlin {

class DtmfToneDetector {
 public:
  static Result<std::unique_ptr<DtmfToneDetector>> make();
  ~DtmfToneDetector();
  DtmfToneDetector(const DtmfToneDetector&) = delete;
  DtmfToneDetector& operator=(const DtmfToneDetector&) = delete;
  /// At most one digit falls in a frame.
  std::optional<char> on_frame(std::span<const std::int16_t> frame);

 private:
  struct State;
  explicit DtmfToneDetector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class FaxToneDetector {
 public:
  static Result<std::unique_ptr<FaxToneDetector>> make();
  ~FaxToneDetector();
  FaxToneDetector(const FaxToneDetector&) = delete;
  FaxToneDetector& operator=(const FaxToneDetector&) = delete;
  /// True once, when the tone has been certain.
  bool on_frame(std::span<const std::int16_t> frame);

 private:
  struct State;
  explicit FaxToneDetector(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Writes the two tones of a key (ITU-T Q.23) at about -9 dBm0 each, continuing at `phase_samples` of the
/// press.
void write_dtmf_tone(char digit, std::uint32_t phase_samples, std::span<std::int16_t> frame);

}  // namespace dunlin
