#pragma once
// How many calls a campaign starts now. A policy sees named, time-stamped inputs and answers with a number, the limit
// that bound it and the forecast it relied on, so that every decision can be shown and repeated. Pure: the same inputs
// in the same order give the same decisions; runs inside the campaign's pacing actor. Times are seconds as double since
// the policy's start (pacing is arithmetic on rates), taken from a monotonic clock by the caller.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dunlin {

enum class WaitClock : std::uint8_t {
  greeting_end,  ///< The abandon limit runs from the classifier's "human".
  answer,        ///< It runs from pick-up: detection time counts.
};

/// In units of one currency; 0 = not told.
struct PacingPrices {
  double attempt = 0;
  double minute = 0;              ///< Of a line, from the pick-up on.
  double agent_hour = 0;
  double contact_value = 0;       ///< Of a talk with the debtor.
  bool operator==(const PacingPrices&) const = default;
};

/// Constant over a run; a change makes a new policy or goes through PacingPolicy::reconfigure.
struct PacingConfig {
  double target_abandon = 0.03;   ///< Share not to be exceeded: abandoned / (abandoned + connected).
  double wait_limit_s = 2.0;
  WaitClock wait_clock = WaitClock::greeting_end;
  double tick_s = 0.2;
  double shift_s = 4 * 3600.0;
  double ring_timeout_s = 25.0;
  int max_channels = 30;
  double max_cps = 5.0;
  int segments = 1;               ///< Numbers are classed 0..segments-1 by what is known before dialing.
  bool has_detection = true;      ///< False: each pick-up goes to an agent.
  double target_idle_s = 0;       ///< Between two calls of an agent, on average; 0 = as little as the budget allows.
  PacingPrices prices{};
};

enum class PacingAgentState : std::uint8_t { ready, talk, wrap, on_break };
struct PacingAgent {
  std::uint64_t id = 0;
  PacingAgentState state = PacingAgentState::ready;
  double in_state_s = 0;
  double last_talk_s = 0;
};

enum class PacingCallPhase : std::uint8_t { dialing, ringing, detect, queued, talk };
struct PacingCall {
  std::uint64_t id = 0;
  PacingCallPhase phase = PacingCallPhase::dialing;
  double age_s = 0;               ///< Since the start of the dial.
  double phase_age_s = 0;
  int segment = 0;
};

enum class PacingEventKind : std::uint8_t {
  dialed, ringing, answered, human, machine, busy, no_answer, failed, hung_up, connected, abandoned, released,
  agent_ready, agent_break, agent_logout, agent_login,
};
/// What the agent said at the end of wrap; none for every other event.
enum class PacingResult : std::uint8_t { none, wrong_party, third_party, right_party, right_party_promise, machine };

struct PacingEvent {
  double at_s = 0;
  PacingEventKind kind = PacingEventKind::dialed;
  std::uint64_t call = 0;
  std::uint64_t agent = 0;
  int segment = 0;
  double age_s = 0;               ///< Calls: since the dial; released: seconds of talk; agents: seconds in the state left.
  double wait_s = 0;              ///< connected, abandoned: seconds since human.
  PacingResult result = PacingResult::none;
};

/// Counts of visible events since the start of the legal window.
struct PacingTotals {
  std::int64_t dialed = 0;
  std::int64_t live = 0;
  std::int64_t connected = 0;
  std::int64_t abandoned = 0;
};

/// One tick's view of the campaign. Vectors may come in any order; ids are the caller's.
struct PacingInput {
  double at_s = 0;                ///< Now.
  double as_of_s = 0;             ///< Everything visible is complete up to here; equal to at_s unless events lag.
  int granted = 0;                ///< Calls really started by the previous answer.
  int channels_free = 0;
  double start_tokens = 0;        ///< Starts the trunks allow at this instant; negative = unknown, the caller will cut.
  int list_available = 0;
  std::vector<int> next_segments; ///< Segments of the next numbers in list order (up to 16).
  PacingTotals totals;
  std::vector<PacingAgent> agents;
  std::vector<PacingCall> calls;
  std::vector<PacingEvent> events; ///< Since the last tick, in order of time, each once.
};

/// The binding constraint of a decision.
enum class PacingLimit : std::uint8_t {
  agents,        ///< No more capacity ahead: the risk reached its bound.
  budget,        ///< The legal window cannot bear one more loss: one line per idle agent.
  cold_start,    ///< Too little data: one line per idle agent.
  channels,
  start_rate,
  list,
  nobody,        ///< No agent is logged in.
  doubt,         ///< The view cannot be believed (PacingDoubt): no dial, or one line per idle agent.
  cost,          ///< A line ahead of the agents would cost more than it brings.
  target_idle,   ///< Agents wait no longer than the campaign accepts: no more risk is taken.
};
inline constexpr std::size_t pacing_limits = 10;
std::string_view to_string(PacingLimit limit);

/// Why a view is not believed. Always towards fewer dials.
enum class PacingDoubt : std::uint8_t {
  none,
  clock_went_back,  ///< No dial.
  stale_view,       ///< What is visible is older than ten seconds: no dial.
  contradiction,    ///< One agent or call twice, counts that shrank, values that are no numbers: no dial.
  clock_jumped,     ///< Half a minute without a tick, until ten seconds later: one line per idle agent.
  calls_fail,       ///< Nearly every call ends without ringing, a carrier's fault: one line per idle agent.
  nobody_answers,   ///< Hundreds of calls and next to no person: one line per idle agent.
};
bool forbids_every_dial(PacingDoubt doubt);
std::string_view to_string(PacingDoubt doubt);

struct PacingDecision {
  int dials = 0;
  PacingLimit limit = PacingLimit::agents;
  PacingDoubt doubt = PacingDoubt::none;
  // Inputs echoed in counted form, so that a stored decision stands alone.
  double at_s = 0;
  int agents_ready = 0;
  int agents_talking = 0;
  int agents_wrapping = 0;
  int calls_in_flight = 0;        ///< Dialed and not yet answered by an agent.
  int list_available = 0;
  int channels_free = 0;
  // Forecast. NaN-free; a policy without a model leaves zeros.
  double answer_rate = 0;         ///< Expected live persons per dial for the next number.
  double expected_live = 0;       ///< Live persons expected from calls in flight within the horizon.
  double expected_free = 0;       ///< Agents expected free within the horizon, idle ones included.
  double horizon_s = 0;
  double level = 1;               ///< Answers now, relative to what the hazards of the last 40 minutes say.
  double level_window_s = 0;      ///< Window the level was taken from; 0 = no model.
  double risk = 0;                ///< Chance that one more dial costs an abandon.
  double risk_bound = 0;
  double abandon_rate = 0;        ///< So far in the window.
  double budget_left = 0;         ///< Abandons the window still bears; negative = overdrawn.
  double mean_talk_s = 0;
  double mean_wrap_s = 0;
  bool is_progressive = true;     ///< One line per idle agent was the rule of this tick.
};

class PacingPolicy {
 public:
  virtual ~PacingPolicy() = default;
  virtual std::string_view name() const = 0;
  /// Exactly one call per tick, in order of time. `dials` never exceeds channels_free, list_available and, when known,
  /// start_tokens.
  virtual PacingDecision decide(const PacingInput& input) = 0;
  /// New targets on a running campaign; what was learnt stays.
  virtual void reconfigure(const PacingConfig& config) = 0;
};

/// Grants whose "dialed" event is not visible yet. They are lines in flight at age zero and up; forgetting them would
/// double every dial whenever events lag. An entry that never shows up is dropped after 10 s: it was lost on the way.
class UnseenGrants {
 public:
  /// Takes one tick in; afterwards count() is what is in flight beyond `input.calls`.
  void take(const PacingInput& input);
  int count() const;
  /// Seconds since each unseen grant, oldest first.
  std::vector<double> ages(double at_s) const;

 private:
  struct Grant {
    double at_s = 0;
    int count = 0;
  };
  std::vector<Grant> grants_;
  double last_tick_s_ = 0;
};

/// The rate of starts as a bucket one second deep, at least one start. Callers need not tell their own tokens: the rate
/// of the configuration holds in any case.
class StartBucket {
 public:
  explicit StartBucket(const PacingConfig& config) { reconfigure(config); }
  void reconfigure(const PacingConfig& config);
  /// Whole starts allowed now.
  int allowed(const PacingInput& input);
  void take(int dials) { tokens_ -= dials; }

 private:
  double rate_ = 0;
  double tokens_ = 1e9;
  double last_tick_s_ = 0;
};

/// Finds what makes a view unbelievable. Remembers the last view and how the last few hundred calls ended.
class PacingWatch {
 public:
  PacingDoubt judge(const PacingInput& input);

 private:
  bool contradicts(const PacingInput& input);
  void count(const PacingInput& input);

  double last_at_s_ = 0;
  double jumped_at_s_ = -1e9;
  bool has_begun_ = false;
  PacingTotals totals_;
  std::vector<std::uint64_t> ids_;     ///< Working space, kept for its memory.
  double ended_recent_ = 0;            ///< Of the last fifty calls or so …
  double failed_recent_ = 0;
  double ended_long_ = 0;              ///< … and of the last four hundred.
  double live_long_ = 0;
};

/// One line per ready agent: never more lines in flight than agents ready for them.
class ProgressivePacing final : public PacingPolicy {
 public:
  explicit ProgressivePacing(PacingConfig config) : config_(config), starts_(config) {}
  std::string_view name() const override { return "progressive"; }
  PacingDecision decide(const PacingInput& input) override;
  void reconfigure(const PacingConfig& config) override;

 private:
  PacingDecision decide_sane(const PacingInput& input, PacingDoubt doubt);

  PacingConfig config_;
  UnseenGrants unseen_;
  StartBucket starts_;
  PacingWatch watch_;
};

/// The echo part of a decision: every policy starts from it.
PacingDecision echo_of(const PacingInput& input);
/// For callers that cut to the rate themselves.
inline constexpr int no_rate_limit = 1'000'000'000;
/// Cuts a wish to what list, channels and start rate allow and names the limit that bound it.
void cut_to_limits(const PacingInput& input, int allowed_starts, int wish, PacingDecision& decision);
/// Every age, count and number of lines is inside its range.
bool is_sane(const PacingInput& input);
/// What is not finite or negative becomes zero; rows that are not finite go.
PacingInput made_sane(PacingInput input);

}  // namespace dunlin
