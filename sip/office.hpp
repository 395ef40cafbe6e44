#pragma once
// What every object of the SIP thread shares: the way out for events, the clock, secure randomness. SIP thread only.
#include <functional>
#include <string>

#include "sip/sip_types.hpp"

namespace dunlin {

struct SipOffice {
  SipSink* sink = nullptr;
  std::function<MonoTime()> clock;
  std::string installation_suffix;

  MonoTime now() const { return clock(); }
  void emit(SipEvent event) const { sink->on_sip_event(std::move(event)); }
};

/// `bytes` random bytes from the operating system in lower-case hex.
std::string random_token(std::size_t bytes);
/// Uniform in [0, bound).
std::uint32_t random_below(std::uint32_t bound);

}  // namespace dunlin
