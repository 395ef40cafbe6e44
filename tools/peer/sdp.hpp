#pragma once
// The audio part of a session description as a test peer needs it (RFC 8866, 3264, 4568 crypto lines, 3551
// payload types). Reads the first audio section, writes one. Pure, any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/peer/result.hpp"

namespace dunlin::peer {

enum class Codec : std::uint8_t { pcma, pcmu, opus };
std::string_view to_string(Codec codec);
std::optional<Codec> codec_named(std::string_view name);

struct CodecLine {
  Codec codec = Codec::pcma;
  int payload_type = 8;
};

/// RFC 4568 §6, RFC 7714 §14.2: the two suites the house speaks.
enum class SrtpSuite : std::uint8_t { cm_sha1_80, gcm_128 };
std::string_view to_string(SrtpSuite suite);

struct CryptoLine {
  int tag = 1;
  SrtpSuite suite = SrtpSuite::cm_sha1_80;
  std::string key_salt;  ///< Raw octets: 30 for CM, 28 for GCM.
};

struct AudioDescription {
  std::string address;
  std::uint16_t port = 0;
  bool is_srtp = false;             ///< RTP/SAVP.
  std::vector<CodecLine> codecs;    ///< Known ones, in the offered order.
  int event_type = -1;              ///< telephone-event of 8000 Hz; -1 if none.
  std::vector<CryptoLine> cryptos;  ///< Known suites only.
  std::string direction = "sendrecv";
};

Result<AudioDescription> parse_sdp(std::string_view text);
/// `version` goes into the origin line and must grow with each new description of one session (RFC 3264 §8).
std::string write_sdp(const AudioDescription& audio, std::uint32_t version);

/// A fresh random key for the suite.
std::string new_key_salt(SrtpSuite suite);

}  // namespace dunlin::peer
