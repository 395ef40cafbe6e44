#pragma once
// The campaigns of the node: stored documents, one actor each, and the book every case knows. Changes of the book go to
// all shards, which re-plan their cases. A change is on disk before it takes effect. One per node.
#include <map>

#include "actors/contracts/messages.hpp"
#include "actors/document_queue.hpp"
#include "actors/node_context.hpp"

namespace dunlin {

class CampaignDeskActor : public caf::event_based_actor {
 public:
  CampaignDeskActor(caf::actor_config& config, const NodeContext* context, std::vector<Campaign> stored);
  caf::behavior make_behavior() override;
  const char* name() const override { return "campaign_desk"; }

 private:
  struct Entry {
    Campaign campaign;
    caf::actor actor;
  };
  caf::typed_response_promise<msg::Answer> on_put(const msg::PutCampaign& command);
  caf::typed_response_promise<msg::Answer> on_command(const msg::CommandCampaign& command);
  caf::typed_response_promise<msg::CampaignsView> on_get_campaigns();
  Result<DocumentChange> decide_put(const msg::PutCampaign& command);
  Result<DocumentChange> decide_command(const msg::CommandCampaign& command);
  DocumentChange change_to(const Campaign& campaign, const char* fact_type);
  void apply(const Campaign& campaign);
  void publish_book();
  Entry* find(const std::string& name_or_id);
  template <class Query>
  caf::response_promise pass(const Query& query);

  const NodeContext* context_;
  DocumentQueue queue_;
  std::map<CampaignId, Entry> campaigns_;
  std::map<AgentId, msg::AgentPresence> presence_;   ///< Told to campaigns that are created later.
};

/// Stored campaigns, for the first book; damaged documents are logged and left alone.
std::vector<Campaign> load_campaigns(const DocumentStore& documents);

}  // namespace dunlin
