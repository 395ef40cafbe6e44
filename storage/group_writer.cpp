#include "storage/group_writer.hpp"

#include <iterator>

#include "core/base/check.hpp"
#include "storage/attempt_index.hpp"
#include "storage/case_rows.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {

namespace {

/// Below this many commits the work is shorter than waking a thread for it.
constexpr std::size_t least_shared_commits = 64;

}  // namespace

GroupWriter::GroupWriter(Database& database, Vault& vault, std::size_t max_cached_versions)
    : database_(database),
      vault_(vault),
      halves_{{{database, vault, max_cached_versions / half_count}, {database, vault, max_cached_versions / half_count}}} {}

Status GroupWriter::load() {
  discard();
  for (Half& half : halves_) half.stager.forget();
  for (ShardIndex shard = 0; shard < shard_count; ++shard) {
    const auto loaded = halves_[shard % half_count].stager.load(shard);
    if (!loaded) return loaded;
  }
  return Done{};
}

void GroupWriter::on_halves(std::size_t commits, const std::function<void(std::size_t half)>& work) {
  if (commits >= least_shared_commits) return second_hand_.both([&work] { work(0); }, [&work] { work(1); });
  for (std::size_t half = 0; half < half_count; ++half) work(half);
}

std::vector<Result<CommitReceipt>> GroupWriter::add(const std::vector<const CommitRequest*>& requests) {
  std::vector<Result<CommitReceipt>> receipts(requests.size(), Result<CommitReceipt>(CommitReceipt{}));
  on_halves(requests.size(), [&](std::size_t half) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (half_index(requests[i]->case_id) == half) receipts[i] = halves_[half].stager.add(*requests[i]);
    }
  });
  staged_commits_ += requests.size();
  return receipts;
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
  StagedRows& rows = halves_[0].rows;
  if (!write.bytes) {
    rows.erase(key);
    staged_revisions_[key] = 0;
    return std::uint64_t{0};
  }
  const auto next = *revision + 1;
  auto sealed = vault_.seal_document({write.kind, write.id, next}, *write.bytes);
  if (!sealed) return sealed.error();
  rows.put(key, encode(DocumentRow{next, std::move(*sealed)}));
  staged_revisions_[key] = next;
  return next;
}

Status GroupWriter::write_rows() {
  StagedRows::fill(batch_, halves_[0].rows, halves_[1].rows);
  return database_.write(batch_, Durability::synced);
}

Status GroupWriter::store_keys() {
  std::vector<Vault::WrappedKey> keys = std::move(halves_[0].keys);
  keys.insert(keys.end(), std::make_move_iterator(halves_[1].keys.begin()), std::make_move_iterator(halves_[1].keys.end()));
  const auto stored = vault_.store(keys);
  if (!stored) return stored;
  for (const Half& half : halves_) vault_.remember(half.stager.fresh_keys());
  return Done{};
}

Status GroupWriter::write() {
  moved_.clear();
  on_halves(staged_commits_, [this](std::size_t index) {
    Half& half = halves_[index];
    half.keys = vault_.wrap(half.stager.fresh_keys());
    half.stager.stage_heads();
    half.rows.sort();
  });
  const auto stored = store_keys();
  if (!stored) {
    discard();
    return stored.error();
  }
  if (!is_empty()) {
    const auto written = write_rows();
    if (!written) {
      discard();
      return written.error();
    }
  }
  for (Half& half : halves_) {
    const auto moved = half.stager.accept();
    moved_.insert(moved_.end(), moved.begin(), moved.end());
  }
  discard();
  return Done{};
}

void GroupWriter::discard() {
  for (Half& half : halves_) {
    half.rows.clear();
    half.stager.discard();
    half.keys.clear();
  }
  staged_commits_ = 0;
  staged_revisions_.clear();
}

Status GroupWriter::erase_case(CaseId case_id) {
  DUNLIN_CHECK(is_empty());
  StagedRows& rows = half_of(case_id).rows;
  const auto destroyed = vault_.destroy_case_key(case_id);
  if (!destroyed) return destroyed.error();
  const auto lookups = stored_lookups(database_, case_id);
  if (!lookups) return lookups.error();
  const auto attempts = stored_attempt_rows(database_, case_id);
  if (!attempts) return attempts.error();
  for (const auto& lookup : lookups->set) {
    rows.erase(key_space::lookup(lookup.kind, lookup.hash, case_id));
    if (lookups->has_former_rows) rows.erase(key_space::former_case_lookup(case_id, lookup.kind, lookup.hash));
  }
  rows.erase(key_space::case_lookups(case_id));
  for (const auto& [key, value] : *attempts) rows.erase(key);
  rows.erase(key_space::view(case_id));
  rows.erase(key_space::due(case_id));
  const auto written = write_rows();
  discard();
  return written;
}

}  // namespace dunlin
