#include "storage/group_writer.hpp"

#include "core/base/check.hpp"
#include "storage/attempt_index.hpp"
#include "storage/case_rows.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {

GroupWriter::GroupWriter(Database& database, Vault& vault, std::size_t max_cached_versions)
    : database_(database), vault_(vault), stager_(database, vault, rows_, max_cached_versions) {}

Status GroupWriter::load() {
  discard();
  stager_.forget();
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto loaded = stager_.load(shard);
    if (!loaded) return loaded;
  }
  return Done{};
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
    rows_.erase(key);
    staged_revisions_[key] = 0;
    return std::uint64_t{0};
  }
  const auto next = *revision + 1;
  auto sealed = vault_.seal_document({write.kind, write.id, next}, *write.bytes);
  if (!sealed) return sealed.error();
  rows_.put(key, encode(DocumentRow{next, std::move(*sealed)}));
  staged_revisions_[key] = next;
  return next;
}

Status GroupWriter::write_rows() {
  rows_.fill(batch_);
  return database_.write(batch_, Durability::synced);
}

Status GroupWriter::write() {
  moved_.clear();
  const auto stored = vault_.store(stager_.fresh_keys());
  if (!stored) {
    discard();
    return stored.error();
  }
  stager_.stage_heads();
  if (!rows_.is_empty()) {
    const auto written = write_rows();
    if (!written) {
      discard();
      return written.error();
    }
  }
  moved_ = stager_.accept();
  discard();
  return Done{};
}

void GroupWriter::discard() {
  rows_.clear();
  stager_.discard();
  staged_revisions_.clear();
}

Status GroupWriter::erase_case(CaseId case_id) {
  DUNLIN_CHECK(rows_.is_empty());
  const auto destroyed = vault_.destroy_case_key(case_id);
  if (!destroyed) return destroyed.error();
  const auto lookups = stored_lookups(database_, case_id);
  if (!lookups) return lookups.error();
  const auto attempts = stored_attempt_rows(database_, case_id);
  if (!attempts) return attempts.error();
  for (const auto& lookup : lookups->set) {
    rows_.erase(key_space::lookup(lookup.kind, lookup.hash, case_id));
    if (lookups->has_former_rows) rows_.erase(key_space::former_case_lookup(case_id, lookup.kind, lookup.hash));
  }
  rows_.erase(key_space::case_lookups(case_id));
  for (const auto& [key, value] : *attempts) rows_.erase(key);
  rows_.erase(key_space::view(case_id));
  rows_.erase(key_space::due(case_id));
  const auto written = write_rows();
  discard();
  return written;
}

}  // namespace dunlin
