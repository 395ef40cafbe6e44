// Cases and attempts: the timeline of a person, every attempt with its stored decision.
#include <algorithm>

#include <fmt/format.h>

#include "api/command.hpp"
#include "api/event_text.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

Result<CaseId> case_argument(const Arguments& arguments) {
  const auto text = arguments.at(0, "case's id");
  if (!text) return text.error();
  return CaseId::parse(*text);
}

Result<std::shared_ptr<const CaseRecord>> record_of(const CommandContext& context, CaseId id) {
  auto view = context.ask<msg::CaseView>(context.node.shard_for(id), msg::GetCase{id}, limits::request_timeout);
  if (!view) return view.error();
  if (!view->record->is_opened()) return Error{Errc::not_found, "no case " + id.str()};
  return view->record;
}

Result<View> show(const CommandContext& context, const Arguments& arguments) {
  const auto id = case_argument(arguments);
  if (!id) return id.error();
  const auto record = record_of(context, *id);
  if (!record) return record.error();
  const auto history = context.node.archive->events(*id);
  if (!history) return history.error();
  nlohmann::json timeline = nlohmann::json::array();
  for (const StoredEvent& stored : *history) {
    const auto event = decode(stored.type, stored.body);
    timeline.push_back({{"n", stored.version}, {"at", format_utc(stored.at)}, {"event", event_name(stored.type)},
                        {"what", event ? event_text(*event) : "unreadable: " + event.error().detail}});
  }
  View view = View::table({"n", "at", "event", "what"}, std::move(timeline));
  view.body["case"] = case_summary(**record);
  return view;
}

Result<View> list(const CommandContext& context, const Arguments& arguments) {
  const auto limit = arguments.number("limit", 100);
  if (!limit) return limit.error();
  const std::string state = arguments.option("state");
  nlohmann::json rows = nlohmann::json::array();
  for (ShardIndex shard = 0; shard < shard_count && rows.size() < static_cast<std::size_t>(*limit); ++shard) {
    const Status scanned = context.node.archive->each_view(shard, [&](CaseId, const std::string& bytes) {
      const auto record = decode_view(bytes);
      if (record && (state.empty() || to_string(record->state) == state)) rows.emplace_back(case_summary(*record));
      return rows.size() < static_cast<std::size_t>(*limit);
    });
    if (!scanned) return scanned.error();
  }
  return View::table({"case", "state", "debts", "phones", "attempts", "last_outcome", "next"}, std::move(rows));
}

Result<View> find(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "phone (+7…) or contract id");
  if (!text) return text.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const LookupKind kind : {LookupKind::phone, LookupKind::external_id}) {
    const auto ids = context.node.archive->find({kind, *text});
    if (!ids) return ids.error();
    for (const CaseId id : *ids) {
      const auto record = record_of(context, id);
      if (record) rows.emplace_back(case_summary(**record));
    }
  }
  if (rows.empty()) return Error{Errc::not_found, "no case with this number or contract"};
  return View::table({"case", "state", "debts", "phones", "attempts", "last_outcome", "next"}, std::move(rows));
}

Result<View> why(const CommandContext& context, const Arguments& arguments) {
  const auto id = case_argument(arguments);
  if (!id) return id.error();
  const auto record = record_of(context, *id);
  if (!record) return record.error();
  UtcTime at = context.node.clock->now_utc();
  if (arguments.has("at")) {
    const auto asked = parse_utc(arguments.option("at"));
    if (!asked) return asked.error();
    at = *asked;
  }
  const auto decision = context.services.judge_now(**record, at);
  if (!decision) return decision.error();
  return View::record(decision_fields(*decision, arguments.option("lang", "ru")));
}

Result<View> pay(const CommandContext& context, const Arguments& arguments) {
  const auto id = case_argument(arguments);
  if (!id) return id.error();
  const auto debt = arguments.at(1, "contract id");
  if (!debt) return debt.error();
  const auto amount = parse_money(arguments.option("amount"), Currency::rub);
  if (!amount) return amount.error();
  const UtcTime now = context.node.clock->now_utc();
  const PaymentFact payment{arguments.option("payment-id", "manual-" + format_utc(now)), *debt, *amount, now};
  const auto saved = send_command(context, context.node.shard_for(*id), msg::RecordPayment{*id, payment});
  if (!saved) return saved.error();
  return View::text("payment recorded");
}

Result<View> restrict(const CommandContext& context, const Arguments& arguments, bool is_set) {
  const auto id = case_argument(arguments);
  if (!id) return id.error();
  const auto name = arguments.at(1, "flag's name (for example refusal)");
  if (!name) return name.error();
  const std::string document = arguments.option("document");
  if (!is_set && document.empty()) return invalid_input("clearing a flag needs --document ID");
  const auto saved = is_set ? send_command(context, context.node.shard_for(*id),
                                           msg::SetRestriction{*id, {{*name, context.node.clock->now_utc(), document}, "shell"}})
                            : send_command(context, context.node.shard_for(*id), msg::ClearRestriction{*id, {*name, document, "shell"}});
  if (!saved) return saved.error();
  return View::text(is_set ? "flag set" : "flag cleared");
}

/// Walks over all attempts of all cases; the history is the only source.
Status each_attempt(const CommandContext& context, const std::function<bool(const AttemptStory&)>& visit) {
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    std::vector<CaseId> ids;
    const Status scanned = context.node.archive->each_view(shard, [&](CaseId id, const std::string&) {
      ids.push_back(id);
      return true;
    });
    if (!scanned) return scanned;
    for (const CaseId id : ids) {
      const auto history = context.node.archive->events(id);
      if (!history) return history.error();
      for (const AttemptStory& story : attempt_stories(id, *history)) {
        if (!visit(story)) return Done{};
      }
    }
  }
  return Done{};
}

Result<View> attempts(const CommandContext& context, const Arguments& arguments) {
  const auto limit = arguments.number("limit", 1'000'000);
  if (!limit) return limit.error();
  nlohmann::json rows = nlohmann::json::array();
  const Status walked = each_attempt(context, [&](const AttemptStory& story) {
    rows.emplace_back(attempt_fields(story));
    return rows.size() < static_cast<std::size_t>(*limit);
  });
  if (!walked) return walked.error();
  return View::table({"attempt", "case", "reserved_at", "trunk", "number", "outcome", "disposition", "legs", "sip_status", "agent"}, std::move(rows));
}

Result<AttemptStory> find_attempt(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "attempt's id");
  if (!text) return text.error();
  const auto id = AttemptId::parse(*text);
  if (!id) return id.error();
  std::optional<AttemptStory> found;
  const Status walked = each_attempt(context, [&](const AttemptStory& story) {
    if (story.reserved.attempt == *id) found = story;
    return !found;
  });
  if (!walked) return walked.error();
  if (!found) return Error{Errc::not_found, "no attempt " + *text};
  return *found;
}

Result<View> attempt_show(const CommandContext& context, const Arguments& arguments) {
  const auto story = find_attempt(context, arguments);
  if (!story) return story.error();
  return View::record(attempt_fields(*story));
}

Result<View> attempt_why(const CommandContext& context, const Arguments& arguments) {
  const auto story = find_attempt(context, arguments);
  if (!story) return story.error();
  return View::record(decision_fields(story->reserved.proof, arguments.option("lang", "ru")));
}

}  // namespace

void add_case_commands(std::vector<Command>& commands) {
  commands.push_back({"case", "show", "ID", "one person's full timeline", show});
  commands.push_back({"case", "list", "[--state S] [--limit N]", "cases, masked", list});
  commands.push_back({"case", "find", "NUMBER|CONTRACT", "cases that carry a number or a contract", find});
  commands.push_back({"case", "why", "ID [--at TIME] [--lang ru|en]", "may this person be called, and why (not)", why});
  commands.push_back({"case", "pay", "ID CONTRACT --amount A [--payment-id P]", "record a payment", pay});
  commands.push_back({"case", "restrict", "ID FLAG [--document D]", "set a restriction", [](const CommandContext& c, const Arguments& a) { return restrict(c, a, true); }});
  commands.push_back({"case", "unrestrict", "ID FLAG --document D", "clear a restriction", [](const CommandContext& c, const Arguments& a) { return restrict(c, a, false); }});
  commands.push_back({"attempt", "list", "[--limit N]", "every attempt with its outcome", attempts});
  commands.push_back({"attempt", "show", "ID", "one attempt", attempt_show});
  commands.push_back({"attempt", "why", "ID [--lang ru|en]", "the stored decision of one attempt", attempt_why});
}

}  // namespace dunlin
