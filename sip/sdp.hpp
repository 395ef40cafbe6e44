#pragma once
// SDP as we speak it: one audio stream, G.711 and Opus, telephone-event, comfort noise, SDES. Bounded, never reads past
// the end, never throws. Pure, any thread. RFC 4566, 3264, 4568, 4733, 7587; parser limits in sip/limits.hpp.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/call/media_description.hpp"

namespace dunlin {

/// A parsed body: the usable audio stream and what is needed to answer the rest with port 0.
struct SdpBody {
  MediaDescription audio;
  /// The m= lines in order, verbatim kinds ("image 4 udptl t38"); audio_index says which one `audio` is.
  struct MediaLine { std::string media; std::string protocol; std::string formats; };
  std::vector<MediaLine> lines;
  std::size_t audio_index = 0;
};

/// Reads one session description. Errors: too long, no usable audio m= line, no numeric address, an unknown codec only
/// set, SAVP without a usable crypto line (only MKI, unknown suites, bad keys).
Result<SdpBody> parse_sdp(std::string_view text);

/// Writes an offer (one m= line), or an answer to `offered` with every other stream refused (RFC 3264 6).
std::string write_sdp(const MediaDescription& audio);
std::string write_sdp_answer(const MediaDescription& audio, const SdpBody& offered);

/// Our answer to an offer: the first codec of ours the offer has (with the offer's payload type), telephone-event,
/// comfort noise if both have it, the first crypto suite we have a key for (our key, the offer's tag), the mirrored
/// direction. Errors: nothing in common, plain against secure.
Result<MediaDescription> choose_answer(const MediaDescription& offer, const MediaDescription& local);

/// Checks an answer against our offer: codecs and crypto must have been offered. Returns the stream as agreed.
Result<MediaDescription> accept_answer(const MediaDescription& offer, const MediaDescription& answer);

/// True when the far end does not want to hear us now: sendonly, inactive or address 0.0.0.0 (RFC 3264 8.4).
bool is_hold(const MediaDescription& description);

/// Base64 without line breaks; decode refuses anything outside the alphabet.
std::string encode_base64(const std::vector<std::uint8_t>& bytes);
Result<std::vector<std::uint8_t>> decode_base64(std::string_view text);

}  // namespace dunlin
