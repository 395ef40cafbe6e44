#include "app/event_feed.hpp"

#include "cluster/event_mapping.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

constexpr const char* cursor_name = "events";
constexpr std::size_t campaigns_remembered = 65'536;

}  // namespace

StoreEventSource::StoreEventSource(const Store& store, const StoredFactLog& facts)
    : history_(store.history()), facts_(facts), campaigns_(campaigns_remembered) {}

Result<EventPage> StoreEventSource::read(Partition partition, std::uint64_t after, std::size_t limit) {
  if (partition == node_facts_partition) return facts_.read(after, limit);
  const auto tail = history_.tail(partition, after, limit);
  if (!tail) return tail.error();
  auto events = told(tail->events);
  if (!events) return events.error();
  return EventPage{std::move(*events), tail->next_after, tail->is_at_head};
}

Result<std::uint64_t> StoreEventSource::head(Partition partition) {
  if (partition == node_facts_partition) return facts_.head();
  const auto head = history_.head(partition);
  if (!head) return head.error();
  return head->sequence;
}

Result<std::vector<EventEnvelope>> StoreEventSource::story_of(CaseId case_id) {
  const auto events = history_.case_events(case_id);
  if (!events) return events.error();
  if (events->empty()) return Error{Errc::not_found, "no case " + case_id.str()};
  return told(*events);
}

Result<std::vector<EventEnvelope>> StoreEventSource::told(const std::vector<StoredEvent>& events) {
  std::vector<EventEnvelope> envelopes;
  for (const StoredEvent& stored : events) {
    const auto event = decode(stored.type, stored.body);
    if (!event) {
      const std::string place = "event " + std::to_string(stored.sequence) + " of " + stored.case_id.str();
      return Error{event.error().code, place + ": " + event.error().detail};
    }
    remember(*event);
    const AttemptId attempt = attempt_of(*event);
    CampaignId campaign;
    if (attempt.is_set()) {
      const auto found = campaign_of(stored.case_id, attempt);
      if (!found) return found.error();
      campaign = *found;
    } else if (const auto* denied = std::get_if<AttemptDenied>(&*event)) {
      campaign = denied->campaign;
    }
    for (EventEnvelope& envelope : envelopes_of(stored, *event, campaign)) envelopes.push_back(std::move(envelope));
  }
  return envelopes;
}

void StoreEventSource::remember(const CaseEvent& event) {
  const auto* reserved = std::get_if<AttemptReserved>(&event);
  if (!reserved) return;
  const std::lock_guard lock(mutex_);
  campaigns_.put(reserved->attempt, reserved->campaign);
}

/// Unset when the case has no such attempt: it was brought along by a merge.
Result<CampaignId> StoreEventSource::campaign_of(CaseId case_id, AttemptId attempt) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = campaigns_.find(attempt)) return *known;
  }
  const auto events = history_.case_events(case_id);
  if (!events) return events.error();
  CampaignId campaign;
  for (const StoredEvent& stored : *events) {
    if (stored.type != static_cast<std::uint16_t>(EventType::attempt_reserved)) continue;
    const auto event = decode(stored.type, stored.body);
    if (!event) return event.error();
    const auto* reserved = std::get_if<AttemptReserved>(&*event);
    if (reserved && reserved->attempt == attempt) campaign = reserved->campaign;
  }
  const std::lock_guard lock(mutex_);
  campaigns_.put(attempt, campaign);
  return campaign;
}

Result<std::uint64_t> StoreCursors::load(Partition partition) { return documents_.cursor(cursor_name, partition); }

Status StoreCursors::save(const std::vector<CursorMove>& moves) {
  for (const CursorMove& move : moves) {
    const Status saved = documents_.put_cursor(cursor_name, move.partition, move.position);
    if (!saved) return saved;
  }
  return Done{};
}

}  // namespace dunlin
