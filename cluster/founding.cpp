#include "cluster/founding.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "cluster/authority.hpp"
#include "config/numeric_host.hpp"
#include "config/option_checks.hpp"

namespace dunlin {
namespace {

constexpr std::size_t most_nodes = 64;
constexpr std::size_t members_by_default = 3;
/// etcd's own advice: more members only make every commit wait for more disks.
constexpr std::size_t most_members = 7;

Error bad_name(const std::string& option, const std::string& name) {
  return invalid_input(fmt::format("{} \"{}\": the name is not allowed; allowed: {}", option, name, plain_names));
}

/// Names do not tell large letters from small ones (RFC 4343).
std::string canonical_host(std::string host) {
  if (const auto address = canonical_address(host); !address.empty()) return address;
  std::transform(host.begin(), host.end(), host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return host;
}

bool is_loopback(const std::string& host) { return host == "::1" || host == "localhost" || (is_numeric_address(host) && host.starts_with("127.")); }

/// Names and machines occur once among the seats of one kind.
Status check_distinct(const std::string& option, const std::vector<ClusterSeat>& seats) {
  for (std::size_t i = 0; i < seats.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (seats[i].name == seats[j].name) return invalid_input(fmt::format("{} {} stands twice: give each a name of its own", option, seats[i].name));
      if (seats[i].host != seats[j].host) continue;
      return invalid_input(fmt::format("{} {} and {} {} have the same address {} and would use the same ports: give each a machine of its own, or another "
                                       "address of that machine",
                                       option, seats[j].name, option, seats[i].name, seats[i].host));
    }
  }
  return Done{};
}

Status check_node(const ClusterSeat& node) {
  if (is_numeric_address(node.host) && !is_any_address(node.host)) return Done{};
  return invalid_input(fmt::format("--node {}={}: a node needs the numeric address the others reach it at, like 10.0.0.1: the link between nodes asks no name "
                                   "server",
                                   node.name, node.host));
}

Status check_member(const ClusterSeat& member) {
  if (is_certifiable_host(member.host) && !is_any_address(member.host)) return Done{};
  return invalid_input(fmt::format("--etcd {}={}: neither a numeric address, like 10.0.0.1, nor a host's name", member.name, member.host));
}

/// What is on loopback is seen by its own machine only.
Status check_reach(const FoundingPlan& plan) {
  const ClusterSeat* inside = nullptr;
  const ClusterSeat* outside = nullptr;
  for (const auto* seats : {&plan.nodes, &plan.members}) {
    for (const auto& seat : *seats) (is_loopback(seat.host) ? inside : outside) = &seat;
  }
  if (inside == nullptr || outside == nullptr) return Done{};
  return invalid_input(fmt::format("{}={} is seen by its own machine only, and {}={} is another one: give addresses that all machines reach", inside->name,
                                   inside->host, outside->name, outside->host));
}

std::vector<ClusterSeat> default_members(const std::vector<ClusterSeat>& nodes) {
  const std::size_t count = nodes.size() >= members_by_default ? members_by_default : 1;
  return {nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<std::string> founding_warnings(const FoundingPlan& plan) {
  std::vector<std::string> found;
  const std::size_t members = plan.members.size();
  if (members == 1 && plan.nodes.size() > 1) found.push_back("etcd has one member: when its machine is down nobody dials. Name three with --etcd");
  if (members % 2 == 0) {
    found.push_back(fmt::format("etcd has {} members and stands the loss of {}, no more than {} would: an odd number is better", members, (members - 1) / 2,
                                members - 1));
  }
  if (plan.nodes.size() == 1) found.push_back("one node keeps the only copy of each case (copies = 1): name two or more with --node");
  return found;
}

}  // namespace

Result<ClusterSeat> parse_cluster_seat(const std::string& option, const std::string& text) {
  const std::size_t mark = text.find('=');
  if (mark == std::string::npos || mark + 1 == text.size()) {
    return invalid_input(fmt::format("{} \"{}\": a name and an address are wanted, like {} a=10.0.0.1", option, text, option));
  }
  ClusterSeat seat{text.substr(0, mark), canonical_host(text.substr(mark + 1))};
  if (!is_plain_name(seat.name)) return bad_name(option, seat.name);
  return seat;
}

Result<SettledFounding> settle_founding(FoundingPlan plan) {
  if (!is_plain_name(plan.cluster)) return bad_name("--name", plan.cluster);
  if (plan.nodes.empty()) return invalid_input("name the cluster's nodes: --node a=10.0.0.1 --node b=10.0.0.2 --node c=10.0.0.3");
  if (plan.nodes.size() > most_nodes) return invalid_input(fmt::format("--node stands {} times, {} nodes are the most", plan.nodes.size(), most_nodes));
  if (plan.members.size() > most_members) {
    return invalid_input(fmt::format("--etcd stands {} times, {} members are the most: each commit waits for the disks of a majority", plan.members.size(), most_members));
  }
  for (const auto& node : plan.nodes) {
    if (const auto checked = check_node(node); !checked) return checked.error();
  }
  if (plan.members.empty()) plan.members = default_members(plan.nodes);
  for (const auto& member : plan.members) {
    if (const auto checked = check_member(member); !checked) return checked.error();
  }
  if (const auto checked = check_distinct("--node", plan.nodes); !checked) return checked.error();
  if (const auto checked = check_distinct("--etcd", plan.members); !checked) return checked.error();
  if (const auto checked = check_reach(plan); !checked) return checked.error();
  auto warnings = founding_warnings(plan);
  return SettledFounding{std::move(plan), std::move(warnings)};
}

std::vector<std::string> hosts_of_member(const ClusterSeat& member) {
  std::vector<std::string> hosts{member.host};
  // A member holds another's certificate against the address it calls from, and the kernel calls all of 127.0.0.0/8 from 127.0.0.1.
  if (is_loopback(member.host) && member.host != "127.0.0.1" && member.host != "::1") hosts.emplace_back("127.0.0.1");
  return hosts;
}

std::string node_folder_name(const ClusterSeat& node) { return "node-" + node.name; }
std::string member_folder_name(const ClusterSeat& member) { return "etcd-" + member.name; }

}  // namespace dunlin
