// Cases: the timeline of a person, what the law says of the next contact, and changes by hand.
#include <algorithm>

#include <fmt/format.h>

#include "api/command.hpp"
#include "api/event_text.hpp"
#include "api/why_text.hpp"
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

Result<View> show_case(const CommandContext& context, const Arguments& arguments) {
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

CaseFilter case_filter(const Arguments& arguments) {
  CaseFilter filter;
  if (arguments.has("portfolio")) filter.portfolios = {arguments.option("portfolio")};
  return filter;
}

Result<View> list_cases(const CommandContext& context, const Arguments& arguments) {
  const auto limit = page_limit(context, arguments);
  if (!limit) return limit.error();
  const auto filter = case_filter(arguments);
  const std::string state = arguments.option("state");
  CaseId after;
  if (arguments.has("cursor")) {
    const auto cursor = CaseId::parse(arguments.option("cursor"));
    if (!cursor) return cursor.error();
    after = *cursor;
  }
  nlohmann::json rows = nlohmann::json::array();
  std::size_t looked_at = 0;
  std::string last;
  bool has_more = false;
  for (ShardIndex shard = after.is_set() ? shard_of(after) : ShardIndex{0}; shard < shard_count && !has_more; ++shard) {
    const auto visit = [&](CaseId id, const std::string& bytes) {
      has_more = rows.size() >= *limit || looked_at >= limits::list_rows_looked_at;
      if (has_more) return false;
      ++looked_at;
      last = id.str();
      const auto record = decode_view(bytes);
      const bool is_wanted = record && (state.empty() || to_string(record->state) == state) && (filter.portfolios.empty() || matches(filter, *record));
      if (is_wanted) rows.emplace_back(case_summary(*record));
      return true;
    };
    const Status scanned = context.node.archive->each_view(shard, visit, after);
    if (!scanned) return scanned.error();
    after = CaseId();
  }
  View view = View::table({"case", "state", "debts", "phones", "attempts", "last_outcome", "next"}, std::move(rows));
  if (has_more) view.body["next_cursor"] = last;
  return view;
}

Result<View> find_case(const CommandContext& context, const Arguments& arguments) {
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

/// The number to judge by: the one asked for, else the first that may be dialed, else the first.
Result<std::pair<ContactPhone, Decision>> judge_person(const CommandContext& context, const CaseRecord& record, Channel channel, UtcTime at) {
  if (record.phones.empty()) return Error{Errc::not_found, "the case has no number"};
  std::optional<std::pair<ContactPhone, Decision>> chosen;
  for (const ContactPhone& phone : record.phones) {
    auto decision = context.services.judge(record, phone, channel, at);
    if (!decision) return decision.error();
    if (!chosen || (decision->is_allowed() && !chosen->second.is_allowed())) chosen.emplace(phone, std::move(*decision));
  }
  return *chosen;
}

Result<UtcTime> instant_of(const CommandContext& context, const Arguments& arguments) {
  if (!arguments.has("at")) return context.node.clock->now_utc();
  return parse_utc(arguments.option("at"));
}

Result<View> explain_case(const CommandContext& context, const Arguments& arguments) {
  const auto id = case_argument(arguments);
  if (!id) return id.error();
  const auto record = record_of(context, *id);
  if (!record) return record.error();
  const auto at = instant_of(context, arguments);
  if (!at) return at.error();
  const auto channel = parse_channel(arguments.option("channel", "call"));
  if (!channel) return invalid_input("--channel must be call, robot_call, voice_message, sms, email, messenger, gosuslugi, visit or post");
  const auto judged = judge_person(context, **record, *channel, *at);
  if (!judged) return judged.error();
  const std::string language = arguments.option("lang", "ru");
  auto fields = decision_fields(judged->second, why_sentences(judged->second, *context.services.rules, language));
  fields["number"] = judged->first.number.masked();
  fields["channel"] = to_string(*channel);
  fields["plan"] = (*record)->plan_reason;
  return View::record(std::move(fields));
}

Result<View> budget(const CommandContext& context, const Arguments& arguments) {
  const auto id = case_argument(arguments);
  if (!id) return id.error();
  const auto record = record_of(context, *id);
  if (!record) return record.error();
  if ((*record)->phones.empty()) return Error{Errc::not_found, "the case has no number"};
  const auto at = instant_of(context, arguments);
  if (!at) return at.error();
  nlohmann::json rows = nlohmann::json::array();
  for (const ChannelBudget& channel : context.services.budget(**record, *at)) {
    const std::string next = channel.next_at ? format_utc(*channel.next_at) : "not by time alone";
    for (const BudgetLine& line : channel.budget.lines) {
      rows.push_back({{"channel", to_string(channel.channel)}, {"pool", line.pool}, {"period", line.period}, {"used", line.used}, {"limit", line.limit},
                      {"remaining", line.remaining()}, {"resets_at", format_utc(line.resets_at)}, {"rule", line.rule_id}, {"possible_from", next}});
    }
    if (channel.budget.lines.empty()) rows.push_back({{"channel", to_string(channel.channel)}, {"pool", "not counted"}, {"possible_from", next}});
  }
  return View::table({"channel", "pool", "period", "used", "limit", "remaining", "resets_at", "possible_from", "rule"}, std::move(rows));
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
                                           msg::SetRestriction{*id, {{*name, context.node.clock->now_utc(), document}, context.caller.name}})
                            : send_command(context, context.node.shard_for(*id), msg::ClearRestriction{*id, {*name, document, context.caller.name}});
  if (!saved) return saved.error();
  return View::text(is_set ? "flag set" : "flag cleared");
}

}  // namespace

void add_case_commands(std::vector<Command>& commands) {
  commands.push_back({"case", "show", "CASE", "one person's full timeline", show_case});
  commands.push_back({"case", "list", "[--state STATE] [--portfolio P] [--limit N] [--cursor CASE]", "cases, masked", list_cases});
  commands.push_back({"case", "find", "NUMBER|CONTRACT", "cases that carry a number or a contract", find_case});
  commands.push_back({"case", "why", "CASE [--at TIME] [--channel CHANNEL] [--lang ru|en]", "may this person be contacted, and why (not)", explain_case});
  commands.push_back({"case", "budget", "CASE [--at TIME]", "contacts the law still leaves, by channel and period, and when the next is possible", budget});
  commands.push_back({"case", "pay", "CASE CONTRACT --amount A [--payment-id P]", "record a payment", pay});
  commands.push_back({"case", "restrict", "CASE FLAG [--document D]", "set a restriction", [](const CommandContext& c, const Arguments& a) { return restrict(c, a, true); }});
  commands.push_back({"case", "unrestrict", "CASE FLAG --document D", "clear a restriction", [](const CommandContext& c, const Arguments& a) { return restrict(c, a, false); }});
}

}  // namespace dunlin
