#pragma once
// The imports of this node: starts jobs, lists them, undoes them. Every job has a document, so that its report and its
// undo outlive the process. One per node, on the CAF pool. Keeps the last thousand jobs.
#include <map>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class ImportDeskActor : public caf::event_based_actor {
 public:
  ImportDeskActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "import_desk"; }

 private:
  struct Job {
    msg::ImportView view;
    caf::actor actor;               ///< While it runs.
  };

  void load();
  void save(const msg::ImportView& view);
  void drop_oldest();
  caf::typed_response_promise<msg::Answer> on_start(const msg::StartImport& command);
  caf::typed_response_promise<msg::Answer> on_undo(const msg::UndoImport& command);
  template <class Actor, class What>
  caf::actor spawn_job(ImportId id, const What& what);
  void start_undo(Job& job);
  caf::typed_response_promise<msg::ImportsView> on_get(const msg::GetImport& query);

  const NodeContext* context_;
  std::vector<Job> jobs_;           ///< In the order of their start.
  Job* find(ImportId id);
};

}  // namespace dunlin
