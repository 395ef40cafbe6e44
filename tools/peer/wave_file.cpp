#include "tools/peer/wave_file.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace dunlin::peer {
namespace {

constexpr std::size_t riff_header = 12;
constexpr std::size_t chunk_header = 8;
constexpr std::size_t format_bytes = 16;
constexpr int pcm = 1;

std::uint32_t little_endian(const std::string& bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

}  // namespace

Result<Wave> parse_wave(const std::string& bytes) {
  if (bytes.size() < riff_header || bytes.compare(0, 4, "RIFF") != 0 || bytes.compare(8, 4, "WAVE") != 0)
    return Failure{"is no WAVE file"};
  Wave wave;
  for (std::size_t at = riff_header; at + chunk_header <= bytes.size();) {
    const std::size_t begin = at + chunk_header;
    const std::size_t size = std::min<std::size_t>(little_endian(bytes, at + 4, 4), bytes.size() - begin);
    if (bytes.compare(at, 4, "fmt ") == 0 && size >= format_bytes) {
      const bool is_mono_16_bit =
          little_endian(bytes, begin, 2) == pcm && little_endian(bytes, begin + 2, 2) == 1 && little_endian(bytes, begin + 14, 2) == 16;
      if (!is_mono_16_bit) return Failure{"is not 16-bit mono PCM"};
      wave.rate = static_cast<int>(std::min<std::uint32_t>(little_endian(bytes, begin + 4, 4), 1'000'000));
    } else if (bytes.compare(at, 4, "data") == 0) {
      wave.samples.resize(size / 2);
      if (!wave.samples.empty()) std::memcpy(wave.samples.data(), bytes.data() + begin, wave.samples.size() * 2);
      break;
    }
    at = begin + size + size % 2;
  }
  if (wave.rate < 8000 || wave.rate > 48'000) return Failure{"has an unknown sample rate"};
  if (wave.samples.empty()) return Failure{"holds no sound"};
  return wave;
}

Result<Wave> read_wave_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure{path + " is missing"};
  auto wave = parse_wave({std::istreambuf_iterator<char>(file), {}});
  if (!wave) return Failure{path + " " + wave.failure().text};
  return wave;
}

}  // namespace dunlin::peer
