#pragma once
// The cluster's lines of `health` and its metrics, made of what one node sees (docs/operating.md, alarms). Pure, any thread.
#include <string>
#include <vector>

#include "app/cluster_view.hpp"
#include "cluster/shared_documents.hpp"

namespace dunlin {

/// One line: red means that this node begins no call, attention that somebody should look.
struct ClusterCheck {
  std::string name;
  std::string grade;      ///< good, attention, red.
  std::string detail;     ///< A sentence, also when it is good.
};

std::vector<ClusterCheck> cluster_checks(const ClusterView& view, const SharedDocumentsStats& documents);
/// Prometheus text, `dunlin_cluster_*`.
std::string cluster_metrics(const ClusterView& view, const SharedDocumentsStats& documents);

}  // namespace dunlin
