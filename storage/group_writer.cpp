#include "storage/group_writer.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/check.hpp"
#include "storage/attempt_index.hpp"
#include "storage/bytes.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {
namespace {

bool has_two_rows_of_one_campaign(std::vector<DueRow> rows) {
  std::sort(rows.begin(), rows.end());
  return std::adjacent_find(rows.begin(), rows.end(), [](const DueRow& left, const DueRow& right) {
           return left.campaign == right.campaign;
         }) != rows.end();
}

}  // namespace

GroupWriter::GroupWriter(Database& database, Vault& vault, std::size_t max_cached_versions)
    : database_(database), vault_(vault), versions_(max_cached_versions) {}

Status GroupWriter::load() {
  discard();
  versions_.clear();
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    heads_[shard] = Head{};
    const auto bytes = database_.get(key_space::head(shard));
    if (!bytes) return bytes.error();
    if (!bytes->has_value()) continue;
    const auto row = decode_head_row(**bytes);
    if (!row) return Error{row.error().code, "shard " + std::to_string(shard) + ": " + row.error().detail};
    heads_[shard].sequence = row->sequence;
    heads_[shard].case_count = row->case_count;
    std::memcpy(heads_[shard].chain.data(), row->chain.data(), heads_[shard].chain.size());
  }
  return Done{};
}

Status GroupWriter::check(const CommitRequest& request) {
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

Result<std::uint64_t> GroupWriter::version_of(CaseId case_id) {
  const auto staged = staged_versions_.find(case_id);
  if (staged != staged_versions_.end()) return staged->second;
  if (const auto known = versions_.find(case_id)) return *known;
  // The row of a case's first event exists as long as the case does; filters answer for an absent key without a seek.
  const auto first = database_.get(key_space::case_index(case_id, 1));
  if (!first) return first.error();
  if (!first->has_value()) {
    versions_.put(case_id, 0);
    return std::uint64_t{0};
  }
  const auto last = database_.last_of_prefix(key_space::case_index_prefix(case_id));
  if (!last) return last.error();
  const std::uint64_t version = last->has_value() ? key_space::version_of_index((*last)->key).value_or(0) : 0;
  versions_.put(case_id, version);
  return version;
}

GroupWriter::Head& GroupWriter::staged_head(ShardIndex shard) {
  return staged_heads_.try_emplace(shard, heads_[shard]).first->second;
}

Result<CommitReceipt> GroupWriter::add(const CommitRequest& request) {
  const auto checked = check(request);
  if (!checked) return checked.error();
  const auto key = vault_.key_for_writing(request.case_id, fresh_keys_);
  if (!key) return key.error();
  CommitReceipt receipt;
  receipt.version = request.expected_version + request.events.size();
  if (!request.case_view.empty()) {
    const auto view = stage_view(request, *key, receipt.version);
    if (!view) return view.error();
  }
  if (!request.events.empty()) {
    auto& head = staged_head(shard_of(request.case_id));
    if (request.expected_version == 0) ++head.case_count;
    receipt.first_sequence = head.sequence + 1;
    stage_events(request, *key, head, request.expected_version);
    receipt.last_sequence = head.sequence;
    staged_versions_[request.case_id] = receipt.version;
  }
  stage_lookups(request);
  stage_due(request);
  stage_attempts(request);
  return receipt;
}

void GroupWriter::stage_events(const CommitRequest& request, const Vault::CaseKey& key, Head& head,
                               std::uint64_t version) {
  const auto shard = shard_of(request.case_id);
  for (const auto& event : request.events) {
    ++head.sequence;
    ++version;
    EventRow row;
    row.type = event.type;
    row.at = event.at;
    row.case_id = request.case_id;
    row.version = version;
    row.key_generation = key.generation;
    auto sealed = vault_.seal_event(key, {shard, head.sequence, request.case_id, event.type}, event.body);
    DUNLIN_CHECK(sealed.ok());  // The key is open: sealing has nothing left to refuse.
    row.sealed_body = std::move(*sealed);
    auto place = key_space::event(shard, head.sequence);
    auto bytes = encode(row);
    head.chain = hasher_.of(view_of(head.chain), place, bytes);
    put(std::move(place), std::move(bytes));
    put(key_space::case_index(request.case_id, version), ByteWriter().u64(head.sequence).take());
  }
}

Status GroupWriter::stage_view(const CommitRequest& request, const Vault::CaseKey& key, std::uint64_t version) {
  auto sealed = vault_.seal_view(key, {request.case_id, version}, request.case_view);
  if (!sealed) return sealed.error();
  put(key_space::view(request.case_id), encode(ViewRow{version, key.generation, std::move(*sealed)}));
  return Done{};
}

void GroupWriter::stage_lookups(const CommitRequest& request) {
  for (const auto& lookup : request.lookups_removed) {
    const auto hash = vault_.lookup_hash(lookup);
    erase(key_space::lookup(lookup.kind, hash, request.case_id));
    erase(key_space::case_lookup(request.case_id, lookup.kind, hash));
  }
  for (const auto& lookup : request.lookups_added) {
    const auto hash = vault_.lookup_hash(lookup);
    put(key_space::lookup(lookup.kind, hash, request.case_id), std::string());
    put(key_space::case_lookup(request.case_id, lookup.kind, hash), std::string());
  }
}

void GroupWriter::stage_due(const CommitRequest& request) {
  if (!request.due) return;
  const auto key = key_space::due(request.case_id);
  if (request.due->empty()) {
    erase(key);
  } else {
    put(key, encode(DueRowSet{*request.due}));
  }
}

void GroupWriter::stage_attempts(const CommitRequest& request) {
  for (auto& [key, value] : attempt_rows(request.case_id, request.attempts)) put(key, value);
}

Result<std::uint64_t> GroupWriter::revision_of(const std::string& key) {
  const auto staged = staged_revisions_.find(key);
  if (staged != staged_revisions_.end()) return staged->second;
  const auto bytes = database_.get(key);
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return std::uint64_t{0};
  const auto row = decode_document_row(**bytes);
  if (!row) return row.error();
  return row->revision;
}

Result<std::uint64_t> GroupWriter::add(const DocumentWrite& write) {
  if (!key_space::is_name(write.kind)) return invalid_input("a document kind is 1 to 64 of a-z, 0-9 and '_'");
  if (write.id.empty() || write.id.size() > 256) return invalid_input("a document id is 1 to 256 bytes");
  const auto key = key_space::document(write.kind, write.id);
  const auto revision = revision_of(key);
  if (!revision) return revision.error();
  if (write.expected_revision && *write.expected_revision != *revision) {
    return Error{Errc::conflict, write.kind + " '" + write.id + "' is at revision " + std::to_string(*revision)};
  }
  if (!write.bytes) {
    erase(key);
    staged_revisions_[key] = 0;
    return std::uint64_t{0};
  }
  const auto next = *revision + 1;
  auto sealed = vault_.seal_document({write.kind, write.id, next}, *write.bytes);
  if (!sealed) return sealed.error();
  put(key, encode(DocumentRow{next, std::move(*sealed)}));
  staged_revisions_[key] = next;
  return next;
}

/// In key order, because RocksDB's memtable takes neighbours several times faster than scattered keys. Rows of one key
/// keep their order: the last one wins.
WriteBatch GroupWriter::sorted_batch() {
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const StagedRow& left, const StagedRow& right) { return left.key < right.key; });
  WriteBatch batch;
  for (const auto& row : rows_) {
    if (row.value) {
      batch.put(row.key, *row.value);
    } else {
      batch.erase(row.key);
    }
  }
  return batch;
}

Status GroupWriter::write() {
  moved_.clear();
  const auto stored = vault_.store(fresh_keys_);
  if (!stored) {
    discard();
    return stored.error();
  }
  for (const auto& [shard, head] : staged_heads_) {
    put(key_space::head(shard), encode(HeadRow{head.sequence, head.case_count, std::string(view_of(head.chain))}));
  }
  if (!rows_.empty()) {
    const auto written = database_.write(sorted_batch(), Durability::synced);
    if (!written) {
      discard();
      return written.error();
    }
  }
  for (const auto& [shard, head] : staged_heads_) {
    heads_[shard] = head;
    moved_.emplace_back(shard, head.sequence);
  }
  for (const auto& [case_id, version] : staged_versions_) versions_.put(case_id, version);
  discard();
  return Done{};
}

void GroupWriter::discard() {
  rows_.clear();
  staged_heads_.clear();
  staged_versions_.clear();
  staged_revisions_.clear();
  fresh_keys_.clear();
}

Status GroupWriter::erase_case(CaseId case_id) {
  DUNLIN_CHECK(rows_.empty());
  const auto destroyed = vault_.destroy_case_key(case_id);
  if (!destroyed) return destroyed.error();
  const auto prefix = key_space::case_lookup_prefix(case_id);
  const auto scanned = database_.scan_prefix(prefix, [&](std::string_view key, std::string_view) {
    erase(std::string(key));
    if (const auto lookup = key_space::lookup_of_case(key)) {
      erase(key_space::lookup(lookup->kind, lookup->hash, case_id));
    }
    return true;
  });
  const auto attempts = stored_attempt_rows(database_, case_id);
  if (!attempts) {
    discard();
    return attempts.error();
  }
  for (const auto& [key, value] : *attempts) erase(key);
  erase(key_space::view(case_id));
  erase(key_space::due(case_id));
  const auto written = scanned.ok() ? database_.write(sorted_batch(), Durability::synced) : scanned;
  discard();
  return written;
}

}  // namespace dunlin
