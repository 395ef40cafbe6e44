#include "media/tones.hpp"

#include <cmath>
#include <numbers>
#include <spandsp.h>
#include <string_view>

namespace dunlin {

struct DtmfToneDetector::State {
  dtmf_rx_state_t* handle = nullptr;
  ~State() {
    if (handle != nullptr) dtmf_rx_free(handle);
  }
};

DtmfToneDetector::DtmfToneDetector(std::unique_ptr<State> state) : state_(std::move(state)) {}
DtmfToneDetector::~DtmfToneDetector() = default;

Result<std::unique_ptr<DtmfToneDetector>> DtmfToneDetector::make() {
  auto state = std::make_unique<State>();
  state->handle = dtmf_rx_init(nullptr, nullptr, nullptr);
  if (state->handle == nullptr) return Error{Errc::exhausted, "spandsp gave no DTMF detector"};
  return std::unique_ptr<DtmfToneDetector>(new DtmfToneDetector(std::move(state)));
}

std::optional<char> DtmfToneDetector::on_frame(std::span<const std::int16_t> frame) {
  dtmf_rx(state_->handle, frame.data(), static_cast<int>(frame.size()));
  char digit[2] = {};
  if (dtmf_rx_get(state_->handle, digit, 1) == 0) return std::nullopt;
  return digit[0];
}

struct FaxToneDetector::State {
  modem_connect_tones_rx_state_t* handle = nullptr;
  bool was_told = false;
  ~State() {
    if (handle != nullptr) modem_connect_tones_rx_free(handle);
  }
};

FaxToneDetector::FaxToneDetector(std::unique_ptr<State> state) : state_(std::move(state)) {}
FaxToneDetector::~FaxToneDetector() = default;

Result<std::unique_ptr<FaxToneDetector>> FaxToneDetector::make() {
  auto state = std::make_unique<State>();
  state->handle =
      modem_connect_tones_rx_init(nullptr, MODEM_CONNECT_TONES_FAX_CED_OR_PREAMBLE, nullptr, nullptr);
  if (state->handle == nullptr) return Error{Errc::exhausted, "spandsp gave no fax tone detector"};
  return std::unique_ptr<FaxToneDetector>(new FaxToneDetector(std::move(state)));
}

bool FaxToneDetector::on_frame(std::span<const std::int16_t> frame) {
  if (state_->was_told) return false;
  modem_connect_tones_rx(state_->handle, frame.data(), static_cast<int>(frame.size()));
  state_->was_told = modem_connect_tones_rx_get(state_->handle) != MODEM_CONNECT_TONES_NONE;
  return state_->was_told;
}

void write_dtmf_tone(char digit, std::uint32_t phase_samples, std::span<std::int16_t> frame) {
  constexpr std::string_view keys = "123A456B789C*0#D";
  constexpr double rows[4] = {697, 770, 852, 941};
  constexpr double columns[4] = {1209, 1336, 1477, 1633};
  const std::size_t at = keys.find(digit);
  if (at == std::string_view::npos) return;
  const double low = 2 * std::numbers::pi * rows[at / 4] / 8000;
  const double high = 2 * std::numbers::pi * columns[at % 4] / 8000;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const double t = phase_samples + static_cast<double>(i);
    frame[i] = static_cast<std::int16_t>(7000 * std::sin(low * t) + 8000 * std::sin(high * t));
  }
}

}  // namespace dunlin
