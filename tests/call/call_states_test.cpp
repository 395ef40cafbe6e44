// Every state against every event: the table says where each pair leads; what is not listed must change nothing.
#include <functional>
#include <map>
#include <string>

#include "tests/call/call_fixture.hpp"

namespace dunlin {
namespace {

using State = CallState;
using Event = std::function<void(CallRun&)>;

const std::map<std::string, Event>& events() {
  static const std::map<std::string, Event> table{
      {"start", [](CallRun& r) { r.take(r.machine.on_start(r.now())); }},
      {"media_opened", [](CallRun& r) { r.take(r.machine.on_media_opened(r.now(), {})); }},
      {"media_failed", [](CallRun& r) { r.take(r.machine.on_media_failed(r.now())); }},
      {"invite_sent", [](CallRun& r) { r.take(r.machine.on_invite_sent(r.now(), 1)); }},
      {"progress", [](CallRun& r) { r.take(r.machine.on_progress(r.now(), 1, 180, std::nullopt)); }},
      {"trying", [](CallRun& r) { r.take(r.machine.on_progress(r.now(), 1, 100, std::nullopt)); }},
      {"answered", [](CallRun& r) { r.take(r.machine.on_answered(r.now(), 1, {})); }},
      {"human", [](CallRun& r) { r.verdict(AnswerClass::human); }},
      {"machine", [](CallRun& r) { r.verdict(AnswerClass::machine); }},
      {"music", [](CallRun& r) { r.verdict(AnswerClass::music); }},
      {"assigned", [](CallRun& r) { r.take(r.machine.on_agent_assigned(r.now(), agent_b)); }},
      {"no_agent", [](CallRun& r) { r.take(r.machine.on_no_agent(r.now())); }},
      {"bridged", [](CallRun& r) { r.take(r.machine.on_bridged(r.now(), agent_a)); }},
      {"bridged_stranger", [](CallRun& r) { r.take(r.machine.on_bridged(r.now(), agent_b)); }},
      {"bridge_failed", [](CallRun& r) { r.take(r.machine.on_bridge_failed(r.now(), agent_a)); }},
      {"agent_hang_up", [](CallRun& r) { r.take(r.machine.on_agent_hang_up(r.now(), agent_a.agent)); }},
      {"agent_left", [](CallRun& r) { r.take(r.machine.on_agent_left(r.now(), agent_a.agent)); }},
      {"stranger_left", [](CallRun& r) { r.take(r.machine.on_agent_left(r.now(), agent_b.agent)); }},
      {"hold", [](CallRun& r) { r.take(r.machine.on_hold(r.now(), agent_a.agent)); }},
      {"resume", [](CallRun& r) { r.take(r.machine.on_resume(r.now(), agent_a.agent)); }},
      {"supervise", [](CallRun& r) { (void)r.order(r.machine.on_supervise(r.now(), agent_b, SupervisionMode::listen)); }},
      {"supervised", [](CallRun& r) { r.take(r.machine.on_supervised(r.now(), agent_b, SupervisionMode::whisper)); }},
      {"not_supervised", [](CallRun& r) { r.take(r.machine.on_supervise_failed(r.now(), agent_b)); }},
      {"supervisor_leave", [](CallRun& r) { (void)r.order(r.machine.on_supervisor_leave(r.now(), agent_b.agent)); }},
      {"take_over", [](CallRun& r) { (void)r.order(r.machine.on_take_over(r.now(), agent_b)); }},
      {"pause_recording", [](CallRun& r) { (void)r.order(r.machine.on_pause_recording(r.now(), true)); }},
      {"leg_refused", [](CallRun& r) { r.take(r.machine.on_leg_ended(r.now(), 1, overload)); }},
      {"leg_lost", [](CallRun& r) { r.take(r.machine.on_leg_ended(r.now(), 1, {EndOrigin::transport, 0, 0, "", false})); }},
      {"other_leg_ended", [](CallRun& r) { r.take(r.machine.on_leg_ended(r.now(), 2, bye)); }},
      {"prompt_finished", [](CallRun& r) { r.take(r.machine.on_prompt_finished(r.now())); }},
      {"key", [](CallRun& r) { r.keys("1"); }},
      {"speech_finished", [](CallRun& r) { r.take(r.machine.on_speech_finished(r.now(), 1)); }},
      {"promise_recorded", [](CallRun& r) { r.take(r.machine.on_promise_recorded(r.now())); }},
      {"second_leg", [](CallRun& r) { r.take(r.machine.on_second_leg_granted(r.now(), "south")); }},
      {"no_second_leg", [](CallRun& r) { r.take(r.machine.on_second_leg_refused(r.now())); }},
      {"drain", [](CallRun& r) { r.take(r.machine.on_stop(r.now(), StopReason::drain)); }},
      {"operator", [](CallRun& r) { r.take(r.machine.on_stop(r.now(), StopReason::operator_hang_up)); }},
      {"stale_timer", [](CallRun& r) { r.take(r.machine.on_timer(r.now(), CallTimer::ring, 99)); }},
      {"ring_timer", [](CallRun& r) { r.fire(CallTimer::ring); }},
      {"agent_timer", [](CallRun& r) { r.fire(CallTimer::agent); }},
      {"hang_up_timer", [](CallRun& r) { r.fire(CallTimer::hang_up); }},
      {"longest_timer", [](CallRun& r) { r.fire(CallTimer::longest_call); }},
  };
  return table;
}

const std::map<State, std::map<std::string, State>> move_table{
      {State::reserved, {{"start", State::opening_media}, {"drain", State::settled}, {"operator", State::settled}}},
      {State::opening_media,
       {{"media_opened", State::dialing},
        {"media_failed", State::settled},
        {"drain", State::settled},
        {"operator", State::settled}}},
      {State::dialing,
       {{"media_failed", State::ending},
        {"progress", State::ringing},
        {"answered", State::answered_classifying},
        {"leg_refused", State::reserved},
        {"leg_lost", State::settled},
        {"drain", State::ending},
        {"operator", State::ending},
        {"ring_timer", State::ending}}},
      {State::ringing,
       {{"media_failed", State::ending},
        {"answered", State::answered_classifying},
        {"leg_refused", State::settled},
        {"leg_lost", State::settled},
        {"drain", State::ending},
        {"operator", State::ending},
        {"ring_timer", State::ending}}},
      {State::answered_classifying,
       {{"media_failed", State::ending},
        {"human", State::waiting_for_agent},
        {"machine", State::ending},
        {"leg_refused", State::settled},
        {"leg_lost", State::settled},
        {"operator", State::ending},
        {"longest_timer", State::ending}}},
      {State::in_flow,
       {{"media_failed", State::ending},
        {"machine", State::ending},
        {"leg_refused", State::settled},
        {"leg_lost", State::settled},
        {"operator", State::ending},
        {"longest_timer", State::ending}}},
      {State::waiting_for_agent,
       {{"media_failed", State::ending},
        {"machine", State::ending},
        {"assigned", State::bridging},
        {"no_agent", State::ending},
        {"leg_refused", State::settled},
        {"leg_lost", State::settled},
        {"operator", State::ending},
        {"agent_timer", State::ending},
        {"longest_timer", State::ending}}},
      {State::bridging,
       {{"media_failed", State::ending},
        {"bridged", State::talking},
        {"bridge_failed", State::waiting_for_agent},
        {"agent_hang_up", State::waiting_for_agent},
        {"agent_left", State::waiting_for_agent},
        {"leg_refused", State::settled},
        {"leg_lost", State::settled},
        {"operator", State::ending},
        {"longest_timer", State::ending}}},
      {State::talking,
       {{"media_failed", State::ending},
        {"agent_hang_up", State::ending},
        {"agent_left", State::waiting_for_agent},
        {"leg_refused", State::settled},
        {"leg_lost", State::settled},
        {"operator", State::ending},
        {"longest_timer", State::ending}}},
      {State::ending,
       {{"leg_refused", State::settled}, {"leg_lost", State::settled}, {"hang_up_timer", State::settled}}},
      {State::settled, {}},
};

const std::map<State, std::map<std::string, State>>& moves() {
  return move_table;
}

TEST(CallStates, LeadEachPairOfStateAndEventWhereTheTableSays) {
  for (int index = 0; index < call_state_count; ++index) {
    const auto state = static_cast<State>(index);
    for (const auto& [name, event] : events()) {
      CallRun run(state == State::in_flow ? flow_plan() : test_plan());
      run.to(state);
      event(run);
      const auto& row = moves().at(state);
      const auto move = row.find(name);
      const State wanted = move == row.end() ? state : move->second;
      EXPECT_EQ(to_string(run.machine.state()), to_string(wanted)) << to_string(state) << " + " << name;
      EXPECT_LE(run.count<call_effect::FactSettled>(), 1) << to_string(state) << " + " << name;
      EXPECT_EQ(run.count<call_effect::FactSettled>() == 1, run.machine.is_settled()) << to_string(state) << " + " << name;
    }
  }
}

TEST(CallStates, SettledAnswersOnlyByReleasingWhoComesLate) {
  for (const auto& [name, event] : events()) {
    CallRun run;
    run.to_settled();
    event(run);
    EXPECT_EQ(run.last.size(), name == "assigned" || name == "supervised" ? 1U : 0U) << name;
  }
}

}  // namespace
}  // namespace dunlin
