#pragma once
// The rows of the history database. Each is an envelope: format version (1), row kind (1), payload, CRC-32C (4) over
// all before it. Damaged or truncated bytes give corrupt; a version newer than this program gives denied, so that an
// old program never guesses. Bodies inside are ciphertext already. Pure, any thread; fuzzed.
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/case/journal.hpp"
#include "storage/key_space.hpp"

namespace dunlin {

inline constexpr std::uint8_t record_version = 1;

struct EventRow {
  std::uint16_t type = 0;
  UtcTime at;
  CaseId case_id;
  std::uint64_t version = 0;
  std::uint16_t key_generation = 0;
  std::string sealed_body;
  bool operator==(const EventRow&) const = default;
};

/// All events of one commit of several: one row where the first one's stands. A commit of one event has an EventRow.
struct CommitRow {
  CaseId case_id;
  std::uint64_t first_version = 0;
  std::uint32_t count = 0;       ///< Outside of the seal: an erased commit still says where the next one stands.
  std::uint16_t key_generation = 0;
  std::string sealed_events;     ///< What encode_events() made.
  bool operator==(const CommitRow&) const = default;
};

struct HeadRow {
  std::uint64_t sequence = 0;
  std::uint64_t case_count = 0;
  std::string chain;  ///< 32 bytes.
  bool operator==(const HeadRow&) const = default;
};

struct ViewRow {
  std::uint64_t version = 0;
  std::uint16_t key_generation = 0;
  std::string sealed_view;
  bool operator==(const ViewRow&) const = default;
};

struct DueRowSet {
  std::vector<DueRow> rows;
  bool operator==(const DueRowSet&) const = default;
};

struct DocumentRow {
  std::uint64_t revision = 0;
  std::string sealed_bytes;
  bool operator==(const DocumentRow&) const = default;
};

/// A case's key wrapped by the installation key; empty `wrapped` = destroyed.
struct CaseKeyRow {
  std::uint16_t generation = 0;
  std::string wrapped;
  bool operator==(const CaseKeyRow&) const = default;
};

/// A number or a short text of the node itself: format version, store id, cursors.
struct MetaRow {
  std::string value;
  bool operator==(const MetaRow&) const = default;
};

/// All lookups of one case, ascending: what an erasure and a rebuild must take away.
struct CaseLookupsRow {
  std::vector<key_space::CaseLookup> lookups;
  bool operator==(const CaseLookupsRow&) const = default;
};

/// Where a commit's events stand: the value of an index row, whose key names the first one's version. It has no envelope.
struct EventRun {
  std::uint64_t first_sequence = 0;
  std::uint32_t count = 1;
  bool operator==(const EventRun&) const = default;
};

std::string encode(const EventRow& row);
std::string encode(const CommitRow& row);
std::string encode(const HeadRow& row);
std::string encode(const ViewRow& row);
std::string encode(const DueRowSet& row);
std::string encode(const DocumentRow& row);
std::string encode(const CaseKeyRow& row);
std::string encode(const MetaRow& row);
std::string encode(const CaseLookupsRow& row);
std::string encode(const EventRun& run);

Result<EventRow> decode_event_row(std::string_view bytes);
Result<CommitRow> decode_commit_row(std::string_view bytes);
/// Whether the bytes call themselves a commit row; decoding says whether they are one.
bool is_commit_row(std::string_view bytes);
Result<HeadRow> decode_head_row(std::string_view bytes);
Result<ViewRow> decode_view_row(std::string_view bytes);
Result<DueRowSet> decode_due_rows(std::string_view bytes);
Result<DocumentRow> decode_document_row(std::string_view bytes);
Result<CaseKeyRow> decode_case_key_row(std::string_view bytes);
Result<MetaRow> decode_meta_row(std::string_view bytes);
/// Refuses lookups that are not strictly ascending.
Result<CaseLookupsRow> decode_case_lookups_row(std::string_view bytes);
/// Up to data format 2 a run was one event and its value the bare sequence.
Result<EventRun> decode_event_run(std::string_view bytes);

/// The events of a commit one behind the other, before they are sealed.
std::string encode_events(const std::vector<EventDraft>& events);
Result<std::vector<EventDraft>> decode_events(std::string_view bytes);

}  // namespace dunlin
