#include <algorithm>

#include "media/g711.hpp"
#include "media/media_worker.hpp"

namespace dunlin {
namespace {

constexpr std::int64_t relay_pause_us =
    200'000;  // after this long without a relayed packet we fill in ourselves
constexpr std::int64_t most_gap_frames = 100;  // two seconds: a leg moves in a few milliseconds

void mix_into(Frame& sum, const Frame& other) {
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] = static_cast<std::int16_t>(std::clamp(int{sum[i]} + other[i], -32768, 32767));
  }
}

/// Supervisor on the agent's leg, or barging in on the leg the agent talks to.
const Leg* whisperer_of(const Leg& leg) {
  if (leg.monitor != nullptr && leg.monitor_mode != MonitorMode::listen) return leg.monitor;
  if (leg.peer != nullptr && leg.peer->monitor != nullptr && leg.peer->monitor_mode == MonitorMode::barge)
    return leg.peer->monitor;
  return nullptr;
}

}  // namespace

bool MediaWorker::can_relay(const Leg& from, const Leg& to) const {
  return to.sender.is_ready() && from.receiver.is_ready() &&
         from.receiver.plan().codec == to.sender.plan().codec && !from.is_muted && !to.playback.is_on() &&
         !to.is_speaking() && !to.hold.is_on() && !to.sender.has_digits() && to.monitored == nullptr &&
         whisperer_of(to) == nullptr;
}

bool MediaWorker::wants_frames(const Leg& leg) const {
  if (leg.listener || leg.dtmf_detector || leg.fax_detector || leg.tap) return true;
  if (leg.monitor != nullptr || leg.monitored != nullptr) return true;
  if (leg.peer == nullptr) return false;
  return leg.peer->tap || leg.peer->monitor != nullptr || !can_relay(leg, *leg.peer);
}

void MediaWorker::serve_slot(std::uint8_t slot) {
  auto& legs = slots_[slot];
  for (Leg* leg : legs) {
    if (leg->browser) watch_browser(*leg);
  }
  for (Leg* leg : legs) listen(*leg);
  for (Leg* leg : legs) speak(*leg);
  for (Leg* leg : legs) {
    if (leg->tap) record(*leg);
  }
  flush_ended_taps();
}

void MediaWorker::listen(Leg& leg) {
  leg.has_frame = false;
  if (!leg.receiver.is_ready()) return;
  const bool was_decoding = leg.is_decoding;
  leg.is_decoding = wants_frames(leg);
  if (leg.is_decoding) {
    if (!was_decoding) leg.receiver.flush();
    leg.has_frame = leg.receiver.produce(leg.frame, now_us_);
    hear_detectors(leg);
  }
  watch_silence(leg);
  if (now_us_ >= leg.report_at_us) {
    leg.report_at_us = now_us_ + std::int64_t{options_.rtcp_interval_ms} * 1000;
    report(leg, false);
  }
}

void MediaWorker::hear_detectors(Leg& leg) {
  if (leg.listener) {
    if (const auto verdict = leg.listener->on_frame(leg.frame)) publish(VerdictFell{leg.id, *verdict});
  }
  if (!leg.has_frame || sheds_detectors_) return;
  if (leg.dtmf_detector) {
    if (const auto digit = leg.dtmf_detector->on_frame(leg.frame)) publish(DtmfReceived{leg.id, *digit});
  }
  if (leg.fax_detector && leg.fax_detector->on_frame(leg.frame)) {
    VoiceVerdict verdict;
    verdict.answer = VoiceVerdict::AnswerClass::fax;
    verdict.confidence = 1;
    publish(VerdictFell{leg.id, verdict});
  }
}

bool MediaWorker::compose(Leg& leg, Frame& frame) {
  if (leg.is_speaking()) {
    if (leg.speech->next(frame)) publish(SpeechDone{leg.id, leg.speech->round});
    leg.played = frame;
    leg.has_played = true;
    return true;
  }
  if (leg.playback.is_on()) {
    const PromptId prompt = leg.playback.prompt->id;
    if (leg.playback.next(frame)) publish(PlayDone{leg.id, prompt});
    leg.played = frame;
    leg.has_played = true;
    return true;
  }
  if (leg.hold.is_on()) {
    leg.hold.next(frame);
    return true;
  }
  frame.fill(0);
  bool has_audio = false;
  const auto add = [&](const Leg* source) {
    if (source == nullptr || !source->is_heard()) return;
    mix_into(frame, source->frame);
    has_audio = true;
  };
  add(leg.peer);
  add(whisperer_of(leg));
  if (leg.monitored != nullptr) {
    add(leg.monitored);
    add(leg.monitored->peer);
  }
  return has_audio;
}

void MediaWorker::speak(Leg& leg) {
  leg.has_played = false;
  if (!leg.sender.is_ready()) return;
  leg.sender.advance_clock();
  if (leg.sender.has_digits()) {
    if (leg.sender.send_digit_slot(leg.rtp_socket())) publish(DtmfSent{leg.id});
    return;
  }
  if (leg.peer != nullptr && can_relay(*leg.peer, leg) &&
      leg.sender.has_relayed_since(now_us_ - relay_pause_us))
    return;
  Frame frame;
  if (!compose(leg, frame)) leg.noise.fill(frame);
  leg.sender.send_frame(frame, leg.rtp_socket());
}

void MediaWorker::watch_silence(Leg& leg) {
  if (leg.is_silent) return;
  const std::int64_t silent_us = now_us_ - leg.heard_at_us;
  if (silent_us < std::int64_t{options_.silent_after_ms} * 1000) return;
  leg.is_silent = true;
  const ReceivePlan& plan = leg.receiver.plan();
  publish(RtpSilent{leg.id, static_cast<std::uint32_t>(silent_us / 1000), !plan.is_enabled || plan.may_be_silent});
}

void MediaWorker::report(Leg& leg, bool is_final) {
  const ReportBlock block = leg.receiver.stats().take_report(now_us_);
  if (!is_final) leg.sender.send_report(block, ntp_from_unix_ms(options_.utc_now().ms), leg.rtcp_socket());
  const ReceiveStats& stats = leg.receiver.stats();
  LegQuality quality;
  quality.leg = leg.id;
  quality.received_loss = stats.interval_loss();
  quality.reported_loss = leg.reported_loss;
  quality.jitter_ms = stats.jitter_ms();
  quality.rtt_ms = leg.rtt_ms;
  quality.mos = estimate_mos(
      {quality.received_loss, quality.jitter_ms, leg.rtt_ms, leg.receiver.plan().codec == Codec::opus});
  quality.packets_received = stats.received();
  quality.packets_sent = leg.sender.packets();
  quality.packets_refused = leg.receiver.refusals().total();
  quality.is_final = is_final;
  publish(MediaEvent(quality));
  while (const auto due = leg.receiver.refusals().take_due(now_us_)) {
    publish(PacketsRefused{leg.id, leg.role, due->reason, due->count, due->from, leg.receiver.plan().expected});
  }
}

void MediaWorker::record(Leg& debtor) {
  Frame left{};
  Frame right{};
  if (debtor.tap->block.is_paused) {
    debtor.tap->recorded_at_us = now_us_;
    return append(*debtor.tap, left, right);
  }
  // On hold the debtor hears music, and nobody.
  const bool is_held = debtor.hold.is_on();
  if (!is_held && debtor.peer != nullptr && debtor.peer->is_heard()) left = debtor.peer->frame;
  // What we play to the debtor, and a supervisor who barges in, are our side of the talk.
  if (debtor.has_played) mix_into(left, debtor.played);
  const Leg* barging = whisperer_of(debtor);
  if (!is_held && barging != nullptr && barging->is_heard()) mix_into(left, barging->frame);
  if (debtor.is_heard()) right = debtor.frame;
  debtor.tap->recorded_at_us = now_us_;
  append(*debtor.tap, left, right);
}

void MediaWorker::append(RecordingTap& tap, const Frame& left, const Frame& right) {
  RecordingBlock& block = tap.block;
  encode_alaw(left, std::span(block.left).subspan(block.samples, frame_samples));
  encode_alaw(right, std::span(block.right).subspan(block.samples, frame_samples));
  block.samples = static_cast<std::uint16_t>(block.samples + frame_samples);
  if (block.samples == block_samples) hand_over(tap);
}

/// The time a leg spent between two workers is silence on its time line.
void MediaWorker::fill_gap(RecordingTap& tap) {
  const std::int64_t missing = std::clamp<std::int64_t>((now_us_ - tap.recorded_at_us) / 20'000, 0, most_gap_frames);
  for (std::int64_t i = 0; i < missing; ++i) append(tap, Frame{}, Frame{});
}

/// At the bound the last block is given up: the recording stays open and is finished at the next start.
void MediaWorker::end_tap(std::unique_ptr<RecordingTap>&& tap) {
  if (ended_taps_.size() < ended_taps_.capacity()) {
    ended_taps_.push_back(std::move(tap));
    return;
  }
  Retired retired;
  retired.tap = std::move(tap);
  retire(std::move(retired));
}

void MediaWorker::flush_ended_taps() {
  while (!ended_taps_.empty() && retired_.capacity() - retired_.size() > 4 && flush(*ended_taps_.back())) {
    Retired retired;
    retired.tap = std::move(ended_taps_.back());
    ended_taps_.pop_back();
    retire(std::move(retired));
  }
}

void MediaWorker::hand_over(RecordingTap& tap) {
  RecordingBlock& block = tap.block;
  // A writer too slow costs this block, not the talk; the gap shows on the time line.
  if (RecordingBlock* target = options_.recording_ring->claim()) {
    *target = block;
    options_.recording_ring->commit();
  } else {
    ++tap.dropped_blocks;
  }
  block.first_sample += block.samples;
  block.samples = 0;
}

void MediaWorker::skip_rounds(std::uint64_t rounds) {
  for (auto& leg : legs_) {
    for (std::uint64_t i = 0; leg && i < rounds; ++i) leg->sender.advance_clock();
    if (!leg || !leg->tap) continue;
    if (leg->tap->block.samples > 0) hand_over(*leg->tap);
    leg->tap->block.first_sample += rounds * frame_samples;
  }
}

bool MediaWorker::flush(RecordingTap& tap) {
  RecordingBlock* target = options_.recording_ring->claim();
  if (target == nullptr) return false;
  tap.block.is_last = true;
  *target = tap.block;
  options_.recording_ring->commit();
  return true;
}

}  // namespace dunlin
