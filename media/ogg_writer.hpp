#pragma once
// The door to libogg: Ogg/Opus streams (RFC 3533, RFC 7845). One thread; pages go to a sink as they fill (one
// a second).
#include <functional>
#include <memory>
#include <span>

#include "core/base/result.hpp"

namespace dunlin {

struct OggOpusOptions {
  int channels = 2;
  std::uint32_t input_rate = 8000;
  std::uint16_t pre_skip_48k = 312;  ///< The encoder's lookahead.
  std::uint32_t serial = 1;
};

class OggOpusWriter {
 public:
  using Sink = std::function<Status(std::span<const std::uint8_t>)>;
  /// Writes the two header pages.
  static Result<std::unique_ptr<OggOpusWriter>> make(const OggOpusOptions& options, Sink sink);
  ~OggOpusWriter();
  OggOpusWriter(const OggOpusWriter&) = delete;
  OggOpusWriter& operator=(const OggOpusWriter&) = delete;

  /// `end_48k`: playable samples (at 48 kHz) up to the end of this packet; the last packet's value is the
  /// length.
  Status add(std::span<const std::uint8_t> packet, std::uint64_t end_48k, bool is_last);

 private:
  struct State;
  explicit OggOpusWriter(std::unique_ptr<State> state);
  Status put_headers(const OggOpusOptions& options);
  Status put_pages(bool flushes);
  std::unique_ptr<State> state_;
};

}  // namespace dunlin
