#pragma once
// The rows of the history that hold events: a commit of several events is one row, sealed once and chained once, where
// its first event stands; a commit of one event, and every event up to data format 4, is a row of its own.
// Any thread. Errors: corrupt (damaged bytes, the event named by whoever asks).
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/case/journal.hpp"
#include "storage/vault.hpp"

namespace dunlin {

/// The row of a commit that has events, for the key of its first one.
std::string seal_events(const Vault& vault, const Vault::CaseKey& key, std::uint64_t first_sequence, const CommitRequest& request);

/// What one row holds.
struct EventsOfRow {
  std::uint32_t count = 0;          ///< Sequences the row stands for.
  std::vector<StoredEvent> events;  ///< As many, in order; none when the case was erased and the bodies are gone.
};
Result<EventsOfRow> open_events(const Vault& vault, ShardIndex shard, std::uint64_t first_sequence, std::string_view row);

/// Without opening anything.
Result<std::uint32_t> count_events(std::string_view row);

}  // namespace dunlin
