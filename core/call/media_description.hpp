#pragma once
// What two media ends agree on, free of SDP syntax: sip/ reads and writes it as SDP, media/ opens a leg from it.
// Pure values, any thread. RFC 3264 (offer/answer), RFC 4568 (SDES), RFC 4733 (telephone-event).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dunlin {

enum class Codec : std::uint8_t { pcma, pcmu, opus };
std::string_view to_string(Codec codec);

/// One payload type of an offer or answer, in order of preference.
struct CodecChoice {
  Codec codec = Codec::pcma;
  std::uint8_t payload_type = 8;  ///< RTP payload type as the *sender of this description* wants to receive it.
  bool operator==(const CodecChoice&) const = default;
};

/// RFC 4568 crypto-suites we speak.
enum class CryptoSuite : std::uint8_t { aes_cm_128_hmac_sha1_80, aead_aes_128_gcm };
std::string_view to_string(CryptoSuite suite);

/// One a=crypto line. key_salt is raw: 30 bytes for CM (16 + 14), 28 for GCM (16 + 12). A secret: never logged.
struct CryptoKey {
  std::uint32_t tag = 1;
  CryptoSuite suite = CryptoSuite::aes_cm_128_hmac_sha1_80;
  std::vector<std::uint8_t> key_salt;
  bool operator==(const CryptoKey&) const = default;
};

enum class MediaDirection : std::uint8_t { sendrecv, sendonly, recvonly, inactive };

/// One audio stream as one side describes it.
struct MediaDescription {
  std::string address;                       ///< Numeric IPv4 or IPv6 address where this side receives RTP.
  std::uint16_t port = 0;                    ///< 0 = stream refused. RTCP is port + 1.
  std::vector<CodecChoice> codecs;           ///< In order of preference; an answer usually has one.
  std::optional<std::uint8_t> telephone_event;  ///< Payload type of RFC 4733 events at 8 kHz.
  std::optional<std::uint8_t> telephone_event_48k;  ///< The same at 48 kHz (beside Opus).
  std::optional<std::uint8_t> comfort_noise; ///< PT 13 when offered.
  std::vector<CryptoKey> crypto;             ///< Empty = plain RTP (RTP/AVP); otherwise RTP/SAVP.
  bool is_best_effort = false;               ///< Keys beside RTP/AVP: SRTP if the peer can (RFC 8643), else plain RTP.
  bool suppresses_silence = false;           ///< This side says it sends nothing in pauses (a=silenceSupp:on, RFC 3108).
  MediaDirection direction = MediaDirection::sendrecv;
  std::uint16_t ptime_ms = 20;
  std::uint64_t session_id = 0;              ///< o= line; kept for re-offers.
  std::uint64_t session_version = 0;
  bool operator==(const MediaDescription&) const = default;

  bool is_secure() const { return !crypto.empty(); }
};

}  // namespace dunlin
