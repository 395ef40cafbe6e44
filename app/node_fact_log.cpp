#include "app/node_fact_log.hpp"

#include <charconv>

#include <fmt/format.h>

#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr const char* fact_kind = "node_fact";
/// Old facts are removed in bunches of this size.
constexpr std::uint64_t removal_step = 256;

std::string id_of(std::uint64_t number) { return fmt::format("{:016x}", number); }

Result<std::uint64_t> number_of(std::string_view id) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number, 16);
  if (error == std::errc() && end == id.data() + id.size()) return number;
  return Error{Errc::corrupt, "a node fact has the id " + std::string(id)};
}

std::string encoded(const NodeFact& fact, UtcTime at) {
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();
  for (const auto& field : fact.fields) std::visit([&](const auto& value) { fields[field.name] = value; }, field.value);
  const nlohmann::ordered_json document = {{"at", at.ms}, {"type", fact.type}, {"subject", fact.subject},
                                           {"campaign", fact.campaign.value()}, {"fields", std::move(fields)}};
  return to_line(document);
}

}  // namespace

Result<std::unique_ptr<StoredFactLog>> StoredFactLog::open(Store& store, const Clock& clock, std::string node_name) {
  const auto last = store.documents().last_id(fact_kind);
  if (!last) return last.error();
  const auto number = last->empty() ? Result<std::uint64_t>(0) : number_of(*last);
  if (!number) return number.error();
  return std::unique_ptr<StoredFactLog>(new StoredFactLog(store, clock, std::move(node_name), *number));
}

void StoredFactLog::record(NodeFact fact) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = ++next_;
  store_.documents().put({fact_kind, id_of(number), encoded(fact, clock_.now_utc()), std::nullopt},
                         [this, number, type = fact.type](Result<std::uint64_t> written) {
                           if (!written) return log_error("events", "fact_lost", "type={} {}", type, written.error().detail);
                           head_ = number;
                           listener_();
                         });
  if (number % removal_step == 0) remove_old();
}

/// Numbers are removed once each: the bunch that grew too old since the last removal.
void StoredFactLog::remove_old() {
  if (next_ <= limits::node_facts_kept) return;
  const std::uint64_t too_old = next_ - limits::node_facts_kept;
  const std::uint64_t told = told_ ? told_() : too_old;
  const auto rows = store_.documents().list_after(fact_kind, "", 2 * removal_step);
  if (!rows) return log_warn("events", "facts_kept", "{}", rows.error().detail);
  for (const Document& row : *rows) {
    const auto number = number_of(row.id);
    if (!number || *number > too_old || *number > told) return;
    store_.documents().put({fact_kind, row.id, std::nullopt, std::nullopt}, [](Result<std::uint64_t>) {});
  }
}

Result<EventEnvelope> StoredFactLog::envelope_of(const Document& row) const {
  const auto number = number_of(row.id);
  if (!number) return number.error();
  const auto document = nlohmann::ordered_json::parse(row.bytes, nullptr, false);
  if (!document.is_object()) return Error{Errc::corrupt, "node fact " + row.id + " is not readable"};
  EventEnvelope event;
  event.id = node_name_ + "-" + std::to_string(*number);
  event.type = document.value("type", "");
  event.subject = document.value("subject", "");
  event.time = UtcTime{document.value("at", std::int64_t{0})};
  const CampaignId campaign(document.value("campaign", std::uint64_t{0}));
  if (campaign.is_set()) event.campaign = campaign.str();
  event.sequence = *number;
  event.partition = node_name_;
  event.data = document.value("fields", nlohmann::ordered_json::object());
  return event;
}

Result<EventPage> StoredFactLog::read(std::uint64_t after, std::size_t limit) const {
  const auto rows = store_.documents().list_after(fact_kind, id_of(after), limit);
  if (!rows) return rows.error();
  EventPage page;
  page.next_after = after;
  page.is_at_end = rows->size() < limit;
  for (const Document& row : *rows) {
    auto event = envelope_of(row);
    if (!event) return event.error();
    page.next_after = event->sequence;
    page.events.push_back(std::move(*event));
  }
  return page;
}

std::vector<std::string_view> node_fact_types() {
  return {"campaign.changed", "campaign.created", "campaign.paused", "campaign.resumed", "campaign.started", "campaign.stopped",
          "flow.changed", "import.cancelled", "import.failed", "import.finished", "import.started", "recording.failed", "recording.ready",
          "strategy.changed"};
}

}  // namespace dunlin
