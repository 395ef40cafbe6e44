#pragma once
// When a session is to be refreshed or given up (RFC 4028 10). Pure value: time comes in. Any thread.
#include <algorithm>
#include <cstdint>

#include "core/base/time.hpp"

namespace dunlin {

class SessionTimer {
 public:
  enum class Due : std::uint8_t { nothing, refresh, expired };

  /// A 2xx agreed on this interval. `refreshes` = the duty is ours.
  void agree(Duration interval, bool refreshes, MonoTime now) {
    interval_ = interval;
    refreshes_ = refreshes;
    agreed_at_ = now;
    is_refresh_sent_ = false;
  }
  void stop() { interval_ = {}; }
  bool is_running() const { return interval_.ms > 0; }
  Duration interval() const { return interval_; }
  bool refreshes() const { return refreshes_; }

  /// Tells once that a refresh is due (half of the interval), and expiry from 32 s or a third before the end.
  Due due(MonoTime now) {
    if (!is_running()) return Due::nothing;
    const auto margin = std::min(seconds(32), Duration{interval_.ms / 3});
    if (now >= agreed_at_ + interval_ - margin) return Due::expired;
    if (!refreshes_ || is_refresh_sent_ || now < agreed_at_ + Duration{interval_.ms / 2}) return Due::nothing;
    is_refresh_sent_ = true;
    return Due::refresh;
  }

 private:
  Duration interval_;
  bool refreshes_ = false;
  bool is_refresh_sent_ = false;
  MonoTime agreed_at_;
};

}  // namespace dunlin
