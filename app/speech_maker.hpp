#pragma once
// Speech from text, for what no studio has recorded: one WAV file a fragment, as the media engine plays it (8 kHz, mono,
// 16 bit). The voice is behind an interface; espeak-ng and sox run as processes of their own and none is linked. Blocks.
#include <filesystem>
#include <memory>
#include <string>

#include "core/dialogue/spoken.hpp"

namespace dunlin {

class SpeechMaker {
 public:
  virtual ~SpeechMaker() = default;
  /// Writes the file. Errors name the program that failed, never the text.
  virtual Status make(SpokenLanguage language, const std::string& text, const std::filesystem::path& wav_file) = 0;
};

/// Errc::unavailable names the program that is not installed.
Result<std::unique_ptr<SpeechMaker>> espeak_speech_maker();

struct RenderedSpeech {
  std::size_t made = 0;
  std::size_t kept = 0;      ///< Recorded by people, or made before from the same words.
};

/// One FRAGMENT.wav for every piece that has a fragment name. A file made from other words is made again; a file nobody
/// made here is a recording and stays. The words of those made here are kept beside them in made.tsv.
Result<RenderedSpeech> render_speech(SpeechMaker& maker, SpokenLanguage language, const SpokenPieces& pieces,
                                     const std::filesystem::path& folder);

}  // namespace dunlin
