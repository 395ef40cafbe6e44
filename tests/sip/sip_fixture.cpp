#include "tests/sip/sip_fixture.hpp"

#include "core/case/journal.hpp"

#if defined(__SANITIZE_ADDRESS__)
// Sofia comes without frame pointers: only a slow unwinding sees whose memory it is that tests/support/lsan.supp excuses.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "fast_unwind_on_malloc=0"; }
#endif

namespace dunlin::test {
namespace {

struct PermitPress : Journal {
  using Journal::make_permit;
};

}  // namespace

void RecordingSink::on_sip_event(SipEvent event) {
  const std::lock_guard lock(mutex_);
  events_.push_back(std::move(event));
  changed_.notify_all();
}

std::string RecordingSink::ladder() {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const auto& event : events_) {
    if (const auto* line = std::get_if<SipTraceLine>(&event)) {
      text += (line->direction == TraceDirection::in ? "<- " : "-> ") + line->summary + " " + std::to_string(line->status) + "\n";
    } else if (const auto* end = std::get_if<LegEnded>(&event)) {
      text += "ended " + std::string(to_string(end->cause.origin)) + " " +
              std::to_string(end->cause.sip_status) + " " + end->cause.text + "\n";
    }
  }
  return text;
}

SipStack::Clock make_clock(int factor) {
  const auto start = std::chrono::steady_clock::now();
  return [start, factor] {
    const auto passed = std::chrono::steady_clock::now() - start;
    return MonoTime{1000 + factor * std::chrono::duration_cast<std::chrono::milliseconds>(passed).count()};
  };
}

DialPermit make_permit(std::uint64_t attempt, MonoTime expires_at) {
  CommitRequest::Reservation reservation;
  reservation.attempt = AttemptId(attempt);
  reservation.leg_number = 1;
  reservation.slot_expires_at = expires_at;
  return PermitPress::make_permit(reservation);
}

MediaDescription plain_offer() {
  MediaDescription offer;
  offer.address = "127.0.0.1";
  offer.port = 20000;
  offer.codecs = {{Codec::pcma, 8}, {Codec::pcmu, 0}};
  offer.telephone_event = 101;
  return offer;
}

MediaDescription secure_offer() {
  auto offer = plain_offer();
  offer.crypto = {{1, CryptoSuite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30, 7)}};
  return offer;
}

TrunkSettings trunk_to(const std::string& peer_address) {
  TrunkSettings trunk;
  trunk.name = "carrier";
  trunk.address = peer_address;
  trunk.domain = "carrier.example";
  trunk.local_bind = "127.0.0.1:" + std::to_string(free_port());
  trunk.options_interval = {};
  trunk.reliability = Reliability::supported;
  return trunk;
}

TrunkCall call_to(const std::string& number, std::uint64_t leg) {
  TrunkCall call;
  call.leg = LegId(leg);
  call.trunk = "carrier";
  call.to = PhoneNumber::from_e164(number).value();
  call.caller_id = PhoneNumber::from_e164("+74950000000").value();
  call.offer = plain_offer();
  return call;
}

TrunkRig::TrunkRig(const std::string& scenario, std::function<void(TrunkSettings&)> adjust, int clock_factor, SipTransport transport)
    : peer(scenario, transport == SipTransport::tcp ? "t1" : "u1"), clock(make_clock(clock_factor)) {
  SipStackSettings settings;
  settings.trunks.push_back(trunk_to(peer.address()));
  settings.trunks.front().transport = transport;
  if (adjust) adjust(settings.trunks.front());
  auto started = SipStack::start(std::move(settings), sink, clock);
  if (!started) ADD_FAILURE() << started.error().detail;
  else stack = std::move(*started);
}

void TrunkRig::dial(Duration ring_timeout) {
  auto call = call_to("+79160000001");
  call.ring_timeout = ring_timeout;
  ASSERT_TRUE(stack);
  ASSERT_TRUE(stack->place_trunk_call(make_permit(0xa1), std::move(call)).ok());
}

}  // namespace dunlin::test
