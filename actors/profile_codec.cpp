#include "actors/profile_codec.hpp"

#include "core/base/bytes.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t profile_version = 2;  // 2: supervisors.

}  // namespace

std::string encode_profile(const msg::AgentProfile& profile) {
  ByteWriter out;
  out.u8(profile_version);
  out.u64(profile.id.value());
  out.text(profile.user);
  out.text(profile.name);
  out.varint(profile.skills.size());
  for (const auto& skill : profile.skills) out.text(skill);
  out.text(profile.ha1);
  out.u8(profile.is_md5 ? 1 : 0);
  out.u8(profile.is_disabled ? 1 : 0);
  out.u8(profile.is_supervisor ? 1 : 0);
  return out.take();
}

Result<msg::AgentProfile> decode_profile(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint8_t version = in.u8();
  if (version < 1 || version > profile_version) return Error{Errc::corrupt, "agent profile of an unknown version"};
  msg::AgentProfile profile;
  profile.id = AgentId(in.u64());
  profile.user = in.text();
  profile.name = in.text();
  const std::size_t skills = in.count();
  for (std::size_t i = 0; i < skills && !in.has_failed(); ++i) profile.skills.push_back(in.text());
  profile.ha1 = in.text();
  profile.is_md5 = in.u8() != 0;
  profile.is_disabled = in.u8() != 0;
  if (version >= 2) profile.is_supervisor = in.u8() != 0;
  const Status read = in.finish();
  if (!read) return read.error();
  return profile;
}

}  // namespace dunlin
