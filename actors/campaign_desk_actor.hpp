#pragma once
// The campaigns of the node: stored documents, one actor each, and the book every case knows. Changes of the book go to
// all shards, which re-plan their cases. One per node.
#include <map>

#include "actors/contracts/messages.hpp"
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
  void save(const Campaign& campaign, const char* fact_type, caf::typed_response_promise<msg::Answer> promise);
  void apply(const Campaign& campaign);
  void publish_book();
  Entry* find(const std::string& name_or_id);
  template <class Query>
  caf::response_promise pass(const Query& query);

  const NodeContext* context_;
  std::map<CampaignId, Entry> campaigns_;
  std::map<AgentId, msg::AgentPresence> presence_;   ///< Told to campaigns that are created later.
};

/// Stored campaigns, for the first book; damaged documents are logged and left alone.
std::vector<Campaign> load_campaigns(const DocumentStore& documents);

}  // namespace dunlin
