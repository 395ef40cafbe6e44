// The event feed for people and scripts: the committed facts themselves, with or without Redis.
#include <algorithm>

#include <fmt/format.h>

#include "api/command.hpp"
#include "config/text_distance.hpp"

namespace dunlin {
namespace {

/// A pattern with a star may match types of a newer version; a plain name must be one we know.
Status check_type(const CommandContext& context, const std::string& type) {
  if (type.empty() || type.find('*') != std::string::npos || type.starts_with("ru.dunlin.")) return Done{};
  if (type.find('.') == std::string::npos) {
    return invalid_input(fmt::format("--type is a name like call.answered or a pattern like '{}.*'", type));
  }
  const auto& types = context.services.event_types;
  if (std::find(types.begin(), types.end(), type) != types.end()) return Done{};
  const auto guess = nearest(type, types);
  const std::string advice = guess ? "; did you mean " + *guess + "?" : "";
  return invalid_input(fmt::format("no event type {}{}; `event types` lists all", type, advice));
}

Result<CampaignId> campaign_named(const CommandContext& context, const std::string& name) {
  if (name.empty()) return CampaignId();
  if (const auto id = CampaignId::parse(name)) return *id;
  const auto view = context.ask<msg::CampaignView>(context.node.campaigns, msg::GetCampaign{name});
  if (!view) return view.error();
  return view->campaign.settings.id;
}

Result<EventQuery> query_of(const CommandContext& context, const Arguments& arguments) {
  EventQuery query;
  query.type = arguments.option("type");
  query.after = arguments.option("after");
  const Status type = check_type(context, query.type);
  if (!type) return type.error();
  if (arguments.has("case")) {
    const auto id = CaseId::parse(arguments.option("case"));
    if (!id) return id.error();
    query.case_id = *id;
  }
  const auto campaign = campaign_named(context, arguments.option("campaign"));
  if (!campaign) return campaign.error();
  query.campaign = *campaign;
  const auto last = arguments.number("last", 20);
  if (!last) return last.error();
  if (*last < 0 || *last > static_cast<std::int64_t>(limits::event_tail_rows)) {
    return invalid_input(fmt::format("--last must be from 0 to {}", limits::event_tail_rows));
  }
  query.last = static_cast<std::size_t>(*last);
  return query;
}

Result<View> tail(const CommandContext& context, const Arguments& arguments) {
  const auto query = query_of(context, arguments);
  if (!query) return query.error();
  auto answer = context.services.events(*query);
  if (!answer) return answer.error();
  View view = View::table({"time", "type", "subject", "campaign", "data"}, std::move(answer->events));
  view.body["place"] = answer->place;
  if (!answer->has_searched_all) view.body["note"] = "the search stopped at its bound: older facts may match";
  return view;
}

Result<View> types(const CommandContext& context, const Arguments&) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& type : context.services.event_types) {
    rows.push_back({{"type", type}, {"stream", type.substr(0, type.find('.'))}});
  }
  return View::table({"type", "stream"}, std::move(rows));
}

}  // namespace

void add_event_commands(std::vector<Command>& commands) {
  commands.push_back({"event", "tail", "[--type TYPE] [--case CASE] [--campaign NAME] [--last N] [--after PLACE] [--follow]",
                      "the latest committed facts as CloudEvents (--type call.answered or 'call.*'); --follow goes on until Ctrl-C", tail});
  commands.push_back({"event", "types", "", "every type of event and its stream", types});
}

}  // namespace dunlin
