#include "app/recording_list.hpp"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace dunlin {
namespace {

constexpr std::string_view sound_ending = ".opus.sealed";
constexpr std::string_view sidecar_ending = ".json";
constexpr std::size_t gaps_named = 3;

/// The hash a side-car holds; nullopt when it cannot be read or has none.
std::optional<std::string> hash_in(const std::filesystem::path& sidecar) {
  std::ifstream stream(sidecar);
  const auto document = nlohmann::json::parse(stream, nullptr, false);
  const auto found = document.is_object() ? document.find("sha256") : document.end();
  if (!document.is_object() || found == document.end() || !found->is_string()) return std::nullopt;
  const auto hash = found->get<std::string>();
  const bool is_hex = hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hex ? std::optional(hash) : std::nullopt;
}

std::filesystem::path sidecar_of(const std::filesystem::path& sound) {
  const std::string name = sound.string();
  if (!name.ends_with(sound_ending)) return {};
  return name.substr(0, name.size() - sound_ending.size()) + std::string(sidecar_ending);
}

/// The side-car is the last file a finished recording gets: without one it is still in the making.
void add(const std::filesystem::path& folder, const std::filesystem::path& sidecar, RecordingList& list) {
  const std::string base = sidecar.string().substr(0, sidecar.string().size() - sidecar_ending.size());
  const std::filesystem::path sound = base + std::string(sound_ending);
  std::error_code failure;
  const std::uint64_t bytes = std::filesystem::file_size(sound, failure);
  const auto hash = hash_in(sidecar);
  const std::string name = sound.lexically_relative(folder).string();
  if (failure || !hash) {
    list.damaged.push_back(name);
    return;
  }
  list.recordings.push_back({name, bytes, *hash});
  list.bytes += bytes;
}

std::string gap_of(const BackedUpRecording& recording, const std::filesystem::path& folder) {
  const auto sound = folder / recording.name;
  std::error_code failure;
  const std::uint64_t bytes = std::filesystem::file_size(sound, failure);
  if (failure) return "missing";
  if (bytes != recording.bytes) return "another size";
  return hash_in(sidecar_of(sound)) == recording.sha256_hex ? "" : "another side-car";
}

}  // namespace

Result<RecordingList> list_finished_recordings(const std::filesystem::path& recordings_folder) {
  RecordingList list;
  const auto sounds = recordings_folder / "audio";
  std::error_code failure;
  if (!std::filesystem::exists(sounds, failure)) return list;
  for (std::filesystem::recursive_directory_iterator file(sounds, failure), end; !failure && file != end; file.increment(failure)) {
    if (file->path().extension() == sidecar_ending) add(recordings_folder, file->path(), list);
  }
  if (failure) return Error{Errc::unavailable, "cannot read " + sounds.string() + ": " + failure.message()};
  std::sort(list.recordings.begin(), list.recordings.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::sort(list.damaged.begin(), list.damaged.end());
  return list;
}

std::vector<RecordingGap> missing_recordings(const std::vector<BackedUpRecording>& listed, const std::filesystem::path& recordings_folder) {
  std::vector<RecordingGap> gaps;
  for (const BackedUpRecording& recording : listed) {
    std::string why = gap_of(recording, recordings_folder);
    if (!why.empty()) gaps.push_back({recording.name, std::move(why)});
  }
  return gaps;
}

std::string recordings_warning(const std::vector<RecordingGap>& gaps, std::size_t listed, const std::filesystem::path& recordings_folder) {
  if (gaps.empty()) return "";
  std::string text = fmt::format("{} of the {} recordings of the backup are not in {} as they were: ", gaps.size(), listed, recordings_folder.string());
  for (std::size_t i = 0; i < std::min(gaps.size(), gaps_named); ++i) text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", gaps[i].name, gaps[i].why);
  if (gaps.size() > gaps_named) text += fmt::format(" and {} more", gaps.size() - gaps_named);
  return text + "; a backup does not hold recordings: copy their folder back";
}

}  // namespace dunlin
