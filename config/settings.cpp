#include "config/settings.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/option_checks.hpp"
#include "config/option_reader.hpp"
#include "config/port_ranges.hpp"

namespace dunlin {
namespace {

void read_node(OptionTable table, NodeSettings& s) {
  table.text("name", s.node_name);
  check_name(table, "name", s.node_name);
  table.text("tenant", s.tenant);
  check_name(table, "tenant", s.tenant);
  table.path_value("data_folder", s.data_folder);
  table.path_value("socket", s.socket);
  table.path_value("rules_folder", s.rules_folder);
  table.text_of("jurisdiction", s.jurisdiction, {"RU", "KZ", "US", "UK", "IT"});
  table.text_of("organisation_type", s.organisation_type, {"bank", "mfo", "agency"});
  table.integer("worker_threads", s.worker_threads, 1, 64);
  table.integer("min_free_mb", s.min_free_mb, 16, 1'000'000);
  table.integer("drain_limit_s", s.drain_limit_s, 0, 7200);
  table.integer("tick_ms", s.tick_ms, 50, 5000);
  table.path_value("pacing_tapes", s.pacing_tapes);
  table.finish();
}

void read_log(OptionTable table, LogSettings& s) {
  table.text_of("level", s.level, {"trace", "debug", "info", "warn", "error", "off"});
  table.text("file", s.file);
  table.finish();
}

void read_agents(OptionTable table, AgentEdgeOptions& s) {
  table.text("realm", s.realm);
  table.text("tls_bind", s.tls_bind);
  table.text("udp_bind", s.udp_bind);
  table.text("certificate_folder", s.certificate_folder);
  table.texts("plain_agent_networks", s.plain_agent_networks);
  table.integer("lockout_failures", s.lockout_failures, 1, 100);
  table.integer("lockout_window_s", s.lockout_window_s, 1, 3600);
  table.integer("ban_s", s.ban_s, 1, 86400);
  table.integer("requests_per_second", s.requests_per_second, 1, 10'000);
  table.integer("connections_per_second", s.connections_per_second, 0, 10'000);
  table.integer("total_connections_per_second", s.total_connections_per_second, 1, 100'000);
  check_realm(table, "realm", s.realm);
  if (!s.tls_bind.empty()) check_bind(table, "tls_bind", s.tls_bind);
  if (!s.udp_bind.empty()) check_bind(table, "udp_bind", s.udp_bind);
  check_networks(table, "plain_agent_networks", s.plain_agent_networks);
  if (!s.udp_bind.empty() && s.plain_agent_networks.empty()) table.complain("udp_bind", "needs plain_agent_networks, else nobody may use it");
  table.finish();
}

bool is_redis_address(std::string_view text) {
  if (text.starts_with("unix:")) return text.substr(5).starts_with('/');
  return is_host_and_port(text);
}

void read_events(OptionTable table, EventOptions& s) {
  table.text("redis", s.redis);
  table.text("user", s.user);
  table.text("password_file", s.password_file);
  table.text("prefix", s.prefix);
  table.integer("max_length", s.max_length, 1000, 1'000'000'000);
  table.integer("connect_timeout_ms", s.connect_timeout_ms, 100, 60'000);
  table.integer("command_timeout_ms", s.command_timeout_ms, 100, 60'000);
  table.integer("ping_interval_s", s.ping_interval_s, 1, 300);
  if (!s.redis.empty() && !is_redis_address(s.redis)) table.complain("redis", "must be host:port or unix:/path/to/redis.sock");
  if (!s.user.empty() && s.password_file.empty()) table.complain("user", "needs password_file");
  if (s.prefix.empty()) table.complain("prefix", "must not be empty");
  table.finish();
}

void read_cluster(OptionTable table, ClusterOptions& s) {
  table.text("name", s.name);
  table.texts("etcd", s.etcd);
  table.text("ca_file", s.ca_file);
  table.text("certificate_file", s.certificate_file);
  table.text("key_file", s.key_file);
  table.text("secret_file", s.secret_file);
  table.text("link_bind", s.link_bind);
  table.text("link_advertised", s.link_advertised);
  table.text("host", s.host);
  table.integer("copies", s.copies, 1, 5);
  table.integer("lease_ttl_s", s.lease_ttl_s, 2, 60);
  if (s.name.find_first_of("/ \n") != std::string::npos) table.complain("name", "must be one word without '/'");
  if (s.is_set() && s.etcd.empty()) table.complain("etcd", "needs the members of the cluster's etcd");
  const bool has_files = !s.ca_file.empty() && !s.certificate_file.empty() && !s.key_file.empty();
  if (s.is_set() && !has_files) table.complain("certificate_file", "and ca_file and key_file are needed: nodes speak to each other over mutual TLS only");
  if (s.is_set() && s.secret_file.empty()) table.complain("secret_file", "needs the file with the cluster's secret");
  table.finish();
}

template <class Enum>
void read_choice(OptionTable& table, std::string_view key, Enum& value, const std::vector<std::pair<std::string, Enum>>& choices) {
  std::vector<std::string> names;
  std::string name;
  for (const auto& choice : choices) {
    names.push_back(choice.first);
    if (choice.second == value) name = choice.first;
  }
  table.text_of(key, name, names);
  for (const auto& choice : choices) {
    if (choice.first == name) value = choice.second;
  }
}

void read_media(OptionTable table, MediaOptions& s) {
  table.text("bind_address", s.bind_address);
  table.text("advertised_address", s.advertised_address);
  table.integer("port_min", s.port_min, 1024, 65534);
  table.integer("port_max", s.port_max, 1024, 65535);
  table.integer("workers", s.workers, 1, 64);
  table.text_of("agent_codec", s.agent_codec, {"opus", "pcma"});
  table.integer("opus_complexity", s.opus_complexity, 0, 10);
  read_choice<RecordFrom>(table, "record", s.record, {{"off", RecordFrom::off}, {"answered", RecordFrom::answered}, {"bridged", RecordFrom::bridged}});
  table.text("prompts_folder", s.prompts_folder);
  table.text("speech_folder", s.speech_folder);
  check_media_addresses(table, s);
  if (s.port_max - s.port_min < 3) table.complain("port_max", "must exceed port_min by at least 3");
  table.finish();
}

/// Empty or absent: the range of [media].
void read_port_range(OptionTable& table, std::string_view key, PortRange& value) {
  std::string text;
  table.text(key, text);
  if (text.empty()) return;
  if (const auto range = parse_port_range(text)) value = *range;
  else table.complain(key, range.error().detail);
}

TrunkOptions read_trunk(OptionTable& table) {
  TrunkOptions s;
  table.text("name", s.name);
  table.text("address", s.address);
  read_choice<TrunkTransport>(table, "transport", s.transport, {{"udp", TrunkTransport::udp}, {"tcp", TrunkTransport::tcp}, {"tls", TrunkTransport::tls}});
  table.text("outbound_proxy", s.outbound_proxy);
  table.text("local_bind", s.local_bind);
  table.text("advertised_address", s.advertised_address);
  table.texts("allowed_sources", s.allowed_sources);
  table.text("domain", s.domain);
  table.text("ca_file", s.ca_file);
  table.text("register_user", s.register_user);
  table.text("password_file", s.password_file);
  table.text_of("number_format", s.number_format, {"e164", "national8", "plain7"});
  table.text("number_prefix", s.number_prefix);
  table.texts("caller_ids", s.caller_ids);
  table.text_of("caller_id_header", s.caller_id_header, {"from", "pai", "rpid"});
  read_choice<MediaSecurity>(table, "srtp", s.srtp, {{"off", MediaSecurity::off}, {"optional", MediaSecurity::optional}, {"required", MediaSecurity::required}});
  table.texts("codecs", s.codecs);
  read_port_range(table, "rtp_ports", s.rtp_ports);
  table.integer("channels", s.channels, 1, 100'000);
  table.number("calls_per_second", s.calls_per_second, 0.1, 10'000);
  table.integer("options_interval_s", s.options_interval_s, 0, 3600);
  table.integer("session_expires_s", s.session_expires_s, 0, 86400);
  table.text_of("reliability", s.reliability, {"off", "supported", "required"});
  table.texts("test_numbers", s.test_numbers);
  check_trunk(table, s);
  table.finish();
  return s;
}

/// A name alone is not: its SRV records may lead anywhere.
bool is_loopback(std::string_view address) {
  if (address.find(':') == std::string_view::npos) return false;
  const std::string_view host = address.substr(0, address.rfind(':'));
  return host.starts_with("127.") || host == "localhost" || host == "[::1]";
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

/// Calls, campaigns and metrics name a trunk by its name.
void check_trunk_names(std::vector<OptionTable>& tables, const std::vector<TrunkOptions>& trunks) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < trunks.size(); ++i) {
    if (!trunks[i].name.empty() && !names.insert(trunks[i].name).second) tables[i].complain("name", "\"" + trunks[i].name + "\" is used twice");
  }
}

}  // namespace

bool are_all_trunks_loopback(const NodeSettings& settings) {
  return std::all_of(settings.trunks.begin(), settings.trunks.end(), [](const TrunkOptions& trunk) {
    return is_loopback(trunk.address) && (trunk.outbound_proxy.empty() || is_loopback(trunk.outbound_proxy));
  });
}

Result<LoadedSettings> parse_settings(std::string_view toml_text, std::string_view file_name, const Environment& environment) {
  OptionLog log{std::string(file_name), environment, {}, {}, {}};
  toml::table document;
  try {
    document = toml::parse(toml_text, file_name);
  } catch (const toml::parse_error& error) {
    return invalid_input(fmt::format("{}:{}: {}", file_name, error.source().begin.line, error.description()));
  }
  LoadedSettings loaded;
  OptionTable root(log, &document, "");
  read_node(root.child("node"), loaded.settings);
  read_log(root.child("log"), loaded.settings.log);
  read_agents(root.child("agents"), loaded.settings.agents);
  read_media(root.child("media"), loaded.settings.media);
  read_events(root.child("events"), loaded.settings.events);
  read_cluster(root.child("cluster"), loaded.settings.cluster);
  std::vector<OptionTable> trunks = root.children("trunk");
  for (auto& trunk : trunks) loaded.settings.trunks.push_back(read_trunk(trunk));
  check_trunk_names(trunks, loaded.settings.trunks);
  root.finish();
  report_unknown_variables(log);
  for (auto& problem : port_range_problems(loaded.settings, log.effective, log.file_name)) log.problems.push_back(std::move(problem));
  if (!log.problems.empty()) return invalid_input(join_lines(log.problems));
  loaded.warnings = port_range_warnings(loaded.settings, log.effective, log.file_name);
  loaded.effective = std::move(log.effective);
  return loaded;
}

Result<LoadedSettings> load_settings(const std::optional<std::filesystem::path>& file, const Environment& environment) {
  if (!file) return parse_settings("", "defaults", environment);
  std::error_code failure;
  // An opened folder reads as an empty file, and an empty file is a good one.
  if (std::filesystem::is_directory(*file, failure)) return invalid_input("config file " + file->string() + " is a folder: name the file in it");
  std::ifstream stream(*file, std::ios::binary);
  if (!stream) return Error{Errc::not_found, "config file " + file->string() + " cannot be read"};
  std::ostringstream text;
  text << stream.rdbuf();
  return parse_settings(text.str(), file->string(), environment);
}

Environment read_environment() {
  Environment found;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view line(*entry);
    const std::size_t mark = line.find('=');
    if (line.starts_with("DUNLIN__") && mark != std::string_view::npos) found.emplace(line.substr(0, mark), line.substr(mark + 1));
  }
  return found;
}

Result<std::string> read_secret_file(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return Error{Errc::not_found, "secret file " + file.string() + " cannot be read"};
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{Errc::denied, "secret file " + file.string() + " is readable by others: chmod 0400 it"};
  }
  std::ifstream stream(file, std::ios::binary);
  std::string secret{std::istreambuf_iterator<char>(stream), {}};
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return invalid_input("secret file " + file.string() + " is empty");
  return secret;
}

}  // namespace dunlin
