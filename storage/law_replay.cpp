#include "storage/law_replay.hpp"

#include <map>

#include "config/rule_archive.hpp"

namespace dunlin {
namespace {

constexpr const char* document_kind = "law_rules";

class Replay {
 public:
  Replay(Store& store, const ReplayScope& scope, const std::function<bool(double)>& progress)
      : store_(store), scope_(scope), progress_(progress) {}

  Result<LawReplayReport> run() {
    for (ShardIndex shard = 0; shard < shard_count; ++shard) {
      if (scope_.only_case && shard_of(*scope_.only_case) != shard) continue;
      if (auto status = store_.history().verify_chain(shard); !status) return status.error();
      if (auto status = replay_shard(shard); !status) return status.error();
      if (progress_ && !progress_((shard + 1.0) / shard_count)) return Error{Errc::unavailable, "stopped"};
    }
    return std::move(report_);
  }

 private:
  Status replay_shard(ShardIndex shard) {
    std::vector<CaseId> cases;
    if (scope_.only_case) {
      cases.push_back(*scope_.only_case);
    } else {
      const Status listed = store_.history().each_case(shard, [&cases](CaseId id) { return cases.push_back(id), true; });
      if (!listed) return listed;
    }
    for (const CaseId id : cases) {
      if (auto status = replay_one(id); !status) return status;
    }
    return Done{};
  }

  Status replay_one(CaseId id) {
    const auto history = store_.history().case_events(id);
    if (!history) return history.error();
    const Status done = replay_case(*history, scope_.since, [this](const std::string& version) { return policy_of(version); },
                                    [this](const ReplayedDecision& decision) { count(decision); });
    if (!done) return Error{done.error().code, "case " + id.str() + ": " + done.error().detail};
    if (failure_) return *failure_;
    ++report_.cases;
    return Done{};
  }

  void count(const ReplayedDecision& decision) {
    ++report_.decisions;
    switch (decision.result) {
      case ReplayResult::same: ++report_.same; return;
      case ReplayResult::differs: ++report_.differing; break;
      case ReplayResult::no_rules:
      case ReplayResult::no_inputs: ++report_.not_replayable; break;
    }
    if (report_.shown.size() < most_shown_replays) report_.shown.push_back(decision);
  }

  std::shared_ptr<const ContactPolicy> policy_of(const std::string& version) {
    const auto known = policies_.find(version);
    if (known != policies_.end()) return known->second;
    const auto rules = kept_rule_set(store_.documents(), version);
    // Rules that were never kept here are one thing; rules that are kept and damaged are another.
    if (!rules && rules.error().code != Errc::not_found) failure_ = Error{rules.error().code, "rule set " + version + ": " + rules.error().detail};
    auto policy = rules ? std::make_shared<const ContactPolicy>(*rules) : nullptr;
    return policies_.emplace(version, std::move(policy)).first->second;
  }

  Store& store_;
  ReplayScope scope_;
  const std::function<bool(double)>& progress_;
  std::map<std::string, std::shared_ptr<const ContactPolicy>> policies_;
  LawReplayReport report_;
  std::optional<Error> failure_;
};

}  // namespace

Status keep_rule_files(Documents& documents, const RuleSet& rules, const std::vector<RuleFile>& files) {
  const auto known = documents.get(document_kind, rules.version);
  if (!known) return known.error();
  if (known->has_value()) return Done{};
  const auto written = documents.put_and_wait({document_kind, rules.version, archive_rule_files(files), std::nullopt});
  if (!written) return written.error();
  return Done{};
}

Result<std::shared_ptr<const RuleSet>> kept_rule_set(const Documents& documents, const std::string& version) {
  const auto document = documents.get(document_kind, version);
  if (!document) return document.error();
  if (!document->has_value()) return Error{Errc::not_found, "rule set " + version + " is not kept here"};
  const auto files = unarchive_rule_files((*document)->bytes);
  if (!files) return files.error();
  auto rules = compile_rule_set(*files);
  if (rules && (*rules)->version != version) return Error{Errc::corrupt, "the kept rule set is not " + version};
  return rules;
}

Result<LawReplayReport> replay_law(Store& store, const ReplayScope& scope, const std::function<bool(double)>& progress) {
  return Replay(store, scope, progress).run();
}

}  // namespace dunlin
