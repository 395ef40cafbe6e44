#include "storage/attempt_index.hpp"

#include "storage/bytes.hpp"
#include "storage/database.hpp"
#include "storage/key_space.hpp"

namespace dunlin {
namespace {

constexpr auto reserved_part = static_cast<std::uint8_t>(AttemptMark::Kind::reserved);

Error damaged_attempt(CaseId case_id, const char* what) { return {Errc::corrupt, case_id.str() + ": attempt row " + what}; }

std::string value_of(const AttemptMark& mark) {
  if (mark.kind == AttemptMark::Kind::reserved) return ByteWriter().u64(mark.campaign.value()).i64(mark.reserved_at.ms).take();
  return ByteWriter().u8(static_cast<std::uint8_t>(mark.outcome)).take();
}

/// The node-wide rows of one reservation.
void add_node_rows(std::map<std::string, std::string>& rows, CaseId case_id, AttemptId attempt, CampaignId campaign, UtcTime at) {
  const std::string value = ByteWriter().u64(case_id.value()).take();
  rows[key_space::attempt(attempt)] = value;
  rows[key_space::attempt_by_time(at, attempt)] = value;
  rows[key_space::attempt_by_campaign(campaign, at, attempt)] = value;
}

/// Adds one stored part to the entry; false when it is damaged_attempt.
bool take_part(AttemptEntry& entry, std::uint8_t kind, std::string_view value) {
  ByteReader reader(value);
  if (kind == reserved_part) {
    entry.campaign = CampaignId(reader.u64());
    entry.reserved_at = UtcTime{reader.i64()};
    return reader.is_whole();
  }
  const auto outcome = reader.u8();
  if (!reader.is_whole() || outcome >= outcome_count) return false;
  auto& place = kind == static_cast<std::uint8_t>(AttemptMark::Kind::outcome) ? entry.outcome : entry.disposition;
  place = static_cast<Outcome>(outcome);
  return true;
}

}  // namespace

std::map<std::string, std::string> attempt_rows(CaseId case_id, const std::vector<AttemptMark>& marks) {
  std::map<std::string, std::string> rows;
  for (const AttemptMark& mark : marks) {
    rows[key_space::attempt_part(case_id, mark.attempt, static_cast<std::uint8_t>(mark.kind))] = value_of(mark);
    if (mark.kind == AttemptMark::Kind::reserved) add_node_rows(rows, case_id, mark.attempt, mark.campaign, mark.reserved_at);
  }
  return rows;
}

std::map<std::string, std::string> node_rows_of_attempt(std::string_view key, std::string_view value) {
  std::map<std::string, std::string> rows;
  const auto part = key_space::attempt_of_part(key);
  const auto case_id = key_space::case_of(key);
  ByteReader reader(value);
  const CampaignId campaign(reader.u64());
  const UtcTime at{reader.i64()};
  if (part && case_id && part->kind == reserved_part && reader.is_whole()) add_node_rows(rows, *case_id, part->attempt, campaign, at);
  return rows;
}

Result<std::map<std::string, std::string>> stored_attempt_rows(const Database& database, CaseId case_id) {
  std::map<std::string, std::string> named;
  std::map<std::string, std::string> rows;
  const auto scanned = database.scan_prefix(key_space::attempt_parts_prefix(case_id), [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    named.merge(node_rows_of_attempt(key, value));
    return true;
  });
  if (!scanned) return scanned.error();
  for (const auto& [key, value] : named) {
    auto stored = database.get(key);
    if (!stored) return stored.error();
    if (stored->has_value()) rows.emplace(key, std::move(**stored));
  }
  return rows;
}

Result<AttemptEntry> AttemptIndex::entry_of(CaseId case_id, AttemptId attempt) const {
  AttemptEntry entry;
  entry.attempt = attempt;
  entry.case_id = case_id;
  bool is_reserved = false;
  bool is_damaged = false;
  const auto scanned = database_.scan_prefix(key_space::attempt_parts_prefix(case_id, attempt), [&](std::string_view key, std::string_view value) {
    const auto part = key_space::attempt_of_part(key);
    is_damaged = !part || !take_part(entry, part->kind, value);
    is_reserved = is_reserved || (part && part->kind == reserved_part);
    return !is_damaged;
  });
  if (!scanned) return scanned.error();
  if (is_damaged) return damaged_attempt(case_id, "is damaged");
  if (!is_reserved) return damaged_attempt(case_id, "is missing");
  return entry;
}

Result<std::optional<AttemptEntry>> AttemptIndex::find(AttemptId attempt) const {
  const auto bytes = database_.get(key_space::attempt(attempt));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return std::optional<AttemptEntry>();
  auto entry = entry_of(CaseId(ByteReader(**bytes).u64()), attempt);
  if (!entry) return entry.error();
  return std::optional<AttemptEntry>(std::move(*entry));
}

Status AttemptIndex::each(const AttemptRange& range, const std::function<bool(const AttemptEntry&)>& visit) const {
  const bool is_of_campaign = range.campaign.is_set();
  const std::string prefix = is_of_campaign ? key_space::attempts_of_campaign_prefix(range.campaign) : key_space::attempts_by_time_prefix();
  std::string from = prefix;
  if (range.after) {
    const auto& [at, attempt] = *range.after;
    from = is_of_campaign ? key_space::attempt_by_campaign(range.campaign, at, attempt) : key_space::attempt_by_time(at, attempt);
    from.push_back('\0');  // The first key behind it.
  }
  const std::string end = key_space::after_prefix(prefix);
  std::optional<Error> failure;
  const auto scanned = database_.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view value) {
    const auto place = key_space::place_of_attempt(key);
    if (range.since && place && place->reserved_at < *range.since) return false;
    auto entry = place ? entry_of(CaseId(ByteReader(value).u64()), place->attempt) : Result<AttemptEntry>(damaged_attempt({}, "has a bad key"));
    if (!entry) {
      failure = entry.error();
      return false;
    }
    return visit(*entry);
  });
  if (failure) return *failure;
  return scanned;
}

}  // namespace dunlin
