#pragma once
// The pacing engine as a command: one JSON object per line in, one out, strictly in turn (docs/pacing-protocol.md).
// Lets a simulator or another system drive the very code that paces live campaigns. No CAF, no clock: the caller's `t`
// is the only time. One thread. Input is bounded and checked; a bad line is an Error and ends the run.
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/dialing/pacing.hpp"

namespace dunlin {

enum class PacingPolicyKind : std::uint8_t { predictive, progressive };
Result<PacingPolicyKind> parse_pacing_policy(std::string_view name);
std::unique_ptr<PacingPolicy> make_pacing_policy(PacingPolicyKind kind, const PacingConfig& config);

class PacingCommand {
 public:
  explicit PacingCommand(PacingPolicyKind kind) : kind_(kind) {}

  /// One line without its line break; returns the answer without one. After "end" is_finished() holds.
  Result<std::string> on_line(std::string_view line);
  bool is_finished() const { return is_finished_; }

 private:
  PacingPolicyKind kind_;
  std::unique_ptr<PacingPolicy> policy_;
  bool is_finished_ = false;
  double last_at_s_ = 0;
  std::size_t ticks_ = 0;
};

/// Runs the command until "end", the end of input or the first bad line. Returns the process's exit code.
int run_pacing_command(std::istream& in, std::ostream& out, std::ostream& errors, PacingPolicyKind kind);

}  // namespace dunlin
