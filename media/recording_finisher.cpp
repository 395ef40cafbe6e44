#include "media/recording_finisher.hpp"

#include <algorithm>
#include <array>

#include "media/byte_order.hpp"
#include "media/codecs.hpp"
#include "media/g711.hpp"
#include "media/ogg_writer.hpp"

namespace dunlin {
namespace {

constexpr std::size_t peak_samples = 8000 / peaks_per_second;
constexpr std::uint64_t longest_gap_samples =
    8000ull * 3600 * 12;  // beyond it the position is damage, not silence
constexpr int stereo_bitrate = 32000;
constexpr int finisher_complexity = 3;

struct Gap {
  std::uint64_t from_ms = 0;
  std::uint64_t to_ms = 0;
};

/// Keeps the loudest sample of each 50 ms.
class PeakMeter {
 public:
  void add(std::span<const std::int16_t> interleaved) {
    for (std::size_t i = 0; i + 1 < interleaved.size(); i += 2) {
      left_ = std::max(left_, std::abs(int{interleaved[i]}));
      right_ = std::max(right_, std::abs(int{interleaved[i + 1]}));
      if (++count_ == peak_samples) close();
    }
  }
  std::vector<std::uint8_t> finish() {
    if (count_ > 0) close();
    constexpr std::array<std::uint8_t, 12> head{'D', 'P', 'K', '1', 0, peaks_per_second, 2};
    std::vector<std::uint8_t> file(head.size() + peaks_.size());
    std::copy(head.begin(), head.end(), file.begin());
    write_u32(file, 8, static_cast<std::uint32_t>(peaks_.size() / 2));
    std::copy(peaks_.begin(), peaks_.end(), file.begin() + head.size());
    return file;
  }

 private:
  void close() {
    peaks_.push_back(static_cast<std::uint8_t>(std::min(left_ >> 7, 255)));
    peaks_.push_back(static_cast<std::uint8_t>(std::min(right_ >> 7, 255)));
    left_ = right_ = 0;
    count_ = 0;
  }
  int left_ = 0;
  int right_ = 0;
  std::size_t count_ = 0;
  std::vector<std::uint8_t> peaks_;
};

/// The audio file being made: stereo samples in, sealed Ogg/Opus out.
class AudioMaker {
 public:
  static Result<std::unique_ptr<AudioMaker>> make(const std::filesystem::path& path, const RecordingKey& key,
                                                  RecordingId id) {
    auto maker = std::unique_ptr<AudioMaker>(new AudioMaker());
    auto file = SealedFileWriter::create(path, key);
    if (!file) return file.error();
    maker->file_ = std::move(*file);
    auto encoder = OpusVoiceEncoder::make({2, stereo_bitrate, finisher_complexity, false});
    if (!encoder) return encoder.error();
    maker->encoder_ = std::move(*encoder);
    maker->pre_skip_48k_ = static_cast<std::uint16_t>(maker->encoder_->lookahead_48k());
    auto* self = maker.get();
    auto ogg = OggOpusWriter::make({2, 8000, maker->pre_skip_48k_, static_cast<std::uint32_t>(id.value())},
                                   [self](std::span<const std::uint8_t> bytes) {
                                     self->hash_.add(bytes);
                                     return self->file_->write(bytes);
                                   });
    if (!ogg) return ogg.error();
    maker->ogg_ = std::move(*ogg);
    return maker;
  }

  Status add(std::span<const std::int16_t> interleaved) {
    peaks_.add(interleaved);
    samples_ += interleaved.size() / 2;
    return feed(interleaved);
  }

  /// Pads with silence until the decoder, after its pre-skip, has every sample.
  Status finish() {
    const std::uint64_t needed = samples_ + pre_skip_48k_ / 6 + frame_samples;
    const std::vector<std::int16_t> silence(2 * frame_samples);
    while (encoded_ < needed) {
      if (auto status = feed(silence); !status) return status;
    }
    is_ending_ = true;
    if (auto status = put_held(); !status) return status;
    return file_->finish();
  }

  std::uint64_t samples() const { return samples_; }
  std::string hash() { return hash_.finish_hex(); }
  std::vector<std::uint8_t> peaks() { return peaks_.finish(); }

 private:
  AudioMaker() = default;

  Status feed(std::span<const std::int16_t> interleaved) {
    waiting_.insert(waiting_.end(), interleaved.begin(), interleaved.end());
    std::size_t at = 0;
    for (; waiting_.size() - at >= 2 * frame_samples; at += 2 * frame_samples) {
      if (auto status = put_held(); !status) return status;
      held_.resize(max_encoded_bytes);
      const auto size = encoder_->encode(std::span(waiting_).subspan(at, 2 * frame_samples), held_);
      if (!size) return size.error();
      held_.resize(*size);
      encoded_ += frame_samples;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    return Done{};
  }

  /// One packet is always held back, because the last one must say that it is the last.
  Status put_held() {
    if (held_.empty()) return Done{};
    const std::uint64_t playable = encoded_ > pre_skip_48k_ / 6 ? encoded_ - pre_skip_48k_ / 6 : 0;
    const std::uint64_t end = is_ending_ ? samples_ : std::min(playable, samples_);
    return ogg_->add(held_, end * 6, is_ending_);
  }

  std::unique_ptr<SealedFileWriter> file_;
  std::unique_ptr<OpusVoiceEncoder> encoder_;
  std::unique_ptr<OggOpusWriter> ogg_;
  Sha256 hash_;
  PeakMeter peaks_;
  std::uint16_t pre_skip_48k_ = 0;
  std::uint64_t samples_ = 0;
  std::uint64_t encoded_ = 0;
  bool is_ending_ = false;
  std::vector<std::int16_t> waiting_;
  std::vector<std::uint8_t> held_;
};

/// What the journal says about one recording.
struct Story {
  UtcTime started_at;
  std::vector<RecordingMark> marks;
  std::vector<Gap> gaps;
  std::vector<Gap> pauses;  ///< Ordered silence: nobody lost anything.
  bool has_audio = false;
};

Status add_silence(AudioMaker& maker, std::uint64_t samples, std::vector<Gap>& list) {
  const std::uint64_t from = maker.samples();
  const std::vector<std::int16_t> silence(2 * block_samples);
  for (std::uint64_t left = samples; left > 0;) {
    const std::uint64_t count = std::min<std::uint64_t>(left, block_samples);
    if (auto status = maker.add(std::span(silence).first(static_cast<std::size_t>(2 * count))); !status)
      return status;
    left -= count;
  }
  // Pieces of one stretch are one entry.
  if (!list.empty() && list.back().to_ms == from / 8) list.back().to_ms = maker.samples() / 8;
  else list.push_back({from / 8, maker.samples() / 8});
  return Done{};
}

/// What lies between the end of the file and the next piece was lost. False: the piece has no place.
Result<bool> reach(AudioMaker& maker, std::uint64_t first_sample, Story& story) {
  if (first_sample < maker.samples()) return false;  // a repeat
  const std::uint64_t gap = first_sample - maker.samples();
  if (gap > longest_gap_samples) return false;
  if (gap == 0) return true;
  if (auto status = add_silence(maker, gap, story.gaps); !status) return status.error();
  return true;
}

Status add_pause(AudioMaker& maker, const PausedPiece& piece, Story& story) {
  const auto has_place = reach(maker, piece.first_sample, story);
  if (!has_place) return has_place.error();
  if (!*has_place) return Done{};
  story.has_audio = true;
  return add_silence(maker, piece.samples, story.pauses);
}

Status add_piece(AudioMaker& maker, const AudioPiece& piece, Story& story) {
  const auto has_place = reach(maker, piece.first_sample, story);
  if (!has_place) return has_place.error();
  if (!*has_place) return Done{};
  std::vector<std::int16_t> interleaved;
  interleaved.reserve(2 * piece.left.size());
  for (std::size_t i = 0; i < piece.left.size(); ++i) {
    interleaved.push_back(decode_alaw(piece.left[i]));
    interleaved.push_back(decode_alaw(piece.right[i]));
  }
  story.has_audio = true;
  return maker.add(interleaved);
}

Status add_record(AudioMaker& maker, const RecordPlace& place, std::span<const std::uint8_t> body,
                  Story& story) {
  switch (place.header.kind) {
    case RecordKind::begin:
      if (const auto time = parse_begin(body)) story.started_at = *time;
      return Done{};
    case RecordKind::end:
      if (auto marks = parse_marks(body)) story.marks = std::move(*marks);
      return Done{};
    case RecordKind::audio:
      if (const auto piece = parse_block(body)) return add_piece(maker, *piece, story);
      return Done{};
    case RecordKind::pause:
      if (const auto piece = parse_pause(body)) return add_pause(maker, *piece, story);
      return Done{};
  }
  return Done{};
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) >= 0x20) out.push_back(c);
  }
  return out + "\"";
}

std::string json_stretches(const std::vector<Gap>& list) {
  std::string json = "[";
  for (const Gap& one : list) {
    json += std::string(json.size() == 1 ? "" : ", ") + "{\"from_ms\": " + std::to_string(one.from_ms) + ", \"to_ms\": " + std::to_string(one.to_ms) + "}";
  }
  return json + "]";
}

std::string make_sidecar(const RecordingFinished& done, const Story& story, bool was_interrupted) {
  std::string json = "{\n  \"version\": 1,\n  \"recording\": " + json_text(done.recording.str());
  json += ",\n  \"started_at\": " + json_text(format_utc(story.started_at));
  json += ",\n  \"duration_ms\": " + std::to_string(done.duration_ms);
  json += ",\n  \"channels\": [\"agent\", \"debtor\"],\n  \"format\": \"ogg/opus\",\n  \"sha256\": " +
          json_text(done.sha256_hex);
  json += std::string(",\n  \"was_interrupted\": ") + (was_interrupted ? "true" : "false");
  json += ",\n  \"gaps\": " + json_stretches(story.gaps) + ",\n  \"pauses\": " + json_stretches(story.pauses);
  json += ",\n  \"marks\": [";
  for (std::size_t i = 0; i < story.marks.size(); ++i) {
    json += std::string(i == 0 ? "" : ", ") + "{\"at_ms\": " + std::to_string(story.marks[i].at_ms) +
            ", \"name\": " + json_text(story.marks[i].name) + "}";
  }
  return json + "]\n}\n";
}

Status write_whole(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  if (auto status = (*file)->write(bytes); !status) return status;
  return (*file)->commit();
}

/// Reads the sealed file back: only what can be opened and hashes alike may replace the journal.
Status verify(const RecordingFinished& done, const RecordingKey& key) {
  Sha256 hash;
  auto status =
      read_sealed_file(done.audio_path, key, [&hash](std::span<const std::uint8_t> plain) -> Status {
        hash.add(plain);
        return Done{};
      });
  if (!status) return status;
  if (hash.finish_hex() != done.sha256_hex)
    return Error{Errc::corrupt, "finished recording does not read back"};
  return Done{};
}

}  // namespace

RecordingFiles files_of(const std::filesystem::path& directory, RecordingId recording) {
  const std::string name = recording.str();
  const auto base = directory / "audio" / name.substr(name.size() - 2) / name;
  const auto with = [&base](const char* ending) { return std::filesystem::path(base.string() + ending); };
  return {with(".opus.sealed"), with(".peaks"), with(".json")};
}

std::filesystem::path segment_path(const std::filesystem::path& directory, std::uint64_t segment) {
  return directory / "journal" / (std::to_string(segment) + ".djr");
}

Result<RecordingFinished> finish_recording(const std::filesystem::path& directory, const FinishJob& job,
                                           const RecordingKey& key) {
  const RecordingFiles files = files_of(directory, job.recording);
  std::error_code error;
  std::filesystem::create_directories(files.audio.parent_path(), error);
  auto maker = AudioMaker::make(files.audio, key, job.recording);
  if (!maker) return maker.error();
  Story story;
  for (const RecordPlace& place : job.places) {
    const auto body = read_record(segment_path(directory, place.segment), place, key);
    if (!body) continue;
    if (auto status = add_record(**maker, place, *body, story); !status) return status.error();
  }
  if (!story.has_audio) return Error{Errc::corrupt, "the recording holds no readable audio"};
  if (auto status = (*maker)->finish(); !status) return status.error();
  RecordingFinished done;
  done.recording = job.recording;
  done.audio_path = files.audio;
  done.peaks_path = files.peaks;
  done.sidecar_path = files.sidecar;
  done.duration_ms = (*maker)->samples() / 8;
  for (const Gap& gap : story.gaps) done.gap_ms += gap.to_ms - gap.from_ms;
  done.sha256_hex = (*maker)->hash();
  if (auto status = verify(done, key); !status) return status.error();
  if (auto status = write_whole(files.peaks, (*maker)->peaks()); !status) return status.error();
  const std::string sidecar = make_sidecar(done, story, job.was_interrupted);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(sidecar.data());
  if (auto status = write_whole(files.sidecar, {bytes, sidecar.size()}); !status) return status.error();
  return done;
}

}  // namespace dunlin
