// Calls and trunks: what is on the line now, one call's ladder, the ways out.
#include <algorithm>

#include "api/command.hpp"

namespace dunlin {
namespace {

nlohmann::ordered_json call_fields(const msg::CallView& v) {
  return {{"call", v.attempt.str()}, {"case", v.case_id.str()}, {"state", to_string(v.state)}, {"trunk", v.trunk}, {"number", v.masked_number},
          {"answer", v.answer}, {"age", format_span(v.age_ms)}, {"agent", v.agent.is_set() ? v.agent.str() : ""}, {"mos", v.mos}, {"supervisor", v.supervisor.is_set() ? v.supervisor.str() : ""}, {"supervision", v.supervision},
          {"recording_paused", v.is_recording_paused}, {"loss", v.loss}, {"rtt_ms", v.rtt_ms}, {"packets_refused", v.refused},
          {"outcome", v.is_settled ? std::string(to_string(v.outcome)) : ""}};
}

Result<View> list_calls(const CommandContext& context, const Arguments& arguments) {
  auto calls = context.ask<msg::CallsView>(context.node.calls, msg::GetCalls{});
  if (!calls) return calls.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& call : calls->live) rows.emplace_back(call_fields(call));
  if (arguments.has("finished")) {
    for (const auto& call : calls->finished) rows.emplace_back(call_fields(call));
  }
  return View::table({"call", "case", "state", "trunk", "number", "answer", "age", "agent", "outcome"}, std::move(rows));
}

Result<AttemptId> call_id(const Arguments& arguments) {
  const auto text = arguments.at(0, "call's or attempt's id");
  if (!text) return text.error();
  return AttemptId::parse(text->starts_with("call_") ? "att_" + text->substr(5) : *text);
}

Result<msg::CallView> find_call(const CommandContext& context, const Arguments& arguments) {
  const auto id = call_id(arguments);
  if (!id) return id.error();
  auto calls = context.ask<msg::CallsView>(context.node.calls, msg::GetCalls{});
  if (!calls) return calls.error();
  for (const auto* kind : {&calls->live, &calls->finished}) {
    for (const auto& call : *kind) {
      if (call.attempt == *id) return call;
    }
  }
  return Error{Errc::not_found, "no live or recent call " + id->str() + "; its facts are in `attempt show`"};
}

Result<View> show_call(const CommandContext& context, const Arguments& arguments) {
  auto call = find_call(context, arguments);
  if (!call) return call.error();
  return View::record(call_fields(*call));
}

/// The supervisor's own phone hears the talk; its account decides whether it may.
Handler supervise(CallAct act) {
  return [act](const CommandContext& context, const Arguments& arguments) -> Result<View> {
    const auto id = call_id(arguments);
    if (!id) return id.error();
    const std::string user = arguments.option("as");
    if (user.empty()) return invalid_input("--as SUPERVISOR is missing: whose phone hears the call");
    const auto done = send_command(context, context.node.agents, msg::Supervise{user, *id, act, context.caller.name});
    if (!done) return done.error();
    return View::record(nlohmann::ordered_json{{"call", id->str()}, {"supervisor", user}, {"act", to_string(act)}});
  };
}

nlohmann::json ladder_row(const LadderLine& line, MonoTime first) {
  return {{"at_ms", (line.at - first).ms}, {"direction", line.is_outgoing ? "-->" : "<--"}, {"message", line.summary}};
}

Result<View> trace(const CommandContext& context, const Arguments& arguments) {
  auto call = find_call(context, arguments);
  if (!call) return call.error();
  nlohmann::json rows = nlohmann::json::array();
  std::optional<MonoTime> first;
  for (std::size_t n = 0; n < call->legs.size(); ++n) {
    for (const LadderLine& line : context.node.sip->ladder(call->legs[n])) {
      if (!first) first = line.at;
      rows.push_back(ladder_row(line, *first));
      rows.back()["leg"] = n + 1;
    }
  }
  if (rows.empty()) return Error{Errc::not_found, "the ladder of this call is no longer kept; its facts are in `attempt show`"};
  return View::table({"leg", "at_ms", "direction", "message"}, std::move(rows));
}

Result<View> trunks(const CommandContext& context, const Arguments&) {
  auto trunks = context.ask<msg::TrunksView>(context.node.edge, msg::GetTrunks{});
  if (!trunks) return trunks.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const TrunkView& trunk : trunks->budget) {
    nlohmann::json row = {{"trunk", trunk.name}, {"health", to_string(trunk.health)}, {"channels", trunk.channels}, {"in_use", trunk.channels_in_use},
                          {"calls_per_second", trunk.calls_per_second}, {"failures_in_a_row", trunk.failures_in_a_row}, {"probe", "-"}};
    for (const TrunkHealthView& health : trunks->health) {
      if (health.name != trunk.name) continue;
      // Of a carrier with several hosts those that do not answer are named by address and port.
      const bool has_dead_host = health.is_up && health.cause.find(':') != std::string::npos;
      row["probe"] = !health.is_up ? health.cause : has_dead_host ? "up, but " + health.cause : "up";
    }
    rows.push_back(std::move(row));
  }
  return View::table({"trunk", "health", "probe", "channels", "in_use", "calls_per_second", "failures_in_a_row"}, std::move(rows));
}

Status check_trunk(const CommandContext& context, const std::string& name) {
  std::string known;
  for (const TrunkOptions& trunk : context.settings.settings.trunks) {
    if (trunk.name == name) return Done{};
    known += (known.empty() ? "" : ", ") + trunk.name;
  }
  return Error{Errc::not_found, "no trunk " + name + "; there " + (known.empty() ? "is none in the settings" : "are " + known)};
}

Result<View> probe(const CommandContext& context, const Arguments& arguments) {
  const auto name = arguments.at(0, "trunk's name");
  if (!name) return name.error();
  const Status known = check_trunk(context, *name);
  if (!known) return known.error();
  context.node.sip->probe_trunk(*name);
  return View::text("probe sent; `trunk list` shows the answer");
}

/// "4.31"; "-" when nothing was measured.
std::string thousandths(std::uint32_t value) {
  if (value == 0) return "-";
  const std::string rest = std::to_string(value / 10 % 100);
  return std::to_string(value / 1000) + "." + std::string(2 - rest.size(), '0') + rest;
}

nlohmann::json ladder_of(const CommandContext& context, LegId leg) {
  nlohmann::json rows = nlohmann::json::array();
  const std::vector<LadderLine> lines = context.node.sip->ladder(leg);
  for (const LadderLine& line : lines) rows.push_back(ladder_row(line, lines.front().at));
  return rows;
}

/// Waits for the whole test call: the answer is what the far end did.
Result<View> test_trunk(const CommandContext& context, const Arguments& arguments) {
  const auto name = arguments.at(0, "trunk's name");
  if (!name) return name.error();
  const Status known = check_trunk(context, *name);
  if (!known) return known.error();
  const std::string number = arguments.option("to");
  if (number.empty()) return invalid_input("--to NUMBER is missing: one of the trunk's test_numbers");
  const auto done = context.ask<msg::TrunkTestDone>(context.node.edge, msg::TestTrunk{*name, number}, trunk_test_limits::longest + seconds(30));
  if (!done) return done.error();
  if (done->error) return *done->error;
  const TrunkTest& test = done->test;
  View view = View::record(nlohmann::ordered_json{
      {"attempt", test.attempt.str()}, {"trunk", test.trunk}, {"number", test.masked_number}, {"result", test.result}, {"sip_status", test.sip_status},
      {"q850", test.q850}, {"cause", test.cause}, {"ring_after_ms", test.ring_after_ms}, {"answer_after_ms", test.answer_after_ms},
      {"talk_ms", test.talk_ms}, {"heard", test.was_heard}, {"mos", thousandths(test.mos_permille)}, {"loss", thousandths(test.loss_permille)},
      {"jitter_us", test.jitter_us}, {"rtt_us", test.rtt_us}, {"ladder", ladder_of(context, done->leg)}});
  if (test.result != "answered" || !test.was_heard) view.exit = 1;
  return view;
}

nlohmann::json stored_test_row(const std::string& id, const Result<TrunkTest>& test) {
  if (!test) return {{"at", ""}, {"trunk", ""}, {"number", ""}, {"result", "unreadable"}, {"cause", test.error().detail}, {"attempt", id}};
  return {{"at", format_utc(test->reserved_at)}, {"trunk", test->trunk}, {"number", test->masked_number}, {"result", test->result.empty() ? "under_way" : test->result},
          {"sip_status", test->sip_status}, {"cause", test->cause}, {"talk_ms", test->talk_ms}, {"heard", test->was_heard}, {"mos", thousandths(test->mos_permille)},
          {"attempt", test->attempt.str()}};
}

/// The newest first. A trunk that is no longer in the settings may be named: its tests are kept.
Result<View> stored_tests(const CommandContext& context, const Arguments& arguments) {
  const std::string name = arguments.count() > 0 ? *arguments.at(0, "") : "";
  const auto documents = context.node.documents->list(std::string(TrunkTest::document_kind));
  if (!documents) return documents.error();
  std::vector<nlohmann::json> found;
  for (const auto& [id, bytes] : *documents) {
    const auto test = decode_trunk_test(bytes);
    if (name.empty() || (test && test->trunk == name)) found.push_back(stored_test_row(id, test));
  }
  if (found.empty() && !name.empty()) {
    if (const Status known = check_trunk(context, name); !known) return known.error();
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a["at"] > b["at"]; });
  return View::table({"at", "trunk", "number", "result", "sip_status", "cause", "heard", "mos"}, nlohmann::json(std::move(found)));
}

}  // namespace

void add_call_commands(std::vector<Command>& commands) {
  commands.push_back({"call", "list", "[--finished]", "live calls (and the last finished ones)", list_calls});
  commands.push_back({"call", "show", "CALL", "one call", show_call});
  commands.push_back({"call", "trace", "CALL", "the SIP ladder of one call", trace});
  commands.push_back({"call", "listen", "CALL --as SUPERVISOR", "hear both ends on the supervisor's phone, heard by nobody", supervise(CallAct::listen)});
  commands.push_back({"call", "whisper", "CALL --as SUPERVISOR", "hear both ends, heard by the agent alone", supervise(CallAct::whisper)});
  commands.push_back({"call", "barge", "CALL --as SUPERVISOR", "hear both ends, heard by both", supervise(CallAct::barge)});
  commands.push_back({"call", "takeover", "CALL --as SUPERVISOR", "the supervisor talks with the debtor, the agent goes to wrap-up", supervise(CallAct::take_over)});
  commands.push_back({"call", "leave", "CALL --as SUPERVISOR", "off the call again", supervise(CallAct::leave)});
  commands.push_back({"trunk", "list", "", "ways out: health, channels, rate", trunks});
  commands.push_back({"trunk", "test", "NAME --to NUMBER", "one call to a configured test number: result, ladder, sound (MOS)", test_trunk});
  commands.push_back({"trunk", "tests", "[NAME]", "the last test calls, newest first: time, trunk, masked number, result", stored_tests});
  commands.push_back({"trunk", "probe", "NAME", "send OPTIONS (or REGISTER) now", probe});
}

}  // namespace dunlin
