// Random days of an agent: stale tokens, dying legs, impatient supervisors. No agent is ever stuck, the matchmaker's
// view is always right, and every bridged attempt gets exactly one disposition.
#include <map>
#include <set>

#include "core/base/rng.hpp"
#include "tests/agent/agent_fixture.hpp"

namespace dunlin {
namespace {

using namespace agent_effect;

class RandomDay {
 public:
  explicit RandomDay(std::uint64_t seed) : rng_(seed), run_(policy()) {}

  void play() {
    for (int i = 0; i < 120 && !::testing::Test::HasFailure(); ++i) {
      run_.wait(static_cast<std::int64_t>(rng_.below(20'000)));
      any_event();
    }
    bring_to_ready();
    run_.take(run_.machine.on_force_logout(run_.now(), "chief"));
    judge();
    for (const auto& [attempt, reports] : reports_) EXPECT_LE(reports, 1) << attempt.str();
    for (const AttemptId attempt : bridged_) EXPECT_EQ(reports_[attempt], 1) << attempt.str();
    EXPECT_EQ(reports_.size(), bridged_.size());
  }

 private:
  AgentPolicy policy() {
    AgentPolicy policy;
    if (rng_.below(2) == 0) policy.at_wrap_limit = WrapTimeoutPolicy::auto_disposition;
    policy.is_ready_after_link_loss = rng_.below(2) == 0;
    return policy;
  }

  template <class Effects>
  void step(Effects effects) {
    const AttemptId before = run_.machine.attempt();
    run_.take(std::move(effects));
    if (run_.machine.state() == AgentState::talking) {
      EXPECT_EQ(before, run_.machine.attempt()) << "talks with somebody it was not reserved for";
      bridged_.insert(run_.machine.attempt());
    }
    judge();
  }

  void judge() {
    for (const AgentEffect& effect : run_.last) {
      if (std::holds_alternative<OfferToMatchmaker>(effect)) {
        EXPECT_FALSE(is_offered_);
        is_offered_ = true;
      }
      if (std::holds_alternative<WithdrawFromMatchmaker>(effect)) is_offered_ = false;
      if (const auto* report = std::get_if<ReportDisposition>(&effect)) ++reports_[report->attempt];
      if (const auto* mute = std::get_if<MuteLeg>(&effect)) {
        if (mute->is_on) muted_.insert(mute->leg);
        else muted_.erase(mute->leg);
      }
      if (const auto* drop = std::get_if<DropLeg>(&effect)) muted_.erase(drop->leg);
    }
    run_.last.clear();
    EXPECT_EQ(is_offered_, run_.machine.state() == AgentState::ready);
    // A leg still up is muted only in the talk it was muted in.
    const auto leg = run_.machine.leg();
    EXPECT_EQ(leg && muted_.count(*leg) != 0, run_.machine.is_muted()) << to_string(run_.machine.state());
  }

  AgentToken fresh_token() { return {AttemptId(++next_attempt_), rng_.below(8) == 0 ? 1 : run_.machine.session()}; }
  AgentToken held_token() {
    if (rng_.below(6) == 0) return {AttemptId(1 + rng_.below(next_attempt_ + 2)), run_.machine.session()};
    return {run_.machine.attempt(), run_.machine.session()};
  }
  LegId some_leg() { return run_.machine.leg() && rng_.below(5) != 0 ? *run_.machine.leg() : LegId(++next_leg_); }

  void any_event() {
    AgentMachine& m = run_.machine;
    const AgentMoment now = run_.now();
    switch (rng_.below(25)) {
      case 0: return step(m.on_login(now, ++next_session_, rng_.below(2) == 0 ? std::optional(some_leg()) : std::nullopt));
      case 1: return step(rng_.below(4) == 0 ? m.on_logout(now) : m.on_hang_up(now));
      case 2:
      case 3:
      case 4: return step(m.on_ready(now));
      case 5: return step(rng_.below(3) == 0 ? m.on_break(now, "tea") : m.on_recall_from_break(now, "chief"));
      case 6: return step(m.on_pause_after_call(now, rng_.below(2) == 0, "lunch"));
      case 7: return step(rng_.below(2) == 0 ? m.on_hold(now) : m.on_resume(now));
      case 8: return step(m.on_disposition(now, held_token().attempt, static_cast<Outcome>(rng_.below(outcome_count)), "x"));
      case 9: return step(rng_.below(2) == 0 ? m.on_preview_accepted(now, m.attempt()) : m.on_preview_declined(now, m.attempt()));
      case 10: return step(rng_.below(2) == 0 ? m.on_callback_due(now) : m.on_callback_postponed(now));
      case 11:
      case 12: return step(m.on_reserve(now, fresh_token()));
      case 13: return step(rng_.below(2) == 0 ? m.on_preview(now, fresh_token()) : m.on_own_call(now, fresh_token()));
      case 14: return step(m.on_leg_up(now, LegId(++next_leg_)));
      case 15: return step(rng_.below(3) == 0 ? m.on_leg_lost(now, some_leg()) : m.on_leg_up(now, some_leg()));
      case 16: return step(m.on_reservation_cancelled(now, held_token().attempt));
      case 17:
      case 18: return step(m.on_bridged(now, held_token()));
      case 19: return step(m.on_call_ended(now, held_token().attempt));
      case 20:
        return step(m.on_timer(now, static_cast<AgentTimer>(rng_.below(agent_timer_count)),
                               1 + static_cast<std::uint32_t>(rng_.below(4))));
      case 21: return step(m.on_supervise(now, AttemptId(1 + rng_.below(3))));
      case 22: return step(rng_.below(3) == 0 ? take_over() : m.on_supervision_left(now, m.supervised()));
      case 23:
        if (rng_.below(2) == 0) return step(m.on_mute(now, rng_.below(2) == 0));
        return step(m.on_supervision_ended(now, AttemptId(1 + rng_.below(3))));
      default:
        if (rng_.below(10) == 0) step(m.on_force_logout(now, "chief"));
    }
  }

  Result<AgentEffects> take_over() {
    AgentMachine& m = run_.machine;
    // A talk is taken over once in its life; the few calls listened to here would come again and again.
    if (m.state() == AgentState::supervising) step(m.on_supervision_left(run_.now(), m.supervised()));
    return m.on_take_over(run_.now(), AttemptId(++next_attempt_));
  }

  /// Nobody is stuck: the ordinary answers of the world lead to ready from everywhere.
  void bring_to_ready() {
    AgentMachine& m = run_.machine;
    if (m.state() == AgentState::logged_out) step(m.on_login(run_.now(), ++next_session_, LegId(++next_leg_)));
    step(m.on_supervision_ended(run_.now(), m.supervised()));
    step(m.on_pause_after_call(run_.now(), false, ""));
    step(m.on_call_ended(run_.now(), m.attempt()));
    step(m.on_disposition(run_.now(), m.attempt(), Outcome::rpc_refusal, ""));
    if (!m.leg()) step(m.on_leg_up(run_.now(), LegId(++next_leg_)));
    step(m.on_ready(run_.now()));
    EXPECT_EQ(to_string(m.state()), to_string(AgentState::ready));
  }

  Rng rng_;
  AgentRun run_;
  std::uint64_t next_session_ = 100;
  std::uint64_t next_attempt_ = 10;
  std::uint64_t next_leg_ = 1'000;
  bool is_offered_ = false;
  std::set<AttemptId> bridged_;
  std::map<AttemptId, int> reports_;
  std::set<LegId> muted_;
};

TEST(AgentRandom, KeepsEveryPromiseInTenThousandDays) {
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    RandomDay day(seed);
    day.play();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace dunlin
