// The far end's part in an answered call, and what was negotiated to play it.
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
    case Fate::answered_announcement:
      return hang_up_after(length_ms(sound), "announced");
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

peer::LocalMedia Call::local_media() const {
  return {around_.media_ip, leg_->port(), around_.scenario.codecs};
}

peer::Result<std::string> Call::answer_offer(const std::string& sdp) {
  auto theirs = peer::parse_sdp(sdp);
  if (!theirs) return theirs.failure();
  const auto policy = around_.scenario.srtp;
  const bool has_keys = !theirs->cryptos.empty();
  if ((theirs->is_srtp && policy == SrtpPolicy::off) || (!has_keys && policy == SrtpPolicy::required))
    return peer::Failure{"srtp_policy"};
  if (policy == SrtpPolicy::off) theirs->cryptos.clear();
  const auto current = ours_.cryptos.empty() ? std::nullopt : std::optional(ours_.cryptos.front());
  auto agreed = peer::answer_offer(*theirs, local_media(), current);
  if (!agreed) return agreed.failure();
  auto& keys = agreed->session.srtp;
  if (policy == SrtpPolicy::wrong_key && keys) keys->ours = peer::new_key_salt(keys->suite);
  if (const auto status = leg_->configure(agreed->session); !status) return status.failure();
  leg_->set_sending(agreed->is_sending);
  ours_ = agreed->ours;
  return peer::write_sdp(ours_, ++sdp_version_);
}

std::string Call::make_offer() {
  std::vector<peer::SrtpSuite> suites;
  if (around_.scenario.srtp == SrtpPolicy::required) suites.push_back(peer::SrtpSuite::cm_sha1_80);
  ours_ = peer::make_offer(local_media(), suites);
  return peer::write_sdp(ours_, ++sdp_version_);
}

peer::Status Call::take_answer(const std::string& sdp) {
  const auto theirs = peer::parse_sdp(sdp);
  if (!theirs) return theirs.failure();
  const auto session = peer::take_answer(*theirs, ours_);
  if (!session) return session.failure();
  return leg_->configure(*session);
}

}  // namespace dunlin::carrier
