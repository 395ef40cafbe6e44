#pragma once
// The index of attempts: from an id to its case, and every attempt in the order of time, of the node and of each
// campaign. Its rows hold ids, times and outcomes, nothing secret, and are written in the same batch as the facts they
// come from. Reads: any thread, short disk reads. Errors: corrupt (a damaged row), unavailable (the disk).
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/case/attempt_index.hpp"

namespace dunlin {

class Database;

/// Key → value of every row these marks of one case mean; later marks win.
std::map<std::string, std::string> attempt_rows(CaseId case_id, const std::vector<AttemptMark>& marks);

/// The stored rows of one case, those under node-wide keys included as far as the case's own rows name them.
Result<std::map<std::string, std::string>> stored_attempt_rows(const Database& database, CaseId case_id);

/// What one of a shard's rows means under node-wide keys; empty for most.
std::map<std::string, std::string> node_rows_of_attempt(std::string_view key, std::string_view value);

class AttemptIndex {
 public:
  explicit AttemptIndex(const Database& database) : database_(database) {}

  /// nullopt when there is no such attempt.
  Result<std::optional<AttemptEntry>> find(AttemptId attempt) const;
  /// From the newest to the oldest, until the visitor returns false. One consistent order; entries as of their visit.
  Status each(const AttemptRange& range, const std::function<bool(const AttemptEntry&)>& visit) const;

 private:
  Result<AttemptEntry> entry_of(CaseId case_id, AttemptId attempt) const;
  const Database& database_;
};

}  // namespace dunlin
