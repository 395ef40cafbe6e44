// The far end's part in an answered call, and what was negotiated to play it.
#include <algorithm>

#include "tools/carrier/call.hpp"
#include "tools/peer/clock.hpp"

namespace dunlin::carrier {
namespace {

constexpr std::int64_t watch_ms = 200;
constexpr std::int64_t screening_ms = 30'000;
constexpr std::int64_t silence_ms = 25'000;
constexpr std::int64_t digits_after_ms = 1500;

}  // namespace

void Call::act() {
  const auto sound = opening_sound(plan_, around_.bank);
  leg_->play(sound);
  const auto hang_up_after = [this](std::int64_t delay_ms, const char* cause) {
    schedule(step_, delay_ms, [this, cause] { hang_up(cause); });
  };
  switch (plan_.outcome.fate) {
    case Fate::person:
    case Fate::late_answer:
    case Fate::duplicate_answer:
    case Fate::lost_bye:
      return watch_person();
    case Fate::machine:
      return hang_up_after(length_ms(sound) + around_.scenario.record_ms, "recorded");
    case Fate::fax:
      return hang_up_after(length_ms(sound), "no_fax");
    case Fate::screening:
      return hang_up_after(screening_ms, "screened");
    case Fate::silence:
      return hang_up_after(silence_ms, "silence");
    case Fate::echo:
      return leg_->set_echo(true);
    case Fate::dtmf:
      return schedule(step_, digits_after_ms, [this] { leg_->send_digits(plan_.outcome.argument); });
    case Fate::tone:
    case Fate::no_answer:
    case Fate::busy:
    case Fate::invalid:
    case Fate::congestion:
    case Fate::reject:
    case Fate::announcement:
    case Fate::silent_invite:
    case Fate::redirect:
      return;
  }
}

/// Says hello until somebody is heard; loses patience when nobody is.
void Call::watch_person() {
  if (leg_->has_heard_voice()) return begin_talk();
  if (peer::mono_ms() - answered_mono_ms_ > plan_.patience_ms) return hang_up("patience");
  schedule(step_, watch_ms, [this] { watch_person(); });
}

void Call::begin_talk() {
  leg_->play(talking_sound(plan_, around_.bank));
  if (plan_.is_hanging_up) return schedule(step_, plan_.talk_ms, [this] { hang_up("talk_over"); });
  schedule(step_, around_.scenario.talk_limit_ms, [this] { hang_up("limit"); });
}

bool Call::open_media() {
  const auto port = around_.ports.take();
  const auto local = port ? peer::parse_address(around_.media_ip, *port)
                          : peer::Result<sockaddr_in>(peer::Failure{"no port"});
  if (!local) return false;
  auto leg = peer::MediaLeg::open({*local, plan_.seed, around_.scenario.impairment});
  if (!leg) return false;
  leg_ = *leg;
  return true;
}

peer::AudioDescription Call::own_description() const {
  peer::AudioDescription ours;
  ours.address = around_.media_ip;
  ours.port = leg_->port();
  return ours;
}

std::optional<peer::CodecLine> Call::choose_codec(const peer::AudioDescription& theirs) const {
  const auto& known = around_.scenario.codecs;
  const auto found =
      std::find_if(theirs.codecs.begin(), theirs.codecs.end(), [&](const peer::CodecLine& line) {
        return std::find(known.begin(), known.end(), line.codec) != known.end();
      });
  return found == theirs.codecs.end() ? std::nullopt : std::optional(*found);
}

peer::Result<std::string> Call::answer_offer(const std::string& sdp) {
  const auto theirs = peer::parse_sdp(sdp);
  if (!theirs) return theirs.failure();
  const auto policy = around_.scenario.srtp;
  if (theirs->is_srtp ? policy == SrtpPolicy::off : policy == SrtpPolicy::required)
    return peer::Failure{"srtp_policy"};
  const auto codec = choose_codec(*theirs);
  const auto remote = peer::parse_address(theirs->address, theirs->port);
  if (!codec || !remote) return peer::Failure{codec ? "bad_address" : "no_codec"};
  peer::LegSession session{*codec, theirs->event_type, *remote, std::nullopt};
  auto ours = own_description();
  ours.codecs = {*codec};
  ours.event_type = theirs->event_type;
  if (theirs->is_srtp) {
    if (theirs->cryptos.empty()) return peer::Failure{"no_suite"};
    const auto& chosen = theirs->cryptos.front();
    // Keys of a lasting session stay as they are: a new one would restart the packet index.
    if (!our_crypto_ || our_crypto_->suite != chosen.suite)
      our_crypto_ = {chosen.tag, chosen.suite, peer::new_key_salt(chosen.suite)};
    our_crypto_->tag = chosen.tag;
    session.srtp = peer::SrtpKeys{chosen.suite, our_crypto_->key_salt, chosen.key_salt};
    ours.is_srtp = true;
    ours.cryptos = {*our_crypto_};
  }
  if (const auto status = leg_->configure(session); !status) return status.failure();
  const bool is_listening = theirs->direction == "sendrecv" || theirs->direction == "recvonly";
  leg_->set_sending(is_listening && theirs->port != 0);
  if (theirs->direction == "sendonly") ours.direction = "recvonly";
  if (theirs->direction == "recvonly") ours.direction = "sendonly";
  if (theirs->direction == "inactive") ours.direction = "inactive";
  return peer::write_sdp(ours, ++sdp_version_);
}

std::string Call::make_offer() {
  auto ours = own_description();
  int dynamic_type = 96;
  for (const auto codec : around_.scenario.codecs) {
    const int type = codec == peer::Codec::pcma ? 8 : codec == peer::Codec::pcmu ? 0 : dynamic_type++;
    ours.codecs.push_back({codec, type});
  }
  ours.event_type = 101;
  if (around_.scenario.srtp == SrtpPolicy::required) {
    our_crypto_ = {1, peer::SrtpSuite::cm_sha1_80, peer::new_key_salt(peer::SrtpSuite::cm_sha1_80)};
    ours.is_srtp = true;
    ours.cryptos = {*our_crypto_};
  }
  return peer::write_sdp(ours, ++sdp_version_);
}

peer::Status Call::take_answer(const std::string& sdp) {
  const auto theirs = peer::parse_sdp(sdp);
  if (!theirs) return theirs.failure();
  const auto codec = choose_codec(*theirs);
  const auto remote = peer::parse_address(theirs->address, theirs->port);
  if (!codec || !remote || theirs->is_srtp != our_crypto_.has_value())
    return peer::Failure{"answer does not fit the offer"};
  peer::LegSession session{*codec, theirs->event_type, *remote, std::nullopt};
  if (theirs->is_srtp) {
    if (theirs->cryptos.empty()) return peer::Failure{"answer without a key"};
    session.srtp =
        peer::SrtpKeys{our_crypto_->suite, our_crypto_->key_salt, theirs->cryptos.front().key_salt};
  }
  return leg_->configure(session);
}

}  // namespace dunlin::carrier
