#include "app/cli/cluster_init.hpp"

#include <algorithm>
#include <cstdio>

#include "app/cli/founded_folder.hpp"
#include "cluster/authority.hpp"
#include "config/clock.hpp"
#include "config/text_distance.hpp"
#include "storage/cipher.hpp"
#include "storage/vault.hpp"

namespace dunlin {
namespace {

constexpr const char* init_usage = R"(usage: dunlin cluster init FOLDER --node NAME=ADDRESS… [--etcd NAME=HOST…] [--name NAME] [--in-place]
Writes what the machines of a new cluster need: a private authority, certificates, settings for each node and each member
of etcd, secrets, and README.txt with the next steps.
  --node a=10.0.0.1   a node and the numeric address the others reach it at; once for each node
  --etcd a=10.0.0.1   a member of etcd and its address or name; by default the first three nodes (of one or two: the first)
  --name bank         the cluster's name, by default dunlin
  --in-place          the files are used where they are written: a trial on one machine, with 127.0.0.1, 127.0.0.2 and so on
)";

/// So much of a name stands in a certificate, which has room for 64 characters.
constexpr std::size_t shown_name = 48;

/// Keys of the whole cluster, made once.
struct FoundingKeys {
  ClusterAuthority authority;
  InstallationKey installation;
  std::string secret;      ///< 64 hex digits: what batches are sealed with.
};

Result<FoundingKeys> make_keys(const FoundingPlan& plan, const std::filesystem::path& folder, UtcTime now) {
  auto authority = ClusterAuthority::found("authority of " + plan.cluster.substr(0, shown_name), now);
  if (!authority) return authority.error();
  const auto& pem = authority->pem();
  if (const auto written = write_new_folder(folder, {{"ca.pem", pem.certificate, public_mode}, {"ca.key", pem.key, secret_mode}}); !written) return written.error();
  auto installation = InstallationKey::create(folder / "installation.key");
  if (!installation) return installation.error();
  SecretKey secret = random_key();
  FoundingKeys keys{std::move(*authority), std::move(*installation), to_hex(view_of(secret))};
  wipe(secret);
  return keys;
}

Status write_node(const FoundingPlan& plan, const ClusterSeat& node, const FoundingKeys& keys, const std::filesystem::path& root, UtcTime now) {
  const auto own = keys.authority.issue({"node " + node.name.substr(0, shown_name), {node.host}}, now);
  if (!own) return own.error();
  return write_new_folder(root / node_folder_name(node), {{"dunlin.toml", node_settings_text(plan, node), public_mode},
                                                    {"ca.pem", keys.authority.pem().certificate, public_mode},
                                                    {"node.pem", own->certificate, public_mode},
                                                    {"node.key", own->key, secret_mode},
                                                    {"cluster.secret", keys.secret + "\n", secret_mode},
                                                    {"key.txt", keys.installation.export_text() + "\n", secret_mode}});
}

Status write_member(const FoundingPlan& plan, const ClusterSeat& member, const FoundingKeys& keys, const std::filesystem::path& root, UtcTime now) {
  const auto own = keys.authority.issue({"etcd " + member.name.substr(0, shown_name), hosts_of_member(member)}, now);
  if (!own) return own.error();
  return write_new_folder(root / member_folder_name(member), {{"etcd.yaml", member_settings_text(plan, member), public_mode},
                                                        {"ca.pem", keys.authority.pem().certificate, public_mode},
                                                        {"member.pem", own->certificate, public_mode},
                                                        {"member.key", own->key, secret_mode}});
}

Status write_all(const FoundingPlan& plan, const std::filesystem::path& root, UtcTime now) {
  const auto keys = make_keys(plan, root / "authority", now);
  if (!keys) return keys.error();
  for (const auto& node : plan.nodes) {
    if (auto written = write_node(plan, node, *keys, root, now); !written) return written;
  }
  for (const auto& member : plan.members) {
    if (auto written = write_member(plan, member, *keys, root, now); !written) return written;
  }
  return write_new_file(root, {"README.txt", next_steps_text(plan, now), public_mode});
}

Status take_option(FoundingPlan& plan, const std::string& option, const std::string& value) {
  if (option == "--name") {
    plan.cluster = value;
    return Done{};
  }
  auto seat = parse_cluster_seat(option, value);
  if (!seat) return seat.error();
  (option == "--node" ? plan.nodes : plan.members).push_back(std::move(*seat));
  return Done{};
}

Status take_folder(FoundingPlan& plan, const std::string& word) {
  if (!plan.folder.empty()) return invalid_input("a word too many: " + word + "\n" + init_usage);
  auto path = new_folder_path(word);
  if (!path) return path.error();
  plan.folder = std::move(*path);
  return Done{};
}

}  // namespace

Result<FoundingPlan> parse_founding(const std::vector<std::string>& words) {
  FoundingPlan plan;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--in-place") {
      plan.is_in_place = true;
    } else if (!words[i].starts_with("-")) {
      if (const auto taken = take_folder(plan, words[i]); !taken) return taken.error();
    } else {
      const std::string& option = words[i];
      if (option != "--node" && option != "--etcd" && option != "--name") {
        return invalid_input("unknown option " + option + guess_text(option, {"--node", "--etcd", "--name", "--in-place"}));
      }
      if (i + 1 == words.size() || words[i + 1].starts_with("--")) return invalid_input(option + " needs a value\n" + init_usage);
      if (const auto taken = take_option(plan, option, words[++i]); !taken) return taken.error();
    }
  }
  if (plan.folder.empty()) return invalid_input(std::string("missing FOLDER\n") + init_usage);
  return plan;
}

Status write_founding(const FoundingPlan& plan, UtcTime now) {
  return write_whole_folder(plan.folder, [&](const std::filesystem::path& unfinished) { return write_all(plan, unfinished, now); });
}

int run_cluster_init(const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), "--help") != words.end()) return std::fputs(init_usage, stdout), 0;
  auto plan = parse_founding(words);
  if (!plan) return certifying_failure(plan.error());
  const auto settled = settle_founding(std::move(*plan));
  if (!settled) return certifying_failure(settled.error());
  const UtcTime now = SystemClock().now_utc();
  if (const auto written = write_founding(settled->plan, now); !written) return certifying_failure(written.error());
  for (const auto& warning : settled->warnings) std::fprintf(stderr, "warning: %s\n", warning.c_str());
  std::printf("%s was written; README.txt in it says what this says:\n\n%s", settled->plan.folder.c_str(), next_steps_text(settled->plan, now).c_str());
  return 0;
}

}  // namespace dunlin
