// `event tail`: searches the committed facts, newest first, within a bound. Any thread.
#include <algorithm>
#include <charconv>

#include "app/event_feed.hpp"
#include "config/limits.hpp"

namespace dunlin {
namespace {

using Positions = std::vector<std::uint64_t>;

bool matches(const EventQuery& query, const EventEnvelope& event) {
  if (!query.type.empty() && !matches_type(query.type, event.type)) return false;
  if (query.case_id.is_set() && event.case_id != query.case_id.str()) return false;
  return !query.campaign.is_set() || event.campaign == query.campaign.str();
}

std::string text_of(const Positions& positions) {
  std::string text;
  for (const std::uint64_t position : positions) text += (text.empty() ? "" : ".") + std::to_string(position);
  return text;
}

Result<Positions> parse_place(std::string_view text, std::size_t count) {
  Positions positions;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at != end) {
    std::uint64_t position = 0;
    const auto [next, error] = std::from_chars(at, end, position);
    if (error != std::errc() || (next != end && *next != '.')) return invalid_input("--after is not a place of this feed");
    positions.push_back(position);
    at = next == end ? end : next + 1;
  }
  if (positions.size() != count) return invalid_input("--after is not a place of this feed");
  return positions;
}

Result<Positions> heads_of(StoreEventSource& source) {
  Positions heads;
  for (Partition p = 0; p < source.partition_count(); ++p) {
    const auto head = source.head(p);
    if (!head) return head.error();
    heads.push_back(*head);
  }
  return heads;
}

/// Oldest first; events of one partition and one millisecond keep their order.
void sort_by_time(std::vector<EventEnvelope>& events) {
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
}

EventAnswer answer_of(std::vector<EventEnvelope> events, std::size_t last, const EventOrigin& origin, const Positions& place) {
  sort_by_time(events);
  EventAnswer answer;
  answer.events = nlohmann::json::array();
  const std::size_t skipped = events.size() > last ? events.size() - last : 0;
  for (std::size_t n = skipped; n < events.size(); ++n) answer.events.emplace_back(cloud_event(events[n], origin));
  answer.place = text_of(place);
  return answer;
}

/// The latest `window` facts of every partition.
struct Look {
  std::vector<EventEnvelope> matching;
  UtcTime complete_since;       ///< Every matching fact from here on was seen.
  bool has_seen_all = true;
};
Result<Look> look_back(StoreEventSource& source, const EventQuery& query, const Positions& heads, std::uint64_t window) {
  Look look;
  for (Partition p = 0; p < source.partition_count(); ++p) {
    std::uint64_t position = heads[p] > window ? heads[p] - window : 0;
    const bool is_cut = position > 0;
    auto page = source.read(p, position, static_cast<std::size_t>(heads[p] - position));
    if (!page) return page.error();
    if (is_cut) {
      look.has_seen_all = false;
      // A window of erased facts proves nothing about time.
      const UtcTime oldest = page->events.empty() ? UtcTime{INT64_MAX} : page->events.front().time;
      look.complete_since = std::max(look.complete_since, oldest);
    }
    for (EventEnvelope& event : page->events) {
      if (event.sequence <= heads[p] && matches(query, event)) look.matching.push_back(std::move(event));
    }
  }
  return look;
}

Result<EventAnswer> latest(StoreEventSource& source, const EventOrigin& origin, const EventQuery& query) {
  const auto heads = heads_of(source);
  if (!heads) return heads.error();
  if (query.last == 0) return answer_of({}, 0, origin, *heads);
  for (std::uint64_t window = 4 + query.last / 32;; window *= 4) {
    auto look = look_back(source, query, *heads, window);
    if (!look) return look.error();
    const auto is_certain = [&](const EventEnvelope& event) { return event.time >= look->complete_since; };
    const auto certain = static_cast<std::size_t>(std::count_if(look->matching.begin(), look->matching.end(), is_certain));
    const bool is_found = look->has_seen_all || certain >= query.last;
    const bool is_at_bound = window * source.partition_count() * 4 > limits::event_search_rows;
    if (!is_found && !is_at_bound) continue;
    EventAnswer answer = answer_of(std::move(look->matching), query.last, origin, *heads);
    answer.has_searched_all = is_found;
    return answer;
  }
}

Result<EventAnswer> latest_of_case(StoreEventSource& source, const EventOrigin& origin, const EventQuery& query) {
  const auto heads = heads_of(source);
  if (!heads) return heads.error();
  auto story = source.story_of(query.case_id);
  if (!story) return story.error();
  std::erase_if(*story, [&](const EventEnvelope& event) { return !matches(query, event); });
  return answer_of(std::move(*story), query.last, origin, *heads);
}

/// One bounded step forward; the place returned goes on where it ended.
Result<EventAnswer> since(StoreEventSource& source, const EventOrigin& origin, const EventQuery& query) {
  auto place = parse_place(query.after, source.partition_count());
  if (!place) return place.error();
  std::vector<EventEnvelope> found;
  std::size_t room = limits::event_tail_rows;
  for (Partition p = 0; p < source.partition_count() && room > 0; ++p) {
    const auto head = source.head(p);
    if (!head) return head.error();
    if (*head <= (*place)[p]) continue;
    auto page = source.read(p, (*place)[p], room);
    if (!page) return page.error();
    room -= std::min<std::size_t>(room, static_cast<std::size_t>(page->next_after - (*place)[p]));
    (*place)[p] = page->next_after;
    for (EventEnvelope& event : page->events) {
      if (matches(query, event)) found.push_back(std::move(event));
    }
  }
  const std::size_t all = found.size();
  return answer_of(std::move(found), all, origin, *place);
}

}  // namespace

Result<EventAnswer> find_events(StoreEventSource& source, const EventOrigin& origin, const EventQuery& query) {
  if (!query.after.empty()) return since(source, origin, query);
  if (query.case_id.is_set()) return latest_of_case(source, origin, query);
  return latest(source, origin, query);
}

}  // namespace dunlin
