#pragma once
// The node's settings: one TOML file, every option with unit, default and effect (config/dunlin.example.toml).
// Order: embedded default < file < environment (DUNLIN__SIP__REALM=…, never for secrets) < command line.
// Secrets come from files only (`*_file` options). Campaigns, users and rules live in the history, not here.
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/log.hpp"
#include "core/base/port_range.hpp"
#include "core/base/result.hpp"

namespace dunlin {

enum class TrunkTransport : std::uint8_t { udp, tcp, tls };
enum class MediaSecurity : std::uint8_t { off, optional, required };
/// Which sound of a call is kept: none, from the answer on (machines too), or from the bridge with an agent on.
enum class RecordFrom : std::uint8_t { off, answered, bridged };

/// One way out to the public network.
struct TrunkOptions {
  std::string name;
  std::string address;                       ///< host:port of the carrier, or a name alone: its SRV records.
  TrunkTransport transport = TrunkTransport::udp;
  std::string outbound_proxy;                ///< As address; empty = address.
  std::string local_bind = "127.0.0.1:0";
  std::string advertised_address;            ///< Public address in Contact and SDP; empty = local_bind's.
  std::vector<std::string> allowed_sources;  ///< CIDRs that may talk to the trunk socket; empty = the address itself.
  std::string domain;                        ///< SIP domain in From and for TLS verification; empty = address host.
  std::string ca_file;                       ///< CA of the carrier's certificate (TLS).
  std::string register_user;                 ///< Non-empty = REGISTER with digest.
  std::string password_file;
  std::string number_format = "e164";        ///< e164 (+7…), national8 (8…), plain7 (7…).
  std::string number_prefix;
  std::vector<std::string> caller_ids;       ///< E.164 numbers of the contract; the campaign picks among them.
  std::string caller_id_header = "from";     ///< from, pai, rpid.
  MediaSecurity srtp = MediaSecurity::off;
  std::vector<std::string> codecs{"pcma", "pcmu"};
  PortRange rtp_ports;                       ///< Of media legs towards this carrier; not set = [media]'s.
  int channels = 30;                         ///< Calls at once.
  double calls_per_second = 10.0;
  int options_interval_s = 30;               ///< 0 = no health probe.
  int session_expires_s = 1800;              ///< RFC 4028; 0 = off.
  std::string reliability = "supported";     ///< RFC 3262 (PRACK): off, supported, required.
  std::vector<std::string> test_numbers;     ///< Allowed targets of `trunk test`.
};

struct AgentEdgeOptions {
  std::string realm = "dunlin";
  std::string tls_bind = "127.0.0.1:5061";
  std::string udp_bind;                      ///< Empty = no plain agents.
  std::string certificate_folder;            ///< agent.pem and cafile.pem; empty = made in the data folder at first start.
  std::vector<std::string> plain_agent_networks;
  int lockout_failures = 5;
  int lockout_window_s = 60;
  int ban_s = 900;
  int requests_per_second = 50;              ///< New requests of one address; burst is ten times this; tenfold once it proved a password.
  int connections_per_second = 10;           ///< New TLS connections of one address; burst is ten times this; 0 = any.
  int total_connections_per_second = 50;     ///< Of all addresses together.
};

struct MediaOptions {
  std::string bind_address = "127.0.0.1";
  std::string advertised_address;
  int port_min = 20000;
  int port_max = 29999;
  PortRange ports() const { return {static_cast<std::uint16_t>(port_min), static_cast<std::uint16_t>(port_max)}; }
  int workers = 1;
  std::string agent_codec = "opus";          ///< opus or pcma preferred towards agents.
  int opus_complexity = 5;
  RecordFrom record = RecordFrom::answered;
  std::string prompts_folder;                ///< WAV prompts: abandon.wav, hold.wav; empty = built-in tones.
  std::string speech_folder;                 ///< A folder a flow with what it says; empty = "speech" in the data folder.
};

/// The event bus towards Redis (docs/events.md).
struct EventOptions {
  std::string redis;                         ///< host:port or unix:/path; empty = no event bus.
  std::string user;                          ///< Redis ACL user; empty = the default user.
  std::string password_file;                 ///< Empty = Redis has no password.
  std::string prefix = "dunlin";             ///< First word of streams and channels.
  std::int64_t max_length = 1'000'000;       ///< Entries kept per stream, approximately.
  int connect_timeout_ms = 2000;
  int command_timeout_ms = 2000;
  int ping_interval_s = 5;
};

/// This node's place in a cluster (docs/cluster.md). The node's id is its node_name.
struct ClusterOptions {
  std::string name;                          ///< Empty = a node of its own, without a cluster.
  std::vector<std::string> etcd;             ///< Members' client URLs; http only on loopback.
  std::string ca_file;                       ///< PEM of the cluster's authority.
  std::string certificate_file;              ///< PEM of this node, for both directions.
  std::string key_file;
  std::string secret_file;                   ///< 64 hex digits, the same on every node: what batches are sealed with.
  std::string link_bind = "127.0.0.1:7400";  ///< Where other nodes reach this one: numeric address and port.
  std::string link_advertised;               ///< The same as others see it; empty = link_bind.
  std::string host;                          ///< Where this node's disk stands; empty = the machine's name.
  int copies = 2;                            ///< Stores that keep each case; 1 = the owner's only.
  int lease_ttl_s = 4;
  bool is_set() const { return !name.empty(); }
  /// Where the others reach this node's link.
  const std::string& link_address() const { return link_advertised.empty() ? link_bind : link_advertised; }
};

struct NodeSettings {
  std::string node_name = "node1";
  std::string tenant = "default";
  std::filesystem::path data_folder = "dunlin-data";
  std::filesystem::path socket;              ///< Empty = <data_folder>/dunlin.sock.
  std::filesystem::path rules_folder;        ///< Empty = embedded law packs.
  std::string jurisdiction = "RU";
  std::string organisation_type = "agency";  ///< bank, mfo, agency.
  int worker_threads = 2;
  std::int64_t min_free_mb = 512;
  int drain_limit_s = 120;
  int tick_ms = 200;
  std::filesystem::path pacing_tapes;        ///< Folder of pacing tapes; empty = none are kept.
  LogSettings log;
  AgentEdgeOptions agents;
  MediaOptions media;
  EventOptions events;
  ClusterOptions cluster;
  std::vector<TrunkOptions> trunks;

  std::filesystem::path socket_path() const { return socket.empty() ? data_folder / "dunlin.sock" : socket; }
};

/// One line of `config show --effective --origin`.
struct SettingView {
  std::string path;      ///< "media.port_min", "trunk[0].address".
  std::string value;     ///< Secrets never appear: only the file's name does.
  std::string origin;    ///< "default", "dunlin.toml:12", "environment DUNLIN__…".
};

struct LoadedSettings {
  NodeSettings settings;
  std::vector<SettingView> effective;
  std::vector<std::string> warnings;  ///< Settings that work and are probably not meant; each with its place.
};

/// Everything that may differ between machines, given as data so that loading stays testable.
using Environment = std::map<std::string, std::string>;

/// Reads and validates. Errors name file and line (or the variable of the environment), option, what is allowed; all problems are
/// listed, one a line.
Result<LoadedSettings> load_settings(const std::optional<std::filesystem::path>& file, const Environment& environment);
Result<LoadedSettings> parse_settings(std::string_view toml_text, std::string_view file_name, const Environment& environment);

/// What a shifted clock needs.
bool are_all_trunks_loopback(const NodeSettings& settings);

/// The options of this process' environment that start with DUNLIN__.
Environment read_environment();

/// Content of a secret file without the trailing newline. Refuses files that others may read.
Result<std::string> read_secret_file(const std::filesystem::path& file);

}  // namespace dunlin
