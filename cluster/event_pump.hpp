#pragma once
// The event bus without its thread: one step connects when it is time, tells hints, sends one bounded batch of facts and
// moves the cursor after the server has taken them. At least once: a crash between the two repeats a batch, nothing is
// ever skipped. A damaged partition waits and is named while the others go on. One thread; time is an argument.
#include <map>
#include <optional>
#include <vector>

#include "cluster/back_off.hpp"
#include "cluster/event_ports.hpp"

namespace dunlin {

struct EventPumpOptions {
  std::size_t batch_events = 512;     ///< Facts of one pipelined batch.
  Duration poll = seconds(2);         ///< Every partition is looked at this often even without a wake-up.
  Duration ping = seconds(5);         ///< A silent connection is asked this often.
  BackOff back_off;
  std::uint64_t seed = 1;             ///< Of the back-off's jitter.
};

struct EventPumpStatus {
  bool is_connected = false;
  std::string cause;                  ///< Why it waits, or what is wrong beside the connection; empty = well.
  std::uint64_t published_total = 0;
  std::uint64_t hints_total = 0;
  std::uint64_t hints_dropped_total = 0;
  std::uint64_t reconnects_total = 0; ///< Connections after the first.
};

class EventPump {
 public:
  EventPump(EventSource& source, CursorStore& cursors, EventSink& sink, EventPumpOptions options);

  /// Something new may be in the partition.
  void mark(Partition partition) { is_dirty_.at(partition) = true; }
  /// To be told with the next step; without a connection they are dropped and counted.
  void add(std::vector<LiveHint> hints) { hints_ = std::move(hints); }
  /// One round. The answer is how long nothing needs to be done: zero = come again at once.
  Duration step(MonoTime now);

  const EventPumpStatus& status() const { return status_; }

 private:
  struct Batch {
    std::vector<EventEnvelope> events;
    std::vector<CursorMove> moves;
  };
  bool connect(MonoTime now);
  bool tell_hints(MonoTime now);
  bool save_cursors(MonoTime now);
  bool send_batch(MonoTime now);
  bool keep_alive(MonoTime now);
  Batch collect();
  void collect_from(Partition partition, Batch& batch);
  Result<std::uint64_t> position_of(Partition partition);
  void lose(const Error& error, MonoTime now);
  void note_success();
  void note_damage(Partition partition, const Error& error);
  void mark_all();
  bool has_work() const;

  EventSource& source_;
  CursorStore& cursors_;
  EventSink& sink_;
  const EventPumpOptions options_;
  Rng rng_;
  EventPumpStatus status_;
  std::vector<bool> is_dirty_;
  std::vector<std::optional<std::uint64_t>> positions_;   ///< Told and acknowledged; unset = not read yet.
  std::vector<CursorMove> unsaved_;                        ///< Acknowledged by the server, not yet in the cursor store.
  std::vector<LiveHint> hints_;
  std::map<Partition, std::string> damaged_;
  Partition next_ = 0;
  unsigned failures_ = 0;
  bool was_connected_ = false;
  std::string logged_cause_;
  std::string hint_refusal_;
  MonoTime retry_at_;
  MonoTime poll_at_;
  MonoTime spoken_at_;
};

}  // namespace dunlin
