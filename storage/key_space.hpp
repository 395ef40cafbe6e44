#pragma once
// The keys of the history database. Every key starts with a 2-byte big-endian space: shards 0..255, then node space
// 0xFFFF for what belongs to the node rather than to a shard. All numbers are big-endian, so byte order is number order
// and one shard is one contiguous range that can be shipped or dropped whole.
//
//   shard | 'e' | sequence(8)                      events of a commit shard | 'i' | case(8) | version(8)  run of events
//   shard | 'h'                                    head row           shard | 'v' | case(8)               view row
//   shard | 'b'                                    the last batch of the shared journal applied
//   shard | 'd' | case(8)                          due rows           shard | 'r' | case(8)               lookups of the case
//   shard | 'a' | case(8) | attempt(8) | part      a part of an attempt: place, outcome, disposition
//   node  | 'a' | attempt(8)                       -> case(8)
//   node  | 't' | ~time(8) | attempt(8)            -> case(8), newest first
//   node  | 'u' | campaign(8) | ~time(8) | attempt(8)  -> case(8), newest first
//   node  | 'l' | kind | hash(16) | case(8)        (empty): the case carries this phone, person key or external id
//   node  | 'm' | name                             format, store_id, key fingerprint
//   node  | 'o' | document kind | 0 | id           document row
//   node  | 'c' | cursor name | 0 | shard(2)       -> sequence(8)
//
// An event row stands under the sequence of its first event; up to data format 4 every event had a row of its own.
// Up to data format 2 every lookup of a case had a row of its own (shard | 'r' | case(8) | kind | hash(16)), empty.
// In the key database: shard | 'k' | case(8) -> wrapped case key. Pure, any thread.
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/case/attempt_index.hpp"
#include "core/case/journal.hpp"

namespace dunlin::key_space {

inline constexpr std::uint16_t node_space = 0xFFFF;

/// The bytes that name space and kind.
inline constexpr std::size_t kind_prefix_size = 3;

using Hash = std::array<unsigned char, 16>;

/// The bytes of lookup_prefix(): what all cases with one phone, person key or external id share.
inline constexpr std::size_t lookup_prefix_size = kind_prefix_size + 1 + sizeof(Hash);

std::string event(ShardIndex shard, std::uint64_t sequence);
std::string event_prefix(ShardIndex shard);
std::string head(ShardIndex shard);
std::string applied_batch(ShardIndex shard);
std::string case_index(CaseId case_id, std::uint64_t version);
std::string case_index_prefix(CaseId case_id);
std::string shard_index_prefix(ShardIndex shard);
std::string view(CaseId case_id);
std::string view_prefix(ShardIndex shard);
std::string due(CaseId case_id);
std::string due_prefix(ShardIndex shard);
std::string lookup(LookupKind kind, const Hash& hash, CaseId case_id);
std::string lookup_prefix(LookupKind kind, const Hash& hash);
/// The key is a lookup, or the prefix of one with its whole hash.
bool begins_with_lookup(std::string_view key);
std::string case_lookups(CaseId case_id);
std::string former_case_lookup(CaseId case_id, LookupKind kind, const Hash& hash);
std::string attempt_part(CaseId case_id, AttemptId attempt, std::uint8_t part);
std::string attempt_parts_prefix(CaseId case_id);
std::string attempt_parts_prefix(CaseId case_id, AttemptId attempt);
std::string attempt(AttemptId attempt);
std::string attempt_by_time(UtcTime at, AttemptId attempt);
std::string attempts_by_time_prefix();
std::string attempt_by_campaign(CampaignId campaign, UtcTime at, AttemptId attempt);
std::string attempts_of_campaign_prefix(CampaignId campaign);
std::string meta(std::string_view name);
std::string document(std::string_view kind, std::string_view id);
std::string document_prefix(std::string_view kind);
std::string cursor(std::string_view name, ShardIndex shard);
std::string case_key(CaseId case_id);

/// The first key after every key with this prefix; empty when there is none.
std::string after_prefix(std::string_view prefix);

/// May an owner of the shard have written this row? Its own range, and the rows of its cases that are found by other keys
/// than theirs: attempts and lookups.
bool is_written_by(ShardIndex shard, std::string_view key);

std::optional<std::uint64_t> sequence_of_event(std::string_view key);
/// The case of an index, view or due key, which all carry it after the kind byte.
std::optional<CaseId> case_of(std::string_view key);
std::optional<std::uint64_t> version_of_index(std::string_view key);
std::optional<CaseId> case_of_lookup(std::string_view key);
struct CaseLookup {
  LookupKind kind = LookupKind::phone;
  Hash hash{};
  auto operator<=>(const CaseLookup&) const = default;
};
/// Of a row of data format 2 or older.
std::optional<CaseLookup> lookup_of_former_row(std::string_view key);
struct AttemptPart {
  AttemptId attempt;
  std::uint8_t kind = 0;
};
std::optional<AttemptPart> attempt_of_part(std::string_view key);
/// Of a key by time or by campaign.
std::optional<AttemptCursor> place_of_attempt(std::string_view key);
std::optional<std::string> id_of_document(std::string_view key);

/// Kinds of documents and names of cursors: 1 to 64 characters of a-z, 0-9 and '_'.
bool is_name(std::string_view text);

}  // namespace dunlin::key_space
