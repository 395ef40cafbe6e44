#pragma once
// Spoken phrases, rendered once at start by the espeak-ng program (a separate process: it is GPL) in several
// voices, Russian and English, and brought down to 8 kHz; on wish recorded prompts of Debian's Asterisk packages beside
// them. Immutable after render() and add_recorded(), any thread.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/peer/result.hpp"
#include "tools/peer/sound.hpp"

namespace dunlin::peer {

enum class Phrase : std::uint8_t {
  hello,
  answer,
  greeting,
  notice,
  screening,
  agent,
  recorded_greeting,       ///< A voice mailbox.
  recorded_no_service,     ///< "The number is not in service."
  recorded_circuits_busy,  ///< "All circuits are busy now."
};
inline constexpr std::size_t phrase_kinds = 9;
enum class Language : std::uint8_t { russian, english };

class SpeechBank {
 public:
  /// Takes a second or two. Fails with the name of the package to install when espeak-ng is missing.
  static Result<SpeechBank> render();

  /// The recorded phrases, from below this folder (/usr/share/asterisk/sounds). A sentence for each language that lacks
  /// them: what is missing, which package brings it, what is heard instead.
  std::vector<std::string> add_recorded(const std::string& folder);

  /// One of the phrases of that kind in that language; of recorded ones null when there are none.
  Clip pick(Phrase phrase, Language language, Dice& dice) const;

 private:
  std::array<std::array<std::vector<Clip>, 2>, phrase_kinds> clips_;
};

/// 16-bit mono samples of any rate to 8 kHz by a windowed-sinc low-pass of 3.6 kHz.
Samples to_eight_khz(const Samples& in, int rate);

}  // namespace dunlin::peer
