#include "tools/pacing_lab/child_policy.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "api/pacing_lines.hpp"

namespace dunlin::lab {
namespace {

using Json = nlohmann::json;

/// Owns the child and its two pipes.
class Child {
 public:
  Child(pid_t pid, int to_child, int from_child, double time_limit_s)
      : pid_(pid), to_child_(to_child), from_child_(from_child), time_limit_s_(time_limit_s) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::close(to_child_);
    ::close(from_child_);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }

  Result<Json> ask(const std::string& message, const std::string& answer_type) {
    const std::string line = message + "\n";
    for (std::size_t sent = 0; sent < line.size();) {
      const ssize_t n = ::write(to_child_, line.data() + sent, line.size() - sent);
      if (n <= 0) return Error{Errc::unavailable, "the command closed its input"};
      sent += static_cast<std::size_t>(n);
    }
    auto answer = read_line();
    if (!answer) return answer.error();
    Json json = Json::parse(*answer, nullptr, false);
    if (!json.is_object() || json.value("type", "") != answer_type) {
      return invalid_input("expected \"" + answer_type + "\", got: " + answer->substr(0, 120));
    }
    return json;
  }

 private:
  Result<std::string> read_line() {
    for (;;) {
      const auto end = buffer_.find('\n');
      if (end != std::string::npos) {
        std::string line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      pollfd door{from_child_, POLLIN, 0};
      if (::poll(&door, 1, static_cast<int>(time_limit_s_ * 1000)) <= 0) {
        return Error{Errc::unavailable, "no answer within the time limit"};
      }
      std::array<char, 65536> chunk{};
      const ssize_t n = ::read(from_child_, chunk.data(), chunk.size());
      if (n <= 0) return Error{Errc::unavailable, "the command ended early"};
      buffer_.append(chunk.data(), static_cast<std::size_t>(n));
    }
  }

  pid_t pid_;
  int to_child_;
  int from_child_;
  double time_limit_s_;
  std::string buffer_;
};

class ChildPacing final : public PacingPolicy {
 public:
  ChildPacing(std::unique_ptr<Child> child, std::string name) : child_(std::move(child)), name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  void reconfigure(const PacingConfig&) override {}
  PacingDecision decide(const PacingInput& input) override {
    PacingDecision d = echo_of(input);
    if (!failure_.empty()) return d;
    auto answer = child_->ask(tick_line(input), "dial");
    if (!answer) {
      failure_ = answer.error().detail;
      return d;
    }
    const auto n = answer->find("n");
    if (n == answer->end() || !n->is_number_unsigned() || n->get<std::uint64_t>() > 100'000) {
      failure_ = "\"dial\" needs a whole number \"n\" of 0 to 100000";
      return d;
    }
    cut_to_limits(input, no_rate_limit, n->get<int>(), d);
    return d;
  }
  const std::string& failure() const { return failure_; }

 private:
  std::unique_ptr<Child> child_;
  std::string name_;
  std::string failure_;
};

Result<std::unique_ptr<Child>> spawn(const std::string& command, double time_limit_s) {
  std::array<int, 2> to_child{};
  std::array<int, 2> from_child{};
  if (::pipe(to_child.data()) != 0 || ::pipe(from_child.data()) != 0) return Error{Errc::exhausted, "no pipe"};
  ::signal(SIGPIPE, SIG_IGN);
  const pid_t pid = ::fork();
  if (pid < 0) return Error{Errc::exhausted, "cannot start a process"};
  if (pid == 0) {
    ::dup2(to_child[0], STDIN_FILENO);
    ::dup2(from_child[1], STDOUT_FILENO);
    for (const int fd : {to_child[0], to_child[1], from_child[0], from_child[1]}) ::close(fd);
    const std::string replace = "exec " + command;
    ::execl("/bin/sh", "sh", "-c", replace.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ::close(to_child[0]);
  ::close(from_child[1]);
  return std::make_unique<Child>(pid, to_child[1], from_child[0], time_limit_s);
}

}  // namespace

Result<std::unique_ptr<PacingPolicy>> start_child_policy(const std::string& command, const PacingConfig& config,
                                                         double time_limit_s) {
  auto child = spawn(command, time_limit_s);
  if (!child) return child.error();
  auto ready = (*child)->ask(hello_line(config), "ready");
  if (!ready) return ready.error();
  if (ready->value("protocol", 0) != 1) return invalid_input("the command speaks another protocol version");
  return std::unique_ptr<PacingPolicy>(std::make_unique<ChildPacing>(std::move(*child), ready->value("name", "child")));
}

std::string failure_of(const PacingPolicy& policy) {
  const auto* child = dynamic_cast<const ChildPacing*>(&policy);
  return child == nullptr ? std::string() : child->failure();
}

}  // namespace dunlin::lab
