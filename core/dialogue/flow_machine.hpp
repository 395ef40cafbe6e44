#pragma once
// One call without an agent, as a pure machine that walks a flow: one function per event, each returns what to do next.
// Runs where the call runs. What does not fit the state (a late timer, a key while an agent is sought) is ignored; every
// path ends in exactly one Finish, at the latest when Flow::most_steps are done. No clock: timers are asked for, by round.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/case/case_facts.hpp"
#include "core/dialogue/flow_card.hpp"

namespace dunlin {

enum class FlowState : std::uint8_t {
  ready,
  speaking,            ///< A say step; nothing is asked.
  asking,              ///< A question is being said; a key answers at once.
  listening,           ///< The question is said: keys or silence.
  recording_promise,   ///< The case has not said yet whether it took the promise.
  transferring,
  ended,
};
inline constexpr int flow_state_count = static_cast<int>(FlowState::ended) + 1;
std::string_view to_string(FlowState state);

enum class FlowEnd : std::uint8_t { script_ended, hung_up, transferred, step_limit, cut_off };
std::string_view to_string(FlowEnd end);

/// Keys typed ahead of the question; further ones are dropped.
inline constexpr std::size_t most_keys_ahead = 16;
/// Digits of a sum; one more and the question is put again.
inline constexpr std::size_t most_amount_digits = 8;
/// The case answers within this time, or the promise counts as refused.
inline constexpr Duration promise_answer_time = seconds(10);

namespace flow_effect {
/// Say this; answer with on_speech_finished(round).
struct Speak { SpokenPieces pieces{}; std::uint32_t round = 0; };
struct StopSpeaking {};
/// Answer with on_timer(round).
struct StartTimer { Duration after{}; std::uint32_t round = 0; };
/// Answer with on_promise_recorded or on_promise_refused.
struct RecordPromise { PromiseTerms terms{}; };
/// Answer with on_agent_connected or on_no_agent.
struct AskForAgent { std::string skill{}; Duration wait{}; };
struct CancelAgentRequest {};
struct PlanCallback { Duration after{}; };
struct SendMessage { std::string text_id{}; };
/// The last effect of a call. After `transferred` the call is the agent's; after all others it is hung up.
struct Finish {
  FlowEnd why = FlowEnd::script_ended;
  std::optional<Outcome> disposition{};    ///< Unset: the call's own outcome says all there is.
  bool is_person_confirmed = false;
  bool has_missed_agent = false;           ///< Wanted a human and got none: lost by the campaign unless called back.
  std::optional<PromiseTerms> promise{};   ///< Recorded in the case already.
  std::optional<Duration> callback_after{};
};
}  // namespace flow_effect

using FlowEffect = std::variant<flow_effect::Speak, flow_effect::StopSpeaking, flow_effect::StartTimer, flow_effect::RecordPromise,
                                flow_effect::AskForAgent, flow_effect::CancelAgentRequest, flow_effect::PlanCallback,
                                flow_effect::SendMessage, flow_effect::Finish>;
using FlowEffects = std::vector<FlowEffect>;

class FlowMachine {
 public:
  /// The flow has passed check_flow; the card was made for it.
  FlowMachine(std::shared_ptr<const Flow> flow, FlowCard card);

  FlowEffects on_start();                            ///< A person picked up.
  FlowEffects on_speech_finished(std::uint32_t round);
  FlowEffects on_key(char key);                      ///< One of 0-9, * and #; others are ignored.
  FlowEffects on_timer(std::uint32_t round);
  FlowEffects on_promise_recorded();
  FlowEffects on_promise_refused();
  FlowEffects on_agent_connected();
  FlowEffects on_no_agent();
  FlowEffects on_hang_up();
  FlowEffects on_cut_off();                          ///< Our side ended the call: only what was agreed so far stands.

  FlowState state() const { return state_; }
  const FlowStep& step() const { return flow_->steps[at_]; }
  bool is_ended() const { return state_ == FlowState::ended; }
  bool is_person_confirmed() const { return is_person_confirmed_; }
  void check_invariants() const;

 private:
  enum class Heard : std::uint8_t { more, complete, wrong };

  void go(FlowIndex to, FlowEffects& out);
  /// Does the step; the next one when nothing is to be waited for.
  std::optional<FlowIndex> enter(const flow_step::Say& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::Menu& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::AskAmount& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::AskDate& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::Branch& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::Promise& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::Transfer& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::Callback& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::Message& act, FlowEffects& out);
  std::optional<FlowIndex> enter(const flow_step::End& act, FlowEffects& out);

  bool asks_who() const;
  void begin_question(FlowEffects& out);
  void put_question(FlowEffects& out);
  void listen(FlowEffects& out);
  void hear(char key, FlowEffects& out);
  void hear_choice(const flow_step::Menu& menu, char key, FlowEffects& out);
  void hear_digit(char key, std::size_t most, FlowEffects& out);
  void complete(FlowEffects& out);
  bool take_amount(const flow_step::AskAmount& ask);
  bool take_date(const flow_step::AskDate& ask);
  void ask_again(FlowEffects& out);
  const FlowPatience* patience() const;
  void speak(SpokenPieces pieces, FlowEffects& out);
  void start_timer(Duration after, FlowEffects& out);
  SpokenPieces words(const FlowText& text) const;
  PromiseTerms terms_of(const flow_step::Promise& act) const;
  void finish(FlowEnd why, std::optional<Outcome> disposition, FlowEffects& out);
  std::optional<Outcome> earned_outcome() const;
  std::optional<Outcome> outcome_ahead() const;

  std::shared_ptr<const Flow> flow_;
  FlowCard card_;
  FlowState state_ = FlowState::ready;
  FlowIndex at_ = 0;
  std::uint32_t round_ = 0;                ///< Of the last speech or timer; answers to earlier ones are late.
  std::uint32_t steps_ = 0;
  std::uint32_t repeats_ = 0;              ///< Of the present question.
  std::string keys_ahead_;
  std::string typed_;
  bool is_person_confirmed_ = false;
  bool has_missed_agent_ = false;
  std::optional<Money> amount_;
  std::optional<CivilDate> date_;
  std::optional<PromiseTerms> asked_promise_;
  std::optional<PromiseTerms> promise_;    ///< Taken by the case.
  std::optional<Duration> callback_after_;
};

}  // namespace dunlin
