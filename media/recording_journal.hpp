#pragma once
// The recording journal: append-only segment files of encrypted records. Written by the writer thread, read
// by the finisher and at recovery. Format of a record (big endian): magic "DJR1", kind, three zero bytes,
// recording id (8), nonce counter (8), nonce salt (4), box length (4), box. The 32 header bytes are
// authenticated with the box. A torn tail (power loss, full disk) ends a segment; whatever stands before it
// counts.
#include <memory>

#include "media/recording_block.hpp"
#include "media/sealed_file.hpp"

namespace dunlin {

enum class RecordKind : std::uint8_t { begin = 1, audio = 2, end = 3, pause = 4 };

struct RecordHeader {
  RecordKind kind = RecordKind::audio;
  RecordingId recording;
  SealNonce nonce;
  std::uint32_t box_size = 0;
  bool operator==(const RecordHeader& other) const {
    return kind == other.kind && recording == other.recording && nonce.salt == other.nonce.salt &&
           nonce.counter == other.nonce.counter && box_size == other.box_size;
  }
};

inline constexpr std::size_t record_header_size = 32;
inline constexpr std::uint32_t max_box_size = 64 * 1024;
std::array<std::uint8_t, record_header_size> write_record_header(const RecordHeader& header);
Result<RecordHeader> parse_record_header(std::span<const std::uint8_t> bytes);

/// The plain body of an audio record.
std::vector<std::uint8_t> encode_block(const RecordingBlock& block);
/// A decoded audio body: position and both channels, A-law.
struct AudioPiece {
  std::uint64_t first_sample = 0;
  std::vector<std::uint8_t> left;
  std::vector<std::uint8_t> right;
};
Result<AudioPiece> parse_block(std::span<const std::uint8_t> body);

/// A stretch of the time line of which nothing may be kept, in samples.
struct PausedPiece {
  std::uint64_t first_sample = 0;
  std::uint16_t samples = 0;
};
std::vector<std::uint8_t> encode_pause(const RecordingBlock& block);
Result<PausedPiece> parse_pause(std::span<const std::uint8_t> body);

/// The plain body of a begin record (start time) and of an end record (marks).
std::vector<std::uint8_t> encode_begin(UtcTime started_at);
Result<UtcTime> parse_begin(std::span<const std::uint8_t> body);
std::vector<std::uint8_t> encode_marks(const std::vector<RecordingMark>& marks);
Result<std::vector<RecordingMark>> parse_marks(std::span<const std::uint8_t> body);

/// Where a record lies.
struct RecordPlace {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;
  RecordHeader header;
};

/// One segment file open for appending.
class SegmentWriter {
 public:
  static Result<std::unique_ptr<SegmentWriter>> create(const std::filesystem::path& path);
  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;
  /// Returns the record's offset. On error the file is cut back to its last whole record.
  Result<std::uint64_t> append(const RecordHeader& header, std::span<const std::uint8_t> box);
  Status sync();
  std::uint64_t size() const { return size_; }

 private:
  SegmentWriter(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::filesystem::path path_;
  int fd_;
  std::uint64_t size_ = 0;
  bool is_dirty_ = false;
};

/// Headers of all whole records of a segment, in order.
Result<std::vector<RecordPlace>> scan_segment(const std::filesystem::path& path, std::uint64_t segment);
/// The opened body of one record.
Result<std::vector<std::uint8_t>> read_record(const std::filesystem::path& path, const RecordPlace& place,
                                              const RecordingKey& key);

}  // namespace dunlin
