#pragma once
// What a leg towards a trunk may speak and show, from the trunk's settings. Pure, any thread.
#include <string>
#include <utility>
#include <vector>

#include "actors/contracts/doors.hpp"
#include "config/numeric_host.hpp"
#include "config/settings.hpp"

namespace dunlin {

/// Null when the settings know no trunk of this name.
inline const TrunkOptions* find_trunk(const NodeSettings& settings, const std::string& name) {
  for (const TrunkOptions& trunk : settings.trunks) {
    if (trunk.name == name) return &trunk;
  }
  return nullptr;
}

inline Codec codec_named(const std::string& name) {
  if (name == "pcmu") return Codec::pcmu;
  if (name == "opus") return Codec::opus;
  return Codec::pcma;
}

inline MediaLegRequest media_request_of(const TrunkOptions& trunk) {
  MediaLegRequest request;
  for (const auto& name : trunk.codecs) request.codecs.push_back(codec_named(name));
  request.allows_srtp = trunk.srtp != MediaSecurity::off;
  request.requires_srtp = trunk.srtp == MediaSecurity::required;
  request.advertised_address = numeric_host(trunk.advertised_address);
  request.rtp_ports = trunk.rtp_ports;
  return request;
}

/// The numbers of the contract; settings let no other text through. None for a trunk nobody knows.
inline std::vector<PhoneNumber> caller_ids_of(const TrunkOptions* trunk) {
  std::vector<PhoneNumber> numbers;
  if (trunk == nullptr) return numbers;
  for (const std::string& text : trunk->caller_ids) {
    if (auto number = PhoneNumber::from_e164(text)) numbers.push_back(std::move(*number));
  }
  return numbers;
}

/// The numbers of every carrier's contract: the company's.
inline std::vector<PhoneNumber> caller_ids_of_all(const NodeSettings& settings) {
  std::vector<PhoneNumber> all;
  for (const TrunkOptions& trunk : settings.trunks) {
    for (PhoneNumber& number : caller_ids_of(&trunk)) all.push_back(std::move(number));
  }
  return all;
}

/// What a request to dial over this trunk must know of our numbers.
template <class Request>
void tell_own_numbers(Request& request, const NodeSettings& settings) {
  request.caller_ids = caller_ids_of(find_trunk(settings, request.trunk));
  if (request.caller_ids.empty()) request.of_company = caller_ids_of_all(settings);
}

}  // namespace dunlin
