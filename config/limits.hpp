#pragma once
// Every hard bound of the node, in one place: what is full refuses, drops or waits as the comment says.
#include <cstddef>

#include "core/base/time.hpp"

namespace dunlin::limits {

/// Requests between actors always end: on expiry the asker takes its failure path.
inline constexpr Duration request_timeout = seconds(5);
/// Longest wait for a commit before the asker looks at the history itself.
inline constexpr Duration commit_timeout = seconds(10);
/// Longest wait for another node: its shard's commit, and the way there and back.
inline constexpr Duration peer_answer_timeout = seconds(12);
/// Envelopes and bytes to one node that wait for their answers; further ones are refused at once.
inline constexpr std::size_t envelopes_unanswered_per_peer = 512;
inline constexpr std::size_t envelope_bytes_unanswered_per_peer = std::size_t{16} << 20;
/// Heartbeats between nodes, and the silence after which a node counts as down.
inline constexpr Duration peer_heartbeat = milliseconds(500);
inline constexpr Duration peer_silence = seconds(2);
/// Pause between two tries to reach a node: doubling from the first to the longest, with jitter.
inline constexpr Duration peer_retry_first = milliseconds(200);
inline constexpr Duration peer_retry_longest = seconds(5);
/// A slot granted by the edge must be used within this time (attempt protocol R4).
inline constexpr Duration slot_life = seconds(5);
/// A shard must take up a campaign's ticket within this time; else pacing has the line back (docs/pacing.md).
inline constexpr Duration ticket_life = milliseconds(1500);
/// Longest call; the edge hangs up after it.
inline constexpr Duration longest_call = hours(2);
/// Awake cases a shard keeps; beyond it the longest idle one goes to sleep.
inline constexpr std::size_t awake_cases_per_shard = 4096;
/// An awake case without work for this long goes to sleep.
inline constexpr Duration case_idle = seconds(60);
/// Rows an import keeps in flight to the shards; reading the file waits beyond it.
inline constexpr std::size_t import_rows_in_flight = 4096;
/// Rows of one message from the import to a shard.
inline constexpr std::size_t import_batch_rows = 128;
/// Ladder lines kept for one call; later ones are counted, not kept.
inline constexpr std::size_t ladder_lines_per_call = 256;
/// Finished calls whose ladder is kept for `call trace`.
inline constexpr std::size_t finished_calls_kept = 2000;
/// One request line on the admin socket; longer ones are refused and the connection is closed.
inline constexpr std::size_t admin_request_bytes = 1 << 20;
/// Connections on the admin socket at once; further ones get a refusal line.
inline constexpr std::size_t admin_connections = 64;
/// Live hints waiting for Redis; the oldest are dropped and counted. Durable facts wait in the history instead.
inline constexpr std::size_t live_hints_waiting = 4096;
/// Facts of one pipelined batch to Redis.
inline constexpr std::size_t event_batch = 512;
/// Pause between two tries at a Redis that does not answer: doubling from the first to the longest, with jitter.
inline constexpr Duration event_retry_first = milliseconds(200);
inline constexpr Duration event_retry_longest = seconds(15);
/// The bus looks at every shard this often, so that a lost wake-up costs seconds and no fact.
inline constexpr Duration event_poll = seconds(2);
/// Facts of the node itself (campaigns, imports, recordings) kept after they were told, for `event tail`.
inline constexpr std::size_t node_facts_kept = 10'000;
/// Rows `event tail` reads back at most while it searches for matching facts.
inline constexpr std::size_t event_search_rows = 400'000;
/// Facts of one answer to `event tail`.
inline constexpr std::size_t event_tail_rows = 10'000;
/// Changes of campaigns or agents that wait for the one being written; further ones are refused.
inline constexpr std::size_t document_changes_waiting = 10'000;
/// After a change of the campaigns each shard asks so many cases to plan anew, then pauses: a million cases in a minute.
inline constexpr std::size_t replan_cases_per_step = 16;
inline constexpr Duration replan_pause = milliseconds(250);
/// Rows of one page of a list; longer answers need a cursor.
inline constexpr std::size_t list_page_rows = 100'000;
/// Index rows one page may pass over while it looks for matches; the page then ends early, with its cursor.
inline constexpr std::size_t list_rows_looked_at = 200'000;
/// Jobs kept for `job list`; the oldest finished one is forgotten.
inline constexpr std::size_t jobs_kept = 200;
/// Jobs of the node itself (verification, backup) that run at once; further ones are refused.
inline constexpr std::size_t node_jobs_running = 4;

}  // namespace dunlin::limits
