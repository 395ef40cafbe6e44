#include "storage/record_codec.hpp"

#include <algorithm>

#include "storage/bytes.hpp"
#include "storage/crc32c.hpp"

namespace dunlin {
namespace {

enum class RowKind : std::uint8_t { event = 1, head, view, due, document, case_key, meta, case_lookups, commit };

constexpr std::size_t header_size = 2;
constexpr std::size_t checksum_size = 4;
constexpr std::size_t chain_size = 32;
constexpr std::size_t event_header_size = 2 + 8 + 4;
constexpr std::size_t due_row_size = 8 + 8 + 4;
constexpr std::size_t lookup_size = 1 + sizeof(key_space::Hash);

ByteWriter open_envelope(RowKind kind, std::size_t payload_size = 48) {
  ByteWriter writer(header_size + payload_size + checksum_size);
  writer.u8(record_version).u8(static_cast<std::uint8_t>(kind));
  return writer;
}

std::string close_envelope(ByteWriter& writer) {
  const auto checksum = crc32c(writer.bytes());
  return writer.u32(checksum).take();
}

Error damaged_row(std::string_view row, std::string_view why) {
  return {Errc::corrupt, std::string(row) + " row is damaged: " + std::string(why)};
}

/// The payload between the header and the checksum.
Result<std::string_view> payload_of(std::string_view bytes, RowKind kind, std::string_view name) {
  if (bytes.size() < header_size + checksum_size) return damaged_row(name, "too short");
  const auto version = static_cast<std::uint8_t>(bytes[0]);
  const auto covered = bytes.substr(0, bytes.size() - checksum_size);
  ByteReader checksum(bytes.substr(covered.size()));
  if (checksum.u32() != crc32c(covered)) return damaged_row(name, "checksum differs");
  if (version > record_version) {
    return Error{Errc::denied, std::string(name) + " row has format " + std::to_string(version) +
                                   ", this program reads up to " + std::to_string(record_version) +
                                   ": use the newer Dunlin"};
  }
  if (version == 0) return damaged_row(name, "no format version");
  if (static_cast<std::uint8_t>(bytes[1]) != static_cast<std::uint8_t>(kind)) return damaged_row(name, "another kind of row");
  return covered.substr(header_size);
}

}  // namespace

std::string encode(const EventRow& row) {
  auto writer = open_envelope(RowKind::event, 28 + row.sealed_body.size());
  writer.u16(row.type).i64(row.at.ms).u64(row.case_id.value()).u64(row.version).u16(row.key_generation);
  writer.raw(row.sealed_body);
  return close_envelope(writer);
}

std::string encode(const CommitRow& row) {
  auto writer = open_envelope(RowKind::commit, 22 + row.sealed_events.size());
  writer.u64(row.case_id.value()).u64(row.first_version).u32(row.count).u16(row.key_generation).raw(row.sealed_events);
  return close_envelope(writer);
}

std::string encode(const HeadRow& row) {
  auto writer = open_envelope(RowKind::head);
  writer.u64(row.sequence).u64(row.case_count).raw(row.chain);
  return close_envelope(writer);
}

std::string encode(const ViewRow& row) {
  auto writer = open_envelope(RowKind::view, 10 + row.sealed_view.size());
  writer.u64(row.version).u16(row.key_generation).raw(row.sealed_view);
  return close_envelope(writer);
}

std::string encode(const DueRowSet& row) {
  auto writer = open_envelope(RowKind::due);
  for (const auto& due : row.rows) writer.u64(due.campaign.value()).i64(due.due_at.ms).i32(due.rank);
  return close_envelope(writer);
}

std::string encode(const DocumentRow& row) {
  auto writer = open_envelope(RowKind::document);
  writer.u64(row.revision).raw(row.sealed_bytes);
  return close_envelope(writer);
}

std::string encode(const CaseKeyRow& row) {
  auto writer = open_envelope(RowKind::case_key);
  writer.u16(row.generation).raw(row.wrapped);
  return close_envelope(writer);
}

std::string encode(const MetaRow& row) {
  auto writer = open_envelope(RowKind::meta);
  writer.raw(row.value);
  return close_envelope(writer);
}

std::string encode(const CaseLookupsRow& row) {
  auto writer = open_envelope(RowKind::case_lookups, row.lookups.size() * lookup_size);
  for (const auto& lookup : row.lookups) {
    writer.u8(static_cast<std::uint8_t>(lookup.kind));
    writer.raw({reinterpret_cast<const char*>(lookup.hash.data()), lookup.hash.size()});
  }
  return close_envelope(writer);
}

std::string encode(const EventRun& run) { return ByteWriter(12).u64(run.first_sequence).u32(run.count).take(); }

Result<EventRow> decode_event_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::event, "event");
  if (!payload) return payload.error();
  ByteReader reader(*payload);
  EventRow row;
  row.type = reader.u16();
  row.at.ms = reader.i64();
  row.case_id = CaseId(reader.u64());
  row.version = reader.u64();
  row.key_generation = reader.u16();
  row.sealed_body = std::string(reader.rest());
  if (reader.is_failed()) return damaged_row("event", "too short");
  return row;
}

bool is_commit_row(std::string_view bytes) {
  return bytes.size() >= header_size && static_cast<std::uint8_t>(bytes[1]) == static_cast<std::uint8_t>(RowKind::commit);
}

Result<CommitRow> decode_commit_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::commit, "commit");
  if (!payload) return payload.error();
  ByteReader reader(*payload);
  CommitRow row;
  row.case_id = CaseId(reader.u64());
  row.first_version = reader.u64();
  row.count = reader.u32();
  row.key_generation = reader.u16();
  row.sealed_events = std::string(reader.rest());
  if (reader.is_failed()) return damaged_row("commit", "too short");
  if (row.count == 0) return damaged_row("commit", "no events");
  return row;
}

Result<HeadRow> decode_head_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::head, "head");
  if (!payload) return payload.error();
  ByteReader reader(*payload);
  HeadRow row;
  row.sequence = reader.u64();
  row.case_count = reader.u64();
  row.chain = std::string(reader.raw(chain_size));
  if (!reader.is_whole()) return damaged_row("head", "wrong length");
  return row;
}

Result<ViewRow> decode_view_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::view, "view");
  if (!payload) return payload.error();
  ByteReader reader(*payload);
  ViewRow row;
  row.version = reader.u64();
  row.key_generation = reader.u16();
  row.sealed_view = std::string(reader.rest());
  if (reader.is_failed()) return damaged_row("view", "too short");
  return row;
}

Result<DueRowSet> decode_due_rows(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::due, "due");
  if (!payload) return payload.error();
  if (payload->size() % due_row_size != 0) return damaged_row("due", "wrong length");
  ByteReader reader(*payload);
  DueRowSet set;
  set.rows.reserve(payload->size() / due_row_size);
  while (reader.remaining() > 0) {
    DueRow row;
    row.campaign = CampaignId(reader.u64());
    row.due_at.ms = reader.i64();
    row.rank = reader.i32();
    set.rows.push_back(row);
  }
  return set;
}

Result<DocumentRow> decode_document_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::document, "document");
  if (!payload) return payload.error();
  ByteReader reader(*payload);
  DocumentRow row;
  row.revision = reader.u64();
  row.sealed_bytes = std::string(reader.rest());
  if (reader.is_failed()) return damaged_row("document", "too short");
  return row;
}

Result<CaseKeyRow> decode_case_key_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::case_key, "case key");
  if (!payload) return payload.error();
  ByteReader reader(*payload);
  CaseKeyRow row;
  row.generation = reader.u16();
  row.wrapped = std::string(reader.rest());
  if (reader.is_failed()) return damaged_row("case key", "too short");
  return row;
}

Result<MetaRow> decode_meta_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::meta, "meta");
  if (!payload) return payload.error();
  return MetaRow{std::string(*payload)};
}

Result<CaseLookupsRow> decode_case_lookups_row(std::string_view bytes) {
  const auto payload = payload_of(bytes, RowKind::case_lookups, "lookups");
  if (!payload) return payload.error();
  if (payload->size() % lookup_size != 0) return damaged_row("lookups", "wrong length");
  ByteReader reader(*payload);
  CaseLookupsRow row;
  row.lookups.reserve(payload->size() / lookup_size);
  while (reader.remaining() > 0) {
    key_space::CaseLookup lookup;
    const auto kind = reader.u8();
    if (kind > static_cast<std::uint8_t>(LookupKind::external_id)) return damaged_row("lookups", "an unknown kind");
    lookup.kind = static_cast<LookupKind>(kind);
    const auto hash = reader.raw(lookup.hash.size());
    std::copy(hash.begin(), hash.end(), lookup.hash.begin());
    if (!row.lookups.empty() && !(row.lookups.back() < lookup)) return damaged_row("lookups", "out of order");
    row.lookups.push_back(lookup);
  }
  return row;
}

std::string encode_events(const std::vector<EventDraft>& events) {
  std::size_t size = 0;
  for (const auto& event : events) size += event_header_size + event.body.size();
  ByteWriter writer(size);
  for (const auto& event : events) {
    writer.u16(event.type).i64(event.at.ms).u32(static_cast<std::uint32_t>(event.body.size())).raw(event.body);
  }
  return writer.take();
}

Result<std::vector<EventDraft>> decode_events(std::string_view bytes) {
  ByteReader reader(bytes);
  std::vector<EventDraft> events;
  while (reader.remaining() > 0) {
    EventDraft event;
    event.type = reader.u16();
    event.at.ms = reader.i64();
    event.body = std::string(reader.raw(reader.u32()));
    if (reader.is_failed()) return damaged_row("commit", "an event is cut off");
    events.push_back(std::move(event));
  }
  return events;
}

Result<EventRun> decode_event_run(std::string_view bytes) {
  ByteReader reader(bytes);
  EventRun run;
  run.first_sequence = reader.u64();
  if (reader.remaining() > 0) run.count = reader.u32();
  if (!reader.is_whole() || run.count == 0) return damaged_row("index", "wrong length");
  return run;
}

}  // namespace dunlin
