#include "storage/commit_stager.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/check.hpp"
#include "storage/attempt_index.hpp"
#include "storage/case_rows.hpp"
#include "storage/event_rows.hpp"
#include "storage/key_space.hpp"

namespace dunlin {
namespace {

bool has_two_rows_of_one_campaign(std::vector<DueRow> rows) {
  std::sort(rows.begin(), rows.end());
  return std::adjacent_find(rows.begin(), rows.end(), [](const DueRow& left, const DueRow& right) {
           return left.campaign == right.campaign;
         }) != rows.end();
}

}  // namespace

CommitStager::CommitStager(Database& database, Vault& vault, StagedRows& rows, std::size_t max_cached_versions)
    : database_(database), vault_(vault), rows_(rows), versions_(max_cached_versions) {}

Status CommitStager::load(ShardIndex shard) {
  heads_.erase(shard);
  const auto bytes = database_.get(key_space::head(shard));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return Done{};
  const auto row = decode_head_row(**bytes);
  if (!row) return Error{row.error().code, "shard " + std::to_string(shard) + ": " + row.error().detail};
  Head head{row->sequence, row->case_count, {}};
  std::memcpy(head.chain.data(), row->chain.data(), head.chain.size());
  heads_.emplace(shard, head);
  return Done{};
}

void CommitStager::forget() {
  discard();
  heads_.clear();
  versions_.clear();
}

Status CommitStager::check(const CommitRequest& request) {
  if (!request.case_id.is_set()) return invalid_input("a commit without a case");
  if (request.reservation && request.events.empty()) return invalid_input("a reservation without its event");
  if (request.due && has_two_rows_of_one_campaign(*request.due)) {
    return invalid_input(request.case_id.str() + " has two due rows of one campaign");
  }
  if (!request.case_view.empty() && request.expected_version + request.events.size() == 0) {
    return invalid_input(request.case_id.str() + " has a view and no event");
  }
  const auto version = version_of(request.case_id);
  if (!version) return version.error();
  if (*version == request.expected_version) return Done{};
  return Error{Errc::conflict, request.case_id.str() + " is at version " + std::to_string(*version) + ", not " +
                                   std::to_string(request.expected_version)};
}

Result<std::uint64_t> CommitStager::version_of(CaseId case_id) {
  const auto staged = staged_versions_.find(case_id);
  if (staged != staged_versions_.end()) return staged->second;
  if (const auto known = versions_.find(case_id)) return *known;
  // The row of a case's first commit exists as long as the case does; filters answer for an absent key without a seek.
  const auto first = database_.get(key_space::case_index(case_id, 1));
  if (!first) return first.error();
  if (!first->has_value()) {
    versions_.put(case_id, 0);
    return std::uint64_t{0};
  }
  auto version = stored_version(database_, case_id);
  if (version) versions_.put(case_id, *version);
  return version;
}

CommitStager::Head& CommitStager::staged_head(ShardIndex shard) {
  return staged_heads_.try_emplace(shard, heads_[shard]).first->second;
}

Result<CommitReceipt> CommitStager::add(const CommitRequest& request) {
  const auto checked = check(request);
  if (!checked) return checked.error();
  const auto key = vault_.key_for_writing(request.case_id, fresh_keys_);
  if (!key) return key.error();
  CommitReceipt receipt;
  receipt.version = request.expected_version + request.events.size();
  // What can still be refused comes first, and stages nothing when it is.
  const auto lookups = stage_lookups(request);
  if (!lookups) return lookups.error();
  if (!request.case_view.empty()) stage_view(request, *key, receipt.version);
  if (!request.events.empty()) {
    auto& head = staged_head(shard_of(request.case_id));
    if (request.expected_version == 0) ++head.case_count;
    receipt.first_sequence = head.sequence + 1;
    stage_events(request, *key, head);
    receipt.last_sequence = head.sequence;
    staged_versions_[request.case_id] = receipt.version;
  }
  stage_due(request);
  stage_attempts(request);
  return receipt;
}

void CommitStager::stage_events(const CommitRequest& request, const Vault::CaseKey& key, Head& head) {
  const EventRun run{head.sequence + 1, static_cast<std::uint32_t>(request.events.size())};
  rows_.put(key_space::case_index(request.case_id, request.expected_version + 1), encode(run));
  const auto place = key_space::event(shard_of(request.case_id), run.first_sequence);
  const auto bytes = seal_events(vault_, key, run.first_sequence, request);
  head.chain = hasher_.of(view_of(head.chain), place, bytes);
  head.sequence += run.count;
  rows_.put(place, bytes);
}

void CommitStager::stage_view(const CommitRequest& request, const Vault::CaseKey& key, std::uint64_t version) {
  auto sealed = vault_.seal_view(key, {request.case_id, version}, request.case_view);
  DUNLIN_CHECK(sealed.ok());
  rows_.put(key_space::view(request.case_id), encode(ViewRow{version, key.generation, std::move(*sealed)}));
}

Status CommitStager::stage_lookups(const CommitRequest& request) {
  if (request.lookups_added.empty() && request.lookups_removed.empty()) return Done{};
  auto before = lookups_before(request);
  if (!before) return before.error();
  std::vector<key_space::CaseLookup>& lookups = before->lookups;
  for (const auto& each : request.lookups_removed) {
    const key_space::CaseLookup lookup{each.kind, vault_.lookup_hash(each)};
    rows_.erase(key_space::lookup(lookup.kind, lookup.hash, request.case_id));
    lookups.erase(std::remove(lookups.begin(), lookups.end(), lookup), lookups.end());
  }
  for (const auto& each : request.lookups_added) {
    const key_space::CaseLookup lookup{each.kind, vault_.lookup_hash(each)};
    rows_.put(key_space::lookup(lookup.kind, lookup.hash, request.case_id), {});
    const auto place = std::lower_bound(lookups.begin(), lookups.end(), lookup);
    if (place == lookups.end() || *place != lookup) lookups.insert(place, lookup);
  }
  const auto own_key = key_space::case_lookups(request.case_id);
  if (lookups.empty()) rows_.erase(own_key);
  else rows_.put(own_key, encode(*before));
  staged_lookups_[request.case_id] = std::move(*before);
  return Done{};
}

Result<CaseLookupsRow> CommitStager::lookups_before(const CommitRequest& request) const {
  if (request.expected_version == 0) return CaseLookupsRow();  // A new case has none.
  const auto staged = staged_lookups_.find(request.case_id);
  if (staged != staged_lookups_.end()) return staged->second;
  const auto stored = stored_lookups(database_, request.case_id);
  if (!stored) return stored.error();
  return CaseLookupsRow{{stored->set.begin(), stored->set.end()}};
}

void CommitStager::stage_due(const CommitRequest& request) {
  if (!request.due) return;
  const auto key = key_space::due(request.case_id);
  if (request.due->empty()) {
    rows_.erase(key);
  } else {
    rows_.put(key, encode(DueRowSet{*request.due}));
  }
}

void CommitStager::stage_attempts(const CommitRequest& request) {
  for (auto& [key, value] : attempt_rows(request.case_id, request.attempts)) rows_.put(key, value);
}

void CommitStager::stage_heads() {
  for (const auto& [shard, head] : staged_heads_) {
    rows_.put(key_space::head(shard), encode(HeadRow{head.sequence, head.case_count, std::string(view_of(head.chain))}));
  }
}

std::vector<std::pair<ShardIndex, std::uint64_t>> CommitStager::accept() {
  std::vector<std::pair<ShardIndex, std::uint64_t>> moved;
  for (const auto& [shard, head] : staged_heads_) {
    heads_[shard] = head;
    moved.emplace_back(shard, head.sequence);
  }
  for (const auto& [case_id, version] : staged_versions_) versions_.put(case_id, version);
  discard();
  return moved;
}

void CommitStager::discard() {
  staged_heads_.clear();
  staged_versions_.clear();
  staged_lookups_.clear();
  fresh_keys_.clear();
}

}  // namespace dunlin
