#pragma once
// Reads a RIFF WAVE file of 16-bit mono samples, as Debian's prompt packages hold. Any thread.
#include <string>

#include "tools/peer/result.hpp"
#include "tools/peer/sound.hpp"

namespace dunlin::peer {

struct Wave {
  Samples samples;
  int rate = 0;
};

/// Chunks it does not know are passed over; a torn last chunk is read as far as it goes.
Result<Wave> parse_wave(const std::string& bytes);
/// Fails with the path and what is wrong with it.
Result<Wave> read_wave_file(const std::string& path);

}  // namespace dunlin::peer
