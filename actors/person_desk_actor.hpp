#pragma once
// Finds people in a cluster (actors/contracts/person_search): asks the owners of all shards what they hold, this node's own store for
// its own shards, and joins the answers; answers the same questions of other nodes for the shards that are ours. What an owner says is
// what it has committed; an answer counts only if each shard had the same owner, in the same epoch, before and after. One per node of a
// cluster, on a thread of its own: it reads the disk. Answers within limits::peer_answer_timeout a page, with an error if need be.
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "actors/contracts/person_search.hpp"
#include "actors/contracts/region.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class PersonDeskActor : public caf::event_based_actor {
 public:
  /// The context's region and the index outlive it.
  PersonDeskActor(caf::actor_config& config, const NodeContext* context, const PersonIndex* index)
      : caf::event_based_actor(config), context_(context), index_(index) {}
  caf::behavior make_behavior() override;
  const char* name() const override { return "person_desk"; }

 private:
  /// Who owns what now; the own shards apart.
  struct Holders {
    std::vector<HeldShard> own;
    std::map<std::string, std::vector<HeldShard>> others;
  };
  struct Search;                    ///< One FindCases on its way through the nodes.
  struct Reading;                   ///< The same of a ReadCases.

  Result<Holders> holders_of(const std::vector<ShardIndex>& shards) const;
  Status check_own(const std::vector<HeldShard>& shards) const;
  Status check_holders(const Holders& holders) const;

  caf::typed_response_promise<msg::CasesFound> on_find(const msg::FindCases& question);
  void find_own(Search& search) const;
  void find_at(const std::shared_ptr<Search>& search, const std::string& node, std::size_t first);
  void close_one(const std::shared_ptr<Search>& search) const;
  caf::typed_response_promise<msg::CasesRead> on_read(const msg::ReadCases& question);
  void read_own(Reading& reading, const std::vector<CaseId>& ids) const;
  void read_at(const std::shared_ptr<Reading>& reading, const std::string& node, std::size_t first);
  void close_one(const std::shared_ptr<Reading>& reading) const;

  Result<std::vector<std::vector<CaseId>>> held(const std::vector<HeldShard>& shards, const std::vector<HashedKey>& keys) const;
  msg::HeldFound on_find_held(const msg::FindHeld& question) const;
  msg::HeldRead on_read_held(const msg::ReadHeld& question) const;

  const NodeContext* context_;
  const PersonIndex* index_;
};

}  // namespace dunlin
