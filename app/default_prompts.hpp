#pragma once
// What the node says when the operator gave no recording: spoken once by espeak-ng into the data folder, at the start, before media
// begin. Blocks for as long as espeak-ng takes. A file a person put there stays.
#include <filesystem>

#include "config/settings.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// Where they are: "prompts" in the data folder.
std::filesystem::path made_prompts_folder(const NodeSettings& settings);

/// Makes abandon.wav, in the language of the jurisdiction, unless media.prompts_folder has one. Errc::unavailable: no voice on this
/// machine; the caller tells it and starts all the same.
Status make_default_prompts(const NodeSettings& settings);

}  // namespace dunlin
