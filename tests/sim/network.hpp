#pragma once
// The public network of a simulation: every number's fate is drawn from the seed, the far end outlives our process, and
// a log of its own says what really happened. Judges read that log, never our counters. The simulation's thread only.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/rng.hpp"
#include "tests/sim/people.hpp"
#include "tests/support/fake_doors.hpp"

namespace dunlin::sim {

enum class Fate : std::uint8_t {
  rings_out, busy, busy_after_ring, declines, no_such_number, trunk_refuses, silence, person, person_hangs_up_at_once,
  person_at_ring_timeout, machine, transport_lost, person_never_byes,
};
std::string_view to_string(Fate fate);

/// One call as the network saw it.
struct NetworkCall {
  AttemptId attempt;
  int leg_number = 1;
  LegId leg;
  std::string trunk;
  std::size_t human = 0;                      ///< Whose telephone it was.
  UtcTime invited_at;
  Fate fate = Fate::rings_out;
  std::uint64_t life = 0;                     ///< Of the process that dialed.
  bool is_live = true;                        ///< Something still rings or talks at the far end.
  bool has_rung = false;
  bool is_answered = false;
  std::optional<UtcTime> person_answered_at;  ///< A human being picked up.
  EndOrigin end_origin = EndOrigin::remote;   ///< How it ended, with the status of the far end.
  int end_status = 0;
};

class PublicNetwork {
 public:
  using Say = std::function<void(const std::string&)>;
  PublicNetwork(test::Stage& stage, People& people, std::uint64_t seed, Say say)
      : stage_(stage), people_(people), lots_(seed), say_(std::move(say)) {}

  /// A new life of the node: its calls come here from now on.
  void connect(test::FakeSip& sip, test::FakeMedia& media);
  /// The process is gone: nothing reaches it, the far ends go on.
  void disconnect() { sip_ = nullptr; media_ = nullptr; ++life_; }

  /// Asked before the call exists in the log: the judges' place.
  std::function<void(const test::SentInvite&)> on_invite;
  bool is_trunk_down = false;                 ///< Every INVITE meets silence.

  const std::vector<NetworkCall>& log() const { return calls_; }
  const NetworkCall* last_of(AttemptId attempt) const;

 private:
  void take(const test::SentInvite& invite);
  void play(std::size_t call);
  void ring_then(std::size_t call, Duration ring_after, Duration then_after, std::function<void()> then);
  void ring(std::size_t call);
  void answer(std::size_t call, bool is_person);
  void refuse(std::size_t call, Duration after, int status);
  void end(std::size_t call, EndOrigin origin, int status);
  void on_hang_up(LegId leg);
  void cancel(std::size_t call);
  void bye(std::size_t call);
  void on_classifier(LegId media_leg);
  void later(Duration delay, std::function<void()> act) { stage_.outside_after(delay, std::move(act)); }
  Duration between(std::int64_t from_ms, std::int64_t to_ms);
  bool is_likely(unsigned percent) { return lots_.below(100) < percent; }
  bool is_heard(const NetworkCall& call) const { return sip_ != nullptr && call.life == life_; }
  Fate draw_fate(int leg_number);
  void tell(std::size_t call, const std::string& what);

  test::Stage& stage_;
  People& people_;
  Rng lots_;
  Say say_;
  test::FakeSip* sip_ = nullptr;
  test::FakeMedia* media_ = nullptr;
  std::uint64_t life_ = 1;
  std::vector<NetworkCall> calls_;
  std::map<LegId, std::size_t> by_leg_;        ///< Of this life.
  std::map<AttemptId, std::size_t> by_attempt_;
};

}  // namespace dunlin::sim
