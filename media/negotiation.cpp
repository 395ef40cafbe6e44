#include "media/negotiation.hpp"

#include <algorithm>

#include "media/srtp_session.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t opus_type = 111;
constexpr std::uint8_t event_type = 101;
constexpr std::uint8_t event_type_48k = 110;

std::uint8_t usual_type(Codec codec) {
  switch (codec) {
    case Codec::pcma:
      return 8;
    case Codec::pcmu:
      return 0;
    case Codec::opus:
      return opus_type;
  }
  return 8;
}

const CodecChoice* find_codec(const std::vector<CodecChoice>& list, Codec codec) {
  const auto at =
      std::find_if(list.begin(), list.end(), [&](const CodecChoice& c) { return c.codec == codec; });
  return at == list.end() ? nullptr : &*at;
}

const CryptoKey* find_suite(const std::vector<CryptoKey>& keys, CryptoSuite suite) {
  const auto at =
      std::find_if(keys.begin(), keys.end(), [&](const CryptoKey& k) { return k.suite == suite; });
  return at == keys.end() ? nullptr : &*at;
}

MediaDirection mirrored(MediaDirection direction) {
  switch (direction) {
    case MediaDirection::sendrecv:
      return MediaDirection::sendrecv;
    case MediaDirection::sendonly:
      return MediaDirection::recvonly;
    case MediaDirection::recvonly:
      return MediaDirection::sendonly;
    case MediaDirection::inactive:
      return MediaDirection::inactive;
  }
  return MediaDirection::inactive;
}

MediaDescription blank(const LocalEnd& local) {
  MediaDescription description;
  description.address = local.address;
  description.port = local.port;
  description.session_id = local.session_id;
  description.session_version = local.session_id;
  return description;
}

/// The key we answer with: the old one when the suite and tag stay, so that a talk's packet counters go on.
Result<CryptoKey> answer_key(const CryptoKey& offered, const MediaDescription* previous) {
  if (previous != nullptr) {
    for (const CryptoKey& old : previous->crypto) {
      if (old.suite == offered.suite) {
        CryptoKey kept = old;
        kept.tag = offered.tag;
        return kept;
      }
    }
  }
  return make_crypto_key(offered.suite, offered.tag);
}

Status choose_crypto(const LegProfile& profile, const MediaDescription& offer,
                     const MediaDescription* previous, MediaDescription& answer) {
  if (offer.is_secure() && profile.srtp != SrtpPolicy::off) {
    for (const CryptoSuite suite : profile.suites) {
      const CryptoKey* offered = find_suite(offer.crypto, suite);
      if (offered == nullptr) continue;
      auto key = answer_key(*offered, previous);
      if (!key) return key.error();
      answer.crypto.push_back(std::move(*key));
      answer.is_best_effort = offer.is_best_effort;
      return Done{};
    }
    const bool may_be_plain = offer.is_best_effort && profile.srtp == SrtpPolicy::optional;
    return may_be_plain ? Status(Done{}) : Status(invalid_input("no SRTP suite in common"));
  }
  // RTP/SAVP cannot be answered with RTP/AVP, and plain RTP only where policy allows it.
  if (offer.is_secure() && !offer.is_best_effort) return invalid_input("the offer wants SRTP, this leg is configured without");
  if (profile.srtp == SrtpPolicy::required) return invalid_input("plain RTP offered, this leg requires SRTP");
  return Done{};
}

}  // namespace

Result<MediaDescription> make_offer(const LegProfile& profile, const LocalEnd& local) {
  if (profile.codecs.empty()) return invalid_input("a leg needs at least one codec");
  MediaDescription offer = blank(local);
  bool has_opus = false;
  for (const Codec codec : profile.codecs) {
    offer.codecs.push_back({codec, usual_type(codec)});
    has_opus = has_opus || codec == Codec::opus;
  }
  if (profile.has_telephone_event) {
    offer.telephone_event = event_type;
    if (has_opus) offer.telephone_event_48k = event_type_48k;
  }
  if (profile.srtp == SrtpPolicy::off) return offer;
  // RFC 4568 cannot say "SRTP if you like"; RFC 8643 can: keys beside RTP/AVP.
  offer.is_best_effort = profile.srtp == SrtpPolicy::optional;
  std::uint32_t tag = 1;
  for (const CryptoSuite suite : profile.suites) {
    auto key = make_crypto_key(suite, tag++);
    if (!key) return key.error();
    offer.crypto.push_back(std::move(*key));
  }
  if (offer.crypto.empty()) return invalid_input("SRTP is wanted but no suite is listed");
  return offer;
}

Result<MediaDescription> make_answer(const LegProfile& profile, const LocalEnd& local,
                                     const MediaDescription& offer, const MediaDescription* previous) {
  if (offer.port == 0) return invalid_input("the offer refuses audio");
  MediaDescription answer = blank(local);
  for (const Codec codec : profile.codecs) {
    const CodecChoice* offered = find_codec(offer.codecs, codec);
    if (offered == nullptr) continue;
    answer.codecs.push_back(*offered);
    break;
  }
  if (answer.codecs.empty()) return invalid_input("no codec in common");
  if (profile.has_telephone_event) {
    answer.telephone_event = offer.telephone_event;
    if (answer.codecs.front().codec == Codec::opus) answer.telephone_event_48k = offer.telephone_event_48k;
  }
  if (auto status = choose_crypto(profile, offer, previous, answer); !status) return status.error();
  answer.direction = mirrored(offer.direction);
  if (previous != nullptr) answer.session_version = previous->session_version + 1;
  return answer;
}

Result<AgreedMedia> agree(const LegProfile& profile, const MediaDescription& ours,
                          const MediaDescription& theirs, bool we_offered) {
  if (theirs.port == 0) return invalid_input("the peer refuses audio");
  const MediaDescription& answer = we_offered ? theirs : ours;
  AgreedMedia agreed;
  bool has_codec = false;
  for (const CodecChoice& choice : answer.codecs) {
    const CodecChoice* our_choice = find_codec(ours.codecs, choice.codec);
    const CodecChoice* their_choice = find_codec(theirs.codecs, choice.codec);
    if (our_choice == nullptr || their_choice == nullptr) continue;
    agreed.codec = choice.codec;
    agreed.send_type = their_choice->payload_type;
    agreed.receive_type = our_choice->payload_type;
    has_codec = true;
    break;
  }
  if (!has_codec) return invalid_input("no codec in common");
  // A best-effort offer (RFC 8643) is agreed plain when the answer brings no key.
  const MediaDescription& offer = we_offered ? ours : theirs;
  if (offer.is_secure() != answer.is_secure() && !(offer.is_best_effort && !answer.is_secure()))
    return invalid_input("one side speaks SRTP, the other plain RTP");
  if (profile.srtp == SrtpPolicy::required && !answer.is_secure())
    return invalid_input("this leg requires SRTP");
  if (answer.is_secure()) {
    const CryptoSuite suite = answer.crypto.front().suite;
    const CryptoKey* our_key = find_suite(ours.crypto, suite);
    const CryptoKey* their_key = find_suite(theirs.crypto, suite);
    if (our_key == nullptr || their_key == nullptr) return invalid_input("no SRTP suite in common");
    agreed.send_key = *our_key;
    agreed.receive_key = *their_key;
  }
  // Opus runs on a 48 kHz clock and so should its events; the 8 kHz type is the fallback both ways.
  const bool wants_48k = agreed.codec == Codec::opus && theirs.telephone_event_48k.has_value();
  agreed.event_send_type = wants_48k ? theirs.telephone_event_48k : theirs.telephone_event;
  agreed.event_receive_type = ours.telephone_event;
  agreed.event_receive_type_48k = ours.telephone_event_48k;
  agreed.remote_address = theirs.address;
  agreed.remote_port = theirs.port;
  agreed.sends = theirs.direction == MediaDirection::sendrecv || theirs.direction == MediaDirection::recvonly;
  agreed.receives =
      theirs.direction == MediaDirection::sendrecv || theirs.direction == MediaDirection::sendonly;
  // Comfort noise in an offer is refused by an answer without it (RFC 3389 §4).
  const bool has_noise = theirs.comfort_noise.has_value() && (we_offered || ours.comfort_noise.has_value());
  agreed.may_be_silent = theirs.suppresses_silence || has_noise;
  return agreed;
}

}  // namespace dunlin
