#pragma once
// Where a trunk's requests can go: the numeric addresses behind its name, which of them answer, and in which order they
// are tried (RFC 2782, RFC 3263 4.2). Pure; SIP thread.
#include <functional>
#include <string>
#include <vector>

#include "core/base/time.hpp"
#include "sip/address.hpp"

namespace dunlin {

struct SipTarget {
  HostPort address;  ///< Numeric; port 0 = the transport's own.
  int priority = 0;  ///< Lower goes first.
  int weight = 0;    ///< Share among targets of one priority.
};

enum class TargetHealth : std::uint8_t { up, unknown, down };

class TargetList {
 public:
  /// Uniform in [0, bound).
  using Random = std::function<std::uint32_t(std::uint32_t bound)>;

  /// What is known of addresses that stay is kept. At most sip_limits::max_targets; the rest is left out.
  void replace(std::vector<SipTarget> targets);
  /// Unknown addresses are ignored. A target that is down counts as unknown again from `until` on.
  void mark(const HostPort& address, TargetHealth health, std::string cause, MonoTime until = {INT64_MAX});
  /// Those that answer before those nobody asked yet before those that are down; within these by priority, and of one
  /// priority drawn by weight.
  std::vector<HostPort> in_order(MonoTime now, const Random& random) const;

  const std::vector<SipTarget>& targets() const { return targets_; }
  bool is_empty() const { return targets_.empty(); }
  bool has_up() const;
  /// False for a target that is down, and for an address that is none of them.
  bool is_in_use(const HostPort& address) const;
  bool are_all_down(MonoTime now) const;
  /// What a single target said last ("200 OK", "no answer"); of several, what is wrong with those that are not up:
  /// "192.0.2.1:5060 no answer; 192.0.2.2:5060 503 Busy".
  std::string causes() const;

 private:
  struct State {
    TargetHealth health = TargetHealth::unknown;
    MonoTime until{INT64_MAX};
    std::string cause;
  };
  TargetHealth health_of(std::size_t index, MonoTime now) const;

  std::vector<SipTarget> targets_;
  std::vector<State> states_;  ///< Beside targets_.
};

}  // namespace dunlin
