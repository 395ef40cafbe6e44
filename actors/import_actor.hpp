#pragma once
// One import job: reads the file beside live dialing, finds each row's person, sends the rows to their shards in bounded
// batches, has cases merged that turned out to be one person, and ends with a report of what the law lets dial. Runs on a
// thread of its own: reading a file blocks. Tells the desk its last view and ends.
#include <map>
#include <set>
#include <vector>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"
#include "core/case/person_identity.hpp"

namespace dunlin {

class ImportActor : public caf::event_based_actor {
 public:
  ImportActor(caf::actor_config& config, const NodeContext* context, caf::actor desk, ImportId id, msg::StartImport command);
  caf::behavior make_behavior() override;
  const char* name() const override { return "import"; }

 private:
  using Found = std::vector<std::vector<CaseId>>;
  using ShardRows = std::map<ShardIndex, std::vector<std::pair<CaseId, ImportRow>>>;

  void step();
  void on_step();
  // The person of each row.
  std::vector<LookupKey> lookups_for(const std::vector<ImportRow>& rows) const;
  /// The row's case; unset when its keys contradict each other and it went back.
  CaseId settle_person(const ImportRow& row, const Found& found, std::size_t first_key);
  CaseId join_cases(const ImportRow& row, const std::vector<CaseId>& cases);
  std::vector<PersonKey> known_keys(CaseId id) const;
  void note_namesakes(const ImportRow& row, CaseId own, const std::vector<CaseId>& same_name);
  void remember(const ImportRow& row, CaseId id);
  // The way into the shards.
  Status send_rows(std::vector<ImportRow> rows);
  void send_batch(ShardIndex shard, std::vector<std::pair<CaseId, ImportRow>> rows);
  void on_done(const msg::ImportRowsDone& done, const std::vector<std::uint64_t>& lines);
  void give_back(std::uint64_t line, const Error& error);
  void review(ImportReview item);
  // After the last row.
  void end_rows();
  void merge_next();
  void wait_for_quiet();
  void start_census();
  void judge_next();
  void finish(msg::JobState state);
  void fail(const Error& error);
  void record(const char* fact_type) const;
  double seconds_so_far() const;
  msg::ImportView view() const;

  const NodeContext* context_;
  caf::actor desk_;
  msg::StartImport command_;
  std::unique_ptr<ImportSource> source_;
  msg::ImportView state_;
  MonoTime started_at_;
  std::size_t in_flight_ = 0;
  bool is_read_ = false;
  bool is_cancelled_ = false;
  UtcTime line_quiet_at_;
  std::vector<CaseId> persons_;                         ///< By number of the person within the file.
  std::set<std::pair<CaseId, CaseId>> known_merges_;
  std::vector<std::pair<CaseId, CaseId>> merges_;       ///< Survivor, absorbed; done after the last row, last first.
  std::vector<std::pair<ShardIndex, std::vector<CaseId>>> to_judge_;
  std::size_t judging_ = 0;
};

}  // namespace dunlin
