#include "media/leg.hpp"

#include <algorithm>

namespace dunlin {

bool Speech::next(Frame& frame) {
  std::size_t filled = 0;
  while (filled < frame.size() && is_on()) {
    const std::vector<std::int16_t>& samples = sounds[at]->samples;
    const std::size_t count = std::min(samples.size() - position, frame.size() - filled);
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(position), count, frame.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += count;
    position += count;
    if (position < samples.size()) continue;
    position = 0;
    ++at;
  }
  std::fill(frame.begin() + static_cast<std::ptrdiff_t>(filled), frame.end(), std::int16_t{0});
  return !is_on();
}

bool Playback::next(Frame& frame) {
  std::size_t filled = 0;
  while (filled < frame.size()) {
    const std::size_t left = prompt->samples.size() - position;
    const std::size_t count = std::min(left, frame.size() - filled);
    std::copy_n(prompt->samples.begin() + static_cast<std::ptrdiff_t>(position), count,
                frame.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += count;
    position += count;
    if (position < prompt->samples.size()) continue;
    position = 0;
    if (is_looped) continue;
    std::fill(frame.begin() + static_cast<std::ptrdiff_t>(filled), frame.end(), std::int16_t{0});
    prompt = nullptr;
    return true;
  }
  return false;
}

}  // namespace dunlin
