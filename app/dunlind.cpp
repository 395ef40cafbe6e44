// dunlind: the node. Exit codes: 0 stopped in order, 1 cannot start or failed, 2 wrong usage or settings.
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <CLI/CLI.hpp>

#include "app/node.hpp"
#include "config/log.hpp"

namespace {

struct CommandLine {
  std::string config;
  std::string clock_start;
  std::string data_folder;
  bool is_clock_confirmed = false;
};

int fail(const char* what, const dunlin::Error& error, int code) {
  std::fprintf(stderr, "dunlind: %s\n%s\n", what, error.detail.c_str());
  return code;
}

dunlin::Result<dunlin::NodeOptions> options_of(const CommandLine& line) {
  dunlin::NodeOptions options;
  auto settings = dunlin::load_settings(line.config.empty() ? std::optional<std::filesystem::path>() : line.config, dunlin::read_environment());
  if (!settings) return settings.error();
  options.settings = std::move(*settings);
  if (!line.data_folder.empty()) options.settings.settings.data_folder = line.data_folder;
  options.is_clock_confirmed = line.is_clock_confirmed;
  if (!line.clock_start.empty()) {
    const auto start = dunlin::parse_utc(line.clock_start);
    if (!start) return start.error();
    options.clock_start = *start;
  }
  return options;
}

/// A stop that hangs must not keep the machine from going down: the deadline ends the process.
void arm_deadline(int drain_limit_s) {
  std::thread([drain_limit_s] {
    dunlin::SystemClock::wait(dunlin::seconds(drain_limit_s + 20));
    std::fprintf(stderr, "dunlind: the stop took too long\n");
    std::_Exit(1);
  }).detach();
}

/// Every leg holds sockets and the history its files; the soft limit of a login shell is far too low for them.
void raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) dunlin::log_warn("node", "file_limit_kept", "the limit of open files cannot be raised");
}

int run(const CommandLine& line) {
  auto options = options_of(line);
  if (!options) return fail("the settings are wrong:", options.error(), 2);
  const auto logging = dunlin::start_logging(options->settings.settings.log);
  if (!logging) return fail("logging cannot start:", logging.error(), 2);
  for (const auto& warning : options->settings.warnings) dunlin::log_warn("node", "setting", "{}", warning);
  const int drain_limit_s = options->settings.settings.drain_limit_s;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();
  auto node = dunlin::Node::start(std::move(*options));
  if (!node) return fail("the node cannot start:", node.error(), 1);
  dunlin::log_info("node", "ready", "pid={}", ::getpid());
  int signal = 0;
  sigwait(&signals, &signal);
  dunlin::log_info("node", "stopping", "signal={}", signal);
  arm_deadline(drain_limit_s);
  (*node)->drain();
  (*node)->close();
  std::fflush(nullptr);
  std::quick_exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  CLI::App app{"Dunlin node: lawful predictive dialing for soft debt collection.\nWithout --config it runs on defaults in ./dunlin-data."};
  app.add_option("--config", line.config, "settings file (see config/dunlin.example.toml; check it with `dunlin config check`)");
  app.add_option("--data", line.data_folder, "data folder, overrides node.data_folder");
  app.add_option("--clock-start", line.clock_start, "shift the wall clock to start at this RFC 3339 time; loopback trunks only");
  app.add_flag("--clock-is-right", line.is_clock_confirmed, "dial although the wall clock is behind what is stored: you have looked, and the former clock ran ahead");
  app.set_version_flag("--version", DUNLIN_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const int code = run(line);
  std::fflush(nullptr);
  std::quick_exit(code);
}
