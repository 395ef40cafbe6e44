#pragma once
// Takes one import back: looks through the stored cases, shard by shard, and asks those it touched to return to what they
// were before. Cases somebody has worked on since stay as they are and are listed. Repeating it changes nothing, so after
// a crash it simply runs again. Runs on a thread of its own: the walk reads the disk. Ends by telling the desk.
#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class UndoActor : public caf::event_based_actor {
 public:
  UndoActor(caf::actor_config& config, const NodeContext* context, caf::actor desk, ImportId id, msg::UndoView state);
  caf::behavior make_behavior() override;
  const char* name() const override { return "undo"; }

 private:
  void next_shard();
  void ask_next();
  void on_answer(CaseId id, const msg::ImportOfCaseUndone& answer);

  const NodeContext* context_;
  caf::actor desk_;
  ImportId id_;
  msg::UndoView state_;
  ShardIndex shard_ = 0;
  std::vector<CaseId> waiting_;      ///< Of the present shard.
  std::size_t open_ = 0;
};

}  // namespace dunlin
