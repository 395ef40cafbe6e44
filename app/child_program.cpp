#include "app/child_program.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dunlin {
namespace {

/// What the child is given: its input, none of our other files (sockets, the history) and no blocked signal. Freed at the end.
struct SpawnPlan {
  SpawnPlan() {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
};

/// A child is not reaped before it is waited for, so its number cannot be another process's here.
void kill_when_late(pid_t child, std::chrono::seconds limit) {
  const int ended = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  pollfd watch{ended, POLLIN, 0};
  const int wait_ms = static_cast<int>(std::chrono::milliseconds(limit).count());
  int events = -1;
  do {  // A signal begins the wait anew: rare, and no harm.
    events = ended < 0 ? 0 : ::poll(&watch, 1, wait_ms);
  } while (events < 0 && errno == EINTR);
  if (events <= 0) ::kill(child, SIGKILL);
  if (ended >= 0) ::close(ended);
}

}  // namespace

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

int run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                const std::filesystem::path& input, std::optional<std::chrono::seconds> limit) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  SpawnPlan plan;
  if (!input.empty()) ::posix_spawn_file_actions_addopen(&plan.files, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&plan.files, STDERR_FILENO + 1);
  // Not fork: copying the page tables of a node with a large cache would hold up its other threads.
  pid_t child = 0;
  if (::posix_spawn(&child, program.c_str(), &plan.files, &plan.attributes, argv.data(), environ) != 0) return 127;
  if (limit) kill_when_late(child, *limit);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 130;
}

}  // namespace dunlin
