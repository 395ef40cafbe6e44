#pragma once
// Yesterday's decisions under yesterday's law: every rule set that judged is kept in the store under its version, and
// every stored decision can be decided again under the version it names. Replay reads the whole history: any blocking
// thread, on a running node or with the store opened alone.
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "config/rule_loader.hpp"
#include "core/case/law_replay.hpp"
#include "storage/store.hpp"

namespace dunlin {

/// Writes the files unless they are there: a version is the hash of its files and never changes. Blocks on the disk.
Status keep_rule_files(Documents& documents, const RuleSet& rules, const std::vector<RuleFile>& files);
/// not_found when the version never judged here, corrupt when the kept files do not hash to it.
Result<std::shared_ptr<const RuleSet>> kept_rule_set(const Documents& documents, const std::string& version);

struct LawReplayReport {
  std::uint64_t cases = 0;
  std::uint64_t decisions = 0;
  std::uint64_t same = 0;
  std::uint64_t differing = 0;
  std::uint64_t not_replayable = 0;        ///< Rule set not kept here, or stored by a version that kept no inputs.
  std::vector<ReplayedDecision> shown;     ///< The first of those that are not the same.
};
inline constexpr std::size_t most_shown_replays = 1000;

/// Checks the chain of each shard first: a damaged history is corrupt and not judged. `progress` gets the share done, 0..1,
/// after every shard and stops the work by false: Errc::unavailable.
Result<LawReplayReport> replay_law(Store& store, const ReplayScope& scope, const std::function<bool(double)>& progress = {});

}  // namespace dunlin
