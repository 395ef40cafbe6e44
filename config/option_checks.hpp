#pragma once
// What the value of an option must look like, beyond its type. Each check adds its problem to the table's list, at the place of
// the option. At start only, single thread.
#include <string>
#include <string_view>
#include <vector>

#include "config/option_reader.hpp"

namespace dunlin {

/// A name that stands in keys, streams and metrics: letters, digits, '.', '-', '_', at most 64 of them.
bool is_plain_name(std::string_view text);
/// What is_plain_name takes, for errors.
inline constexpr std::string_view plain_names = "1 to 64 letters (a-z, A-Z), digits, '.', '-' and '_'";
void check_name(OptionTable& table, std::string_view key, const std::string& value);
/// A digest realm (RFC 3261 §22.4), written between quotes and into the certificate.
void check_realm(OptionTable& table, std::string_view key, const std::string& value);
/// Where a SIP socket listens: a numeric address of this machine, with or without a port.
void check_bind(OptionTable& table, std::string_view key, const std::string& value);
/// CIDRs (RFC 4632).
void check_networks(OptionTable& table, std::string_view key, const std::vector<std::string>& values);
/// Numbers in E.164.
void check_numbers(OptionTable& table, std::string_view key, const std::vector<std::string>& values);
/// "carrier.example:5060", "192.0.2.1:5060", "[2001:db8::1]:5060": with a port from 1 on.
bool is_host_and_port(std::string_view text);

/// Addresses of [media]: where RTP sockets listen and what SDP says. `table` is [media].
void check_media_addresses(OptionTable& table, const MediaOptions& options);
/// Everything of one [[trunk]] that its types do not say.
void check_trunk(OptionTable& table, const TrunkOptions& trunk);

}  // namespace dunlin
