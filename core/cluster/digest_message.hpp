#pragma once
// What two nodes say to each other when copies of a shard are compared (docs/cluster.md, comparing): how far a copy is, and
// digests of its rows and cases up to a sequence that both have, piece by piece. The shard is the envelope's. Questions, not
// commands. Nothing of a row but its digest travels. Versioned. Pure, any thread; fuzzed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// Types of the link's own envelopes (core/cluster/envelope).
inline constexpr std::uint16_t digest_ask_type = 10;
inline constexpr std::uint16_t digest_answer_type = 11;

/// One answer covers so many rows or cases at most: a second of a slow disk, and its lines fit an envelope.
inline constexpr std::size_t digest_piece_rows = 20'000;
inline constexpr std::size_t digest_piece_cases = 4'000;

using HistoryDigest = std::array<unsigned char, 32>;

enum class DigestStep : std::uint8_t {
  head,      ///< Only how far the copy is.
  rows,      ///< Event rows behind sequence `from`; the digest is the shard's chain, continued from `chain`.
  cases,     ///< Cases behind id `from`: their wrapped keys, and where their events stand.
  one_case,  ///< Everything of the case `from`, a line for its key and one for each commit.
};

struct DigestAsk {
  DigestStep step = DigestStep::head;
  std::uint64_t from = 0;
  std::uint64_t up_to = 0;          ///< Sequence: events that stand behind it are passed over.
  HistoryDigest chain{};
  bool with_lines = false;          ///< Tell each row or case apart: to find the one that differs.
  bool operator==(const DigestAsk&) const = default;
};

/// One row, case or commit of a piece.
struct DigestLine {
  std::uint64_t place = 0;          ///< Sequence of a row; of a case's line its version, 0: the wrapped key.
  CaseId case_id;
  HistoryDigest digest{};
  bool operator==(const DigestLine&) const = default;
};

struct DigestAnswer {
  std::uint64_t sequence = 0;       ///< Where the copy ends now,
  HistoryDigest chain{};            ///< with the chain that its head row says.
  std::uint64_t reached = 0;        ///< Pass as `from` next time.
  std::uint64_t count = 0;          ///< Rows, cases, or commits of the case.
  bool is_last = false;
  HistoryDigest digest{};
  std::vector<DigestLine> lines;
  bool operator==(const DigestAnswer&) const = default;
};

std::string encode(const DigestAsk& ask);
std::string encode(const DigestAnswer& answer);
/// Errors: corrupt; invalid_input for a version that is not spoken here.
Result<DigestAsk> decode_digest_ask(std::string_view bytes);
Result<DigestAnswer> decode_digest_answer(std::string_view bytes);

}  // namespace dunlin
