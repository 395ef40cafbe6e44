#pragma once
// One piece of speech as samples, shared by every call that plays it and forgotten with the last of them. Pure value.
#include <cstdint>
#include <memory>
#include <vector>

namespace dunlin {

struct SpokenSound {
  std::vector<std::int16_t> samples;   ///< 8 kHz, mono.
};
using SoundPointer = std::shared_ptr<const SpokenSound>;
/// In the order they are heard.
using Sounds = std::vector<SoundPointer>;

}  // namespace dunlin
