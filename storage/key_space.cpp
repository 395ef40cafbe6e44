#include "storage/key_space.hpp"

#include <algorithm>

#include "storage/bytes.hpp"

namespace dunlin::key_space {
namespace {

constexpr std::size_t longest_number_key = 2 + 1 + 8 + 8;
constexpr std::size_t case_offset = kind_prefix_size;

ByteWriter in_shard(ShardIndex shard, char kind) {
  ByteWriter key(longest_number_key);
  key.u16(shard).u8(static_cast<std::uint8_t>(kind));
  return key;
}

ByteWriter of_case(CaseId case_id, char kind) {
  auto key = in_shard(shard_of(case_id), kind);
  key.u64(case_id.value());
  return key;
}

std::string_view view_of(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

/// Later instants sort first.
std::uint64_t inverted(UtcTime at) { return ~static_cast<std::uint64_t>(at.ms); }

bool has_kind(std::string_view key, char kind) { return key.size() >= case_offset && key[2] == kind; }

}  // namespace

std::string event(ShardIndex shard, std::uint64_t sequence) { return in_shard(shard, 'e').u64(sequence).take(); }
std::string event_prefix(ShardIndex shard) { return in_shard(shard, 'e').take(); }
std::string head(ShardIndex shard) { return in_shard(shard, 'h').take(); }
std::string applied_batch(ShardIndex shard) { return in_shard(shard, 'b').take(); }
std::string case_index(CaseId case_id, std::uint64_t version) { return of_case(case_id, 'i').u64(version).take(); }
std::string case_index_prefix(CaseId case_id) { return of_case(case_id, 'i').take(); }
std::string shard_index_prefix(ShardIndex shard) { return in_shard(shard, 'i').take(); }
std::string view(CaseId case_id) { return of_case(case_id, 'v').take(); }
std::string view_prefix(ShardIndex shard) { return in_shard(shard, 'v').take(); }
std::string due(CaseId case_id) { return of_case(case_id, 'd').take(); }
std::string due_prefix(ShardIndex shard) { return in_shard(shard, 'd').take(); }

std::string lookup_prefix(LookupKind kind, const Hash& hash) {
  return in_shard(node_space, 'l').u8(static_cast<std::uint8_t>(kind)).raw(view_of(hash)).take();
}
std::string lookup(LookupKind kind, const Hash& hash, CaseId case_id) {
  return ByteWriter().raw(lookup_prefix(kind, hash)).u64(case_id.value()).take();
}
std::string case_lookups(CaseId case_id) { return of_case(case_id, 'r').take(); }
std::string former_case_lookup(CaseId case_id, LookupKind kind, const Hash& hash) {
  return of_case(case_id, 'r').u8(static_cast<std::uint8_t>(kind)).raw(view_of(hash)).take();
}

std::string attempt_part(CaseId case_id, AttemptId attempt, std::uint8_t part) {
  return ByteWriter().raw(attempt_parts_prefix(case_id, attempt)).u8(part).take();
}
std::string attempt_parts_prefix(CaseId case_id) { return of_case(case_id, 'a').take(); }
std::string attempt_parts_prefix(CaseId case_id, AttemptId attempt) { return of_case(case_id, 'a').u64(attempt.value()).take(); }
std::string attempt(AttemptId attempt) { return in_shard(node_space, 'a').u64(attempt.value()).take(); }
std::string attempts_by_time_prefix() { return in_shard(node_space, 't').take(); }
std::string attempt_by_time(UtcTime at, AttemptId attempt) {
  return in_shard(node_space, 't').u64(inverted(at)).u64(attempt.value()).take();
}
std::string attempts_of_campaign_prefix(CampaignId campaign) { return in_shard(node_space, 'u').u64(campaign.value()).take(); }
std::string attempt_by_campaign(CampaignId campaign, UtcTime at, AttemptId attempt) {
  return ByteWriter().raw(attempts_of_campaign_prefix(campaign)).u64(inverted(at)).u64(attempt.value()).take();
}

std::string meta(std::string_view name) { return in_shard(node_space, 'm').raw(name).take(); }
std::string document_prefix(std::string_view kind) { return in_shard(node_space, 'o').raw(kind).u8(0).take(); }
std::string document(std::string_view kind, std::string_view id) {
  return ByteWriter().raw(document_prefix(kind)).raw(id).take();
}
std::string cursor(std::string_view name, ShardIndex shard) {
  return in_shard(node_space, 'c').raw(name).u8(0).u16(shard).take();
}
std::string case_key(CaseId case_id) { return of_case(case_id, 'k').take(); }

bool is_written_by(ShardIndex shard, std::string_view key) {
  constexpr std::string_view found_by_other_keys = "atul";
  ByteReader reader(key);
  const auto space = reader.u16();
  const auto kind = static_cast<char>(reader.u8());
  if (reader.is_failed()) return false;
  return space == shard ? kind != 'b' : space == node_space && found_by_other_keys.find(kind) != std::string_view::npos;
}

std::string after_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::optional<std::uint64_t> sequence_of_event(std::string_view key) {
  ByteReader reader(key.substr(std::min(key.size(), case_offset)));
  const auto sequence = reader.u64();
  if (!has_kind(key, 'e') || !reader.is_whole()) return std::nullopt;
  return sequence;
}

std::optional<CaseId> case_of(std::string_view key) {
  ByteReader reader(key.substr(std::min(key.size(), case_offset)));
  const CaseId case_id(reader.u64());
  if (reader.is_failed()) return std::nullopt;
  return case_id;
}

std::optional<std::uint64_t> version_of_index(std::string_view key) {
  ByteReader reader(key.substr(std::min(key.size(), case_offset)));
  reader.u64();
  const auto version = reader.u64();
  if (!has_kind(key, 'i') || !reader.is_whole()) return std::nullopt;
  return version;
}

bool begins_with_lookup(std::string_view key) {
  return has_kind(key, 'l') && key.size() >= lookup_prefix_size && ByteReader(key).u16() == node_space;
}

std::optional<CaseId> case_of_lookup(std::string_view key) {
  if (!has_kind(key, 'l') || key.size() != case_offset + 1 + sizeof(Hash) + 8) return std::nullopt;
  return CaseId(ByteReader(key.substr(key.size() - 8)).u64());
}

std::optional<CaseLookup> lookup_of_former_row(std::string_view key) {
  if (!has_kind(key, 'r') || key.size() != case_offset + 8 + 1 + sizeof(Hash)) return std::nullopt;
  ByteReader reader(key.substr(case_offset + 8));
  CaseLookup found;
  const auto kind = reader.u8();
  if (kind > static_cast<std::uint8_t>(LookupKind::external_id)) return std::nullopt;
  found.kind = static_cast<LookupKind>(kind);
  const auto hash = reader.rest();
  std::copy(hash.begin(), hash.end(), found.hash.begin());
  return found;
}

std::optional<AttemptPart> attempt_of_part(std::string_view key) {
  if (!has_kind(key, 'a') || key.size() != case_offset + 8 + 8 + 1) return std::nullopt;
  ByteReader reader(key.substr(case_offset + 8));
  const AttemptId attempt(reader.u64());
  return AttemptPart{attempt, reader.u8()};
}

std::optional<AttemptCursor> place_of_attempt(std::string_view key) {
  const bool is_by_time = has_kind(key, 't') && key.size() == case_offset + 16;
  const bool is_by_campaign = has_kind(key, 'u') && key.size() == case_offset + 24;
  if (!is_by_time && !is_by_campaign) return std::nullopt;
  ByteReader reader(key.substr(key.size() - 16));
  const UtcTime at{static_cast<std::int64_t>(~reader.u64())};
  return AttemptCursor{at, AttemptId(reader.u64())};
}

std::optional<std::string> id_of_document(std::string_view key) {
  if (!has_kind(key, 'o')) return std::nullopt;
  const auto zero = key.find('\0', case_offset);
  if (zero == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(zero + 1));
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace dunlin::key_space
