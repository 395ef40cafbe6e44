#pragma once
// What a new cluster begins with, before any of its machines runs: who its nodes and etcd's members are, and the text of
// every file they need. Pure: the caller makes keys and writes files (app/cli/cluster_init). Any thread.
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// A node or a member of etcd, and the machine it runs on.
struct ClusterSeat {
  std::string name;                  ///< Letters, digits, '.', '-', '_'.
  std::string host;                  ///< Of a node: a numeric address. Of a member also a DNS name. Written as canonical_address does, names in small letters.
  bool operator==(const ClusterSeat&) const = default;
};

/// "a=10.0.0.1". `option` is named in errors. One address gives one text, however it was written.
Result<ClusterSeat> parse_cluster_seat(const std::string& option, const std::string& text);

struct FoundingPlan {
  std::string cluster = "dunlin";
  std::vector<ClusterSeat> nodes;
  std::vector<ClusterSeat> members;  ///< Of etcd; left empty: chosen from the nodes by `settle_founding`.
  std::filesystem::path folder;      ///< Absolute; where everything is written.
  bool is_in_place = false;          ///< The files name each other where they were written, for a trial on one machine.
};

/// Chooses members if none are named and refuses what could not run. Errors name the option and what to do. `warnings` of what
/// runs and is probably not meant.
struct SettledFounding {
  FoundingPlan plan;
  std::vector<std::string> warnings;
};
Result<SettledFounding> settle_founding(FoundingPlan plan);

/// Names and addresses the certificate of a member of etcd vouches for. A node's vouches for its host alone.
std::vector<std::string> hosts_of_member(const ClusterSeat& member);

/// Below the plan's folder.
std::string node_folder_name(const ClusterSeat& node);
std::string member_folder_name(const ClusterSeat& member);

/// A node's dunlin.toml.
std::string node_settings_text(const FoundingPlan& plan, const ClusterSeat& node);
/// etcd's configuration file (etcd 3.4 and later, --config-file).
std::string member_settings_text(const FoundingPlan& plan, const ClusterSeat& member);
/// Where what goes and in which order things start; when the certificates run out.
std::string next_steps_text(const FoundingPlan& plan, UtcTime now);

}  // namespace dunlin
