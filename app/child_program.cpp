#include "app/child_program.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dunlin {
namespace {

/// In the child, before it becomes the other program. False: there is no such input.
bool take_input(const std::filesystem::path& input) {
  if (input.empty()) return true;
  const int file = ::open(input.c_str(), O_RDONLY | O_CLOEXEC);
  return file >= 0 && ::dup2(file, STDIN_FILENO) >= 0;
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
                const std::filesystem::path& input) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) return 127;
  if (child == 0) {
    if (take_input(input)) ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 130;
}

}  // namespace dunlin
