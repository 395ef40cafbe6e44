#include "storage/case_rows.hpp"

#include <optional>

#include "storage/database.hpp"

namespace dunlin {
namespace {

Error bad_row_of(CaseId case_id, const Error& error) { return {error.code, case_id.str() + ": " + error.detail}; }

}  // namespace

Result<std::uint64_t> stored_version(const Database& database, CaseId case_id) {
  const auto last = database.last_of_prefix(key_space::case_index_prefix(case_id));
  if (!last) return last.error();
  if (!last->has_value()) return std::uint64_t{0};
  const auto run = decode_event_run((*last)->value);
  if (!run) return bad_row_of(case_id, run.error());
  return key_space::version_of_index((*last)->key).value_or(1) + run->count - 1;
}

Result<std::vector<StoredRun>> stored_runs(const Database& database, CaseId case_id, std::uint64_t after_version,
                                           std::size_t limit) {
  const auto prefix = key_space::case_index_prefix(case_id);
  std::string from = prefix;
  if (after_version > 0) {
    // The run that holds the next event begins there or before; the ones before it are not read.
    const auto first = database.last_of_prefix(prefix, key_space::case_index(case_id, after_version + 1));
    if (!first) return first.error();
    if (first->has_value()) from = (*first)->key;
  }
  std::vector<StoredRun> runs;
  std::uint64_t found = 0;
  std::optional<Error> failure;
  const auto end = key_space::after_prefix(prefix);
  const auto scanned = database.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view value) {
    if (found >= limit) return false;
    const auto run = decode_event_run(value);
    if (!run) {
      failure = bad_row_of(case_id, run.error());
      return false;
    }
    const std::uint64_t first = key_space::version_of_index(key).value_or(1);
    const std::uint64_t known = after_version >= first ? after_version - first + 1 : 0;
    if (known >= run->count) return true;
    runs.push_back({first, *run});
    found += run->count - known;
    return true;
  });
  if (failure) return *failure;
  if (!scanned) return scanned.error();
  return runs;
}

Result<StoredLookups> stored_lookups(const Database& database, CaseId case_id) {
  StoredLookups found;
  std::optional<Error> failure;
  const auto own_key = key_space::case_lookups(case_id);
  const auto scanned = database.scan_prefix(own_key, [&](std::string_view key, std::string_view value) {
    if (key != own_key) {
      if (const auto lookup = key_space::lookup_of_former_row(key)) found.set.insert(*lookup);
      found.has_former_rows = true;
      return true;
    }
    const auto row = decode_case_lookups_row(value);
    if (!row) failure = bad_row_of(case_id, row.error());
    else found.set.insert(row->lookups.begin(), row->lookups.end());
    return row.ok();
  });
  if (failure) return *failure;
  if (!scanned) return scanned.error();
  return found;
}

}  // namespace dunlin
