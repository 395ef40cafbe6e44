#include "media/recording_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

#include <sys/uio.h>

#include "media/byte_order.hpp"

namespace dunlin {
namespace {

constexpr std::uint32_t record_magic = 0x444A5231;  // "DJR1"
constexpr std::size_t block_head = 10;
constexpr std::size_t max_marks = 256;
constexpr std::size_t max_mark_name = 64;

}  // namespace

std::array<std::uint8_t, record_header_size> write_record_header(const RecordHeader& header) {
  std::array<std::uint8_t, record_header_size> bytes{};
  write_u32(bytes, 0, record_magic);
  bytes[4] = static_cast<std::uint8_t>(header.kind);
  write_u64(bytes, 8, header.recording.value());
  write_u64(bytes, 16, header.nonce.counter);
  write_u32(bytes, 24, header.nonce.salt);
  write_u32(bytes, 28, header.box_size);
  return bytes;
}

Result<RecordHeader> parse_record_header(std::span<const std::uint8_t> bytes) {
  const Error damaged{Errc::corrupt, "journal record header is damaged"};
  if (bytes.size() < record_header_size || read_u32(bytes, 0) != record_magic) return damaged;
  if (bytes[4] < 1 || bytes[4] > 4) return damaged;
  RecordHeader header;
  header.kind = static_cast<RecordKind>(bytes[4]);
  header.recording = RecordingId(read_u64(bytes, 8));
  header.nonce = {read_u32(bytes, 24), read_u64(bytes, 16)};
  header.box_size = read_u32(bytes, 28);
  if (header.box_size < seal_overhead || header.box_size > max_box_size) return damaged;
  return header;
}

std::vector<std::uint8_t> encode_block(const RecordingBlock& block) {
  std::vector<std::uint8_t> body(block_head);
  write_u64(body, 0, block.first_sample);
  write_u16(body, 8, block.samples);
  body.insert(body.end(), block.left.begin(), block.left.begin() + block.samples);
  body.insert(body.end(), block.right.begin(), block.right.begin() + block.samples);
  return body;
}

Result<AudioPiece> parse_block(std::span<const std::uint8_t> body) {
  if (body.size() < block_head) return Error{Errc::corrupt, "journal block is too short"};
  const std::size_t samples = read_u16(body, 8);
  if (body.size() != block_head + 2 * samples)
    return Error{Errc::corrupt, "journal block has a wrong length"};
  const auto left = body.subspan(block_head, samples);
  const auto right = body.subspan(block_head + samples, samples);
  return AudioPiece{read_u64(body, 0), {left.begin(), left.end()}, {right.begin(), right.end()}};
}

std::vector<std::uint8_t> encode_pause(const RecordingBlock& block) {
  std::vector<std::uint8_t> body(block_head);
  write_u64(body, 0, block.first_sample);
  write_u16(body, 8, block.samples);
  return body;
}

Result<PausedPiece> parse_pause(std::span<const std::uint8_t> body) {
  if (body.size() != block_head) return Error{Errc::corrupt, "journal pause record has a wrong length"};
  return PausedPiece{read_u64(body, 0), read_u16(body, 8)};
}

std::vector<std::uint8_t> encode_begin(UtcTime started_at) {
  std::vector<std::uint8_t> body(8);
  write_u64(body, 0, static_cast<std::uint64_t>(started_at.ms));
  return body;
}

Result<UtcTime> parse_begin(std::span<const std::uint8_t> body) {
  if (body.size() != 8) return Error{Errc::corrupt, "journal begin record has a wrong length"};
  return UtcTime{static_cast<std::int64_t>(read_u64(body, 0))};
}

std::vector<std::uint8_t> encode_marks(const std::vector<RecordingMark>& marks) {
  std::vector<std::uint8_t> body;
  for (std::size_t i = 0; i < std::min(marks.size(), max_marks); ++i) {
    const std::string name = marks[i].name.substr(0, max_mark_name);
    const std::size_t at = body.size();
    body.resize(at + 9);
    write_u64(body, at, marks[i].at_ms);
    body[at + 8] = static_cast<std::uint8_t>(name.size());
    body.insert(body.end(), name.begin(), name.end());
  }
  return body;
}

Result<std::vector<RecordingMark>> parse_marks(std::span<const std::uint8_t> body) {
  std::vector<RecordingMark> marks;
  while (!body.empty()) {
    if (body.size() < 9 || body.size() < 9u + body[8])
      return Error{Errc::corrupt, "journal marks are damaged"};
    const auto name = body.subspan(9, body[8]);
    marks.push_back({read_u64(body, 0), std::string(name.begin(), name.end())});
    body = body.subspan(9u + body[8]);
  }
  return marks;
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (fd < 0) return disk_error(path);
  auto writer = std::unique_ptr<SegmentWriter>(new SegmentWriter(path, fd));
  // Synced sound in a file without a name would be lost with it.
  if (const auto named = sync_folder_of(path); !named) return named.error();
  return writer;
}

SegmentWriter::~SegmentWriter() {
  ::close(fd_);
}

Result<std::uint64_t> SegmentWriter::append(const RecordHeader& header, std::span<const std::uint8_t> box) {
  const auto head = write_record_header(header);
  std::vector<std::uint8_t> record(head.begin(), head.end());
  record.insert(record.end(), box.begin(), box.end());
  std::size_t written = 0;
  while (written < record.size()) {
    const ssize_t count = ::write(fd_, record.data() + written, record.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const Error error = disk_error(path_);
      // Half a record would hide everything appended after it.
      if (::ftruncate(fd_, static_cast<off_t>(size_)) == 0) ::lseek(fd_, static_cast<off_t>(size_), SEEK_SET);
      return error;
    }
    written += static_cast<std::size_t>(count);
  }
  const std::uint64_t offset = size_;
  size_ += record.size();
  is_dirty_ = true;
  return offset;
}

Status SegmentWriter::sync() {
  if (!is_dirty_) return Done{};
  if (::fdatasync(fd_) != 0) return disk_error(path_);
  is_dirty_ = false;
  return Done{};
}

Result<std::vector<RecordPlace>> scan_segment(const std::filesystem::path& path, std::uint64_t segment) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return Error{Errc::not_found, "no journal segment: " + path.string()};
  const auto end = static_cast<std::uint64_t>(file.tellg());
  std::vector<RecordPlace> places;
  std::uint64_t offset = 0;
  while (offset + record_header_size <= end) {
    std::array<std::uint8_t, record_header_size> bytes;
    file.seekg(static_cast<std::streamoff>(offset));
    if (!file.read(reinterpret_cast<char*>(bytes.data()), bytes.size())) break;
    const auto header = parse_record_header(bytes);
    if (!header || offset + record_header_size + header->box_size > end) break;
    places.push_back({segment, offset, *header});
    offset += record_header_size + header->box_size;
  }
  return places;
}

Result<std::vector<std::uint8_t>> read_record(const std::filesystem::path& path, const RecordPlace& place,
                                              const RecordingKey& key) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> record(record_header_size + place.header.box_size);
  file.seekg(static_cast<std::streamoff>(place.offset));
  if (!file.read(reinterpret_cast<char*>(record.data()), static_cast<std::streamsize>(record.size()))) {
    return Error{Errc::corrupt, "journal segment is cut: " + path.string()};
  }
  const auto bytes = std::span<const std::uint8_t>(record);
  return unseal(key, place.header.nonce, bytes.first(record_header_size), bytes.subspan(record_header_size));
}

}  // namespace dunlin
