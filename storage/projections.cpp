#include "storage/projections.hpp"

#include <algorithm>

#include "storage/attempt_index.hpp"
#include "storage/case_rows.hpp"
#include "storage/database.hpp"
#include "storage/history_log.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "storage/store.hpp"
#include "storage/vault.hpp"

namespace dunlin {

using RowMap = std::map<std::string, std::string>;

namespace {

CaseLookupSet hashed(const Vault& vault, const std::vector<LookupKey>& keys) {
  CaseLookupSet set;
  for (const auto& key : keys) set.insert({key.kind, vault.lookup_hash(key)});
  return set;
}

std::size_t count_absent(const CaseLookupSet& wanted, const CaseLookupSet& present) {
  return static_cast<std::size_t>(
      std::count_if(wanted.begin(), wanted.end(), [&](const auto& each) { return present.count(each) == 0; }));
}

std::string compare_attempts(const RowMap& wanted, const RowMap& present) {
  if (wanted == present) return "";
  const auto count_new = [](const RowMap& rows, const RowMap& others) {
    return std::count_if(rows.begin(), rows.end(), [&others](const auto& row) {
      const auto other = others.find(row.first);
      return other == others.end() || other->second != row.second;
    });
  };
  return "attempt rows differ: " + std::to_string(count_new(wanted, present)) + " missing, " +
         std::to_string(count_new(present, wanted)) + " extra";
}

std::string compare_views(const std::string& expected, std::uint64_t version, const Result<StoredView>& stored) {
  if (!stored) return expected.empty() ? "" : "view missing or unreadable";
  if (stored->version != version) {
    return "view is of version " + std::to_string(stored->version) + ", the events of " + std::to_string(version);
  }
  if (stored->bytes == expected) return "";
  const auto end = std::min(expected.size(), stored->bytes.size());
  std::size_t at = 0;
  while (at < end && expected[at] == stored->bytes[at]) ++at;
  return "view differs at byte " + std::to_string(at) + " of " + std::to_string(stored->bytes.size());
}

std::vector<DueRow> sorted(std::vector<DueRow> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace

/// Everything about one case that the events say and the disk holds.
struct CaseComparison {
  CaseId case_id;
  std::uint64_t events = 0;
  std::uint64_t version = 0;
  FoldedCase folded;
  CaseLookupSet wanted_lookups;
  CaseLookupSet present_lookups;
  RowMap wanted_attempts;
  RowMap present_attempts;
  std::vector<std::string> differences;
};

namespace {

void rewrite_lookups(WriteBatch& batch, const CaseComparison& found) {
  for (const auto& lookup : found.present_lookups) {
    batch.erase(key_space::lookup(lookup.kind, lookup.hash, found.case_id));
    batch.erase(key_space::former_case_lookup(found.case_id, lookup.kind, lookup.hash));
  }
  for (const auto& lookup : found.wanted_lookups) batch.put(key_space::lookup(lookup.kind, lookup.hash, found.case_id), {});
  const auto own_key = key_space::case_lookups(found.case_id);
  if (found.wanted_lookups.empty()) batch.erase(own_key);
  else batch.put(own_key, encode(CaseLookupsRow{{found.wanted_lookups.begin(), found.wanted_lookups.end()}}));
}

Status rewrite(Database& database, Vault& vault, const CaseComparison& found) {
  Vault::NewKeys fresh;
  const auto key = vault.key_for_writing(found.case_id, fresh);
  if (!key) return key.error();
  WriteBatch batch;
  if (found.folded.case_view.empty()) {
    batch.erase(key_space::view(found.case_id));
  } else {
    auto sealed = vault.seal_view(*key, {found.case_id, found.version}, found.folded.case_view);
    if (!sealed) return sealed.error();
    batch.put(key_space::view(found.case_id), encode(ViewRow{found.version, key->generation, std::move(*sealed)}));
  }
  rewrite_lookups(batch, found);
  for (const auto& [attempt_key, value] : found.present_attempts) batch.erase(attempt_key);
  for (const auto& [attempt_key, value] : found.wanted_attempts) batch.put(attempt_key, value);
  if (found.folded.due) {
    batch.erase(key_space::due(found.case_id));
    if (!found.folded.due->empty()) batch.put(key_space::due(found.case_id), encode(DueRowSet{*found.folded.due}));
  }
  const auto stored = vault.store(fresh);
  if (!stored) return stored;
  return database.write(batch, Durability::lazy);
}

}  // namespace

Result<CaseComparison> Projections::compare(CaseId case_id, const FoldCase& fold) const {
  const auto events = history_.case_events(case_id);
  if (!events) return events.error();
  CaseComparison found;
  found.case_id = case_id;
  found.events = events->size();
  if (events->empty()) return found;  // Erased: nothing can be derived and nothing is kept.
  found.version = events->back().version;
  auto folded = fold(case_id, *events);
  if (!folded) return Error{folded.error().code, case_id.str() + ": " + folded.error().detail};
  found.folded = std::move(*folded);
  found.wanted_lookups = hashed(vault_, found.folded.lookups);
  auto present = stored_lookups(database_, case_id);
  if (!present && present.error().code != Errc::corrupt) return present.error();
  if (!present) found.differences.push_back("the list of lookups is damaged");
  else if (present->has_former_rows) found.differences.push_back("lookups stand in the rows of an older data format");
  if (present) found.present_lookups = std::move(present->set);
  const auto view = compare_views(found.folded.case_view, found.version, history_.case_view(case_id));
  if (!view.empty()) found.differences.push_back(view);
  const auto missing = count_absent(found.wanted_lookups, found.present_lookups);
  const auto extra = count_absent(found.present_lookups, found.wanted_lookups);
  if (missing + extra > 0) {
    found.differences.push_back("lookups differ: " + std::to_string(missing) + " missing, " + std::to_string(extra) +
                                " extra");
  }
  found.wanted_attempts = attempt_rows(case_id, found.folded.attempts);
  auto attempts = stored_attempt_rows(database_, case_id);
  if (!attempts) return attempts.error();
  found.present_attempts = std::move(*attempts);
  const auto attempt_difference = compare_attempts(found.wanted_attempts, found.present_attempts);
  if (!attempt_difference.empty()) found.differences.push_back(attempt_difference);
  if (found.folded.due) {
    const auto due = history_.due_rows(case_id);
    if (!due || sorted(*due) != sorted(*found.folded.due)) found.differences.push_back("due rows differ");
  }
  return found;
}

/// A case that was committed to while it was compared is compared again.
Status Projections::check_case(CaseId case_id, ProjectionMode mode, const FoldCase& fold, ProjectionReport& report) {
  constexpr int max_tries = 5;
  auto found = compare(case_id, fold);
  for (int tries = 1; tries < max_tries && found && !found->differences.empty(); ++tries) {
    const auto version = history_.case_version(case_id);
    if (!version) return version.error();
    if (*version == found->version) break;
    found = compare(case_id, fold);
  }
  if (!found && found.error().code != Errc::corrupt) return found.error();
  ++report.cases;
  if (!found) {
    // Its facts cannot be read: nothing can be derived, and nothing of it is touched. The others go on.
    ++report.differing_cases;
    if (report.differences.size() < ProjectionReport::max_listed) report.differences.push_back({case_id, "unreadable: " + found.error().detail});
    return Done{};
  }
  report.events += found->events;
  if (found->differences.empty()) return Done{};
  ++report.differing_cases;
  for (auto& what : found->differences) {
    if (report.differences.size() < ProjectionReport::max_listed) report.differences.push_back({case_id, what});
  }
  return mode == ProjectionMode::rebuild ? rewrite(database_, vault_, *found) : Status(Done{});
}

Result<ProjectionReport> Projections::run(ProjectionMode mode, const FoldCase& fold, const ProjectionProgress& progress) {
  ProjectionReport report;
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    Status checked = Done{};
    const auto scanned = history_.each_case(shard, [&](CaseId case_id) {
      checked = check_case(case_id, mode, fold, report);
      return checked.ok();
    });
    if (!checked) return checked.error();
    if (!scanned) return scanned.error();
    if (progress && !progress(static_cast<ShardIndex>(shard + 1), report)) return Error{Errc::unavailable, "stopped"};
  }
  if (mode == ProjectionMode::rebuild) {
    // The rows above were written without a sync each; one synced write makes all of them durable.
    WriteBatch last;
    last.put(key_space::meta("format"), encode(MetaRow{std::to_string(storage_format_version)}));
    last.put(key_space::meta("rebuilt_cases"), encode(MetaRow{std::to_string(report.differing_cases)}));
    const auto written = database_.write(last, Durability::synced);
    if (!written) return written.error();
  }
  return report;
}

}  // namespace dunlin
