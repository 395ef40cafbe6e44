#include "tests/sim/network.hpp"

#include <array>

namespace dunlin::sim {
namespace {

struct Weight {
  Fate fate;
  unsigned percent;
};
constexpr std::array<Weight, 13> weights{{{Fate::rings_out, 14},
                                          {Fate::busy, 8},
                                          {Fate::busy_after_ring, 3},
                                          {Fate::declines, 3},
                                          {Fate::no_such_number, 2},
                                          {Fate::trunk_refuses, 12},
                                          {Fate::silence, 3},
                                          {Fate::person, 33},
                                          {Fate::person_hangs_up_at_once, 5},
                                          {Fate::person_at_ring_timeout, 5},
                                          {Fate::machine, 8},
                                          {Fate::transport_lost, 2},
                                          {Fate::person_never_byes, 2}}};

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::rings_out: return "rings out";
    case Fate::busy: return "busy";
    case Fate::busy_after_ring: return "busy after ringing";
    case Fate::declines: return "declines";
    case Fate::no_such_number: return "no such number";
    case Fate::trunk_refuses: return "trunk refuses";
    case Fate::silence: return "silence";
    case Fate::person: return "person";
    case Fate::person_hangs_up_at_once: return "person hangs up at once";
    case Fate::person_at_ring_timeout: return "person answers at the ring time-out";
    case Fate::machine: return "machine";
    case Fate::transport_lost: return "transport lost";
    case Fate::person_never_byes: return "person, BYE unanswered";
  }
  return "?";
}

Duration PublicNetwork::between(std::int64_t from_ms, std::int64_t to_ms) {
  return milliseconds(from_ms + static_cast<std::int64_t>(lots_.below(static_cast<std::uint64_t>(to_ms - from_ms + 1))));
}

void PublicNetwork::connect(test::FakeSip& sip, test::FakeMedia& media) {
  sip_ = &sip;
  media_ = &media;
  by_leg_.clear();
  sip.on_invite = [this](const test::SentInvite& invite) { take(invite); };
  sip.on_hang_up = [this](LegId leg) { on_hang_up(leg); };
  media.on_watch = [this](LegId leg) { on_classifier(leg); };
}

const NetworkCall* PublicNetwork::last_of(AttemptId attempt) const {
  const auto found = by_attempt_.find(attempt);
  return found == by_attempt_.end() ? nullptr : &calls_[found->second];
}

void PublicNetwork::tell(std::size_t call, const std::string& what) {
  say_(calls_[call].attempt.str() + "-" + std::to_string(calls_[call].leg_number) + " " + what);
}

Fate PublicNetwork::draw_fate(int leg_number) {
  if (is_trunk_down) return Fate::silence;
  auto lot = static_cast<unsigned>(lots_.below(100));
  for (const Weight& weight : weights) {
    if (lot < weight.percent) return weight.fate == Fate::trunk_refuses && leg_number == 2 && is_likely(50) ? Fate::person : weight.fate;
    lot -= weight.percent;
  }
  return Fate::person;
}

void PublicNetwork::take(const test::SentInvite& invite) {
  const Person* person = people_.by_number(invite.request.to.e164());
  if (person == nullptr) return say_("INVITE to a number nobody has");
  if (on_invite) on_invite(invite);
  NetworkCall call;
  call.attempt = invite.request.attempt;
  call.leg_number = invite.request.leg_number;
  call.leg = invite.request.leg;
  call.trunk = invite.request.trunk;
  call.human = person->human;
  call.invited_at = invite.at_utc;
  call.fate = draw_fate(call.leg_number);
  call.life = life_;
  calls_.push_back(call);
  by_leg_[call.leg] = calls_.size() - 1;
  by_attempt_[call.attempt] = calls_.size() - 1;
  tell(calls_.size() - 1, "INVITE to human " + std::to_string(person->human) + " over " + call.trunk + ", fate: " + std::string(to_string(call.fate)));
  play(calls_.size() - 1);
}

void PublicNetwork::play(std::size_t call) {
  const Duration soon = between(50, 3000);
  switch (calls_[call].fate) {
    case Fate::rings_out: return ring_then(call, soon, seconds(60), [this, call] { end(call, EndOrigin::remote, 480); });
    case Fate::busy: return refuse(call, soon, 486);
    case Fate::busy_after_ring: return ring_then(call, soon, between(1000, 9000), [this, call] { end(call, EndOrigin::remote, 486); });
    case Fate::declines: return ring_then(call, soon, between(1000, 9000), [this, call] { end(call, EndOrigin::remote, 603); });
    case Fate::no_such_number: return refuse(call, soon, 404);
    case Fate::trunk_refuses: return refuse(call, soon, 503);
    case Fate::silence:
      if (!is_trunk_down && is_likely(40)) return later(between(15'000, 31'000), [this, call] { answer(call, true); });
      return later(seconds(32), [this, call] { end(call, EndOrigin::timeout, 408); });
    case Fate::person:
    case Fate::person_never_byes:
    case Fate::person_hangs_up_at_once:
      return ring_then(call, soon, between(1500, 18'000), [this, call] { answer(call, true); });
    case Fate::person_at_ring_timeout:
      return ring_then(call, soon, seconds(25) - soon + between(-300, 300), [this, call] { answer(call, true); });
    case Fate::machine: return ring_then(call, soon, between(1500, 18'000), [this, call] { answer(call, false); });
    case Fate::transport_lost: return ring_then(call, soon, between(1000, 9000), [this, call] { end(call, EndOrigin::transport, 0); });
  }
}

void PublicNetwork::ring_then(std::size_t call, Duration ring_after, Duration then_after, std::function<void()> then) {
  later(ring_after, [this, call] { ring(call); });
  later(ring_after + then_after, std::move(then));
}

void PublicNetwork::ring(std::size_t call) {
  NetworkCall& it = calls_[call];
  if (!it.is_live) return;
  it.has_rung = true;
  tell(call, "rings");
  if (is_heard(it)) sip_->ring(it.leg);
}

void PublicNetwork::answer(std::size_t call, bool is_person) {
  NetworkCall& it = calls_[call];
  if (!it.is_live || it.is_answered) return;
  it.is_answered = true;
  if (is_person) it.person_answered_at = stage_.now();
  tell(call, is_person ? "a person answers" : "a machine answers");
  if (is_heard(it)) sip_->pick_up(it.leg);
  Duration talk = between(5000, 60'000);
  if (it.fate == Fate::person_hangs_up_at_once) talk = between(100, 2500);
  // Nobody speaks to a phone whose caller has died.
  if (!is_heard(it)) talk = between(3000, 8000);
  later(talk, [this, call] { end(call, EndOrigin::remote, 200); });
}

void PublicNetwork::refuse(std::size_t call, Duration after, int status) {
  later(after, [this, call, status] { end(call, EndOrigin::remote, status); });
}

void PublicNetwork::end(std::size_t call, EndOrigin origin, int status) {
  NetworkCall& it = calls_[call];
  if (!it.is_live) return;
  it.is_live = false;
  it.end_origin = origin;
  it.end_status = status;
  tell(call, "ends: " + std::string(to_string(origin)) + " " + std::to_string(status));
  if (!is_heard(it)) return;
  EndCause cause;
  cause.origin = origin;
  cause.sip_status = status;
  cause.had_18x = it.has_rung;
  cause.was_answered = it.is_answered;
  sip_->end(it.leg, cause);
}

void PublicNetwork::on_hang_up(LegId leg) {
  const auto found = by_leg_.find(leg);
  if (found == by_leg_.end() || !calls_[found->second].is_live) return;
  const std::size_t call = found->second;
  tell(call, calls_[call].is_answered ? "BYE" : "CANCEL");
  if (calls_[call].is_answered) bye(call);
  else later(between(20, 400), [this, call] { cancel(call); });
}

/// The CANCEL arrives. Without a provisional answer it could not be sent (RFC 3261 section 9.1): the silence goes on.
void PublicNetwork::cancel(std::size_t call) {
  const NetworkCall& it = calls_[call];
  if (!it.is_live) return;
  if (it.is_answered) return bye(call);
  if (!it.has_rung) return;
  const bool would_answer = it.fate == Fate::person || it.fate == Fate::person_at_ring_timeout || it.fate == Fate::rings_out;
  if (would_answer && is_likely(25)) {
    answer(call, true);
    // The stack ends such a dialog by itself in half of the cases; in the others the machine has to.
    if (is_likely(50)) later(milliseconds(50), [this, call] { end(call, EndOrigin::local, 200); });
    return;
  }
  end(call, EndOrigin::local, 487);
}

void PublicNetwork::bye(std::size_t call) {
  if (calls_[call].fate == Fate::person_never_byes) {
    return later(seconds(32), [this, call] { end(call, EndOrigin::timeout, 408); });
  }
  later(between(20, 400), [this, call] { end(call, EndOrigin::local, 200); });
}

/// The classifier hears what is really there, or cannot say.
void PublicNetwork::on_classifier(LegId media_leg) {
  const auto first = by_leg_.find(media_leg);
  if (first == by_leg_.end()) return;
  const NetworkCall& it = calls_[by_attempt_.at(calls_[first->second].attempt)];
  if (!it.is_answered || is_likely(10)) return;
  auto verdict = it.person_answered_at ? VoiceVerdict::AnswerClass::human : VoiceVerdict::AnswerClass::machine;
  if (is_likely(10)) verdict = VoiceVerdict::AnswerClass::unknown;
  later(between(400, 2500), [this, media_leg, verdict, life = life_] {
    if (media_ != nullptr && life == life_) media_->judge(media_leg, verdict);
  });
}

}  // namespace dunlin::sim
