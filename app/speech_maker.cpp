#include "app/speech_maker.hpp"

#include <fstream>
#include <map>
#include <set>

#include "app/child_program.hpp"

namespace dunlin {
namespace {

constexpr const char* index_name = "made.tsv";
constexpr std::size_t most_index_lines = 10'000;
/// Of one text by one program. A synthesiser that hangs must not hold up the calls behind it for ever.
constexpr std::chrono::seconds longest_making{20};

class EspeakSpeech final : public SpeechMaker {
 public:
  EspeakSpeech(std::filesystem::path espeak, std::filesystem::path sox) : espeak_(std::move(espeak)), sox_(std::move(sox)) {}

  /// The text goes in as a file: it is never a word of a command line, where other users could read it.
  Status make(SpokenLanguage language, const std::string& text, const std::filesystem::path& wav_file) override {
    const auto beside = [&wav_file](const char* ending) { return std::filesystem::path(wav_file.string() + ending); };
    const auto words = beside(".txt");
    const auto raw = beside(".raw.wav");
    const auto ready = beside(".new.wav");
    const auto player = beside(".pulse");
    Status status = Done{};
    if (!(std::ofstream(words) << text << '\n').flush()) status = Error{Errc::unavailable, words.string() + ": cannot be written"};
    const std::string voice = language == SpokenLanguage::ru ? "ru" : "en";
    // Though it plays nothing, espeak-ng asks PulseAudio for a folder, else in the user's home: nothing is written outside ours.
    const std::string no_player = "PULSE_RUNTIME_PATH=" + player.string();
    if (status && run_program("/usr/bin/env", {no_player, espeak_.string(), "-v", voice, "-s", "150", "--stdin", "-w", raw.string()}, words, longest_making) != 0) {
      status = Error{Errc::unavailable, "espeak-ng failed"};
    }
    if (status && run_program(sox_, {"-G", raw.string(), "-r", "8000", "-c", "1", "-b", "16", ready.string()}, {}, longest_making) != 0) {
      status = Error{Errc::unavailable, "sox failed"};
    }
    std::error_code fault;
    if (status) std::filesystem::rename(ready, wav_file, fault);
    if (fault) status = Error{Errc::unavailable, wav_file.string() + ": " + fault.message()};
    for (const auto& file : {words, raw, ready, player}) std::filesystem::remove(file, fault);
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

/// What has no file yet, or a file made of other words. A file the index does not name is a recording and stays.
MadeWords missing_words(const SpokenPieces& pieces, const std::filesystem::path& folder, const MadeWords& made) {
  MadeWords missing;
  std::error_code fault;
  for (const SpokenPiece& piece : pieces) {
    if (piece.fragment.empty()) continue;
    const std::string words = on_one_line(piece.text);
    const auto before = made.find(piece.fragment);
    const bool is_current = before == made.end() || before->second == words;
    if (!is_current || !std::filesystem::exists(folder / (piece.fragment + ".wav"), fault)) missing[piece.fragment] = words;
  }
  return missing;
}

std::size_t spoken_count(const SpokenPieces& pieces) {
  std::set<std::string> fragments;
  for (const SpokenPiece& piece : pieces) {
    if (!piece.fragment.empty()) fragments.insert(piece.fragment);
  }
  return fragments.size();
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
  const MadeWords to_make = missing_words(pieces, folder, made);
  RenderedSpeech count;
  count.kept = spoken_count(pieces) - to_make.size();
  if (to_make.empty()) return count;
  // Known as made, though not finished, before the first file appears: a file that the index does not name counts as a
  // recording of a person and is never spoken anew.
  for (const auto& [fragment, words] : to_make) made[fragment].clear();
  Status status = write_made_words(folder / index_name, made);
  for (auto next = to_make.begin(); status && next != to_make.end(); ++next) {
    status = maker.make(language, next->second, folder / (next->first + ".wav"));
    if (!status) break;
    made[next->first] = next->second;
    ++count.made;
  }
  const Status written = write_made_words(folder / index_name, made);
  if (!status) return status.error();
  if (!written) return written.error();
  return count;
}

}  // namespace dunlin
