#include "media/recorder.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <pthread.h>
#include <set>
#include <thread>
#include <unistd.h>
#include <unordered_map>

#include <sys/resource.h>
#include <sys/syscall.h>

#include "config/log.hpp"
#include "media/recording_finisher.hpp"
#include "media/ticker.hpp"

namespace dunlin {
namespace {
constexpr std::int64_t writer_period_us = 50'000;
constexpr int turns_per_sync = 20;  // one second
constexpr int finisher_niceness = 15;
constexpr std::size_t max_waiting_events = 65536;
}  // namespace

class Recorder::Impl {
 public:
  Impl(RecorderSettings settings, RecordingKeys& keys, std::vector<RecordingRing*> rings)
      : settings_(std::move(settings)), keys_(keys), rings_(std::move(rings)), writers_(rings_.size()) {}

  ~Impl() {
    writer_thread_ = std::jthread();
    drain_all();
    sync_all();
    finisher_thread_.request_stop();
    job_arrived_.notify_all();
    finisher_thread_ = std::jthread();
  }

  Status start() {
    std::error_code error;
    std::filesystem::create_directories(settings_.directory / "journal", error);
    if (error) return Error{Errc::unavailable, "recordings folder: " + error.message()};
    if (auto status = recover(); !status) return status;
    finisher_thread_ = std::jthread([this](const std::stop_token& stop) { run_finisher(stop); });
    writer_thread_ = std::jthread([this](const std::stop_token& stop) { run_writer(stop); });
    return Done{};
  }

  Status open(RecordingId id) {
    const auto key = keys_.key_for(id);
    if (!key) return key.error();
    const auto salt = make_salt(SealUse::journal);
    if (!salt) return salt.error();
    const std::lock_guard lock(mutex_);
    if (open_.contains(id) || finishing_.contains(id) ||
        std::filesystem::exists(files_of(settings_.directory, id).sidecar)) {
      return Error{Errc::conflict, "this attempt has been recorded already: " + id.str()};
    }
    Open recording;
    recording.key = *key;
    recording.nonce = {*salt, 0};
    recording.started_at = settings_.utc_now();
    open_.emplace(id, std::move(recording));
    return Done{};
  }

  Status set_marks(RecordingId id, std::vector<RecordingMark> marks) {
    const std::lock_guard lock(mutex_);
    const auto at = open_.find(id);
    if (at == open_.end()) return Error{Errc::not_found, "recording is not open: " + id.str()};
    at->second.marks = std::move(marks);
    return Done{};
  }

  std::optional<MediaEvent> next_event() {
    const std::lock_guard lock(mutex_);
    if (events_.empty()) return std::nullopt;
    MediaEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

 private:
  struct Open {
    RecordingKey key{};
    SealNonce nonce;
    UtcTime started_at;
    std::vector<RecordPlace> places;
    std::vector<RecordingMark> marks;
    std::uint64_t next_sample = 0;  ///< Where the next block begins unless one was lost.
    bool has_begun = false;
    bool has_failed = false;
  };
  struct Writer {
    std::unique_ptr<SegmentWriter> file;
    std::uint64_t segment = 0;
  };

  void tell(MediaEvent event) {
    if (events_.size() < max_waiting_events) events_.push_back(std::move(event));
  }

  /// Journals of an earlier process: every recording in them is finished as far as it got.
  Status recover() {
    std::map<RecordingId, FinishJob> jobs;
    std::set<std::uint64_t> segments;
    for (const auto& file : std::filesystem::directory_iterator(settings_.directory / "journal")) {
      if (file.path().extension() == ".djr")
        segments.insert(std::strtoull(file.path().stem().c_str(), nullptr, 10));
    }
    for (const std::uint64_t segment : segments) {
      const auto places = scan_segment(segment_path(settings_.directory, segment), segment);
      if (!places) return places.error();
      pending_[segment];
      for (const RecordPlace& place : *places) {
        FinishJob& job = jobs[place.header.recording];
        job.recording = place.header.recording;
        job.places.push_back(place);
        pending_[segment].insert(place.header.recording);
      }
      next_segment_ = segment + 1;
    }
    for (auto& [id, job] : jobs) {
      job.was_interrupted = job.places.back().header.kind != RecordKind::end;
      finishing_.insert(id);
      jobs_.push_back(std::move(job));
    }
    if (!jobs_.empty())
      log_info("recorder", "journal_recovered", "recordings={} segments={}", jobs_.size(), segments.size());
    drop_segments();
    return Done{};
  }

  void run_writer(const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "rec-writer");
    const Ticker ticker(writer_period_us);
    for (int turn = 0; !stop.stop_requested(); ++turn) {
      ticker.wait();
      drain_all();
      if (turn % turns_per_sync != 0) continue;
      sync_all();
      drop_idle_writers();
    }
  }

  /// A recording that moved to another worker has blocks in two rings: the older ones first. What is still ahead when
  /// nothing else moves follows a real gap.
  void drain_all() {
    bool has_progress = true;
    while (has_progress) {
      has_progress = false;
      for (std::size_t i = 0; i < rings_.size(); ++i) has_progress = drain(i, true) || has_progress;
    }
    for (std::size_t i = 0; i < rings_.size(); ++i) drain(i, false);
  }

  bool drain(std::size_t worker, bool keeps_order) {
    bool has_taken = false;
    while (const RecordingBlock* block = rings_[worker]->front()) {
      const std::lock_guard lock(mutex_);
      const auto at = open_.find(block->recording);
      if (at != open_.end()) {
        if (keeps_order && block->first_sample > at->second.next_sample) return has_taken;
        at->second.next_sample = block->first_sample + block->samples;
        write_block(worker, at->second, *block);
        if (block->is_last) close(at);
      }
      rings_[worker]->pop_front();
      has_taken = true;
    }
    return has_taken;
  }

  void write_block(std::size_t worker, Open& recording, const RecordingBlock& block) {
    if (!recording.has_begun) {
      recording.has_begun =
          append(worker, recording, block.recording, RecordKind::begin, encode_begin(recording.started_at));
    }
    if (block.samples > 0) {
      append(worker, recording, block.recording, block.is_paused ? RecordKind::pause : RecordKind::audio,
             block.is_paused ? encode_pause(block) : encode_block(block));
    }
    if (block.is_last)
      append(worker, recording, block.recording, RecordKind::end, encode_marks(recording.marks));
  }

  bool append(std::size_t worker, Open& recording, RecordingId id, RecordKind kind,
              const std::vector<std::uint8_t>& body) {
    Status status = ready_segment(worker);
    RecordHeader header{kind, id, recording.nonce, static_cast<std::uint32_t>(body.size() + seal_overhead)};
    ++recording.nonce.counter;
    if (status) {
      const auto box = seal(recording.key, header.nonce, write_record_header(header), body);
      const auto offset =
          box ? writers_[worker].file->append(header, *box) : Result<std::uint64_t>(box.error());
      if (offset) {
        recording.places.push_back({writers_[worker].segment, *offset, header});
        pending_[writers_[worker].segment].insert(id);
        return true;
      }
      status = offset.error();
    }
    if (!recording.has_failed) {
      log_error("recorder", "append_failed", "recording={} reason=\"{}\"", id.str(), status.error().detail);
      tell(RecordingFailed{id, status.error().detail});
    }
    recording.has_failed = true;
    return false;
  }

  Status ready_segment(std::size_t worker) {
    Writer& writer = writers_[worker];
    if (writer.file && writer.file->size() < settings_.segment_bytes) return Done{};
    if (writer.file) (void)writer.file->sync();
    const std::uint64_t segment = next_segment_++;
    auto file = SegmentWriter::create(segment_path(settings_.directory, segment));
    if (!file) return file.error();
    writer.file = std::move(*file);
    writer.segment = segment;
    pending_[segment];
    drop_segments();
    return Done{};
  }

  void close(std::unordered_map<RecordingId, Open>::iterator at) {
    if (at->second.places.empty()) {
      tell(RecordingFailed{at->first, "no audio was written"});
    } else {
      finishing_.insert(at->first);
      jobs_.push_back({at->first, std::move(at->second.places), false});
      job_arrived_.notify_one();
    }
    open_.erase(at);
  }

  void sync_all() {
    for (auto& writer : writers_) {
      if (!writer.file) continue;
      if (auto status = writer.file->sync(); !status)
        log_error("recorder", "sync_failed", "reason=\"{}\"", status.error().detail);
    }
  }

  /// A segment goes when no recording in it is unfinished and nobody appends to it any more.
  void drop_segments() {
    for (auto at = pending_.begin(); at != pending_.end();) {
      const bool is_current = std::any_of(writers_.begin(), writers_.end(), [&](const Writer& writer) {
        return writer.file && writer.segment == at->first;
      });
      if (!at->second.empty() || is_current) {
        ++at;
        continue;
      }
      ::unlink(segment_path(settings_.directory, at->first).c_str());
      at = pending_.erase(at);
    }
  }

  void run_finisher(const std::stop_token& stop) {
    pthread_setname_np(pthread_self(), "rec-finisher");
    setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), finisher_niceness);
    std::unique_lock lock(mutex_);
    while (true) {
      job_arrived_.wait(lock, stop, [this] { return !jobs_.empty(); });
      if (jobs_.empty()) return;  // stopping, and everything closed is finished
      const FinishJob job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      const auto key = keys_.key_for(job.recording);
      const auto done =
          key ? finish_recording(settings_.directory, job, *key) : Result<RecordingFinished>(key.error());
      lock.lock();
      conclude(job, done);
    }
  }

  void conclude(const FinishJob& job, const Result<RecordingFinished>& done) {
    finishing_.erase(job.recording);
    if (done)
      tell(*done);
    else
      tell(RecordingFailed{job.recording, done.error().detail});
    if (!done)
      log_error("recorder", "finish_failed", "recording={} reason=\"{}\"", job.recording.str(),
                done.error().detail);
    // A full disk keeps the journal for the next start; damage and erased keys will not get better.
    if (!done && (done.error().code == Errc::unavailable || done.error().code == Errc::exhausted)) return;
    for (auto& [segment, recordings] : pending_) recordings.erase(job.recording);
    drop_segments();
  }

  /// A segment nobody waits for is closed, so that erased or finished audio does not linger in it. Writer
  /// thread only: it alone changes writers_, and so may sync them without the lock.
  void drop_idle_writers() {
    const std::lock_guard lock(mutex_);
    for (auto& writer : writers_) {
      if (writer.file && writer.file->size() > 0 && pending_[writer.segment].empty()) writer.file.reset();
    }
    drop_segments();
  }

  RecorderSettings settings_;
  RecordingKeys& keys_;
  std::vector<RecordingRing*> rings_;
  std::mutex mutex_;
  std::unordered_map<RecordingId, Open> open_;
  std::set<RecordingId> finishing_;
  std::vector<Writer> writers_;
  std::uint64_t next_segment_ = 1;
  std::map<std::uint64_t, std::set<RecordingId>> pending_;  ///< Segment to its unfinished recordings.
  std::deque<FinishJob> jobs_;                              ///< As many as recordings were open; small.
  std::deque<MediaEvent> events_;
  std::condition_variable_any job_arrived_;
  std::jthread finisher_thread_;
  std::jthread writer_thread_;
};

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::~Recorder() = default;

Result<std::unique_ptr<Recorder>> Recorder::start(RecorderSettings settings, RecordingKeys& keys,
                                                  std::vector<RecordingRing*> rings) {
  auto impl = std::make_unique<Impl>(std::move(settings), keys, std::move(rings));
  if (auto status = impl->start(); !status) return status.error();
  return std::unique_ptr<Recorder>(new Recorder(std::move(impl)));
}

Status Recorder::open(RecordingId recording) {
  return impl_->open(recording);
}
Status Recorder::set_marks(RecordingId recording, std::vector<RecordingMark> marks) {
  return impl_->set_marks(recording, std::move(marks));
}
std::optional<MediaEvent> Recorder::next_event() {
  return impl_->next_event();
}

}  // namespace dunlin
