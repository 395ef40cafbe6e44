#include "app/cli/classify.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace dunlin {
namespace {

constexpr std::size_t frame_samples = 160;
constexpr std::uintmax_t largest_file = 64U << 20U;

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

/// The samples of a RIFF WAVE file; chunks other than `fmt ` and `data` are skipped.
Result<std::vector<std::int16_t>> samples_of(std::string_view bytes) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") return invalid_input("not a WAVE file");
  bool is_telephone = false;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::string_view name = bytes.substr(at, 4);
    const std::size_t size = std::min<std::size_t>(little_endian(bytes, at + 4, 4), bytes.size() - at - 8);
    const std::size_t body = at + 8;
    if (name == "fmt " && size >= 16) {
      is_telephone = little_endian(bytes, body, 2) == 1 && little_endian(bytes, body + 2, 2) == 1 &&
                     little_endian(bytes, body + 4, 4) == 8000 && little_endian(bytes, body + 14, 2) == 16;
    }
    if (name == "data") {
      if (!is_telephone) return invalid_input("must be 16-bit PCM, mono, 8 kHz");
      std::vector<std::int16_t> samples;
      samples.reserve(size / 2);
      for (std::size_t i = 0; i + 1 < size; i += 2) samples.push_back(static_cast<std::int16_t>(little_endian(bytes, body + i, 2)));
      return samples;
    }
    at = body + size + size % 2;
  }
  return invalid_input("has no samples");
}

Result<std::vector<std::int16_t>> read_wave(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error || size > largest_file) return invalid_input(file.string() + ": unreadable, or larger than 64 MB");
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  auto samples = samples_of(bytes);
  if (!samples) return invalid_input(file.string() + ": " + samples.error().detail);
  return samples;
}

/// The benchmark's seven words; finer classes fall under the word whose treatment they share.
std::string_view word_of(VoiceVerdict::AnswerClass answer) {
  using AnswerClass = VoiceVerdict::AnswerClass;
  switch (answer) {
    case AnswerClass::human: return "HUMAN";
    case AnswerClass::machine:
    case AnswerClass::machine_end:
    case AnswerClass::announcement:
    case AnswerClass::screening: return "MACHINE";
    case AnswerClass::fax: return "FAX";
    case AnswerClass::tone: return "TONE";
    case AnswerClass::music: return "MUSIC";
    case AnswerClass::silence: return "SILENCE";
    case AnswerClass::unknown: return "NOTSURE";
  }
  return "NOTSURE";
}

std::string line_of(const std::string& name, std::span<const std::int16_t> samples, const ClassifierSettings& settings) {
  const auto listener = make_answer_classifier(settings);
  std::optional<VoiceVerdict> first;
  std::optional<VoiceVerdict> second;
  for (std::size_t at = 0; at + frame_samples <= samples.size(); at += frame_samples) {
    const auto verdict = listener->on_frame(samples.subspan(at, frame_samples));
    if (!verdict) continue;
    if (!first) {
      first = verdict;
    } else if (!second) {
      second = verdict;
    }
  }
  if (!first) first = VoiceVerdict{VoiceVerdict::AnswerClass::unknown, 0, static_cast<std::uint32_t>(samples.size() / 8), false};
  std::string line = name + "," + std::string(word_of(first->answer)) + "," + std::to_string(first->decided_at_ms) + ",";
  if (second) line += std::string(word_of(second->answer)) + "," + std::to_string(second->decided_at_ms);
  return line + (second ? "\n" : ",\n");
}

}  // namespace

Result<std::string> classify_folder(const std::filesystem::path& folder, const ClassifierSettings& settings) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".wav") files.push_back(entry.path());
  }
  if (error) return invalid_input(folder.string() + ": " + error.message());
  if (files.empty()) return invalid_input(folder.string() + ": no .wav file in it");
  std::sort(files.begin(), files.end());
  std::string lines = "name,decision,t_ms,second_decision,second_t_ms\n";
  for (const auto& file : files) {
    const auto samples = read_wave(file);
    if (!samples) return samples.error();
    lines += line_of(file.stem().string(), *samples, settings);
  }
  return lines;
}

int classify_folder(const std::filesystem::path& folder, const std::string& output) {
  if (output != "csv" && output != "table") {
    std::fprintf(stderr, "dunlin: classify prints csv only\n");
    return 2;
  }
  const auto lines = classify_folder(folder, ClassifierSettings{});
  if (!lines) {
    std::fprintf(stderr, "dunlin: %s\n", lines.error().detail.c_str());
    return 2;
  }
  std::fputs(lines->c_str(), stdout);
  return 0;
}

}  // namespace dunlin
