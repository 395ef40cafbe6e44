// The texts a new cluster begins with: nodes' settings, etcd's, and what the administrator does next.
#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "cluster/authority.hpp"
#include "cluster/founding.hpp"
#include "config/numeric_host.hpp"

namespace dunlin {
namespace {

constexpr int etcd_client_port = 2379, etcd_peer_port = 2380, link_port = 7400, agents_port = 5061;
/// As many as there are nodes, up to what settings allow: an import looks for known persons in its own node's copies.
constexpr std::size_t most_copies = 5;

std::string with_port(const std::string& host, int port) {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

std::string url_of(const std::string& host, int port) { return "https://" + with_port(host, port); }

/// etcd listens on addresses only; under a name it takes all of its machine's.
std::string listened(const ClusterSeat& member) { return is_numeric_address(member.host) ? member.host : "0.0.0.0"; }

/// TOML and YAML read the same between double quotes.
std::string quoted(const std::string& text) {
  std::string escaped = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped + '"';
}

/// One word for sh (POSIX XCU 2.2.2), whatever is in it.
std::string shell_word(const std::string& text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("/._-:,=+@").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') word += "'\\''";
    else word += c;
  }
  return word + '\'';
}

std::string quoted(const std::filesystem::path& path) { return quoted(path.string()); }

/// Where a seat's files and its data are once it runs.
struct SeatPlaces {
  std::filesystem::path settings;
  std::filesystem::path data;
};

SeatPlaces places_of_node(const FoundingPlan& plan, const ClusterSeat& node) {
  if (!plan.is_in_place) return {"/etc/dunlin", "/var/lib/dunlin/node"};
  const auto folder = plan.folder / node_folder_name(node);
  return {folder, folder / "data"};
}

SeatPlaces places_of_member(const FoundingPlan& plan, const ClusterSeat& member) {
  if (!plan.is_in_place) return {"/etc/dunlin-etcd", "/var/lib/dunlin-etcd"};
  const auto folder = plan.folder / member_folder_name(member);
  return {folder, folder / "data"};
}

std::string member_urls(const FoundingPlan& plan) {
  std::string urls;
  for (const auto& member : plan.members) urls += (urls.empty() ? "" : ", ") + quoted(url_of(member.host, etcd_client_port));
  return urls;
}

std::string etcdctl_line(const FoundingPlan& plan) {
  std::string endpoints;
  for (const auto& member : plan.members) endpoints += (endpoints.empty() ? "" : ",") + url_of(member.host, etcd_client_port);
  const auto file = [folder = places_of_member(plan, plan.members.front()).settings](const char* name) { return shell_word((folder / name).string()); };
  return fmt::format("ETCDCTL_API=3 etcdctl --cacert {} --cert {} --key {} \\\n         --endpoints {} endpoint health", file("ca.pem"), file("member.pem"),
                     file("member.key"), shell_word(endpoints));
}

/// Files of a seat by who may read them on its machine.
struct SeatFiles {
  const char* user;
  const char* target;
  const char* open;                  ///< Root's; the user's group reads them.
  const char* secret;                ///< The user's, and nobody else's.
};
constexpr SeatFiles node_files{"dunlin", "/etc/dunlin", "dunlin.toml ca.pem node.pem", "node.key cluster.secret key.txt"};
constexpr SeatFiles member_files{"etcd", "/etc/dunlin-etcd", "etcd.yaml ca.pem member.pem", "member.key"};

/// Owners and modes as docs/operating.md has them. What is there already is neither replaced (-k ends with an error) nor given away.
std::string copy_line(const std::string& folder, const ClusterSeat& seat, const SeatFiles& files) {
  return fmt::format("     tar -C {0} -cf - {4} {5} | ssh root@{1} 'install -d -m 0750 -o root -g {2} {3} && cd {3} &&\n"
                     "       tar --no-same-owner -k -xpf - && chown root:{2} {4} && chmod 0640 {4} &&\n"
                     "       chown {2}: {5} && chmod 0400 {5}'\n",
                     folder, seat.host, files.user, files.target, files.open, files.secret);
}

std::string copy_steps(const FoundingPlan& plan) {
  if (plan.is_in_place) return "";
  return fmt::format("The copies below are made where this folder is, as one who may log in as root there; the users dunlin and etcd exist. A file that is\n"
                     "there already stays and ends the copy with an error: put it aside first.\n     cd {}\n\n",
                     shell_word(plan.folder.string()));
}

std::string member_steps(const FoundingPlan& plan) {
  std::string text = "1. etcd, 3.4 or later; TCP 2379 and 2380 open between all machines. Start all members: the first waits for the others.\n";
  for (const auto& member : plan.members) {
    const auto places = places_of_member(plan, member);
    if (plan.is_in_place) text += fmt::format("     etcd --config-file {}\n", shell_word((places.settings / "etcd.yaml").string()));
    else text += copy_line(member_folder_name(member), member, member_files);
  }
  if (!plan.is_in_place) {
    text += "   and on each of them, as root:\n"
            "     install -d -m 0700 -o etcd -g etcd /var/lib/dunlin-etcd\n"
            "     runuser -u etcd -- etcd --config-file /etc/dunlin-etcd/etcd.yaml      # as a service\n";
  }
  return text + "   Look, on a member:\n     " + etcdctl_line(plan) + "\n";
}

std::string node_steps(const FoundingPlan& plan) {
  std::string text = "2. The nodes; TCP 7400 open between them. All have the same installation key, put there before the first start.\n";
  for (const auto& node : plan.nodes) {
    const auto places = places_of_node(plan, node);
    if (plan.is_in_place) {
      text += fmt::format("     mkdir -m 0700 {0} && dunlin --data {0} key install {1} && dunlind --config {2}\n", shell_word(places.data.string()),
                          shell_word((places.settings / "key.txt").string()), shell_word((places.settings / "dunlin.toml").string()));
    } else {
      text += copy_line(node_folder_name(node), node, node_files);
    }
  }
  if (plan.is_in_place) return text;
  return text +
         "   Write jurisdiction and organisation_type (the same everywhere) and this node's trunks into its /etc/dunlin/dunlin.toml. Then, as root:\n"
         "     install -d -m 0700 -o dunlin -g dunlin /var/lib/dunlin/node\n"
         "     runuser -u dunlin -- dunlin --data /var/lib/dunlin/node key install /etc/dunlin/key.txt && rm /etc/dunlin/key.txt\n"
         "     dunlin config check /etc/dunlin/dunlin.toml\n"
         "     runuser -u dunlin -- dunlind --config /etc/dunlin/dunlin.toml      # as a service\n";
}

std::string date_after(UtcTime now, int days_later) { return format_date(civil_from_days((now + days(days_later)).ms / days(1).ms)); }

}  // namespace

std::string node_settings_text(const FoundingPlan& plan, const ClusterSeat& node) {
  const auto places = places_of_node(plan, node);
  const auto file = [&places](const char* name) { return quoted(places.settings / name); };
  return fmt::format(R"(# Node {0} of cluster {1}. config/dunlin.example.toml shows every option; `dunlin config check` this file after changes.
[node]
name = "{0}"
data_folder = {2}
jurisdiction = "RU"              # RU, KZ, US, UK or IT; the same on every node.
organisation_type = "agency"     # bank, mfo or agency; the same on every node.

[agents]
tls_bind = "{3}"

[media]
bind_address = "{4}"

[cluster]
name = "{1}"
etcd = [{5}]
ca_file = {6}
certificate_file = {7}
key_file = {8}
secret_file = {9}
link_bind = "{10}"
host = "{4}"                     # Where the disk stands: nodes with one host never count as two copies.
copies = {11}                       # The same on every node.

# The ways out of this node, one [[trunk]] each, stand below.
)",
                     node.name, plan.cluster, quoted(places.data), with_port(node.host, agents_port), node.host, member_urls(plan), file("ca.pem"),
                     file("node.pem"), file("node.key"), file("cluster.secret"), with_port(node.host, link_port), std::min(plan.nodes.size(), most_copies));
}

std::string member_settings_text(const FoundingPlan& plan, const ClusterSeat& member) {
  const auto places = places_of_member(plan, member);
  std::string initial;
  for (const auto& other : plan.members) initial += (initial.empty() ? "" : ",") + other.name + "=" + url_of(other.host, etcd_peer_port);
  const std::string tls = fmt::format("  cert-file: {}\n  key-file: {}\n  trusted-ca-file: {}\n  client-cert-auth: true\n", quoted(places.settings / "member.pem"),
                                      quoted(places.settings / "member.key"), quoted(places.settings / "ca.pem"));
  return fmt::format(R"(# Member {0} of the etcd of cluster {1}. Used for nothing else; never write below /dunlin/ by hand.
name: "{0}"
data-dir: {2}
listen-client-urls: "{3}"
advertise-client-urls: "{4}"
listen-peer-urls: "{5}"
initial-advertise-peer-urls: "{6}"
initial-cluster: "{7}"
initial-cluster-token: "dunlin-{1}"
initial-cluster-state: "new"
# Nodes speak to etcd by this gateway; without a configuration file it is on by itself.
enable-grpc-gateway: true
# Nobody is heard without a certificate of the cluster's own authority.
client-transport-security:
{8}peer-transport-security:
{8})",
                     member.name, plan.cluster, quoted(places.data), url_of(listened(member), etcd_client_port), url_of(member.host, etcd_client_port),
                     url_of(listened(member), etcd_peer_port), url_of(member.host, etcd_peer_port), initial, tls);
}

std::string next_steps_text(const FoundingPlan& plan, UtcTime now) {
  const std::string data = plan.is_in_place ? places_of_node(plan, plan.nodes.front()).data.string() : "/var/lib/dunlin/node";
  return fmt::format(R"(Cluster {0}: what to do with this folder. docs/operating.md, "Installing a cluster", has the reasons.

  authority/    stays here, on no machine of the cluster, and then in a safe: whoever has ca.key makes nodes, and whoever
                has installation.key and a disk reads the history. Without it a lost disk cannot be replaced.
  etcd-NAME/    for the machine of that member of etcd
  node-NAME/    for the machine of that node
Certificates hold until {1}, the authority until {2}. New ones: `dunlin cluster certify`.

{3}{4}{5}3. Look, on any node; every node with link "up" or "this node", shards_without_owner 0, batches_behind 0:
     dunlin --data {6} cluster status
4. Put authority/ away and delete the other folders here: they hold keys.
)",
                     plan.cluster, date_after(now, certificate_days), date_after(now, authority_days), copy_steps(plan), member_steps(plan), node_steps(plan), shell_word(data));
}

}  // namespace dunlin
