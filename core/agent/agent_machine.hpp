#pragma once
// One agent's working day as a pure machine: states of the desktop, one attempt at a time, durations for the KPIs.
// Runs inside the agent actor; time is an argument. Commands of people return Result (a conflict says why, in words for
// the screen); facts of the world never fail. Rule R18 (docs/attempt-protocol.md): token = (attempt, session), an agent
// has at most one debtor, and an agent whose leg dies never holds a call hostage.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/case/outcome.hpp"

namespace dunlin {

enum class AgentState : std::uint8_t {
  logged_out,
  ready,         ///< Waits for a call: its leg is up and the matchmaker knows it.
  reserved,      ///< Chosen for an attempt; the bridge is being made.
  preview,       ///< Sees the card and decides when to dial.
  connecting,    ///< Its own attempt is being dialed, or its leg came back to a live talk.
  talking,
  hold,
  wrap_up,       ///< The talk ended; the disposition is due.
  on_break,
  callback_due,  ///< A promised call of its own waits for the agent's click.
  link_lost,     ///< The station has no leg (not yet, or no more); the agent is nowhere to be bridged.
  supervising,   ///< A supervisor on somebody else's talk: listens, whispers or barges in.
};
inline constexpr int agent_state_count = static_cast<int>(AgentState::supervising) + 1;
std::string_view to_string(AgentState state);

/// What happens when the wrap-up limit passes.
enum class WrapTimeoutPolicy : std::uint8_t { stay, auto_disposition };

struct AgentPolicy {
  Duration wrap_limit = seconds(60);
  WrapTimeoutPolicy at_wrap_limit = WrapTimeoutPolicy::stay;
  Outcome auto_disposition = Outcome::answered;  ///< Written when nobody chose; `answered` = no disposition.
  Duration reservation_limit = seconds(5);       ///< A reservation not bridged by then is given back.
  Duration preview_limit = minutes(5);
  Duration login_wait = minutes(2);              ///< A station that dialed in without a login is hung up after it.
  bool is_ready_after_link_loss = false;         ///< Otherwise the agent comes back on a break and clicks ready.
};

/// One chosen attempt in one login: the only key that moves a call's events into this machine.
struct AgentToken {
  AttemptId attempt;
  std::uint64_t session = 0;
  bool operator==(const AgentToken&) const = default;
};

/// Why the agent gives up its part of a call.
enum class AgentLeaveCause : std::uint8_t { leg_lost, forced_logout, reservation_expired, preview_declined };

enum class AgentTimer : std::uint8_t { reservation, preview, wrap, login };
inline constexpr int agent_timer_count = static_cast<int>(AgentTimer::login) + 1;

namespace agent_effect {
/// Every transition, with the time spent in the state left. Feeds KPIs and the boards.
struct StateChanged {
  AgentState from = AgentState::logged_out;
  AgentState to = AgentState::logged_out;
  UtcTime at;
  Duration spent;          ///< Time in `from`.
  std::string reason;      ///< Break reason, "link lost", "recalled by …"; may be empty.
  AttemptId attempt;       ///< Set while an attempt is held.
};
struct WantLeg { std::uint64_t session = 0; };   ///< Call the station now; it has no leg.
struct DropLeg { LegId leg; };                   ///< Hang up the station's leg.
struct OfferToMatchmaker {
  std::uint64_t session = 0;
  LegId leg;
  MonoTime waiting_since;                        ///< Kept over a cancelled reservation, so nobody loses the place.
};
struct WithdrawFromMatchmaker { std::uint64_t session = 0; };
/// Exactly one for every attempt that was bridged to this agent.
struct ReportDisposition {
  AttemptId attempt;
  Outcome outcome = Outcome::answered;           ///< `answered` = nobody chose.
  std::string note;
  bool is_automatic = false;
  Duration talk;
  Duration wrap;
};
struct HangUpCall { AttemptId attempt; };        ///< The agent asks the call to end.
struct LeaveCall {                               ///< The call goes on without this agent; its machine decides how.
  AttemptId attempt;
  AgentLeaveCause cause = AgentLeaveCause::leg_lost;
};
struct RejoinCall { AttemptId attempt; std::uint64_t session = 0; LegId leg; };  ///< Same agent, new leg, same talk.
struct HoldCall { AttemptId attempt; };
struct ResumeCall { AttemptId attempt; };
struct MuteLeg { LegId leg; bool is_on = true; };   ///< The agent is heard by nobody, or again.
struct LeaveSupervision { AttemptId attempt; };   ///< The supervisor is on the call no more, whatever the call thinks.
struct DialPreview { AttemptId attempt; };       ///< The agent released the previewed attempt to the dialer.
struct WrapOverdue { AttemptId attempt; Duration over; };  ///< For the supervisor's board.
struct StartTimer { AgentTimer kind = AgentTimer::wrap; Duration after; std::uint32_t generation = 0; };
}  // namespace agent_effect

using AgentEffect =
    std::variant<agent_effect::StateChanged, agent_effect::WantLeg, agent_effect::DropLeg, agent_effect::OfferToMatchmaker,
                 agent_effect::WithdrawFromMatchmaker, agent_effect::ReportDisposition, agent_effect::HangUpCall,
                 agent_effect::LeaveCall, agent_effect::RejoinCall, agent_effect::HoldCall, agent_effect::ResumeCall, agent_effect::MuteLeg, agent_effect::LeaveSupervision,
                 agent_effect::DialPreview, agent_effect::WrapOverdue, agent_effect::StartTimer>;
using AgentEffects = std::vector<AgentEffect>;

/// Both clocks of one instant: mono measures, utc is stored.
struct AgentMoment {
  MonoTime mono;
  UtcTime utc;
};

/// Time spent per state since login, the open state included up to the asked instant.
struct AgentTotals {
  std::array<Duration, agent_state_count> in_state{};
  int calls = 0;   ///< Bridged attempts.
  Duration logged_in() const;
  /// (talk + hold + wrap) / (logged in - break), 0 when nothing was worked.
  double occupancy() const;
};

class AgentMachine {
 public:
  AgentMachine(AgentId agent, AgentPolicy policy) : agent_(agent), policy_(policy) {}

  // Commands of the agent or a supervisor: refused with a reason when the state forbids them.
  /// `session` is new for every login and never repeats; `leg` is set when the station already has one. The agent is on
  /// a break ("login") until it clicks ready. A login while logged in is the same agent at another desk: a talk goes on
  /// there as soon as the new leg is up.
  Result<AgentEffects> on_login(AgentMoment now, std::uint64_t session, std::optional<LegId> leg);
  Result<AgentEffects> on_logout(AgentMoment now);
  Result<AgentEffects> on_ready(AgentMoment now);
  /// During a call or wrap-up the break is remembered and begins after it.
  Result<AgentEffects> on_break(AgentMoment now, const std::string& reason);
  Result<AgentEffects> on_recall_from_break(AgentMoment now, const std::string& supervisor);
  /// "After this call": on = go to a break with `reason` when the present work ends.
  Result<AgentEffects> on_pause_after_call(AgentMoment now, bool is_on, const std::string& reason);
  Result<AgentEffects> on_hold(AgentMoment now);
  Result<AgentEffects> on_resume(AgentMoment now);
  /// In a talk only; asked twice it stays as it is. The end of the talk ends it.
  Result<AgentEffects> on_mute(AgentMoment now, bool is_on);
  Result<AgentEffects> on_hang_up(AgentMoment now);
  Result<AgentEffects> on_disposition(AgentMoment now, AttemptId attempt, Outcome outcome, const std::string& note);
  Result<AgentEffects> on_preview_accepted(AgentMoment now, AttemptId attempt);
  Result<AgentEffects> on_preview_declined(AgentMoment now, AttemptId attempt);
  Result<AgentEffects> on_callback_due(AgentMoment now);        ///< Only a ready agent is asked; otherwise a conflict.
  Result<AgentEffects> on_callback_postponed(AgentMoment now);
  /// The matchmaker's choice. A conflict means: choose another.
  Result<AgentEffects> on_reserve(AgentMoment now, AgentToken token);
  Result<AgentEffects> on_preview(AgentMoment now, AgentToken token);
  /// The agent's own callback is dialed for it (from callback_due or ready).
  Result<AgentEffects> on_own_call(AgentMoment now, AgentToken token);

  /// As a supervisor to somebody else's talk: from a break or from waiting, with a leg. On the same talk: stays.
  Result<AgentEffects> on_supervise(AgentMoment now, AttemptId attempt);
  Result<AgentEffects> on_supervision_left(AgentMoment now, AttemptId attempt);
  /// The talk becomes this supervisor's own; afterwards it is on a break, as before. Joining it first is not needed.
  Result<AgentEffects> on_take_over(AgentMoment now, AttemptId attempt);

  // Facts: stale ones (another attempt, another session) change nothing.
  AgentEffects on_leg_up(AgentMoment now, LegId leg);
  AgentEffects on_leg_lost(AgentMoment now, LegId leg);
  AgentEffects on_reservation_cancelled(AgentMoment now, AttemptId attempt);
  /// `wrap_limit`: the campaign's, for the wrap-up after this talk; without it the policy's.
  AgentEffects on_bridged(AgentMoment now, AgentToken token, std::optional<Duration> wrap_limit = std::nullopt);
  /// The debtor's call is over for this agent, bridged or not.
  AgentEffects on_call_ended(AgentMoment now, AttemptId attempt);
  /// The talk under supervision is over, or had no place for this supervisor.
  AgentEffects on_supervision_ended(AgentMoment now, AttemptId attempt);
  AgentEffects on_timer(AgentMoment now, AgentTimer kind, std::uint32_t generation);
  AgentEffects on_force_logout(AgentMoment now, const std::string& supervisor);

  AgentId agent() const { return agent_; }
  AgentState state() const { return state_; }
  std::uint64_t session() const { return session_; }
  std::optional<LegId> leg() const { return leg_; }
  AttemptId attempt() const { return attempt_; }              ///< Unset when free.
  AttemptId supervised() const { return supervised_; }        ///< Somebody else's, in state supervising only.
  bool is_muted() const { return is_muted_; }
  const std::string& break_reason() const { return break_reason_; }
  MonoTime state_since() const { return state_since_; }
  bool is_pause_pending() const { return is_pause_pending_; }
  Duration last_talk() const { return last_talk_; }
  AgentTotals totals(MonoTime now) const;
  void check_invariants() const;

 private:
  void enter(AgentState next, AgentMoment now, std::string reason, AgentEffects& out);
  void withdraw(AgentEffects& out);
  void become_ready(AgentMoment now, std::string reason, AgentEffects& out);
  void go_on_break(AgentMoment now, const std::string& reason, AgentEffects& out);
  void finish_work(AgentMoment now, AgentEffects& out);
  void give_back(AgentMoment now, AgentEffects& out);
  void begin_wrap(AgentMoment now, AgentEffects& out);
  void lose_leg(AgentMoment now, AgentEffects& out);
  void report(AgentMoment now, Outcome outcome, const std::string& note, bool is_automatic, AgentEffects& out);
  void start_timer(AgentTimer kind, Duration after, AgentEffects& out);
  void close_talk(AgentMoment now, AgentEffects& out);
  Status may_supervise(AttemptId attempt) const;
  void leave_supervision(AgentEffects& out);
  void forget_attempt();
  bool is_in_talk() const;
  Result<AgentEffects> log_in_elsewhere(AgentMoment now, std::uint64_t session, std::optional<LegId> leg);
  Result<AgentEffects> take(AgentMoment now, AgentToken token, AgentState next);
  Error refuse(std::string_view command) const;
  AgentEffects checked(AgentEffects effects) const;

  AgentId agent_;
  AgentPolicy policy_;
  Duration wrap_limit_ = policy_.wrap_limit;
  AgentState state_ = AgentState::logged_out;
  MonoTime state_since_;
  std::uint64_t session_ = 0;
  std::optional<LegId> leg_;
  AttemptId attempt_;
  bool was_bridged_ = false;        ///< The held attempt reached the agent, so a disposition is owed.
  bool is_disposed_ = false;        ///< The disposition was given before the talk ended.
  bool wants_ready_ = false;        ///< In link_lost: becomes ready when the leg is up.
  bool is_offered_ = false;         ///< The matchmaker knows this agent.
  bool is_pause_pending_ = false;
  bool is_muted_ = false;
  AttemptId supervised_;
  std::string break_reason_;
  std::string pending_break_reason_;
  MonoTime waiting_since_;
  MonoTime talk_since_;
  MonoTime wrap_since_;
  Duration talk_;
  Duration last_talk_;
  Outcome early_outcome_ = Outcome::answered;
  std::string early_note_;
  std::array<std::uint32_t, agent_timer_count> generation_{};
  AgentTotals totals_;
};

}  // namespace dunlin
