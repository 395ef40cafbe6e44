#include "media/browser_sdp.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <vector>

namespace dunlin {
namespace {

constexpr std::size_t max_offer_bytes = 16 * 1024;
constexpr std::size_t max_offer_lines = 512;
constexpr std::size_t max_offer_formats = 64;
constexpr std::size_t max_mid = 32;
constexpr std::uint32_t host_candidate_priority = 2130706431;  // RFC 8445 §5.1.2.1: type host, one address, component 1

/// What the lines say before they are judged. Attributes of the session hold where the stream says nothing.
struct OfferLines {
  std::optional<std::string_view> media_line;
  std::optional<std::string_view> ufrag;
  std::optional<std::string_view> password;
  std::optional<std::string_view> setup;
  std::string_view mid;
  std::string_view bundle;
  std::vector<std::string_view> fingerprints;
  bool has_stream_fingerprint = false;
  bool has_rtcp_mux = false;
  MediaDirection direction = MediaDirection::sendrecv;
  std::map<std::uint8_t, std::string> rtpmap;
  std::uint64_t session_id = 0;
  std::uint64_t session_version = 0;
};

std::string_view take_word(std::string_view& text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(begin);
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& letter : lowered) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  return lowered;
}

bool is_letter_or_digit(char sign) {
  return (sign >= '0' && sign <= '9') || (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z');
}

/// RFC 8839 §5.4: letters, digits, '+' and '/'.
bool is_ice_text(std::string_view text, std::size_t least) {
  return text.size() >= least && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
}

/// What we write back as it came: a short token (RFC 4566 §9).
bool is_mid(std::string_view text) {
  return text.size() <= max_mid && std::all_of(text.begin(), text.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
}

std::optional<MediaDirection> direction_named(std::string_view name) {
  if (name == "sendrecv") return MediaDirection::sendrecv;
  if (name == "sendonly") return MediaDirection::sendonly;
  if (name == "recvonly") return MediaDirection::recvonly;
  if (name == "inactive") return MediaDirection::inactive;
  return std::nullopt;
}

void read_rtpmap(std::string_view value, OfferLines& lines) {
  const auto format = number_of<std::uint8_t>(take_word(value));
  if (format && *format < 128 && lines.rtpmap.size() < max_offer_formats) lines.rtpmap.emplace(*format, lower_case(take_word(value)));
}

void read_fingerprint(std::string_view value, OfferLines& lines) {
  // Those of the stream replace those of the session.
  if (lines.media_line && !lines.has_stream_fingerprint) lines.fingerprints.clear();
  lines.has_stream_fingerprint = lines.media_line.has_value();
  if (lines.fingerprints.size() < 8) lines.fingerprints.push_back(value);
}

void read_offer_attribute(std::string_view text, OfferLines& lines) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  const auto value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (const auto direction = direction_named(text)) lines.direction = *direction;
  else if (name == "ice-ufrag") lines.ufrag = value;
  else if (name == "ice-pwd") lines.password = value;
  else if (name == "setup") lines.setup = value;
  else if (name == "fingerprint") read_fingerprint(value, lines);
  else if (name == "rtcp-mux") lines.has_rtcp_mux = true;
  else if (name == "mid" && lines.media_line) lines.mid = value;
  else if (name == "group" && value.substr(0, 7) == "BUNDLE ") lines.bundle = value.substr(7);
  else if (name == "rtpmap" && lines.media_line) read_rtpmap(value, lines);
}

Status read_offer_line(char type, std::string_view value, OfferLines& lines) {
  switch (type) {
    case 'm':
      if (lines.media_line) return invalid_input("offer: one m= line is expected, audio; the second is m=" + std::string(value.substr(0, value.find(' '))).substr(0, 32));
      lines.media_line = value;
      return Done{};
    case 'o': {
      take_word(value);
      const auto id = number_of<std::uint64_t>(take_word(value));
      const auto version = number_of<std::uint64_t>(take_word(value));
      if (!id || !version) return invalid_input("offer: o= needs a session id and a version");
      lines.session_id = *id;
      lines.session_version = *version;
      return Done{};
    }
    case 'a':
      read_offer_attribute(value, lines);
      return Done{};
    default:
      return Done{};
  }
}

Result<OfferLines> read_offer_lines(std::string_view text) {
  OfferLines lines;
  std::size_t count = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (++count > max_offer_lines) return invalid_input("offer: more than 512 lines");
    if (line.size() < 2 || line[1] != '=') return invalid_input("offer: line " + std::to_string(count) + " has no type");
    if (count == 1 && line != "v=0") return invalid_input("offer: v=0 is expected as the first line");
    if (auto status = read_offer_line(line[0], line.substr(2), lines); !status) return status.error();
  }
  if (!lines.media_line) return invalid_input("offer: no m= line");
  return lines;
}

/// RFC 3551's static types need no rtpmap.
std::string encoding_named(const OfferLines& lines, std::uint8_t format) {
  const auto found = lines.rtpmap.find(format);
  if (found != lines.rtpmap.end()) return found->second;
  if (format == 0) return "pcmu/8000";
  if (format == 8) return "pcma/8000";
  return "";
}

void add_format(const OfferLines& lines, std::uint8_t format, MediaDescription& audio) {
  const std::string encoding = encoding_named(lines, format);
  if (encoding == "pcma/8000") audio.codecs.push_back({Codec::pcma, format});
  else if (encoding == "pcmu/8000") audio.codecs.push_back({Codec::pcmu, format});
  else if (encoding == "opus/48000/2") audio.codecs.push_back({Codec::opus, format});
  else if (encoding == "telephone-event/8000" && !audio.telephone_event) audio.telephone_event = format;
  else if (encoding == "telephone-event/48000" && !audio.telephone_event_48k) audio.telephone_event_48k = format;
}

Result<MediaDescription> judge_stream(const OfferLines& lines) {
  auto text = *lines.media_line;
  const auto kind = take_word(text);
  const auto port = number_of<std::uint16_t>(take_word(text));
  const auto protocol = take_word(text);
  if (kind != "audio") return invalid_input("offer: m=audio is expected, not m=" + std::string(kind).substr(0, 32));
  if (!port) return invalid_input("offer: m=audio has no port");
  if (*port == 0) return invalid_input("offer: m=audio is refused (port 0)");
  if (protocol != "UDP/TLS/RTP/SAVPF" && protocol != "UDP/TLS/RTP/SAVP") return invalid_input("offer: UDP/TLS/RTP/SAVPF is expected in m=audio");
  MediaDescription audio;
  audio.address = "0.0.0.0";
  audio.port = 9;
  audio.direction = lines.direction;
  audio.session_id = lines.session_id;
  audio.session_version = lines.session_version;
  std::size_t count = 0;
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    const auto format = number_of<std::uint8_t>(word);
    if (!format || *format > 127 || ++count > max_offer_formats) return invalid_input("offer: bad payload types in m=audio");
    add_format(lines, *format, audio);
  }
  if (audio.codecs.empty()) return invalid_input("offer: none of PCMA, PCMU and opus/48000/2 in m=audio");
  return audio;
}

Result<CertificateFingerprint> judge_fingerprint(const OfferLines& lines) {
  if (lines.fingerprints.empty()) return invalid_input("offer: no a=fingerprint; only DTLS-SRTP is spoken");
  Result<CertificateFingerprint> found = parse_fingerprint(lines.fingerprints.front());
  for (std::size_t i = 1; i < lines.fingerprints.size() && !found; ++i) {
    if (auto other = parse_fingerprint(lines.fingerprints[i])) return other;
  }
  return found ? found : Result<CertificateFingerprint>(invalid_input("offer: a=" + found.error().detail));
}

Status judge_transport(const OfferLines& lines) {
  if (!lines.ufrag || !is_ice_text(*lines.ufrag, 4)) return invalid_input("offer: a=ice-ufrag of 4 to 256 letters, digits, + and / is expected");
  if (!lines.password || !is_ice_text(*lines.password, 22)) return invalid_input("offer: a=ice-pwd of 22 to 256 letters, digits, + and / is expected");
  if (!lines.has_rtcp_mux) return invalid_input("offer: a=rtcp-mux is expected");
  // We are passive: the page begins the handshake as soon as its check has succeeded.
  if (!lines.setup || (*lines.setup != "actpass" && *lines.setup != "active")) return invalid_input("offer: a=setup:actpass or active is expected");
  if (!is_mid(lines.mid)) return invalid_input("offer: a=mid is longer than 32 characters or no token");
  return Done{};
}

bool names_mid(std::string_view bundle, std::string_view mid) {
  for (auto word = take_word(bundle); !word.empty(); word = take_word(bundle)) {
    if (word == mid) return true;
  }
  return false;
}

std::string_view name_of(MediaDirection direction) {
  switch (direction) {
    case MediaDirection::sendrecv: return "sendrecv";
    case MediaDirection::sendonly: return "sendonly";
    case MediaDirection::recvonly: return "recvonly";
    case MediaDirection::inactive: return "inactive";
  }
  return "inactive";
}

/// Collects lines.
class SdpText {
 public:
  template <class... Parts>
  void line(const Parts&... parts) {
    (append(parts), ...);
    text_ += "\r\n";
  }
  std::string take() { return std::move(text_); }

 private:
  void append(std::string_view part) { text_ += part; }
  template <class Number>
    requires std::is_arithmetic_v<Number>
  void append(Number number) { text_ += std::to_string(number); }
  std::string text_;
};

void write_codec(const CodecChoice& choice, SdpText& text) {
  switch (choice.codec) {
    case Codec::pcma:
      text.line("a=rtpmap:", choice.payload_type, " PCMA/8000");
      return;
    case Codec::pcmu:
      text.line("a=rtpmap:", choice.payload_type, " PCMU/8000");
      return;
    case Codec::opus:
      text.line("a=rtpmap:", choice.payload_type, " opus/48000/2");
      // Narrow band by word: a full-band packet costs four times as much to decode, and nobody would hear more.
      text.line("a=fmtp:", choice.payload_type, " maxplaybackrate=8000;sprop-maxcapturerate=8000;maxaveragebitrate=16000;stereo=0;useinbandfec=1");
      return;
  }
}

void write_event(std::optional<std::uint8_t> type, unsigned rate, SdpText& text) {
  if (!type) return;
  text.line("a=rtpmap:", *type, " telephone-event/", rate);
  text.line("a=fmtp:", *type, " 0-15");
}

}  // namespace

Result<BrowserOffer> parse_browser_offer(std::string_view sdp) {
  if (sdp.size() > max_offer_bytes) return invalid_input("offer: longer than 16 KB");
  const auto lines = read_offer_lines(sdp);
  if (!lines) return lines.error();
  auto audio = judge_stream(*lines);
  if (!audio) return audio.error();
  if (auto status = judge_transport(*lines); !status) return status.error();
  auto fingerprint = judge_fingerprint(*lines);
  if (!fingerprint) return fingerprint.error();
  return BrowserOffer{std::move(*audio), std::string(lines->mid), names_mid(lines->bundle, lines->mid),
                      {std::string(*lines->ufrag), std::string(*lines->password)}, std::move(*fingerprint)};
}

std::string write_browser_answer(const BrowserAnswer& answer) {
  const MediaDescription& audio = answer.audio;
  const std::string_view type = audio.address.find(':') == std::string::npos ? "IP4 " : "IP6 ";
  SdpText text;
  text.line("v=0");
  text.line("o=- ", audio.session_id, " ", audio.session_version, " IN ", type, audio.address);
  text.line("s=-");
  text.line("t=0 0");
  text.line("a=ice-lite");
  if (answer.is_bundled) text.line("a=group:BUNDLE ", answer.mid);
  std::string formats;
  for (const CodecChoice& choice : audio.codecs) formats += " " + std::to_string(choice.payload_type);
  for (const auto& event : {audio.telephone_event, audio.telephone_event_48k}) formats += event ? " " + std::to_string(*event) : "";
  text.line("m=audio ", audio.port, " UDP/TLS/RTP/SAVPF", formats);
  text.line("c=IN ", type, audio.address);
  if (!answer.mid.empty()) text.line("a=mid:", answer.mid);
  text.line("a=ice-ufrag:", answer.ice.ufrag);
  text.line("a=ice-pwd:", answer.ice.password);
  text.line("a=fingerprint:", answer.fingerprint.text());
  text.line("a=setup:passive");
  text.line("a=rtcp-mux");
  text.line("a=", name_of(audio.direction));
  for (const CodecChoice& choice : audio.codecs) write_codec(choice, text);
  write_event(audio.telephone_event, 8000, text);
  write_event(audio.telephone_event_48k, 48000, text);
  text.line("a=ptime:20");
  text.line("a=ssrc:", answer.ssrc, " cname:dunlin");
  text.line("a=candidate:1 1 udp ", host_candidate_priority, " ", audio.address, " ", audio.port, " typ host");
  text.line("a=end-of-candidates");
  return text.take();
}

}  // namespace dunlin
