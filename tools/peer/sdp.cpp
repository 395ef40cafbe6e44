#include "tools/peer/sdp.hpp"

#include <algorithm>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "tools/peer/sip_message.hpp"

namespace dunlin::peer {
namespace {

std::size_t key_salt_bytes(SrtpSuite suite) {
  return suite == SrtpSuite::gcm_128 ? 28 : 30;
}

std::string base64(std::string_view raw) {
  std::string out(4 * ((raw.size() + 2) / 3), '\0');
  std::vector<unsigned char> buffer(out.size() + 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  EVP_EncodeBlock(buffer.data(), bytes, static_cast<int>(raw.size()));
  std::copy_n(buffer.begin(), out.size(), out.begin());
  return out;
}

/// Exactly `wanted` octets, or "" when the text is not that.
std::string unbase64(std::string_view text, std::size_t wanted) {
  std::string padded(text);
  while (padded.size() % 4 != 0) padded.push_back('=');
  if (padded.size() > 128) return {};
  std::vector<unsigned char> out(padded.size());
  const auto* bytes = reinterpret_cast<const unsigned char*>(padded.data());
  const int length = EVP_DecodeBlock(out.data(), bytes, static_cast<int>(padded.size()));
  if (length < static_cast<int>(wanted)) return {};
  return {reinterpret_cast<const char*>(out.data()), wanted};
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text = trimmed(text);
    if (text.empty()) return words;
    const auto end = text.find(' ');
    words.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
}

std::optional<SrtpSuite> suite_named(std::string_view name) {
  if (name == to_string(SrtpSuite::cm_sha1_80)) return SrtpSuite::cm_sha1_80;
  if (name == to_string(SrtpSuite::gcm_128)) return SrtpSuite::gcm_128;
  return std::nullopt;
}

/// a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:base64|2^20 (RFC 4568 §9.1).
void read_crypto(std::string_view value, AudioDescription& audio) {
  const auto words = words_of(value);
  if (words.size() < 3 || words[2].substr(0, 7) != "inline:") return;
  const auto suite = suite_named(words[1]);
  const long long tag = number_of(words[0]);
  if (!suite || tag < 0) return;
  const std::string_view inline_key = words[2].substr(7);
  std::string key = unbase64(inline_key.substr(0, inline_key.find('|')), key_salt_bytes(*suite));
  if (!key.empty()) audio.cryptos.push_back({static_cast<int>(tag), *suite, std::move(key)});
}

/// a=rtpmap:111 opus/48000/2
void read_rtpmap(std::string_view value, AudioDescription& audio) {
  const auto words = words_of(value);
  const long long type = words.empty() ? -1 : number_of(words[0]);
  if (words.size() < 2 || type < 0 || type > 127) return;
  const std::string_view name = words[1].substr(0, words[1].find('/'));
  if (same_text(words[1], "telephone-event/8000")) audio.event_type = static_cast<int>(type);
  const auto codec = codec_named(name);
  if (!codec) return;
  const auto known = std::find_if(audio.codecs.begin(), audio.codecs.end(),
                                  [&](const CodecLine& line) { return line.payload_type == type; });
  if (known == audio.codecs.end())
    audio.codecs.push_back({*codec, static_cast<int>(type)});
  else
    known->codec = *codec;
}

/// m=audio 4000 RTP/AVP 8 0 101: the static types 8 and 0 need no rtpmap (RFC 3551 §6).
void read_media(std::string_view value, AudioDescription& audio, std::vector<long long>& order) {
  const auto words = words_of(value);
  if (words.size() < 4) return;
  const long long port = number_of(words[1].substr(0, words[1].find('/')));
  if (port < 0 || port > 65'535) return;
  audio.port = static_cast<std::uint16_t>(port);
  audio.is_srtp = words[2] == "RTP/SAVP" || words[2] == "RTP/SAVPF";
  for (std::size_t i = 3; i < words.size() && i < 40; ++i) {
    order.push_back(number_of(words[i]));
    if (order.back() == 8) audio.codecs.push_back({Codec::pcma, 8});
    if (order.back() == 0) audio.codecs.push_back({Codec::pcmu, 0});
  }
}

void read_attribute(std::string_view value, AudioDescription& audio) {
  if (value.substr(0, 7) == "crypto:") read_crypto(value.substr(7), audio);
  if (value.substr(0, 7) == "rtpmap:") read_rtpmap(value.substr(7), audio);
  for (const char* direction : {"sendrecv", "sendonly", "recvonly", "inactive"}) {
    if (value == direction) audio.direction = direction;
  }
}

void sort_by_offer(AudioDescription& audio, const std::vector<long long>& order) {
  const auto place = [&](int type) { return std::find(order.begin(), order.end(), type) - order.begin(); };
  std::stable_sort(audio.codecs.begin(), audio.codecs.end(), [&](const CodecLine& a, const CodecLine& b) {
    return place(a.payload_type) < place(b.payload_type);
  });
}

}  // namespace

std::string_view to_string(Codec codec) {
  switch (codec) {
    case Codec::pcma:
      return "PCMA";
    case Codec::pcmu:
      return "PCMU";
    case Codec::opus:
      return "opus";
  }
  return "";
}

std::optional<Codec> codec_named(std::string_view name) {
  for (const Codec codec : {Codec::pcma, Codec::pcmu, Codec::opus}) {
    if (same_text(name, to_string(codec))) return codec;
  }
  return std::nullopt;
}

std::string_view to_string(SrtpSuite suite) {
  switch (suite) {
    case SrtpSuite::cm_sha1_80:
      return "AES_CM_128_HMAC_SHA1_80";
    case SrtpSuite::gcm_128:
      return "AEAD_AES_128_GCM";
  }
  return "";
}

Result<AudioDescription> parse_sdp(std::string_view text) {
  AudioDescription audio;
  std::vector<long long> order;
  bool is_in_audio = false;
  bool has_audio = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.size() < 3 || line[1] != '=') continue;
    const std::string_view value = line.substr(2);
    if (line[0] == 'm') {
      is_in_audio = !has_audio && value.substr(0, 6) == "audio ";
      has_audio = has_audio || is_in_audio;
      if (is_in_audio) read_media(value, audio, order);
    }
    const bool is_common = !has_audio;
    if (line[0] == 'c' && (is_common || is_in_audio)) {
      const auto words = words_of(value);
      if (words.size() == 3 && words[1] == "IP4") audio.address = words[2].substr(0, words[2].find('/'));
    }
    if (line[0] == 'a' && (is_common || is_in_audio)) read_attribute(value, audio);
  }
  if (!has_audio) return Failure{"no audio section"};
  if (audio.address.empty()) return Failure{"no IPv4 connection address"};
  sort_by_offer(audio, order);
  return audio;
}

std::string write_sdp(const AudioDescription& audio, std::uint32_t version) {
  std::string types;
  std::string lines;
  for (const auto& codec : audio.codecs) {
    const std::string type = std::to_string(codec.payload_type);
    types += " " + type;
    lines +=
        "a=rtpmap:" + type + " " + std::string(to_string(codec.codec)) +
        (codec.codec == Codec::opus ? "/48000/2\r\na=fmtp:" + type + " maxplaybackrate=8000;useinbandfec=1"
                                    : "/8000") +
        "\r\n";
  }
  if (audio.event_type >= 0) {
    const std::string type = std::to_string(audio.event_type);
    types += " " + type;
    lines += "a=rtpmap:" + type + " telephone-event/8000\r\na=fmtp:" + type + " 0-15\r\n";
  }
  for (const auto& crypto : audio.cryptos) {
    lines += "a=crypto:" + std::to_string(crypto.tag) + " " + std::string(to_string(crypto.suite)) +
             " inline:" + base64(crypto.key_salt) + "\r\n";
  }
  return "v=0\r\no=- 4711 " + std::to_string(version) + " IN IP4 " + audio.address + "\r\ns=-\r\nc=IN IP4 " +
         audio.address + "\r\nt=0 0\r\nm=audio " + std::to_string(audio.port) +
         (audio.is_srtp ? " RTP/SAVP" : " RTP/AVP") + types + "\r\n" + lines +
         "a=ptime:20\r\na=" + audio.direction + "\r\n";
}

std::string new_key_salt(SrtpSuite suite) {
  std::string key(key_salt_bytes(suite), '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()));
  return key;
}

}  // namespace dunlin::peer
