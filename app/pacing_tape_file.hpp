#pragma once
// A campaign's pacing tape on disk: <folder>/<campaign>-<milliseconds>.ticks holds what the policy was told, the file
// beside it (.answers) what it answered, line by line as `dunlin pacing` would, so that a replay is one `diff`. Written by
// the campaign's actor through the file cache. At the bound, or when the disk refuses, the tape ends and the log says so.
// Ids and counts only: no names, no numbers.
#include <filesystem>
#include <memory>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/dialing/pacing_tape.hpp"

namespace dunlin {

/// Bytes of one .ticks file; a room of 50 writes about 100 MiB an hour.
inline constexpr std::size_t pacing_tape_bytes = std::size_t{4} << 30U;

std::unique_ptr<PacingTape> make_tape_file(const std::filesystem::path& folder, CampaignId campaign, UtcTime now);

}  // namespace dunlin
