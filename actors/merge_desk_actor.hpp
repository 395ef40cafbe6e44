#pragma once
// Cases that turned out to be one person. A merge is noted in a document before anything happens and forgotten when the
// survivor has the other's facts, so a crash or a call in progress only delays it. One merge at a time: two cases never
// wait for each other. On a cluster's node the owners of the two cases are asked how they stand; a merge that an owner's absence
// holds up is tried again. One per node, on the CAF pool.
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include "actors/contracts/messages.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class MergeDeskActor : public caf::event_based_actor {
 public:
  MergeDeskActor(caf::actor_config& config, const NodeContext* context) : caf::event_based_actor(config), context_(context) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "merge_desk"; }

 private:
  using Promise = caf::typed_response_promise<msg::MergeAnswered>;
  struct Merge {
    CaseId survivor;
    CaseId absorbed;
    Promise promise;                ///< Answered at the first result; a later life of the process has nobody to answer.
    bool is_noted = false;
    bool is_swapped = false;        ///< The absorbed one is in a call: the other way round is tried.
    MonoTime not_before;            ///< After a vain try.
  };
  /// Where two cases are now, aliases followed.
  struct Standing {
    std::optional<msg::AbsorbCase> unfinished;  ///< One was closed and its survivor lacks its facts.
    CaseId survivor;
    CaseId absorbed;
  };

  /// Cases as they stand while one merge is looked at; filled from the archive, on a cluster's node by their owners.
  using Records = std::unordered_map<CaseId, CaseRecord>;
  /// What becomes of a look: how the cases stand, or why nobody can tell.
  using Looked = std::function<void(Merge, const Result<Standing>&)>;

  void load();
  Promise on_merge(const msg::MergeCases& command);
  void run_next();
  Result<CaseRecord> stored(CaseId id) const;
  Result<CaseRecord> record_of(CaseId id, const Records& known, CaseId& missing) const;
  Result<CaseRecord> root_of(CaseRecord record, const Records& known, CaseId& missing) const;
  Result<Standing> standing_of(const Merge& merge, const Records& known, CaseId& missing) const;
  void look(Merge merge, std::shared_ptr<Records> known, Looked then);
  void ask_owner(Merge merge, std::shared_ptr<Records> known, CaseId id, Looked then);
  void start(Merge merge);
  void on_standing(Merge merge, const Result<Standing>& standing);
  void on_answer(Merge merge, const msg::Answer& answer);
  void on_refused(Merge merge, const Error& why, const Result<Standing>& standing);
  void end(Merge& merge, std::optional<Error> error);
  void put_off(Merge merge, const Error& why);

  const NodeContext* context_;
  std::deque<Merge> waiting_;
  bool is_busy_ = false;
};

}  // namespace dunlin
