#pragma once
// Replays stored audio through the answer classifier: the bench of docs/classification and the review of a campaign's
// own recordings. Reads files only. Input: RIFF WAVE, 16-bit PCM, mono, 8 kHz. Units: ms of audio.
#include <filesystem>
#include <string>

#include "core/base/result.hpp"
#include "core/voice/answer_classifier.hpp"

namespace dunlin {

/// Every `*.wav` of the folder in the order of its names, one CSV line each:
/// name,decision,t_ms,second_decision,second_t_ms; the last two are empty when the first verdict stood.
/// A file that ends before a verdict is NOTSURE at its end. invalid_input names the first file that is no such WAVE.
Result<std::string> classify_folder(const std::filesystem::path& folder, const ClassifierSettings& settings);

/// The command `dunlin classify DIR [-o csv]`; `output` is "table" or "csv". Prints; exit code 0, or 2 for bad input.
int classify_folder(const std::filesystem::path& folder, const std::string& output);

}  // namespace dunlin
