#pragma once
// What a leg towards a trunk may speak, from the trunk's settings. Pure, any thread.
#include "actors/contracts/doors.hpp"
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
  return request;
}

}  // namespace dunlin
