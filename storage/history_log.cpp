#include "storage/history_log.hpp"

#include <algorithm>
#include <utility>

#include "storage/case_rows.hpp"
#include "storage/chain_check.hpp"
#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "storage/vault.hpp"

namespace dunlin {
namespace {

/// An office's or a placeholder's number may be on a hundred thousand cases, a common name on thousands; who asks wants to know
/// whether others have it. A key that says who is who is never cut short.
constexpr std::size_t most_cases_that_share = 16;

bool may_be_shared(const HashedKey& key) { return key.kind == LookupKind::phone || key.is_name; }

Error at_event(ShardIndex shard, std::uint64_t sequence, const Error& error) {
  return {error.code, "shard " + std::to_string(shard) + " event " + std::to_string(sequence) + ": " + error.detail};
}

Error at_case(CaseId case_id, const Error& error) { return {error.code, case_id.str() + ": " + error.detail}; }

/// A scan whose visitor may fail: the visitor's error wins over the scan's end.
Status finish(const Status& scanned, const std::optional<Error>& failure) {
  if (failure) return *failure;
  return scanned;
}

}  // namespace

/// Every error of a reading passes here on its way out.
Error HistoryLog::noted(Error error) const {
  if (error.code != Errc::corrupt) return error;
  const std::lock_guard lock(damage_mutex_);
  if (damage_.count++ == 0) damage_.first = error.detail;
  return error;
}

HistoryDamage HistoryLog::damage() const {
  const std::lock_guard lock(damage_mutex_);
  return damage_;
}

Result<EventsOfRow> HistoryLog::events_at(ShardIndex shard, std::uint64_t sequence, std::string_view row) const {
  auto found = open_events(vault_, shard, sequence, row);
  if (!found) return noted(at_event(shard, sequence, found.error()));
  return found;
}

Status HistoryLog::read_run(ShardIndex shard, const EventRun& run, const std::function<void(StoredEvent)>& visit) const {
  for (std::uint64_t sequence = run.first_sequence; sequence < run.first_sequence + run.count;) {
    const auto bytes = database_.get(key_space::event(shard, sequence));
    if (!bytes) return noted(bytes.error());
    if (!bytes->has_value()) return noted(at_event(shard, sequence, {Errc::corrupt, "missing"}));
    auto row = events_at(shard, sequence, **bytes);
    if (!row) return row.error();
    for (StoredEvent& event : row->events) visit(std::move(event));
    sequence += row->count;
  }
  return Done{};
}

Result<std::vector<StoredEvent>> HistoryLog::case_events(CaseId case_id, std::uint64_t after_version,
                                                         std::size_t limit) const {
  const auto runs = stored_runs(database_, case_id, after_version, limit);
  if (!runs) return noted(runs.error());
  std::vector<StoredEvent> events;
  for (const StoredRun& run : *runs) {
    const Status read = read_run(shard_of(case_id), run.place, [&](StoredEvent event) {
      if (event.version > after_version && events.size() < limit) events.push_back(std::move(event));
    });
    if (!read) return read.error();
  }
  return events;
}

/// Key of the row that holds the event, which is the one of the event or of one shortly before; of the event when there is none.
Result<std::string> HistoryLog::row_of_event(ShardIndex shard, std::uint64_t sequence) const {
  const auto key = key_space::event(shard, sequence);
  const auto row = database_.last_of_prefix(key_space::event_prefix(shard), key);
  if (!row) return noted(row.error());
  if (!row->has_value() || (*row)->key == key) return key;
  const auto count = count_events((*row)->value);
  const auto first = key_space::sequence_of_event((*row)->key).value_or(0);
  if (!count) return noted(at_event(shard, first, count.error()));
  return first + *count > sequence ? (*row)->key : key;
}

Result<HistoryTail> HistoryLog::tail(ShardIndex shard, std::uint64_t after_sequence, std::size_t limit) const {
  HistoryTail tail;
  tail.next_after = after_sequence;
  tail.is_at_head = true;
  std::size_t read = 0;
  std::optional<Error> failure;
  const auto from = row_of_event(shard, after_sequence + 1);
  if (!from) return from.error();
  const auto end = key_space::after_prefix(key_space::event_prefix(shard));
  const auto scanned = database_.scan({.from = *from, .to = end}, [&](std::string_view key, std::string_view bytes) {
    const auto sequence = key_space::sequence_of_event(key);
    if (!sequence || *sequence > tail.next_after + 1) {
      failure = at_event(shard, tail.next_after + 1, {Errc::corrupt, "missing"});
      return false;
    }
    if (read >= limit) {
      tail.is_at_head = false;
      return false;
    }
    auto row = events_at(shard, *sequence, bytes);
    if (!row) {
      failure = row.error();
      return false;
    }
    const std::uint64_t end_of_row = *sequence + row->count;
    // A page may begin and end inside the row of a commit.
    const std::uint64_t told = std::min<std::uint64_t>(end_of_row - 1 - tail.next_after, limit - read);
    for (StoredEvent& event : row->events) {
      if (event.sequence > tail.next_after && event.sequence <= tail.next_after + told) tail.events.push_back(std::move(event));
    }
    read += told;
    tail.next_after += told;
    tail.is_at_head = tail.next_after + 1 == end_of_row;
    return tail.is_at_head;
  });
  const auto finished = finish(scanned, failure);
  if (!finished) return finished.error();
  return tail;
}

Result<StoredView> HistoryLog::case_view(CaseId case_id) const {
  const auto bytes = database_.get(key_space::view(case_id));
  if (!bytes) return noted(at_case(case_id, bytes.error()));
  if (!bytes->has_value()) return Error{Errc::not_found, "no " + case_id.str()};
  const auto row = decode_view_row(**bytes);
  if (!row) return noted(at_case(case_id, row.error()));
  auto view = vault_.open_view(row->key_generation, {case_id, row->version}, row->sealed_view);
  if (!view) return view.error().code == Errc::not_found ? at_case(case_id, view.error()) : noted(at_case(case_id, view.error()));
  return StoredView{row->version, std::move(*view)};
}

Result<std::uint64_t> HistoryLog::case_version(CaseId case_id) const {
  auto version = stored_version(database_, case_id);
  if (!version) return noted(version.error());
  return version;
}

Result<std::vector<CaseId>> HistoryLog::find(const LookupKey& key) const {
  std::vector<CaseId> cases;
  const auto prefix = key_space::lookup_prefix(key.kind, vault_.lookup_hash(key));
  const auto scanned = database_.scan_prefix(prefix, [&cases](std::string_view row, std::string_view) {
    if (const auto case_id = key_space::case_of_lookup(row)) cases.push_back(*case_id);
    return true;
  });
  if (!scanned) return scanned.error();
  return cases;
}

std::vector<HashedKey> HistoryLog::hash(const std::vector<LookupKey>& keys) const {
  std::vector<HashedKey> hashed;
  hashed.reserve(keys.size());
  for (const LookupKey& key : keys) hashed.push_back({key.kind, vault_.lookup_hash(key), is_name_lookup(key)});
  return hashed;
}

Result<std::vector<std::vector<CaseId>>> HistoryLog::find_all(const std::vector<LookupKey>& keys) const { return find_hashed(hash(keys)); }

Result<std::vector<std::vector<CaseId>>> HistoryLog::find_hashed(const std::vector<HashedKey>& keys) const {
  std::vector<std::string> prefixes;
  prefixes.reserve(keys.size());
  for (const HashedKey& key : keys) prefixes.push_back(key_space::lookup_prefix(key.kind, key.hash));
  std::vector<std::vector<CaseId>> cases(keys.size());
  const auto scanned = database_.scan_prefixes(prefixes, [&cases, &keys](std::size_t index, std::string_view row) {
    if (const auto case_id = key_space::case_of_lookup(row)) cases[index].push_back(*case_id);
    return !may_be_shared(keys[index]) || cases[index].size() < most_cases_that_share;
  });
  if (!scanned) return scanned.error();
  return cases;
}

Result<std::vector<DueRow>> HistoryLog::due_rows(CaseId case_id) const {
  const auto bytes = database_.get(key_space::due(case_id));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return std::vector<DueRow>();
  auto set = decode_due_rows(**bytes);
  if (!set) return at_case(case_id, set.error());
  return std::move(set->rows);
}

Result<HistoryHead> HistoryLog::head(ShardIndex shard) const {
  const auto bytes = database_.get(key_space::head(shard));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return HistoryHead{};
  auto row = decode_head_row(**bytes);
  if (!row) return Error{row.error().code, "shard " + std::to_string(shard) + ": " + row.error().detail};
  return HistoryHead{row->sequence, row->case_count, std::move(row->chain)};
}

Result<HistoryCounts> HistoryLog::counts() const {
  HistoryCounts counts;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto end = head(shard);
    if (!end) return end.error();
    counts.events += end->sequence;
    counts.cases += end->case_count;
  }
  return counts;
}

Status HistoryLog::each_due(ShardIndex shard,
                            const std::function<bool(CaseId, const std::vector<DueRow>&)>& visit) const {
  std::optional<Error> failure;
  const auto prefix = key_space::due_prefix(shard);
  const auto scanned = database_.scan_prefix(prefix, [&](std::string_view key, std::string_view value) {
    const auto case_id = key_space::case_of(key).value_or(CaseId());
    const auto set = decode_due_rows(value);
    if (set) return visit(case_id, set->rows);
    const auto error = noted(at_case(case_id, set.error()));
    if (!failure) failure = error;
    return true;
  });
  return finish(scanned.ok() ? scanned : Status(noted(scanned.error())), failure);
}

Status HistoryLog::each_case(ShardIndex shard, const std::function<bool(CaseId)>& visit) const {
  // Every case has exactly one index row that begins at version 1: the others are passed over without opening anything.
  return database_.scan_prefix(key_space::shard_index_prefix(shard), [&visit](std::string_view key, std::string_view) {
    if (key_space::version_of_index(key) != std::uint64_t{1}) return true;
    return visit(key_space::case_of(key).value_or(CaseId()));
  });
}

Result<std::vector<CaseId>> HistoryLog::case_ids(ShardIndex shard, CaseId after, std::size_t limit) const {
  std::vector<CaseId> ids;
  const auto prefix = key_space::view_prefix(shard);
  const auto from = after.is_set() ? key_space::view(after) + '\0' : prefix;
  const auto end = key_space::after_prefix(prefix);
  const auto scanned = database_.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view) {
    if (ids.size() == limit) return false;
    ids.push_back(key_space::case_of(key).value_or(CaseId()));
    return true;
  });
  if (!scanned) return scanned.error();
  return ids;
}

Status HistoryLog::each_view(ShardIndex shard, const std::function<bool(CaseId, const StoredView&)>& visit, CaseId after) const {
  std::optional<Error> failure;
  const auto prefix = key_space::view_prefix(shard);
  const auto from = after.is_set() ? key_space::view(after) + '\0' : prefix;
  const auto end = key_space::after_prefix(prefix);
  const auto scanned = database_.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view value) {
    const auto case_id = key_space::case_of(key).value_or(CaseId());
    const auto row = decode_view_row(value);
    auto view = row ? vault_.open_view(row->key_generation, {case_id, row->version}, row->sealed_view)
                    : Result<std::string>(row.error());
    if (!view && view.error().code == Errc::not_found) return true;
    if (view) return visit(case_id, StoredView{row->version, std::move(*view)});
    const auto error = noted(at_case(case_id, view.error()));
    if (!failure) failure = error;
    return true;
  });
  return finish(scanned.ok() ? scanned : Status(noted(scanned.error())), failure);
}

Status HistoryLog::verify_chain(ShardIndex shard) const {
  const auto snapshot = database_.snapshot();
  ChainCheck check(shard);
  Status taken = Done{};
  // The head key follows the event rows in key order, so one scan over one snapshot sees both.
  const auto from = key_space::event_prefix(shard);
  const auto end = key_space::after_prefix(key_space::head(shard));
  const auto scanned = database_.scan({.from = from, .to = end, .snapshot = &snapshot}, [&](std::string_view key, std::string_view value) {
    taken = check.take(key, value);
    return taken.ok();
  });
  if (!taken) return taken;
  return scanned ? check.finish() : scanned;
}

}  // namespace dunlin
