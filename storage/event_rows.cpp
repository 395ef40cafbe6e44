#include "storage/event_rows.hpp"

#include <utility>

#include "core/base/check.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {
namespace {

StoredEvent stored_event(ShardIndex shard, std::uint64_t sequence, CaseId case_id, std::uint64_t version, EventDraft draft) {
  StoredEvent event;
  event.shard = shard;
  event.sequence = sequence;
  event.case_id = case_id;
  event.version = version;
  event.type = draft.type;
  event.at = draft.at;
  event.body = std::move(draft.body);
  return event;
}

std::string seal_one(const Vault& vault, const Vault::CaseKey& key, std::uint64_t sequence, const CommitRequest& request) {
  const EventDraft& event = request.events.front();
  auto sealed = vault.seal_event(key, {shard_of(request.case_id), sequence, request.case_id, event.type}, event.body);
  DUNLIN_CHECK(sealed.ok());  // The key is open: sealing has nothing left to refuse.
  return encode(EventRow{event.type, event.at, request.case_id, request.expected_version + 1, key.generation, std::move(*sealed)});
}

Result<EventsOfRow> open_one(const Vault& vault, ShardIndex shard, std::uint64_t sequence, std::string_view bytes) {
  const auto row = decode_event_row(bytes);
  if (!row) return row.error();
  EventsOfRow found;
  found.count = 1;
  auto body = vault.open_event(row->key_generation, {shard, sequence, row->case_id, row->type}, row->sealed_body);
  if (!body && body.error().code == Errc::not_found) return found;
  if (!body) return body.error();
  found.events.push_back(stored_event(shard, sequence, row->case_id, row->version, {row->type, row->at, std::move(*body)}));
  return found;
}

Result<EventsOfRow> open_many(const Vault& vault, ShardIndex shard, std::uint64_t first_sequence, std::string_view bytes) {
  const auto row = decode_commit_row(bytes);
  if (!row) return row.error();
  EventsOfRow found;
  found.count = row->count;
  const CommitPlace place{shard, first_sequence, row->case_id, row->first_version, row->count};
  const auto plain = vault.open_commit(row->key_generation, place, row->sealed_events);
  if (!plain && plain.error().code == Errc::not_found) return found;
  if (!plain) return plain.error();
  auto drafts = decode_events(*plain);
  if (!drafts) return drafts.error();
  if (drafts->size() != row->count) return Error{Errc::corrupt, "a commit row holds another number of events than it says"};
  found.events.reserve(drafts->size());
  for (std::uint64_t i = 0; i < drafts->size(); ++i) {
    found.events.push_back(stored_event(shard, first_sequence + i, row->case_id, row->first_version + i, std::move((*drafts)[i])));
  }
  return found;
}

}  // namespace

std::string seal_events(const Vault& vault, const Vault::CaseKey& key, std::uint64_t first_sequence, const CommitRequest& request) {
  DUNLIN_CHECK(!request.events.empty());
  if (request.events.size() == 1) return seal_one(vault, key, first_sequence, request);
  CommitRow row;
  row.case_id = request.case_id;
  row.first_version = request.expected_version + 1;
  row.count = static_cast<std::uint32_t>(request.events.size());
  row.key_generation = key.generation;
  const CommitPlace place{shard_of(request.case_id), first_sequence, row.case_id, row.first_version, row.count};
  auto sealed = vault.seal_commit(key, place, encode_events(request.events));
  DUNLIN_CHECK(sealed.ok());
  row.sealed_events = std::move(*sealed);
  return encode(row);
}

Result<EventsOfRow> open_events(const Vault& vault, ShardIndex shard, std::uint64_t first_sequence, std::string_view row) {
  return is_commit_row(row) ? open_many(vault, shard, first_sequence, row) : open_one(vault, shard, first_sequence, row);
}

Result<std::uint32_t> count_events(std::string_view row) {
  if (!is_commit_row(row)) return std::uint32_t{1};
  const auto decoded = decode_commit_row(row);
  if (!decoded) return decoded.error();
  return decoded->count;
}

}  // namespace dunlin
