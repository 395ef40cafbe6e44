#pragma once
// Which trunk carries the next call: choice by the campaign's shares among healthy trunks with a free channel and a start
// token, smooth call starts (token bucket, depth one second), failover by cause. Pure; time is an argument. Runs inside
// the actor that grants slots. A token or channel is never borrowed: what is not granted must be asked for again (no hidden queue).
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/call/outcome_map.hpp"

namespace dunlin {

struct TrunkLimits {
  std::string name;
  int channels = 1;               ///< Calls at once, talks included.
  double calls_per_second = 1.0;  ///< Start rate; the bucket holds one second's worth, at least one call.
};

enum class TrunkHealth : std::uint8_t {
  up,
  degraded,  ///< Recent failures: chosen only when no trunk is up.
  down,      ///< Not chosen until reported up again or the back-off ends.
};
std::string_view to_string(TrunkHealth health);

/// Why nothing can be started now.
enum class TrunkLimit : std::uint8_t { none, no_trunk, all_down, channels, call_rate };
std::string_view to_string(TrunkLimit limit);

struct TrunkView {
  std::string name;
  TrunkHealth health = TrunkHealth::up;
  int channels = 0;
  int channels_in_use = 0;
  double calls_per_second = 0;
  double tokens = 0;              ///< Starts possible at once.
  int failures_in_a_row = 0;
};

/// One of the trunks a call may use.
struct WantedTrunk {
  std::string trunk;
  std::uint32_t weight = 1;          ///< Share of calls among those that can take one; 0 = a reserve, only when all others cannot.
};

/// Which trunks one call may use.
struct TrunkWish {
  CampaignId campaign;               ///< Whose shares: each campaign's calls are shared out on their own. Unset: nobody's.
  std::vector<WantedTrunk> allowed;  ///< The campaign's own; empty = any, in equal shares.
  std::string excluded;              ///< One that has just failed this attempt and is not to be chosen again.
};

/// True when another trunk may be tried for the same person: the network refused, the person cannot have been rung.
bool is_failover_cause(const EndCause& cause);

class TrunkBudget {
 public:
  /// Bad limits (no name, negative numbers, a name twice) are Errc::invalid_input.
  static Result<TrunkBudget> make(std::vector<TrunkLimits> trunks, MonoTime now);

  /// Takes a channel and a token of one trunk; Errc::exhausted (try later) or unavailable (all down) otherwise.
  Result<std::string> acquire(MonoTime now, const TrunkWish& wish = {});
  /// The call that held a channel of this trunk is over. Unknown names are ignored: the trunk was removed meanwhile.
  void release(std::string_view trunk);
  /// How a start ended: failures in a row degrade a trunk (3) and take it down (6) for a growing time, 30 s to 5 min.
  void on_start_result(MonoTime now, std::string_view trunk, const EndCause& cause);
  void on_start_worked(std::string_view trunk);           ///< 18x or a final answer of the far end.
  void set_health(std::string_view trunk, TrunkHealth health);  ///< The registration's or OPTIONS probe's word.
  /// New limits on a running system: channels in use are kept, new trunks start with an empty bucket.
  Status reconfigure(std::vector<TrunkLimits> trunks, MonoTime now);

  int startable(MonoTime now) const;                      ///< Calls that acquire() would grant at this instant.
  int channels_free() const;
  double calls_per_second() const;
  TrunkLimit limit(MonoTime now) const;                   ///< What stops the next start; none = nothing.
  std::vector<TrunkView> view(MonoTime now) const;
  void check_invariants() const;

 private:
  struct Trunk {
    TrunkLimits limits;
    TrunkHealth health = TrunkHealth::up;
    int in_use = 0;
    double tokens = 0;
    MonoTime filled_at;
    std::map<CampaignId, double> credit;  ///< Smooth weighted round robin: the largest credit of a campaign is served.
    int failures_in_a_row = 0;
    MonoTime down_until;
    bool is_down_by_probe = false;
  };
  explicit TrunkBudget(std::vector<Trunk> trunks) : trunks_(std::move(trunks)) {}
  Trunk* find(std::string_view name);
  Trunk* choose(MonoTime now, const TrunkWish& wish);
  static double depth(const Trunk& trunk);
  static double tokens_at(const Trunk& trunk, MonoTime now);
  static TrunkHealth health_at(const Trunk& trunk, MonoTime now);
  static bool can_start(const Trunk& trunk, MonoTime now);

  std::vector<Trunk> trunks_;
};

}  // namespace dunlin
