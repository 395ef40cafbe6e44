#include "app/adapter_settings.hpp"

namespace dunlin {
namespace {

SipTransport transport_of(TrunkTransport transport) {
  switch (transport) {
    case TrunkTransport::udp: return SipTransport::udp;
    case TrunkTransport::tcp: return SipTransport::tcp;
    case TrunkTransport::tls: return SipTransport::tls;
  }
  return SipTransport::udp;
}

Result<TrunkSettings> trunk_settings(const TrunkOptions& options) {
  TrunkSettings trunk;
  trunk.name = options.name;
  trunk.transport = transport_of(options.transport);
  trunk.address = options.address;
  trunk.outbound_proxy = options.outbound_proxy;
  trunk.domain = options.domain;
  trunk.local_bind = options.local_bind;
  trunk.advertised_address = options.advertised_address;
  trunk.allowed_sources = options.allowed_sources;
  trunk.number_format = options.number_format == "national8" ? NumberFormat::national_8 : options.number_format == "plain7" ? NumberFormat::digits : NumberFormat::plus_e164;
  trunk.number_prefix = options.number_prefix;
  trunk.caller_id_header = options.caller_id_header == "pai"    ? CallerIdHeader::p_asserted_identity
                           : options.caller_id_header == "rpid" ? CallerIdHeader::remote_party_id
                                                                : CallerIdHeader::from;
  trunk.reliability = options.reliability == "off"        ? Reliability::off
                      : options.reliability == "required" ? Reliability::required
                                                          : Reliability::supported;
  trunk.requires_srtp = options.srtp == MediaSecurity::required;
  trunk.session_expires = seconds(options.session_expires_s);
  trunk.options_interval = seconds(options.options_interval_s);
  trunk.ca_file = options.ca_file;
  if (!options.register_user.empty()) {
    const auto password = read_secret_file(options.password_file);
    if (!password) return password.error();
    TrunkLogin login;
    login.user = options.register_user;
    login.password = *password;
    trunk.login = login;
  }
  return trunk;
}

}  // namespace

Result<SipStackSettings> sip_settings(const NodeSettings& settings, const std::filesystem::path& certificates) {
  SipStackSettings sip;
  for (const TrunkOptions& options : settings.trunks) {
    auto trunk = trunk_settings(options);
    if (!trunk) return Error{trunk.error().code, "trunk \"" + options.name + "\": " + trunk.error().detail};
    sip.trunks.push_back(std::move(*trunk));
  }
  AgentEdgeSettings agents;
  agents.tls_bind = settings.agents.tls_bind;
  agents.udp_bind = settings.agents.udp_bind;
  agents.certificate_folder = certificates.string();
  agents.plain_agent_networks = settings.agents.plain_agent_networks;
  agents.realm = settings.agents.realm;
  agents.requests_per_second = settings.agents.requests_per_second;
  agents.connections_per_second = settings.agents.connections_per_second;
  agents.total_connections_per_second = settings.agents.total_connections_per_second;
  agents.lockout.failures = settings.agents.lockout_failures;
  agents.lockout.window = seconds(settings.agents.lockout_window_s);
  agents.lockout.first_ban = seconds(settings.agents.ban_s);
  sip.agents = agents;
  return sip;
}

MediaSettings media_settings(const NodeSettings& settings, std::function<UtcTime()> now) {
  MediaSettings media;
  media.bind_address = settings.media.bind_address;
  media.advertised_address = settings.media.advertised_address;
  media.first_port = static_cast<std::uint16_t>(settings.media.port_min);
  media.last_port = static_cast<std::uint16_t>(settings.media.port_max);
  media.workers = static_cast<unsigned>(settings.media.workers);
  media.opus_complexity = static_cast<unsigned>(settings.media.opus_complexity);
  if (settings.media.record != RecordFrom::off) media.recordings_dir = settings.data_folder / "recordings";
  if (!settings.media.prompts_folder.empty() && std::filesystem::exists(settings.media.prompts_folder + "/hold.wav")) {
    media.hold_music_wav = settings.media.prompts_folder + "/hold.wav";
  }
  media.utc_now = std::move(now);
  return media;
}

StorageSettings storage_settings(const NodeSettings& settings) {
  StorageSettings storage;
  storage.path = settings.data_folder;
  storage.min_free_bytes = static_cast<std::uint64_t>(settings.min_free_mb) << 20;
  storage.journal.takes_documents_only = settings.cluster.is_set();
  return storage;
}

}  // namespace dunlin
