#pragma once
// Lines a campaign has given away and not seen on the wire yet. A line asked of the edge is a wish; with its slot it becomes
// a ticket for one shard. A ticket that is not taken up within its life gives its line back to pacing, and the shard refuses
// it from then on: a lost or late message costs pace, never a second dial, because the reservation alone makes a call
// (docs/attempt-protocol.md) and a ticket makes none. Pure; owned by the campaign's actor, one thread. Times: boot clock.
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace dunlin {

enum class TicketState : std::uint8_t {
  issued,    ///< On its way to the shard.
  taken,     ///< The shard searches a case for it.
  expired,   ///< Neither taken nor answered in time: pacing has the line back. A late answer still counts.
  doubtful,  ///< The question failed: nobody knows whether a call begins, until the slot is dead.
  calling,   ///< Its call was seen before the shard's answer was.
  over       ///< Its call began and ended before the shard's answer was seen.
};

/// What is to be done with a line once its ticket is answered.
enum class TicketEnd : std::uint8_t { watch_call, none, give_back_slot };

/// Since the campaign's actor was made.
struct TicketCounts {
  std::uint64_t issued = 0;
  std::uint64_t expired = 0;   ///< Lines pacing took back because nobody took the ticket up in time; wishes too.
  std::uint64_t late = 0;      ///< Of those, the ones that were dialed all the same: one line more than pacing meant.
  std::uint64_t lost = 0;      ///< Never answered: the slot came back when no call could come of it any more.
  bool operator==(const TicketCounts&) const = default;
};

class TicketBook {
 public:
  struct Slot {
    AttemptId attempt;
    std::string trunk;
    bool operator==(const Slot&) const = default;
  };

  explicit TicketBook(Duration life) : life_(life) {}

  /// Lines asked of the edge; the answer's key.
  std::uint64_t wish(int count, MonoTime now);
  /// The edge answered, or will not. False: too late, pacing has asked anew, so the slots go back.
  bool end_wish(std::uint64_t key);

  /// `dead_at`: no call can begin any more. Returns when the ticket ends if nobody takes it up.
  MonoTime issue(Slot slot, MonoTime now, MonoTime dead_at);
  void on_taken(AttemptId attempt);
  /// A step of the attempt's call was seen.
  void on_step(AttemptId attempt, bool is_over);
  /// The shard's answer. Unknown tickets: none.
  TicketEnd on_answer(AttemptId attempt, bool is_placed);
  /// The question to the shard failed or was never answered.
  void on_doubt(AttemptId attempt);

  /// Takes back what is overdue. The slots returned belong to tickets in doubt that are dead now: the edge may have them.
  std::vector<Slot> expire(MonoTime now);
  /// Lines pacing must count as on their way, besides the calls it sees.
  int lines() const { return lines_; }
  const TicketCounts& counts() const { return counts_; }

 private:
  struct Wish {
    std::uint64_t key = 0;
    int count = 0;
    MonoTime expires_at;
  };
  struct Ticket {
    std::string trunk;
    TicketState state = TicketState::issued;
    MonoTime expires_at;
    MonoTime dead_at;
    bool has_expired = false;
  };
  void move(Ticket& ticket, TicketState next);

  Duration life_;
  std::vector<Wish> wishes_;
  std::uint64_t last_wish_ = 0;
  std::unordered_map<AttemptId, Ticket> tickets_;
  int lines_ = 0;
  TicketCounts counts_;
};

}  // namespace dunlin
