#pragma once
// One import job: reads the file in small steps beside live dialing, finds each row's person, sends the rows to their
// shards in bounded batches and counts what came of them. Ends with a report. Runs on the CAF pool.
#include <set>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class ImportActor : public caf::event_based_actor {
 public:
  ImportActor(caf::actor_config& config, const NodeContext* context, ImportId id, msg::StartImport command);
  caf::behavior make_behavior() override;
  const char* name() const override { return "import"; }

 private:
  void step();
  void send_rows(std::vector<ImportRow> rows);
  void send_batch(ShardIndex shard, std::vector<std::pair<CaseId, ImportRow>> rows);
  CaseId find_person(const CaseDraft& draft) const;
  void count_only(const std::vector<ImportRow>& rows);
  void on_done(const msg::ImportRowsDone& done, std::size_t rows);
  void finish_when_idle();
  void fail(const Error& error);
  void record(const char* fact_type) const;
  msg::ImportView view() const;

  const NodeContext* context_;
  msg::StartImport command_;
  std::unique_ptr<ImportSource> source_;
  msg::ImportView state_;
  MonoTime started_at_;
  std::size_t in_flight_ = 0;
  bool is_read_ = false;
};

/// Makes the jobs, lists them, keeps the last ones. One per node.
class ImportDeskActor : public caf::event_based_actor {
 public:
  ImportDeskActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "import_desk"; }

 private:
  caf::typed_response_promise<msg::ImportsView> on_get(const msg::GetImport& query);

  const NodeContext* context_;
  std::vector<std::pair<ImportId, caf::actor>> jobs_;
};

}  // namespace dunlin
