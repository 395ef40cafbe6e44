#include "media/wav.hpp"

#include <algorithm>
#include <string_view>

namespace dunlin {
namespace {

std::uint32_t read_le(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
  return value;
}

bool has_tag(std::span<const std::uint8_t> bytes, std::size_t at, std::string_view tag) {
  return std::equal(tag.begin(), tag.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

Status check_format(std::span<const std::uint8_t> chunk) {
  const std::string advice = "; convert with: sox in.wav -r 8000 -c 1 -b 16 out.wav";
  if (chunk.size() < 16) return invalid_input("WAV format chunk is too short");
  if (read_le(chunk, 0, 2) != 1) return invalid_input("WAV is not PCM" + advice);
  if (read_le(chunk, 2, 2) != 1) return invalid_input("WAV is not mono" + advice);
  if (read_le(chunk, 4, 4) != 8000) return invalid_input("WAV is not 8 kHz" + advice);
  if (read_le(chunk, 14, 2) != 16) return invalid_input("WAV is not 16 bit" + advice);
  return Done{};
}

void append_le(std::string& out, std::uint32_t value, int width) {
  for (int i = 0; i < width; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
}

}  // namespace

Result<std::vector<std::int16_t>> parse_wav(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 12 || !has_tag(bytes, 0, "RIFF") || !has_tag(bytes, 8, "WAVE"))
    return invalid_input("not a WAV file");
  bool has_format = false;
  std::size_t at = 12;
  while (bytes.size() - at >= 8) {
    const std::size_t size = read_le(bytes, at + 4, 4);
    const auto chunk = bytes.subspan(at + 8, std::min(size, bytes.size() - at - 8));
    if (has_tag(bytes, at, "fmt ")) {
      if (auto status = check_format(chunk); !status) return status.error();
      has_format = true;
    } else if (has_tag(bytes, at, "data")) {
      if (!has_format) return invalid_input("WAV data comes before its format");
      if (chunk.size() < 2) return invalid_input("WAV holds no audio");
      if (chunk.size() / 2 > max_prompt_samples) return invalid_input("WAV is longer than ten minutes");
      std::vector<std::int16_t> samples(chunk.size() / 2);
      for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(read_le(chunk, 2 * i, 2));
      return samples;
    }
    const std::size_t step = 8 + size + (size & 1);  // chunks are padded to even length
    if (step > bytes.size() - at) break;
    at += step;
  }
  return invalid_input("WAV has no data chunk");
}

std::string make_wav(std::span<const std::int16_t> samples) {
  const auto data_size = static_cast<std::uint32_t>(samples.size() * 2);
  std::string out = "RIFF";
  append_le(out, 36 + data_size, 4);
  out += "WAVEfmt ";
  append_le(out, 16, 4);
  append_le(out, 1, 2);
  append_le(out, 1, 2);
  append_le(out, 8000, 4);
  append_le(out, 16000, 4);
  append_le(out, 2, 2);
  append_le(out, 16, 2);
  out += "data";
  append_le(out, data_size, 4);
  for (const std::int16_t sample : samples) append_le(out, static_cast<std::uint16_t>(sample), 2);
  return out;
}

}  // namespace dunlin
