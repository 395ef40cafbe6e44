#include "config/option_checks.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "config/numeric_host.hpp"
#include "core/base/phone_number.hpp"

namespace dunlin {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

/// "sip.carrier.example": a name that may have SRV records, no address in figures.
bool is_host_name(std::string_view text) {
  const std::string_view last_label = text.substr(text.rfind('.') + 1);
  const bool has_letter = std::any_of(last_label.begin(), last_label.end(), [](char c) { return is_name_character(c) && (c < '0' || c > '9'); });
  return !text.empty() && text.size() <= 253 && text.front() != '.' && std::all_of(text.begin(), text.end(), is_name_character) && has_letter;
}

bool is_sip_address(std::string_view text) { return is_host_and_port(text) || is_host_name(text); }

bool is_realm_character(char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }

/// What all other machines are told: an address of exactly this one.
void check_trunk_addresses(OptionTable& table, const TrunkOptions& trunk) {
  check_bind(table, "local_bind", trunk.local_bind);
  const std::string advertised = numeric_host(trunk.advertised_address);
  if (!trunk.advertised_address.empty() && (advertised.empty() || is_any_address(advertised))) {
    table.complain("advertised_address", "must be a numeric address: 203.0.113.7, 203.0.113.7:5060 or [2001:db8::7]:5060");
  }
  if (trunk.advertised_address.empty() && is_any_address(numeric_host(trunk.local_bind))) {
    table.complain("local_bind", fmt::format("\"{}\" is all addresses of this machine and would stand in Contact: name one, or give advertised_address", trunk.local_bind));
  }
  if (!is_sip_address(trunk.address)) table.complain("address", "must be host:port, or a name with SRV records");
  if (!trunk.outbound_proxy.empty() && !is_sip_address(trunk.outbound_proxy)) {
    table.complain("outbound_proxy", "must be host:port, a name with SRV records, or empty");
  }
  check_networks(table, "allowed_sources", trunk.allowed_sources);
}

}  // namespace

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_name_character);
}

void check_name(OptionTable& table, std::string_view key, const std::string& value) {
  if (!is_plain_name(value)) table.complain(key, fmt::format("\"{}\" is not allowed; allowed: {}", value, plain_names));
}

void check_realm(OptionTable& table, std::string_view key, const std::string& value) {
  if (!value.empty() && value.size() <= 64 && std::all_of(value.begin(), value.end(), is_realm_character)) return;
  table.complain(key, "must be 1 to 64 characters without quotes, backslashes and control characters");
}

void check_bind(OptionTable& table, std::string_view key, const std::string& value) {
  if (!numeric_host(value).empty()) return;
  table.complain(key, fmt::format("\"{}\" is not a numeric address with a port: 192.0.2.1:5060 or [2001:db8::1]:5060", value));
}

void check_networks(OptionTable& table, std::string_view key, const std::vector<std::string>& values) {
  for (const auto& value : values) {
    if (is_network(value)) continue;
    table.complain(key, fmt::format("holds \"{}\", which is not a network: 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32, no bits set below the prefix", value));
  }
}

void check_numbers(OptionTable& table, std::string_view key, const std::vector<std::string>& values) {
  for (const auto& value : values) {
    if (!PhoneNumber::from_e164(value)) table.complain(key, "holds \"" + value + "\", which is not in E.164 like +74950000001");
  }
}

bool is_host_and_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (!is_bracketed && host.find(':') != std::string_view::npos) return false;
  int port = 0;
  const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536;
}

void check_media_addresses(OptionTable& table, const MediaOptions& options) {
  if (!is_numeric_address(options.bind_address)) {
    table.complain("bind_address", fmt::format("\"{}\" is not a numeric address without a port: 192.0.2.1 or 2001:db8::1", options.bind_address));
  }
  if (!options.advertised_address.empty() && (!is_numeric_address(options.advertised_address) || is_any_address(options.advertised_address))) {
    table.complain("advertised_address", fmt::format("\"{}\" is not a numeric address that others can reach: 203.0.113.7 or 2001:db8::7", options.advertised_address));
  }
  // Trunks may have addresses of their own; legs of agents have this one only.
  if (options.advertised_address.empty() && is_any_address(options.bind_address)) {
    table.complain("bind_address", fmt::format("\"{}\" is all addresses of this machine and would stand in SDP, where it means hold: name one, or give advertised_address", options.bind_address));
  }
}

void check_trunk(OptionTable& table, const TrunkOptions& trunk) {
  if (trunk.name.empty()) table.complain("name", "every [[trunk]] needs a name");
  check_trunk_addresses(table, trunk);
  check_numbers(table, "caller_ids", trunk.caller_ids);
  check_numbers(table, "test_numbers", trunk.test_numbers);
  if (!trunk.register_user.empty() && trunk.password_file.empty()) table.complain("register_user", "needs password_file");
  if (trunk.register_user.empty() && !trunk.password_file.empty()) table.complain("password_file", "without register_user");
  for (const auto& codec : trunk.codecs) {
    if (codec != "pcma" && codec != "pcmu" && codec != "opus") table.complain("codecs", "holds \"" + codec + "\"; allowed: pcma, pcmu, opus");
  }
  if (trunk.codecs.empty()) table.complain("codecs", "must hold at least one of pcma, pcmu, opus");
}

}  // namespace dunlin
