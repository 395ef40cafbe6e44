#pragma once
// One of the 256 shards: routes commands to its case actors (waking them from the history), keeps the dial queue of its
// cases and one timer for all of them. Runs on the CAF pool. Awake cases are bounded; idle ones go to sleep. Imported rows
// of sleeping cases are folded by the shard itself: an actor for each of a hundred thousand rows would be made for nothing.
// On a cluster's node a shard that another node owns is only its face here: it dials nobody and passes commands on.
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"
#include "core/dialing/dial_queue.hpp"

namespace dunlin {

class ShardActor : public caf::event_based_actor {
 public:
  ShardActor(caf::actor_config& config, const NodeContext* context, ShardIndex shard, msg::BookPointer book);
  caf::behavior make_behavior() override;
  const char* name() const override { return "shard"; }

 private:
  using Delivery = std::function<void(const caf::actor&)>;
  struct AwakeCase {
    caf::actor actor;
    MonoTime used_at;
    bool is_falling_asleep = false;
    std::deque<Delivery> held;      ///< Commands that came while it decides whether it sleeps.
  };
  struct DialSearch;                ///< One DialNext on its way through the queue.
  struct ImportBatch;               ///< One ImportRows on its way into the cases (shard_import.cpp).
  struct Fold;                      ///< One sleeping case of a batch and its commits.

  void begin_work();
  void on_owned(const msg::ShardOwned& news);
  void on_shard_lost();
  /// To the node that owns the shard; an error when there is none.
  template <class Command>
  caf::response_promise pass_to_owner(const Command& command);
  void ask_waiting_again();
  void load_due_rows();
  bool is_edge_gone(const OpenAttempt& attempt) const;
  void on_node_began_anew(const msg::NodeBeganAnew& news);
  void settle_lost_reservation(CaseId id);
  /// Wakes the case if needed; an error when its stored view is damaged.
  Result<AwakeCase*> wake(CaseId id);
  template <class Command>
  caf::response_promise forward(const Command& command);
  caf::response_promise judge_or_pass(const msg::JudgeCases& query);
  caf::response_promise on_second_leg(const msg::RequestSecondLeg& command);
  caf::response_promise on_import_rows(msg::ImportRows& command);
  caf::typed_response_promise<msg::ImportRowsDone> import_rows(msg::ImportRows& command);
  void give_row_to_actor(const std::shared_ptr<ImportBatch>& batch, AwakeCase& entry, CaseId id, ImportRow row);
  void on_row_done(const std::shared_ptr<ImportBatch>& batch, std::uint64_t line, const msg::ImportOneDone& result);
  void pass_row_on(const std::shared_ptr<ImportBatch>& batch, CaseId to, ImportRow row);
  Result<CaseRecord> stored_record(CaseId id) const;
  bool fold_row(ImportBatch& batch, Fold& fold, ImportRow& row);
  void commit_folds(const std::shared_ptr<ImportBatch>& batch);
  void on_rows_folded(const msg::RowsFolded& news);
  void finish_fold(ImportBatch& batch, Fold& fold);
  msg::CasesJudged on_judge_cases(const msg::JudgeCases& query) const;
  caf::typed_response_promise<msg::DialAnswered> on_dial_next(const msg::DialNext& command);
  void try_next(std::shared_ptr<DialSearch> search);
  void on_attempt_reply(const std::shared_ptr<DialSearch>& search, const QueueRow& row, const msg::AttemptReply& reply);
  void finish(const std::shared_ptr<DialSearch>& search, msg::DialAnswered::Kind kind, CaseId id);
  void on_due_changed(const msg::CaseDueChanged& change);
  void on_lost(CaseId id);
  void on_campaigns_changed(const msg::CampaignsChanged& change);
  void on_book_renewed(const msg::BookRenewed& news);
  void replan_some();
  void replan(CaseId id);
  void on_tick();
  void fire_case_timers(UtcTime now);
  void put_idle_to_sleep(MonoTime now);
  void on_down(const caf::actor_addr& address);
  void on_fell_asleep(CaseId id, bool is_asleep);
  void put_back(const QueueRow& row, std::optional<UtcTime> until);

  const NodeContext* context_;
  ShardIndex shard_;
  msg::BookPointer book_;
  /// A command that came while nobody owned the shard: taken up again, or refused.
  struct Waiting {
    std::function<void()> again;
    std::function<void()> refuse;
  };

  bool is_owner_;
  std::deque<Waiting> waiting_;              ///< For the next owner.
  std::optional<MonoTime> orphaned_since_;   ///< Nobody owns the shard since then, as far as was noticed.
  DialQueue queue_;
  std::unordered_map<CaseId, AwakeCase> awake_;
  std::unordered_map<caf::actor_addr, CaseId> addresses_;
  std::unordered_set<CaseId> popped_;        ///< Out of the queue until their due rows come back.
  CaseId replan_after_;                 ///< Cases up to this one know the present book.
  bool is_replanning_ = false;
  bool has_new_rules_ = false;               ///< The present run of replanning was caused by a strategy.
  std::size_t replans_in_flight_ = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<ImportBatch>> batches_;  ///< Their commits are on the way.
  std::uint64_t next_batch_ = 0;
};

}  // namespace dunlin
