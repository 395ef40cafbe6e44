#pragma once
// The Prometheus text format, version 0.0.4: families with help and type, samples with escaped labels. Pure.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "actors/contracts/messages.hpp"

namespace dunlin {

class MetricsText {
 public:
  using Labels = std::vector<std::pair<std::string_view, std::string>>;
  /// Begins a family: a name is begun once. `type`: "counter", "gauge", "summary".
  void family(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of the family begun last; `suffix` as in "_sum".
  void sample(const Labels& labels, double value, std::string_view suffix = "");
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string name_;
};

/// What the desks know: campaigns, agents by state, calls by campaign, trunk and outcome. No id of a person or a call.
struct DeskViews {
  std::vector<msg::CampaignView> campaigns;
  std::vector<msg::AgentView> agents;
  msg::CallsView calls;
  msg::TrunksView trunks;
};
std::string desk_metrics(const DeskViews& views);

}  // namespace dunlin
