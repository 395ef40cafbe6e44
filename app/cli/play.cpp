#include "app/cli/play.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <sys/wait.h>
#include <unistd.h>

namespace dunlin {
namespace {

struct Player {
  const char* program;
  std::vector<const char*> options;
};

const std::vector<Player>& players() {
  static const std::vector<Player> known{{"ffplay", {"-nodisp", "-autoexit", "-loglevel", "error"}}, {"mpv", {"--no-video", "--really-quiet"}},
                                         {"cvlc", {"--play-and-exit", "--quiet"}}, {"play", {"-q"}}};
  return known;
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path != nullptr ? path : "/usr/bin:/bin";
  rest += ':';
  for (std::size_t at = 0; at < rest.size();) {
    const std::size_t end = rest.find(':', at);
    const std::filesystem::path file = std::filesystem::path(rest.substr(at, end - at)) / name;
    if (end > at && ::access(file.c_str(), X_OK) == 0) return file;
    at = end + 1;
  }
  return std::nullopt;
}

int run_player(const std::filesystem::path& program, const Player& player, const std::string& file) {
  const pid_t child = ::fork();
  if (child < 0) return 1;
  if (child == 0) {
    std::vector<char*> argv{const_cast<char*>(player.program)};
    for (const char* option : player.options) argv.push_back(const_cast<char*>(option));
    argv.push_back(const_cast<char*>(file.c_str()));
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 130;
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
  return run_player(*program, *player, file) == 0 ? 0 : 1;
}

}  // namespace dunlin
