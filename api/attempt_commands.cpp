// Attempts through their index: pages from the newest to the oldest, one attempt, its stored decision.
#include <map>

#include "api/command.hpp"
#include "api/event_text.hpp"
#include "api/why_text.hpp"
#include "core/case/event_codec.hpp"
#include "core/case/law_replay.hpp"

namespace dunlin {
namespace {

/// Stories of the cases a page touches; forgotten as a whole at the bound.
class StoryCache {
 public:
  explicit StoryCache(const CaseArchive& archive) : archive_(archive) {}

  Result<AttemptStory> story(const AttemptEntry& entry) {
    auto found = cases_.find(entry.case_id);
    if (found == cases_.end()) {
      const auto history = archive_.events(entry.case_id);
      if (!history) return history.error();
      if (cases_.size() >= most_cases) cases_.clear();
      found = cases_.emplace(entry.case_id, attempt_stories(entry.case_id, *history)).first;
    }
    for (const AttemptStory& story : found->second) {
      if (story.reserved.attempt == entry.attempt) return story;
    }
    return Error{Errc::corrupt, "the history of " + entry.case_id.str() + " has no " + entry.attempt.str() + "; `history rebuild` with the node stopped"};
  }

 private:
  static constexpr std::size_t most_cases = 4096;
  const CaseArchive& archive_;
  std::map<CaseId, std::vector<AttemptStory>> cases_;
};

Result<AttemptEntry> entry_of(const CommandContext& context, const std::string& text) {
  const auto id = AttemptId::parse(text.starts_with("call_") ? "att_" + text.substr(5) : text);
  if (!id) return id.error();
  const auto entry = context.node.archive->attempt(*id);
  if (!entry) return entry.error();
  if (!*entry) return Error{Errc::not_found, "no attempt " + text};
  return **entry;
}

struct Filter {
  AttemptRange range;
  std::optional<Outcome> outcome;
  bool wants_open = false;
  bool takes(const AttemptEntry& entry) const {
    if (wants_open) return !entry.outcome;
    return !outcome || entry.outcome == outcome || entry.disposition == outcome;
  }
};

Result<Filter> attempt_filter(const CommandContext& context, const Arguments& arguments) {
  Filter filter;
  if (arguments.has("campaign")) {
    const auto campaign = context.ask<msg::CampaignView>(context.node.campaigns, msg::GetCampaign{arguments.option("campaign")});
    if (!campaign) return campaign.error();
    filter.range.campaign = campaign->campaign.settings.id;
  }
  if (arguments.has("since")) {
    const auto since = parse_since(arguments.option("since"), context.node.clock->now_utc());
    if (!since) return since.error();
    filter.range.since = *since;
  }
  if (arguments.has("cursor")) {
    const auto entry = entry_of(context, arguments.option("cursor"));
    if (!entry) return entry.error();
    filter.range.after = AttemptCursor{entry->reserved_at, entry->attempt};
  }
  filter.wants_open = arguments.option("outcome") == "open";
  if (arguments.has("outcome") && !filter.wants_open) {
    const auto outcome = parse_outcome(arguments.option("outcome"));
    if (!outcome) return outcome.error();
    filter.outcome = *outcome;
  }
  return filter;
}

Result<View> list_attempts(const CommandContext& context, const Arguments& arguments) {
  const auto limit = page_limit(context, arguments);
  if (!limit) return limit.error();
  const auto filter = attempt_filter(context, arguments);
  if (!filter) return filter.error();
  nlohmann::json rows = nlohmann::json::array();
  StoryCache stories(*context.node.archive);
  std::optional<Error> failure;
  std::string last;
  std::size_t looked_at = 0;
  bool has_more = false;
  const Status walked = context.node.archive->each_attempt(filter->range, [&](const AttemptEntry& entry) {
    has_more = rows.size() >= *limit || looked_at >= limits::list_rows_looked_at;
    if (has_more) return false;
    ++looked_at;
    last = entry.attempt.str();
    if (!filter->takes(entry)) return true;
    const auto story = stories.story(entry);
    if (story) rows.emplace_back(attempt_fields(*story));
    else failure = story.error();
    return !failure;
  });
  if (failure) return *failure;
  if (!walked) return walked.error();
  View view = View::table({"attempt", "case", "reserved_at", "trunk", "number", "outcome", "disposition", "legs", "sip_status", "agent"}, std::move(rows));
  if (has_more) view.body["next_cursor"] = last;
  return view;
}

Result<AttemptStory> find_story(const CommandContext& context, const Arguments& arguments) {
  const auto entry = entry_of(context, *arguments.at(0, "attempt's id"));
  if (!entry) return entry.error();
  return StoryCache(*context.node.archive).story(*entry);
}

Result<View> show_attempt(const CommandContext& context, const Arguments& arguments) {
  const auto story = find_story(context, arguments);
  if (!story) return story.error();
  return View::record(attempt_fields(*story));
}

/// "case_…:7": what the seventh event of a case decided. A denial is no attempt and has no other name.
Result<Decision> decision_at(const CommandContext& context, const std::string& place) {
  const std::size_t colon = place.find(':');
  const auto id = CaseId::parse(place.substr(0, colon));
  if (!id) return id.error();
  const auto history = context.node.archive->events(*id);
  if (!history) return history.error();
  for (const StoredEvent& stored : *history) {
    if (std::to_string(stored.version) != place.substr(colon + 1)) continue;
    const auto event = decode(stored.type, stored.body);
    if (!event) return event.error();
    const Decision* decision = decision_in(*event);
    if (decision == nullptr) return invalid_input("event " + place + " is " + std::string(event_name(stored.type)) + ": it holds no decision");
    return *decision;
  }
  return Error{Errc::not_found, "no event " + place + "; `case show` numbers them"};
}

/// A decision and, of an attempt, what the answer model expected of it.
struct NamedDecision {
  Decision decision;
  nlohmann::ordered_json forecast = nlohmann::ordered_json::object();
};

Result<NamedDecision> named_decision(const CommandContext& context, const Arguments& arguments) {
  const auto text = arguments.at(0, "attempt's id, or CASE:N");
  if (!text) return text.error();
  if (text->find(':') != std::string::npos) {
    auto decision = decision_at(context, *text);
    if (!decision) return decision.error();
    return NamedDecision{std::move(*decision)};
  }
  const auto story = find_story(context, arguments);
  if (!story) return story.error();
  return NamedDecision{story->reserved.proof, forecast_fields(story->reserved)};
}

Result<View> explain_attempt(const CommandContext& context, const Arguments& arguments) {
  const auto named = named_decision(context, arguments);
  if (!named) return named.error();
  auto fields = decision_fields(named->decision, why_sentences(named->decision, *context.services.rules, arguments.option("lang", "ru")));
  fields.update(named->forecast);
  return View::record(std::move(fields));
}

}  // namespace

void add_attempt_commands(std::vector<Command>& commands) {
  commands.push_back({"attempt", "list", "[--limit N] [--cursor ATTEMPT] [--campaign NAME] [--since TIME] [--outcome OUTCOME]",
                      "attempts with their outcomes, newest first; --outcome open: not settled yet", list_attempts});
  commands.push_back({"attempt", "show", "ATTEMPT", "one attempt with all its times", show_attempt});
  commands.push_back({"attempt", "why", "ATTEMPT|CASE:N [--lang ru|en]", "the stored decision of one attempt, or of event N of a case (a denial)", explain_attempt});
}

}  // namespace dunlin
