#include "app/cli/play.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "app/child_program.hpp"

namespace dunlin {
namespace {

struct Player {
  const char* program;
  std::vector<std::string> options;
};

const std::vector<Player>& players() {
  static const std::vector<Player> known{{"ffplay", {"-nodisp", "-autoexit", "-loglevel", "error"}}, {"mpv", {"--no-video", "--really-quiet"}},
                                         {"cvlc", {"--play-and-exit", "--quiet"}}, {"play", {"-q"}}};
  return known;
}

/// A folder nobody else reads, removed at the end.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dunlin-play-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

int play_recording(NodeClient& client, std::vector<std::string> words) {
  const Player* player = nullptr;
  std::optional<std::filesystem::path> program;
  for (const Player& known : players()) {
    program = find_program(known.program);
    player = &known;
    if (program) break;
  }
  if (!program) {
    std::fputs("dunlin: no player is installed (ffplay, mpv, cvlc or sox's play). `dunlin recording get ATTEMPT --to FILE` writes an Ogg/Opus file\n", stderr);
    return 1;
  }
  const PrivateFolder folder;
  const std::string file = (folder.path() / "recording.opus").string();
  words.insert(words.end(), {"--to", file});
  const auto reply = client.run(words, false);
  if (!reply) return std::fprintf(stderr, "dunlin: %s\n", reply.error().detail.c_str()), 6;
  if (reply->exit != 0) return std::fprintf(stderr, "dunlin: %s\n", reply->error.c_str()), reply->exit;
  std::fprintf(stderr, "playing with %s\n", player->program);
  std::vector<std::string> arguments = player->options;
  arguments.push_back(file);
  return run_program(*program, arguments) == 0 ? 0 : 1;
}

}  // namespace dunlin
