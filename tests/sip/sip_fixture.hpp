#pragma once
// What the stack's tests share: a sink that remembers, a clock that can run fast, permits, descriptions.
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sip/stack.hpp"
#include "tests/sip/sipp_peer.hpp"

namespace dunlin::test {

class RecordingSink final : public SipSink {
 public:
  void on_sip_event(SipEvent event) override;

  /// Waits up to 20 s for an event of this kind that satisfies the condition, from the beginning of the record.
  template <class Event>
  std::optional<Event> wait(std::function<bool(const Event&)> is_wanted = [](const Event&) { return true; },
                            int patience_ms = 20'000) {
    std::unique_lock lock(mutex_);
    std::optional<Event> found;
    changed_.wait_for(lock, std::chrono::milliseconds(patience_ms), [&] {
      for (const auto& event : events_) {
        if (const auto* one = std::get_if<Event>(&event); one && is_wanted(*one)) found = *one;
        if (found) return true;
      }
      return false;
    });
    return found;
  }
  /// Waits until `n` lines of the ladder say this.
  bool wait_lines(const std::string& summary, TraceDirection direction, int n) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      int seen = 0;
      for (const auto& event : events_) {
        const auto* line = std::get_if<SipTraceLine>(&event);
        seen += line && line->summary == summary && line->direction == direction ? 1 : 0;
      }
      return seen >= n;
    });
  }
  template <class Event>
  int count() {
    const std::lock_guard lock(mutex_);
    int n = 0;
    for (const auto& event : events_) n += std::holds_alternative<Event>(event) ? 1 : 0;
    return n;
  }
  /// The ladder of a leg as text, for failure messages.
  std::string ladder();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SipEvent> events_;
};

/// Boot clock running `factor` times as fast as the machine's.
SipStack::Clock make_clock(int factor = 1);

DialPermit make_permit(std::uint64_t attempt, MonoTime expires_at = {INT64_MAX});
MediaDescription plain_offer();
MediaDescription secure_offer();
TrunkSettings trunk_to(const std::string& peer_address);
TrunkCall call_to(const std::string& number, std::uint64_t leg = 1);

/// One stack with one trunk to a sipp peer.
struct TrunkRig {
  explicit TrunkRig(const std::string& scenario, std::function<void(TrunkSettings&)> adjust = {}, int clock_factor = 1,
                    SipTransport transport = SipTransport::udp);
  void dial(Duration ring_timeout = seconds(30));
  std::optional<LegEnded> ended() { return sink.wait<LegEnded>(); }

  RecordingSink sink;
  SippPeer peer;
  SipStack::Clock clock;
  std::unique_ptr<SipStack> stack;
};

}  // namespace dunlin::test
