#include "sip/sdp.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "sip/address.hpp"
#include "sip/limits.hpp"
#include "sip/sdp_text.hpp"

namespace dunlin {
namespace {

using namespace sdp_text;

/// Everything said about the audio stream before it is judged.
struct RawMedia {
  SdpBody::MediaLine line;
  std::uint16_t port = 0;
  std::vector<std::uint8_t> formats;
  std::map<std::uint8_t, std::string> rtpmap;
  std::vector<CryptoKey> crypto;
  std::string address;
  std::optional<MediaDirection> direction;
  std::optional<std::uint16_t> ptime;
  bool suppresses_silence = false;
};

struct RawSession {
  std::string address;
  std::optional<MediaDirection> direction;
  std::uint64_t session_id = 0;
  std::uint64_t session_version = 0;
  std::vector<RawMedia> media;
};

std::optional<MediaDirection> direction_of(std::string_view attribute) {
  if (attribute == "sendrecv") return MediaDirection::sendrecv;
  if (attribute == "sendonly") return MediaDirection::sendonly;
  if (attribute == "recvonly") return MediaDirection::recvonly;
  if (attribute == "inactive") return MediaDirection::inactive;
  return std::nullopt;
}

std::optional<CryptoSuite> suite_of(std::string_view name) {
  if (equals_ignoring_case(name, "AES_CM_128_HMAC_SHA1_80")) return CryptoSuite::aes_cm_128_hmac_sha1_80;
  if (equals_ignoring_case(name, "AEAD_AES_128_GCM")) return CryptoSuite::aead_aes_128_gcm;
  return std::nullopt;
}

/// RFC 4568 9.2: "tag suite inline:key||lifetime|MKI:length session-params". A line with an MKI, several keys or a
/// session parameter changes the packets in ways we do not speak, so it is passed over.
std::optional<CryptoKey> parse_crypto(std::string_view value) {
  const auto tag = to_number(next_word(value), 999'999'999);
  const auto suite = suite_of(next_word(value));
  auto parameters = next_word(value);
  if (!tag || !suite || !trim(value).empty()) return std::nullopt;
  static constexpr std::string_view prefix = "inline:";
  if (parameters.size() <= prefix.size()) return std::nullopt;
  if (!equals_ignoring_case(parameters.substr(0, prefix.size()), prefix)) return std::nullopt;
  parameters.remove_prefix(prefix.size());
  if (parameters.find(';') != std::string_view::npos) return std::nullopt;
  const auto bar = parameters.find('|');
  if (bar != std::string_view::npos && parameters.substr(bar).find(':') != std::string_view::npos) return std::nullopt;
  auto key = decode_base64(parameters.substr(0, bar));
  const std::size_t wanted = *suite == CryptoSuite::aes_cm_128_hmac_sha1_80 ? 30 : 28;
  if (!key || key->size() != wanted) return std::nullopt;
  return CryptoKey{static_cast<std::uint32_t>(*tag), *suite, std::move(*key)};
}

Status parse_media_line(std::string_view value, RawSession& session) {
  if (session.media.size() >= sip_limits::max_sdp_media) return invalid_input("sdp: too many m= lines");
  RawMedia media;
  media.line.media = next_word(value);
  const auto port = to_number(before(next_word(value), '/'), 65535);
  media.line.protocol = next_word(value);
  media.line.formats = trim(value);
  if (!port || media.line.media.empty() || media.line.protocol.empty() || media.line.formats.empty()) {
    return invalid_input("sdp: bad m= line");
  }
  media.port = static_cast<std::uint16_t>(*port);
  auto formats = std::string_view(media.line.formats);
  while (!formats.empty() && media.line.media == "audio") {
    const auto format = to_number(next_word(formats), 127);
    if (!format) return invalid_input("sdp: bad payload type");
    if (media.formats.size() < sip_limits::max_sdp_codecs) media.formats.push_back(static_cast<std::uint8_t>(*format));
    formats = trim(formats);
  }
  session.media.push_back(std::move(media));
  return Done{};
}

Status parse_connection(std::string_view value, RawSession& session) {
  if (next_word(value) != "IN") return invalid_input("sdp: c= is not IN");
  const auto type = next_word(value);
  const auto address = before(next_word(value), '/');
  if ((type != "IP4" && type != "IP6") || !parse_ip(address)) return invalid_input("sdp: c= has no numeric address");
  (session.media.empty() ? session.address : session.media.back().address) = address;
  return Done{};
}

Status parse_origin(std::string_view value, RawSession& session) {
  next_word(value);
  const auto id = to_number(next_word(value), UINT64_MAX);
  const auto version = to_number(next_word(value), UINT64_MAX);
  if (!id || !version) return invalid_input("sdp: bad o= line");
  session.session_id = *id;
  session.session_version = *version;
  return Done{};
}

void parse_media_attribute(std::string_view name, std::string_view value, RawMedia& media) {
  if (name == "rtpmap" && media.rtpmap.size() < sip_limits::max_sdp_codecs) {
    const auto format = to_number(next_word(value), 127);
    if (format) media.rtpmap.emplace(static_cast<std::uint8_t>(*format), std::string(next_word(value)));
  } else if (name == "crypto" && media.crypto.size() < sip_limits::max_sdp_crypto) {
    if (auto key = parse_crypto(value)) media.crypto.push_back(std::move(*key));
  } else if (name == "ptime") {
    const auto ptime = to_number(before(trim(value), '.'), 1000);
    if (ptime && *ptime > 0) media.ptime = static_cast<std::uint16_t>(*ptime);
  } else if (name == "silenceSupp") {
    media.suppresses_silence = next_word(value) == "on";
  }
}

void parse_attribute(std::string_view text, RawSession& session) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  if (const auto direction = direction_of(text)) {
    (session.media.empty() ? session.direction : session.media.back().direction) = direction;
  } else if (!session.media.empty() && colon != std::string_view::npos) {
    parse_media_attribute(name, text.substr(colon + 1), session.media.back());
  }
}

Status parse_line(char type, std::string_view value, RawSession& session) {
  switch (type) {
    case 'm': return parse_media_line(value, session);
    case 'c': return parse_connection(value, session);
    case 'o': return parse_origin(value, session);
    case 'a': parse_attribute(value, session); return Done{};
    default: return Done{};
  }
}

Result<RawSession> parse_lines(std::string_view text) {
  RawSession session;
  std::size_t count = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (++count > sip_limits::max_sdp_lines) return invalid_input("sdp: too many lines");
    if (line.size() < 2 || line[1] != '=') return invalid_input("sdp: a line without type");
    if (count == 1 && line != "v=0") return invalid_input("sdp: does not start with v=0");
    const auto status = parse_line(line[0], line.substr(2), session);
    if (!status) return status.error();
  }
  return session;
}

/// The codec name a payload type stands for: rtpmap first, then RFC 3551's static table.
std::string encoding_of(const RawMedia& media, std::uint8_t format) {
  const auto found = media.rtpmap.find(format);
  if (found != media.rtpmap.end()) return lower(found->second);
  if (format == 0) return "pcmu/8000";
  if (format == 8) return "pcma/8000";
  if (format == 13) return "cn/8000";
  return "";
}

void take_format(const RawMedia& media, std::uint8_t format, MediaDescription& audio) {
  const auto encoding = encoding_of(media, format);
  if (encoding == "pcma/8000" || encoding == "pcma/8000/1") audio.codecs.push_back({Codec::pcma, format});
  else if (encoding == "pcmu/8000" || encoding == "pcmu/8000/1") audio.codecs.push_back({Codec::pcmu, format});
  else if (encoding == "opus/48000/2") audio.codecs.push_back({Codec::opus, format});
  else if (encoding == "telephone-event/8000" && !audio.telephone_event) audio.telephone_event = format;
  else if (encoding == "telephone-event/48000" && !audio.telephone_event_48k) audio.telephone_event_48k = format;
  else if (encoding == "cn/8000" && !audio.comfort_noise) audio.comfort_noise = format;
}

Result<MediaDescription> judge_audio(const RawSession& session, const RawMedia& media) {
  MediaDescription audio;
  audio.address = media.address.empty() ? session.address : media.address;
  audio.port = media.port;
  audio.direction = media.direction.value_or(session.direction.value_or(MediaDirection::sendrecv));
  audio.ptime_ms = media.ptime.value_or(20);
  audio.session_id = session.session_id;
  audio.session_version = session.session_version;
  for (const auto format : media.formats) take_format(media, format, audio);
  if (audio.address.empty()) return invalid_input("sdp: no c= line for audio");
  if (audio.codecs.empty()) return invalid_input("sdp: no codec we speak");
  const auto& protocol = media.line.protocol;
  if (protocol == "RTP/SAVP" || protocol == "RTP/SAVPF") {
    if (media.crypto.empty()) return invalid_input("sdp: secure audio without a usable crypto line");
    audio.crypto = media.crypto;
  } else if (!media.crypto.empty()) {
    // RFC 8643: keys beside RTP/AVP mean SRTP if the other side can.
    audio.crypto = media.crypto;
    audio.is_best_effort = true;
  }
  audio.suppresses_silence = media.suppresses_silence;
  return audio;
}

bool is_speakable(const RawMedia& media) {
  const auto& protocol = media.line.protocol;
  return media.line.media == "audio" && media.port != 0 &&
         (protocol == "RTP/AVP" || protocol == "RTP/SAVP" || protocol == "RTP/AVPF" || protocol == "RTP/SAVPF");
}

}  // namespace

Result<SdpBody> parse_sdp(std::string_view text) {
  if (text.size() > sip_limits::max_sdp_bytes) return invalid_input("sdp: too long");
  const auto session = parse_lines(text);
  if (!session) return session.error();
  std::optional<SdpBody> chosen;
  Error first_error = invalid_input("sdp: no audio stream");
  for (std::size_t i = 0; i < session->media.size() && !chosen; ++i) {
    if (!is_speakable(session->media[i])) continue;
    auto audio = judge_audio(*session, session->media[i]);
    if (audio) {
      SdpBody body;
      body.audio = std::move(*audio);
      body.audio_index = i;
      chosen = std::move(body);
    } else {
      first_error = audio.error();
    }
  }
  if (!chosen) return first_error;
  for (const auto& media : session->media) chosen->lines.push_back(media.line);
  return std::move(*chosen);
}

}  // namespace dunlin
