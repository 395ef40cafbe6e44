#include "actors/trunk_test_actor.hpp"

#include <algorithm>

#include "actors/contracts/media_refusals.hpp"
#include "actors/trunk_media.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/call/outcome_map.hpp"

namespace dunlin {
namespace {

constexpr std::uint32_t generation_of_end = 1;
constexpr std::uint32_t generation_of_retry = 2;
constexpr int tries_for_a_slot = 25;
constexpr Duration between_tries = milliseconds(200);

}  // namespace

caf::behavior TrunkTestActor::make_behavior() {
  return {
      [this](const msg::TestTrunk& c) { return on_test(c); },
      [this](const msg::CommitDone& e) { on_reserved(e.error); },
      [this](const msg::LegInviteSent&) { invited_at_ = context_->clock->now_mono(); },
      [this](const msg::LegProgressed& e) { on_progress(e); },
      [this](const msg::LegAnswered& e) { on_answered(e); },
      [this](const msg::LegReoffered& e) {
        if (e.needs_answer) context_->sip->reject(e.leg, 488);
      },
      [this](const msg::LegEnded& e) { on_ended(e); },
      [this](const msg::LegQualityMeasured& e) {
        if (!answered_at_.ms) return;
        test_.mos_permille = static_cast<std::uint32_t>(e.mos * 1000.0F);
        test_.loss_permille = static_cast<std::uint32_t>(e.loss * 1000.0F);
        test_.jitter_us = static_cast<std::uint32_t>(e.jitter_ms * 1000.0F);
        test_.rtt_us = static_cast<std::uint32_t>(e.rtt_ms * 1000.0F);
      },
      [this](const msg::MediaRefused& e) {
        log_warn("media", "packets_refused", "trunk={} test={} leg={} {}", test_.trunk, test_.attempt.str(), e.leg.str(), e.words);
      },
      [this](const msg::RtpStopped&) { is_silent_ = true; },
      [this](const msg::RtpCameBack&) { is_silent_ = false; },
      [this](const msg::CallTimerFired& e) {
        if (e.generation == generation_of_retry) return acquire();
        if (e.generation == generation_of_end) return context_->sip->hang_up(leg_);
        // The SIP edge always tells an end; without one the test is over all the same.
        test_.cause = "no end reported";
        settle();
      },
      [](const msg::DtmfHeard&) {},
      [](const msg::AnswerJudged&) {},
      [](const msg::PromptFinished&) {},
      [this](const msg::FactAcknowledged& e) { on_stored(e.error); },
  };
}

caf::typed_response_promise<msg::TrunkTestDone> TrunkTestActor::on_test(const msg::TestTrunk& command) {
  promise_ = make_response_promise<msg::TrunkTestDone>();
  const Status checked = check(command);
  if (!checked) {
    refuse(checked.error());
    return promise_;
  }
  acquire();
  return promise_;
}

Status TrunkTestActor::check(const msg::TestTrunk& command) {
  trunk_ = find_trunk(*context_->settings, command.trunk);
  if (!trunk_) return Error{Errc::not_found, "no trunk " + command.trunk};
  const auto& allowed = trunk_->test_numbers;
  if (std::find(allowed.begin(), allowed.end(), command.number) == allowed.end()) {
    return Error{Errc::denied, "the number is not one of test_numbers of trunk " + command.trunk};
  }
  auto number = PhoneNumber::from_e164(command.number);
  if (!number) return number.error();
  if (trunk_->caller_ids.empty()) return Error{Errc::conflict, "trunk " + command.trunk + " has no caller_ids"};
  const auto owners = context_->archive->find({LookupKind::phone, command.number});
  if (!owners) return owners.error();
  // A person's number is called by the law's gate only, whatever a configuration says.
  if (!owners->empty()) return Error{Errc::denied, "the number belongs to a case: it is no test number"};
  number_ = *number;
  return Done{};
}

void TrunkTestActor::acquire() {
  msg::AcquireSlots wish;
  wish.trunks = {{trunk_->name, 1}};
  wish.count = 1;
  ask(this, context_->edge, limits::request_timeout, wish)
      .then(
          [this](const msg::SlotsGranted& granted) {
            if (granted.slots.empty()) return on_no_slot(granted.limit);
            reserve(granted.slots.front());
          },
          [this](const caf::error&) { refuse({Errc::unavailable, "no answer from the trunks' edge"}); });
}

/// A trunk's rate fills again within a second, and campaigns take from it too: a test waits for its turn a little.
void TrunkTestActor::on_no_slot(TrunkLimit limit) {
  const bool may_pass = limit == TrunkLimit::call_rate || limit == TrunkLimit::none;
  if (!may_pass || ++turned_away_ >= tries_for_a_slot) {
    return refuse({Errc::exhausted, "trunk " + trunk_->name + " takes no call now (" + std::string(to_string(limit)) + "): `trunk list` says why"});
  }
  tell_after(this, between_tries, self(), msg::CallTimerFired{CallTimer::ring, generation_of_retry});
}

/// The permit comes with the durable record, as a case's does with its reservation.
void TrunkTestActor::reserve(const msg::Slot& slot) {
  has_slot_ = true;
  leg_ = context_->ids->next_leg();
  test_.attempt = slot.attempt;
  test_.trunk = trunk_->name;
  test_.masked_number = number_.masked();
  test_.reserved_at = context_->clock->now_utc();
  context_->test_reservations->reserve(test_, slot.expires_at, [me = self()](Status stored) {
    post(me, msg::CommitDone{stored ? std::nullopt : std::optional(stored.error())});
  });
}

void TrunkTestActor::on_reserved(const std::optional<Error>& error) {
  if (is_settled_) return;
  if (error) return refuse(*error);
  dial();
}

void TrunkTestActor::dial() {
  auto offer = context_->media->open_leg(leg_, media_request_of(*trunk_), self());
  if (!offer) return settle_not_sent(offer.error());
  has_media_ = true;
  const auto caller_id = PhoneNumber::from_e164(trunk_->caller_ids.front());
  TrunkCallRequest request{leg_, test_.attempt, 1, trunk_->name, number_, caller_id ? *caller_id : PhoneNumber{}, *offer, trunk_test_limits::ring};
  const Status placed = context_->sip->place_call(request, self());
  if (!placed) return settle_not_sent(placed.error());
  log_info("trunk", "test", "trunk={} attempt={}", trunk_->name, test_.attempt.str());
  tell_after(this, trunk_test_limits::longest, self(), msg::CallTimerFired{CallTimer::longest_call, 0});
}

void TrunkTestActor::settle_not_sent(const Error& error) {
  test_.result = to_string(Outcome::not_sent);
  test_.cause = error.detail;
  settle();
}

void TrunkTestActor::on_progress(const msg::LegProgressed& event) {
  if (event.status >= 180 && test_.ring_after_ms == 0) {
    test_.ring_after_ms = since_invite_ms();
    tell(this, context_->edge, msg::TrunkStartWorked{trunk_->name});
  }
  if (event.early) (void)context_->media->set_remote(leg_, *event.early);
}

void TrunkTestActor::on_answered(const msg::LegAnswered& event) {
  answered_at_ = context_->clock->now_mono();
  test_.answer_after_ms = since_invite_ms();
  test_.result = to_string(Outcome::answered);
  const Status agreed = context_->media->set_remote(leg_, event.answer);
  test_.was_heard = agreed.ok();
  if (!agreed) test_.cause = agreed.error().detail;
  tell_after(this, agreed ? trunk_test_limits::talk : Duration{}, self(), msg::CallTimerFired{CallTimer::hang_up, generation_of_end});
}

void TrunkTestActor::on_ended(const msg::LegEnded& event) {
  if (is_settled_) return;
  if (answered_at_.ms) test_.talk_ms = static_cast<std::uint32_t>((context_->clock->now_mono() - answered_at_).ms);
  else test_.result = event.cause.was_answered ? to_string(Outcome::failed) : to_string(outcome_of_unanswered(event.cause));
  test_.sip_status = static_cast<std::uint16_t>(answered_at_.ms ? 200 : event.cause.sip_status);
  test_.q850 = static_cast<std::uint16_t>(event.cause.q850);
  if (test_.cause.empty()) test_.cause = event.cause.text;
  if (!answered_at_.ms && test_.ring_after_ms == 0) tell(this, context_->edge, msg::TrunkStartFailed{trunk_->name, event.cause});
  settle();
}

void TrunkTestActor::settle() {
  if (is_settled_) return;
  is_settled_ = true;
  // Silence is noticed after two seconds: a shorter talk has shown nothing.
  if (!answered_at_.ms || is_silent_ || test_.talk_ms < 2'000) test_.was_heard = false;
  if (has_media_) context_->media->close_leg(leg_);
  tell(this, context_->edge, msg::ReleaseSlot{test_.attempt, test_.trunk});
  // The answer waits for the disk: what was told is on record.
  context_->documents->put(std::string(TrunkTest::document_kind), test_.attempt.str(), encode(test_), [me = self()](Status stored) {
    post(me, msg::FactAcknowledged{0, stored ? std::nullopt : std::optional(stored.error())});
  });
}

void TrunkTestActor::on_stored(const std::optional<Error>& error) {
  if (error) log_error("trunk", "test_not_stored", "attempt={} {}", test_.attempt.str(), error->detail);
  promise_.deliver(msg::TrunkTestDone{test_, leg_, std::nullopt});
  forget_oldest();
  quit();
}

void TrunkTestActor::refuse(Error error) {
  is_settled_ = true;
  if (has_slot_) tell(this, context_->edge, msg::ReleaseSlot{test_.attempt, test_.trunk});
  promise_.deliver(msg::TrunkTestDone{test_, {}, std::move(error)});
  quit();
}

void TrunkTestActor::forget_oldest() {
  const auto stored = context_->documents->list(std::string(TrunkTest::document_kind));
  if (!stored || stored->size() <= trunk_test_limits::kept) return;
  const auto time_of = [](const auto& document) {
    const auto test = decode_trunk_test(document.second);
    return test ? test->reserved_at : UtcTime{};
  };
  const auto oldest = std::min_element(stored->begin(), stored->end(), [&](const auto& a, const auto& b) { return time_of(a) < time_of(b); });
  context_->documents->put(std::string(TrunkTest::document_kind), oldest->first, std::nullopt, [](Status) {});
}

}  // namespace dunlin
