// Writing SDP and the offer/answer rules (RFC 3264); the parser is in sdp.cpp.
#include <algorithm>
#include <array>

#include "sip/address.hpp"
#include "sip/sdp.hpp"

namespace dunlin {
namespace {

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string_view direction_name(MediaDirection direction) {
  switch (direction) {
    case MediaDirection::sendrecv: return "sendrecv";
    case MediaDirection::sendonly: return "sendonly";
    case MediaDirection::recvonly: return "recvonly";
    case MediaDirection::inactive: return "inactive";
  }
  return "sendrecv";
}

std::string_view rtpmap_of(Codec codec) {
  switch (codec) {
    case Codec::pcma: return "PCMA/8000";
    case Codec::pcmu: return "PCMU/8000";
    case Codec::opus: return "opus/48000/2";
  }
  return "";
}

std::string_view address_type(const std::string& address) {
  return address.find(':') == std::string::npos ? "IP4 " : "IP6 ";
}

std::string session_part(const MediaDescription& audio) {
  std::string text = "v=0\r\no=- " + std::to_string(audio.session_id) + " " + std::to_string(audio.session_version) + " IN ";
  text.append(address_type(audio.address)).append(audio.address).append("\r\ns=-\r\nc=IN ");
  text.append(address_type(audio.address)).append(audio.address).append("\r\nt=0 0\r\n");
  return text;
}

std::string attribute(std::uint8_t payload_type, std::string_view encoding) {
  return "a=rtpmap:" + std::to_string(payload_type) + " " + std::string(encoding) + "\r\n";
}

std::string codec_attributes(const MediaDescription& audio) {
  std::string text;
  for (const auto& choice : audio.codecs) {
    text += attribute(choice.payload_type, rtpmap_of(choice.codec));
    // Narrow band and mono in both directions (RFC 7587 7.1): the call is with a telephone anyway.
    if (choice.codec == Codec::opus) {
      text += "a=fmtp:" + std::to_string(choice.payload_type);
      text += " maxplaybackrate=8000;sprop-maxcapturerate=8000;useinbandfec=1\r\n";
    }
  }
  const auto events = [&text](const std::optional<std::uint8_t>& type, std::string_view encoding) {
    if (!type) return;
    text += attribute(*type, encoding) + "a=fmtp:" + std::to_string(*type) + " 0-16\r\n";
  };
  events(audio.telephone_event, "telephone-event/8000");
  events(audio.telephone_event_48k, "telephone-event/48000");
  if (audio.comfort_noise) text += attribute(*audio.comfort_noise, "CN/8000");
  return text;
}

std::string crypto_attributes(const MediaDescription& audio) {
  std::string text;
  for (const auto& key : audio.crypto) {
    text += "a=crypto:" + std::to_string(key.tag) + " " + std::string(to_string(key.suite)) + " inline:" +
            encode_base64(key.key_salt) + "\r\n";
  }
  return text;
}

std::string media_part(const MediaDescription& audio) {
  std::string text = "m=audio " + std::to_string(audio.port) + (audio.is_secure() && !audio.is_best_effort ? " RTP/SAVP" : " RTP/AVP");
  const auto format = [&text](std::uint8_t type) { text += " " + std::to_string(type); };
  for (const auto& choice : audio.codecs) format(choice.payload_type);
  if (audio.telephone_event) format(*audio.telephone_event);
  if (audio.telephone_event_48k) format(*audio.telephone_event_48k);
  if (audio.comfort_noise) format(*audio.comfort_noise);
  text += "\r\n" + codec_attributes(audio) + crypto_attributes(audio);
  // Without comfort noise we want packets in pauses too (RFC 3108 §5.6.3.2): their absence then means a dead leg.
  if (!audio.comfort_noise) text += "a=silenceSupp:off - - - -\r\n";
  text += "a=ptime:" + std::to_string(audio.ptime_ms) + "\r\na=" + std::string(direction_name(audio.direction)) + "\r\n";
  return text;
}

MediaDirection mirrored(MediaDirection direction) {
  switch (direction) {
    case MediaDirection::sendrecv: return MediaDirection::sendrecv;
    case MediaDirection::sendonly: return MediaDirection::recvonly;
    case MediaDirection::recvonly: return MediaDirection::sendonly;
    case MediaDirection::inactive: return MediaDirection::inactive;
  }
  return MediaDirection::sendrecv;
}

bool can_send(MediaDirection d) { return d == MediaDirection::sendrecv || d == MediaDirection::sendonly; }
bool can_receive(MediaDirection d) { return d == MediaDirection::sendrecv || d == MediaDirection::recvonly; }

MediaDirection both(MediaDirection a, MediaDirection b) {
  const bool sends = can_send(a) && can_send(b);
  const bool receives = can_receive(a) && can_receive(b);
  if (sends && receives) return MediaDirection::sendrecv;
  if (sends) return MediaDirection::sendonly;
  return receives ? MediaDirection::recvonly : MediaDirection::inactive;
}

const CodecChoice* find_codec(const MediaDescription& description, Codec codec) {
  const auto found = std::find_if(description.codecs.begin(), description.codecs.end(),
                                  [codec](const CodecChoice& choice) { return choice.codec == codec; });
  return found == description.codecs.end() ? nullptr : &*found;
}

Result<CryptoKey> choose_crypto(const MediaDescription& offer, const MediaDescription& local) {
  for (const auto& offered : offer.crypto) {
    for (const auto& own : local.crypto) {
      if (own.suite == offered.suite) return CryptoKey{offered.tag, own.suite, own.key_salt};
    }
  }
  return invalid_input("no crypto suite in common");
}

}  // namespace

std::string encode_base64(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const unsigned b1 = left > 1 ? bytes[i + 1] : 0U;
    const unsigned b2 = left > 2 ? bytes[i + 2] : 0U;
    const unsigned group = static_cast<unsigned>(bytes[i]) << 16 | b1 << 8 | b2;
    text += base64_alphabet[group >> 18 & 63];
    text += base64_alphabet[group >> 12 & 63];
    text += left > 1 ? base64_alphabet[group >> 6 & 63] : '=';
    text += left > 2 ? base64_alphabet[group & 63] : '=';
  }
  return text;
}

Result<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return invalid_input("base64: bad length");
  std::vector<std::uint8_t> bytes;
  unsigned group = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = base64_alphabet.find(c);
    if (digit == std::string_view::npos) return invalid_input("base64: a character outside the alphabet");
    group = (group << 6 | static_cast<unsigned>(digit)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(group >> bits & 0xff));
    }
  }
  return bytes;
}

std::string write_sdp(const MediaDescription& audio) { return session_part(audio) + media_part(audio); }

std::string write_sdp_answer(const MediaDescription& audio, const SdpBody& offered) {
  std::string text = session_part(audio);
  for (std::size_t i = 0; i < offered.lines.size(); ++i) {
    const auto& line = offered.lines[i];
    if (i == offered.audio_index) text += media_part(audio);
    else text += "m=" + line.media + " 0 " + line.protocol + " " + line.formats + "\r\n";
  }
  return text;
}

Result<MediaDescription> choose_answer(const MediaDescription& offer, const MediaDescription& local) {
  MediaDescription answer = local;
  answer.codecs.clear();
  answer.crypto.clear();
  for (const auto& own : local.codecs) {
    if (const auto* offered = find_codec(offer, own.codec)) {
      answer.codecs.push_back({own.codec, offered->payload_type});
      break;
    }
  }
  if (answer.codecs.empty()) return invalid_input("no codec in common");
  const bool is_matching = offer.is_secure() == local.is_secure() || offer.is_best_effort || local.is_best_effort;
  if (!is_matching) return invalid_input("one side is plain, the other secure");
  answer.is_best_effort = false;
  if (offer.is_secure() && local.is_secure()) {
    answer.is_best_effort = offer.is_best_effort;
    auto key = choose_crypto(offer, local);
    if (!key) return key.error();
    answer.crypto.push_back(std::move(*key));
  }
  if (!local.telephone_event || !offer.telephone_event) answer.telephone_event.reset();
  else answer.telephone_event = offer.telephone_event;
  const bool is_opus = answer.codecs.front().codec == Codec::opus;
  if (!is_opus || !local.telephone_event_48k || !offer.telephone_event_48k) answer.telephone_event_48k.reset();
  else answer.telephone_event_48k = offer.telephone_event_48k;
  if (!local.comfort_noise || !offer.comfort_noise || is_opus) answer.comfort_noise.reset();
  else answer.comfort_noise = offer.comfort_noise;
  answer.direction = both(local.direction, mirrored(offer.direction));
  return answer;
}

Result<MediaDescription> accept_answer(const MediaDescription& offer, const MediaDescription& answer) {
  MediaDescription agreed = answer;
  agreed.codecs.clear();
  for (const auto& choice : answer.codecs) {
    if (find_codec(offer, choice.codec) != nullptr) agreed.codecs.push_back(choice);
  }
  if (agreed.codecs.empty()) return invalid_input("the answer has no codec of the offer");
  if (!offer.is_secure() && answer.is_best_effort) {
    // Keys nobody asked for, beside RTP/AVP: it stays plain.
    agreed.crypto.clear();
    agreed.is_best_effort = false;
    return agreed;
  }
  const bool is_downgrade = offer.is_best_effort && !answer.is_secure();
  const bool has_same_transport = offer.is_secure() == answer.is_secure() && offer.is_best_effort == answer.is_best_effort;
  if (!has_same_transport && !is_downgrade) return invalid_input("the answer's transport is not the offer's");
  if (answer.is_secure()) {
    const auto is_offered = [&offer](const CryptoKey& key) {
      return std::any_of(offer.crypto.begin(), offer.crypto.end(),
                         [&key](const CryptoKey& own) { return own.tag == key.tag && own.suite == key.suite; });
    };
    if (answer.crypto.size() != 1 || !is_offered(answer.crypto.front())) {
      return invalid_input("the answer's crypto was not offered");
    }
  }
  return agreed;
}

bool is_hold(const MediaDescription& description) {
  return !can_receive(description.direction) || description.address == "0.0.0.0";
}

}  // namespace dunlin
