#pragma once
// Rebuilding what can be derived: a case's view, lookups, due rows and index of attempts come from its events by a pure function of core.
// Verify compares byte by byte on a running store; rebuild writes and needs a journal with nothing queued (start-up or
// a tool). Any one thread; blocks for as long as the history is long.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/case/journal.hpp"

namespace dunlin {

class Database;
class Vault;
class HistoryLog;
struct CaseComparison;

/// What the events of one case say its projections must be.
struct FoldedCase {
  std::string case_view;
  std::vector<LookupKey> lookups;
  std::optional<std::vector<DueRow>> due;  ///< nullopt: not derived from events alone; left as it is.
  std::vector<AttemptMark> attempts;
};
using FoldCase = std::function<Result<FoldedCase>(CaseId, const std::vector<StoredEvent>&)>;

struct ProjectionDifference {
  CaseId case_id;
  std::string what;  ///< "unreadable: …", "view missing", "view differs at byte 17 of 310", "lookups differ: 1 missing, 0 extra", …
};

struct ProjectionReport {
  static constexpr std::size_t max_listed = 100;
  std::uint64_t cases = 0;
  std::uint64_t events = 0;
  std::uint64_t differing_cases = 0;
  std::vector<ProjectionDifference> differences;  ///< The first max_listed.
};

enum class ProjectionMode { verify, rebuild };
/// Told after each of the 256 shards; returns false to stop. May be empty.
using ProjectionProgress = std::function<bool(ShardIndex shards_done, const ProjectionReport& so_far)>;

class Projections {
 public:
  Projections(Database& database, Vault& vault, const HistoryLog& history)
      : database_(database), vault_(vault), history_(history) {}

  /// Folds every case. In rebuild mode differing cases are rewritten and the store gets the present data format; the
  /// report says what differed before. Stopped by `progress`: Errc::unavailable.
  Result<ProjectionReport> run(ProjectionMode mode, const FoldCase& fold, const ProjectionProgress& progress = {});

 private:
  Result<CaseComparison> compare(CaseId case_id, const FoldCase& fold) const;
  Status check_case(CaseId case_id, ProjectionMode mode, const FoldCase& fold, ProjectionReport& report);
  Database& database_;
  Vault& vault_;
  const HistoryLog& history_;
};

}  // namespace dunlin
