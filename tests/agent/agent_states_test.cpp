// Every state against every event: the table says where each pair leads and which commands are refused; what is not
// listed must leave the state as it is.
#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "tests/agent/agent_fixture.hpp"

namespace dunlin {
namespace {

using State = AgentState;
using Event = std::function<bool(AgentRun&)>;  // False: refused.

bool fact(AgentRun& run, AgentEffects effects) {
  run.take(std::move(effects));
  return true;
}

const std::map<std::string, Event>& events() {
  static const std::map<std::string, Event> table{
      {"login", [](AgentRun& r) { return r.take(r.machine.on_login(r.now(), test_session + 9, test_leg)); }},
      {"logout", [](AgentRun& r) { return r.take(r.machine.on_logout(r.now())); }},
      {"ready", [](AgentRun& r) { return r.take(r.machine.on_ready(r.now())); }},
      {"break", [](AgentRun& r) { return r.take(r.machine.on_break(r.now(), "tea")); }},
      {"recall", [](AgentRun& r) { return r.take(r.machine.on_recall_from_break(r.now(), "chief")); }},
      {"hold", [](AgentRun& r) { return r.take(r.machine.on_hold(r.now())); }},
      {"resume", [](AgentRun& r) { return r.take(r.machine.on_resume(r.now())); }},
      {"hang_up", [](AgentRun& r) { return r.take(r.machine.on_hang_up(r.now())); }},
      {"result",
       [](AgentRun& r) { return r.take(r.machine.on_disposition(r.now(), test_attempt, Outcome::rpc_promise, "")); }},
      {"accept", [](AgentRun& r) { return r.take(r.machine.on_preview_accepted(r.now(), test_attempt)); }},
      {"decline", [](AgentRun& r) { return r.take(r.machine.on_preview_declined(r.now(), test_attempt)); }},
      {"callback", [](AgentRun& r) { return r.take(r.machine.on_callback_due(r.now())); }},
      {"postpone", [](AgentRun& r) { return r.take(r.machine.on_callback_postponed(r.now())); }},
      {"reserve", [](AgentRun& r) { return r.take(r.machine.on_reserve(r.now(), test_token)); }},
      {"preview", [](AgentRun& r) { return r.take(r.machine.on_preview(r.now(), test_token)); }},
      {"own_call", [](AgentRun& r) { return r.take(r.machine.on_own_call(r.now(), test_token)); }},
      {"supervise", [](AgentRun& r) { return r.take(r.machine.on_supervise(r.now(), supervised_attempt)); }},
      {"supervise_other", [](AgentRun& r) { return r.take(r.machine.on_supervise(r.now(), AttemptId(99))); }},
      {"leave", [](AgentRun& r) { return r.take(r.machine.on_supervision_left(r.now(), supervised_attempt)); }},
      {"take_over", [](AgentRun& r) { return r.take(r.machine.on_take_over(r.now(), supervised_attempt)); }},
      {"mute", [](AgentRun& r) { return r.take(r.machine.on_mute(r.now(), true)); }},
      {"unmute", [](AgentRun& r) { return r.take(r.machine.on_mute(r.now(), false)); }},
      {"supervised_ended", [](AgentRun& r) { return fact(r, r.machine.on_supervision_ended(r.now(), supervised_attempt)); }},
      {"leg_up", [](AgentRun& r) { return fact(r, r.machine.on_leg_up(r.now(), test_leg)); }},
      {"leg_lost", [](AgentRun& r) { return fact(r, r.machine.on_leg_lost(r.now(), test_leg)); }},
      {"other_leg_lost", [](AgentRun& r) { return fact(r, r.machine.on_leg_lost(r.now(), LegId(1))); }},
      {"cancelled", [](AgentRun& r) { return fact(r, r.machine.on_reservation_cancelled(r.now(), test_attempt)); }},
      {"bridged", [](AgentRun& r) { return fact(r, r.machine.on_bridged(r.now(), test_token)); }},
      {"call_ended", [](AgentRun& r) { return fact(r, r.machine.on_call_ended(r.now(), test_attempt)); }},
      {"other_ended", [](AgentRun& r) { return fact(r, r.machine.on_call_ended(r.now(), AttemptId(99))); }},
      {"force", [](AgentRun& r) { return fact(r, r.machine.on_force_logout(r.now(), "chief")); }},
      {"stale_timer", [](AgentRun& r) { return fact(r, r.machine.on_timer(r.now(), AgentTimer::wrap, 99)); }},
      {"reservation_timer",
       [](AgentRun& r) {
         r.fire(AgentTimer::reservation);
         return true;
       }},
  };
  return table;
}

constexpr const char* commands[] = {"login",  "logout",  "ready",    "break",    "recall",  "hold",    "resume",  "hang_up",
                                    "result", "accept",  "decline",  "callback", "postpone", "reserve", "preview", "own_call",
                                    "supervise", "supervise_other", "leave", "take_over", "mute", "unmute"};

const std::map<State, std::map<std::string, State>> move_table{
      {State::logged_out, {{"login", State::on_break}}},
      {State::ready,
       {{"logout", State::logged_out},
        {"break", State::on_break},
        {"callback", State::callback_due},
        {"reserve", State::reserved},
        {"preview", State::preview},
        {"own_call", State::connecting},
        {"supervise", State::supervising},
        {"supervise_other", State::supervising},
        {"take_over", State::reserved},
        {"leg_lost", State::link_lost},
        {"force", State::logged_out}}},
      {State::reserved,
       {{"leg_lost", State::link_lost},
        {"cancelled", State::ready},
        {"call_ended", State::ready},
        {"bridged", State::talking},
        {"force", State::logged_out},
        {"reservation_timer", State::ready}}},
      {State::preview,
       {{"accept", State::connecting},
        {"decline", State::ready},
        {"leg_lost", State::link_lost},
        {"cancelled", State::ready},
        {"call_ended", State::ready},
        {"force", State::logged_out}}},
      {State::connecting,
       {{"leg_lost", State::link_lost},
        {"cancelled", State::ready},
        {"call_ended", State::ready},
        {"bridged", State::talking},
        {"force", State::logged_out}}},
      {State::talking,
       {{"hold", State::hold},
        {"leg_lost", State::link_lost},
        {"cancelled", State::wrap_up},
        {"call_ended", State::wrap_up},
        {"force", State::logged_out}}},
      {State::hold,
       {{"resume", State::talking},
        {"leg_lost", State::link_lost},
        {"cancelled", State::wrap_up},
        {"call_ended", State::wrap_up},
        {"force", State::logged_out}}},
      {State::wrap_up, {{"result", State::ready}, {"force", State::logged_out}}},
      {State::on_break, {{"logout", State::logged_out}, {"ready", State::ready}, {"recall", State::ready},
                         {"supervise", State::supervising}, {"supervise_other", State::supervising}, {"take_over", State::reserved},
                         {"force", State::logged_out}}},
      {State::callback_due,
       {{"logout", State::logged_out},
        {"ready", State::ready},
        {"break", State::on_break},
        {"postpone", State::ready},
        {"own_call", State::connecting},
        {"leg_lost", State::link_lost},
        {"force", State::logged_out}}},
      {State::link_lost,
       {{"login", State::on_break},
        {"logout", State::logged_out},
        {"break", State::on_break},
        {"leg_up", State::on_break},
        {"force", State::logged_out}}},
      {State::supervising,
       {{"leave", State::on_break},
        {"supervised_ended", State::on_break},
        {"take_over", State::reserved},
        {"leg_lost", State::link_lost},
        {"force", State::logged_out}}},
};

const std::map<State, std::map<std::string, State>>& moves() {
  return move_table;
}

// Commands that are accepted although the state stays.
const std::map<State, std::vector<std::string>>& accepted_in_place() {
  static const std::map<State, std::vector<std::string>> table{
      {State::logged_out, {}},
      {State::ready, {"login", "ready"}},
      {State::reserved, {"login", "break"}},
      {State::preview, {"login", "break"}},
      {State::connecting, {"login", "break", "hang_up"}},
      {State::talking, {"login", "break", "hang_up", "result", "mute", "unmute"}},
      {State::hold, {"login", "break", "hang_up", "result", "mute", "unmute"}},
      {State::wrap_up, {"login", "break"}},
      {State::on_break, {"login", "break"}},
      {State::callback_due, {"login"}},
      {State::link_lost, {"ready"}},
      {State::supervising, {"login", "supervise"}},
  };
  return table;
}

bool is_command(const std::string& name) { return std::count(std::begin(commands), std::end(commands), name) > 0; }

TEST(AgentStates, LeadEachPairOfStateAndEventWhereTheTableSays) {
  for (int index = 0; index < agent_state_count; ++index) {
    const auto state = static_cast<State>(index);
    for (const auto& [name, event] : events()) {
      AgentRun run;
      run.to(state);
      const bool was_accepted = event(run);
      const auto& row = moves().at(state);
      const auto move = row.find(name);
      const State wanted = move == row.end() ? state : move->second;
      EXPECT_EQ(to_string(run.machine.state()), to_string(wanted)) << to_string(state) << " + " << name;
      const auto& in_place = accepted_in_place().at(state);
      const bool is_expected = !is_command(name) || move != row.end() ||
                               std::find(in_place.begin(), in_place.end(), name) != in_place.end();
      EXPECT_EQ(was_accepted, is_expected) << to_string(state) << " + " << name;
    }
  }
}

}  // namespace
}  // namespace dunlin
