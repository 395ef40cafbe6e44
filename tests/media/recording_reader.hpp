#pragma once
// Reading finished recordings in tests: decrypts, takes the Ogg apart by libogg, decodes both channels.
#include <cmath>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <ogg/ogg.h>

#include "media/codecs.hpp"
#include "media/sealed_file.hpp"

namespace dunlin {

/// One key a recording, derived from its number; erased ids answer not_found.
class FixedKeys : public RecordingKeys {
 public:
  Result<RecordingKey> key_for(RecordingId recording) override {
    if (recording == erased) return Error{Errc::not_found, "key destroyed"};
    RecordingKey key{};
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(recording.value() + i);
    return key;
  }
  RecordingId erased;
};

inline std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("dunlin_media_" + name + "_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

struct StereoAudio {
  std::vector<std::int16_t> left;
  std::vector<std::int16_t> right;
};

inline StereoAudio decode_ogg(std::vector<std::uint8_t> bytes) {
  StereoAudio audio;
  ogg_sync_state sync{};
  ogg_sync_init(&sync);
  char* buffer = ogg_sync_buffer(&sync, static_cast<long>(bytes.size()));
  std::copy(bytes.begin(), bytes.end(), buffer);
  ogg_sync_wrote(&sync, static_cast<long>(bytes.size()));
  auto decoder = std::move(*OpusVoiceDecoder::make(2));
  ogg_stream_state stream{};
  ogg_page page{};
  ogg_packet packet{};
  bool has_stream = false;
  int number = 0;
  std::size_t skip = 0;
  std::int64_t last_granule = 0;
  bool has_end = false;
  while (ogg_sync_pageout(&sync, &page) == 1) {
    if (!has_stream) ogg_stream_init(&stream, ogg_page_serialno(&page));
    has_stream = true;
    ogg_stream_pagein(&stream, &page);
    while (ogg_stream_packetout(&stream, &packet) == 1) {
      if (number == 0) skip = static_cast<std::size_t>(packet.packet[10] | packet.packet[11] << 8) / 6;
      if (packet.granulepos > 0) last_granule = packet.granulepos;
      has_end = has_end || packet.e_o_s != 0;
      if (number++ < 2) continue;
      std::array<std::int16_t, 2 * max_decoded_samples> samples;
      const auto count = decoder->decode({packet.packet, static_cast<std::size_t>(packet.bytes)}, samples);
      for (std::size_t i = 0; count && i < *count; ++i) {
        audio.left.push_back(samples[2 * i]);
        audio.right.push_back(samples[2 * i + 1]);
      }
    }
  }
  EXPECT_TRUE(has_end) << "the last page is marked";
  if (has_stream) ogg_stream_clear(&stream);
  ogg_sync_clear(&sync);
  const std::size_t length = static_cast<std::size_t>(last_granule) / 6 - skip;
  for (auto* channel : {&audio.left, &audio.right}) {
    EXPECT_GE(channel->size(), skip + length);
    channel->erase(channel->begin(),
                   channel->begin() + static_cast<std::ptrdiff_t>(std::min(skip, channel->size())));
    channel->resize(length);
  }
  return audio;
}

inline StereoAudio read_recording(const std::filesystem::path& path, const RecordingKey& key) {
  std::vector<std::uint8_t> bytes;
  const auto status = read_sealed_file(path, key, [&](std::span<const std::uint8_t> plain) -> Status {
    bytes.insert(bytes.end(), plain.begin(), plain.end());
    return Done{};
  });
  EXPECT_TRUE(status) << (status ? "" : status.error().detail);
  return decode_ogg(std::move(bytes));
}

/// The longest run of near silence.
inline std::size_t longest_pause_ms(std::span<const std::int16_t> samples) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const auto sample : samples) {
    run = std::abs(int{sample}) < 300 ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest / 8;
}

}  // namespace dunlin
