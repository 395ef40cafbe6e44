#pragma once
// All calls of the stack by leg. Bounded by max_calls. Ended calls are reaped on the tick, never inside a callback of
// theirs. SIP thread only.
#include <map>
#include <memory>
#include <string>

#include "sip/call.hpp"

namespace dunlin {

class CallTable {
 public:
  bool is_full() const { return calls_.size() >= sip_limits::max_calls; }
  bool has(LegId leg) const { return calls_.count(leg) > 0; }
  Call* find(LegId leg) const;
  void add(std::unique_ptr<Call> call);
  void tick(MonoTime now);
  void stall();
  void hang_up_all(int q850);
  /// Ends the legs of an agent whose account or connection is gone.
  void hang_up_agent(const std::string& user);
  std::size_t size() const { return calls_.size(); }

 private:
  std::map<LegId, std::unique_ptr<Call>> calls_;
};

}  // namespace dunlin
