#include "tools/pacing_lab/child_policy.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace dunlin::lab {
namespace {

using Json = nlohmann::json;

constexpr std::array<const char*, 4> agent_names{"ready", "talk", "wrap", "break"};
constexpr std::array<const char*, 5> phase_names{"dialing", "ringing", "detect", "queued", "talk"};
constexpr std::array<const char*, 16> event_names{"dialed", "ringing",   "answered",  "human",    "machine", "busy",
                                                  "no_answer", "failed", "hung_up",   "connected", "abandoned", "released",
                                                  "ready",  "break",     "logout",    "login"};
constexpr std::array<const char*, 6> result_names{"", "wrong_party", "third_party", "right_party", "right_party_promise",
                                                  "machine"};

double to_ms(double x) { return std::round(x * 1000) / 1000; }

Json write_event(const PacingEvent& e) {
  Json j{{"t", to_ms(e.at_s)}, {"e", event_names[static_cast<std::size_t>(e.kind)]}, {"age", to_ms(e.age_s)}};
  const bool is_of_agent = e.kind >= PacingEventKind::agent_ready;
  if (!is_of_agent) {
    j["call"] = e.call;
    j["seg"] = e.segment;
  }
  const bool names_agent = e.kind == PacingEventKind::connected || e.kind == PacingEventKind::released;
  if (is_of_agent || names_agent) j["agent"] = e.agent;
  if (e.kind == PacingEventKind::connected || e.kind == PacingEventKind::abandoned) j["wait"] = to_ms(e.wait_s);
  if (e.result != PacingResult::none) j["result"] = result_names[static_cast<std::size_t>(e.result)];
  return j;
}

Json write_tick(const PacingInput& in) {
  Json j{{"type", "tick"},
         {"t", to_ms(in.at_s)},
         {"as_of", to_ms(in.as_of_s)},
         {"granted", in.granted},
         {"channels_free", in.channels_free},
         {"list_available", in.list_available},
         {"next_segments", in.next_segments}};
  j["totals"] = {{"dialed", in.totals.dialed},
                 {"live", in.totals.live},
                 {"connected", in.totals.connected},
                 {"abandoned", in.totals.abandoned}};
  Json agents = Json::array();
  for (const PacingAgent& a : in.agents) {
    agents.push_back({a.id, agent_names[static_cast<std::size_t>(a.state)], to_ms(a.in_state_s), to_ms(a.last_talk_s)});
  }
  Json calls = Json::array();
  for (const PacingCall& c : in.calls) {
    calls.push_back({c.id, phase_names[static_cast<std::size_t>(c.phase)], to_ms(c.age_s), to_ms(c.phase_age_s), c.segment});
  }
  Json events = Json::array();
  for (const PacingEvent& e : in.events) events.push_back(write_event(e));
  j["agents"] = std::move(agents);
  j["calls"] = std::move(calls);
  j["events"] = std::move(events);
  return j;
}

Json write_hello(const PacingConfig& c) {
  return {{"type", "hello"},
          {"protocol", 1},
          {"config",
           {{"target_abandon", c.target_abandon},
            {"wait_limit_s", c.wait_limit_s},
            {"wait_clock", c.wait_clock == WaitClock::answer ? "answer" : "greeting_end"},
            {"tick_s", c.tick_s},
            {"shift_s", c.shift_s},
            {"ring_timeout_s", c.ring_timeout_s},
            {"max_channels", c.max_channels},
            {"max_cps", c.max_cps},
            {"segments", c.segments},
            {"detection", c.has_detection}}}};
}

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

  Result<Json> ask(const Json& message, const std::string& answer_type) {
    const std::string line = message.dump() + "\n";
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
    auto answer = child_->ask(write_tick(input), "dial");
    if (!answer) {
      failure_ = answer.error().detail;
      return d;
    }
    const auto n = answer->find("n");
    if (n == answer->end() || !n->is_number_unsigned() || n->get<std::uint64_t>() > 100'000) {
      failure_ = "\"dial\" needs a whole number \"n\" of 0 to 100000";
      return d;
    }
    cut_to_limits(input, n->get<int>(), d);
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
  auto ready = (*child)->ask(write_hello(config), "ready");
  if (!ready) return ready.error();
  if (ready->value("protocol", 0) != 1) return invalid_input("the command speaks another protocol version");
  return std::unique_ptr<PacingPolicy>(std::make_unique<ChildPacing>(std::move(*child), ready->value("name", "child")));
}

std::string failure_of(const PacingPolicy& policy) {
  const auto* child = dynamic_cast<const ChildPacing*>(&policy);
  return child == nullptr ? std::string() : child->failure();
}

}  // namespace dunlin::lab
