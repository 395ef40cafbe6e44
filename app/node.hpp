#pragma once
// One running node: opens the store, loads the law, starts SIP and media, introduces the actors to each other, serves
// the admin socket, and stops in the opposite order. Built and destroyed on the main thread.
#include <filesystem>
#include <memory>
#include <optional>

#include "config/clock.hpp"
#include "config/settings.hpp"

namespace dunlin {

struct NodeOptions {
  LoadedSettings settings;
  std::optional<UtcTime> clock_start;
  bool is_clock_confirmed = false;  ///< An operator says that the clock is right, whatever is stored.
};

class Node {
 public:
  /// Errors say which part cannot start and what to do.
  static Result<std::unique_ptr<Node>> start(NodeOptions options);
  ~Node();
  /// No new attempts; waits for talks up to the limit of the settings, then hangs up. Blocks.
  void drain();
  /// Closes the doors and writes what is queued. The process must end right after it (std::quick_exit).
  void close();

 private:
  class Impl;
  explicit Node(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dunlin
