#include "app/speech_maker.hpp"

#include <fstream>
#include <map>

#include "app/child_program.hpp"

namespace dunlin {
namespace {

constexpr const char* index_name = "made.tsv";
constexpr std::size_t most_index_lines = 10'000;

class EspeakSpeech final : public SpeechMaker {
 public:
  EspeakSpeech(std::filesystem::path espeak, std::filesystem::path sox) : espeak_(std::move(espeak)), sox_(std::move(sox)) {}

  /// The text goes in as a file: it is never a word of a command line, where other users could read it.
  Status make(SpokenLanguage language, const std::string& text, const std::filesystem::path& wav_file) override {
    const auto beside = [&wav_file](const char* ending) { return std::filesystem::path(wav_file.string() + ending); };
    const auto words = beside(".txt");
    const auto raw = beside(".raw.wav");
    const auto ready = beside(".new.wav");
    Status status = Done{};
    if (!(std::ofstream(words) << text << '\n').flush()) status = Error{Errc::unavailable, words.string() + ": cannot be written"};
    const std::string voice = language == SpokenLanguage::ru ? "ru" : "en";
    if (status && run_program(espeak_, {"-v", voice, "-s", "150", "--stdin", "-w", raw.string()}, words) != 0) {
      status = Error{Errc::unavailable, "espeak-ng failed"};
    }
    if (status && run_program(sox_, {"-G", raw.string(), "-r", "8000", "-c", "1", "-b", "16", ready.string()}) != 0) {
      status = Error{Errc::unavailable, "sox failed"};
    }
    std::error_code fault;
    if (status) std::filesystem::rename(ready, wav_file, fault);
    if (fault) status = Error{Errc::unavailable, wav_file.string() + ": " + fault.message()};
    for (const auto& file : {words, raw, ready}) std::filesystem::remove(file, fault);
    return status;
  }

 private:
  std::filesystem::path espeak_;
  std::filesystem::path sox_;
};

using MadeWords = std::map<std::string, std::string>;

MadeWords read_made_words(const std::filesystem::path& file) {
  MadeWords made;
  std::ifstream stream(file);
  std::string line;
  for (std::size_t i = 0; i < most_index_lines && std::getline(stream, line); ++i) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos) made[line.substr(0, tab)] = line.substr(tab + 1);
  }
  return made;
}

Status write_made_words(const std::filesystem::path& file, const MadeWords& made) {
  std::ofstream stream(file);
  for (const auto& [fragment, text] : made) stream << fragment << '\t' << text << '\n';
  if (!stream.flush()) return Error{Errc::unavailable, file.string() + ": cannot be written"};
  return Done{};
}

/// One line of the index holds the words, so breaks in a text become spaces.
std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<SpeechMaker>> espeak_speech_maker() {
  const auto espeak = find_program("espeak-ng");
  if (!espeak) return Error{Errc::unavailable, "espeak-ng is not installed: apt-get install espeak-ng"};
  const auto sox = find_program("sox");
  if (!sox) return Error{Errc::unavailable, "sox is not installed: apt-get install sox"};
  return std::unique_ptr<SpeechMaker>(std::make_unique<EspeakSpeech>(*espeak, *sox));
}

Result<RenderedSpeech> render_speech(SpeechMaker& maker, SpokenLanguage language, const SpokenPieces& pieces,
                                     const std::filesystem::path& folder) {
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  if (fault) return Error{Errc::unavailable, folder.string() + ": " + fault.message()};
  MadeWords made = read_made_words(folder / index_name);
  RenderedSpeech count;
  Status status = Done{};
  for (const SpokenPiece& piece : pieces) {
    if (piece.fragment.empty()) continue;
    const auto file = folder / (piece.fragment + ".wav");
    const std::string words = on_one_line(piece.text);
    const auto before = made.find(piece.fragment);
    if (std::filesystem::exists(file, fault) && (before == made.end() || before->second == words)) {
      ++count.kept;
      continue;
    }
    status = maker.make(language, words, file);
    if (!status) break;
    made[piece.fragment] = words;
    ++count.made;
  }
  // Also after a failure: what was made stays known as made.
  const Status written = write_made_words(folder / index_name, made);
  if (!status) return status.error();
  if (!written) return written.error();
  return count;
}

}  // namespace dunlin
