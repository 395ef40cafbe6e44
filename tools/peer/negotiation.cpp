#include "tools/peer/negotiation.hpp"

#include <algorithm>

#include "tools/peer/address.hpp"

namespace dunlin::peer {
namespace {

std::optional<CodecLine> first_known(const std::vector<CodecLine>& offered, const std::vector<Codec>& known) {
  const auto found = std::find_if(offered.begin(), offered.end(), [&](const CodecLine& line) {
    return std::find(known.begin(), known.end(), line.codec) != known.end();
  });
  return found == offered.end() ? std::nullopt : std::optional(*found);
}

std::string mirrored(const std::string& direction) {
  if (direction == "sendonly") return "recvonly";
  if (direction == "recvonly") return "sendonly";
  return direction;
}

}  // namespace

Result<Negotiated> answer_offer(const AudioDescription& theirs, const LocalMedia& local,
                                const std::optional<CryptoLine>& current) {
  const auto codec = first_known(theirs.codecs, local.codecs);
  if (!codec) return Failure{"no_codec"};
  const auto remote = parse_address(theirs.address, theirs.port);
  if (!remote) return Failure{"bad_address"};
  Negotiated result{{*codec, theirs.event_type, *remote, std::nullopt}, {}, true};
  result.ours.address = local.address;
  result.ours.port = local.port;
  result.ours.codecs = {*codec};
  result.ours.event_type = theirs.event_type;
  result.ours.direction = mirrored(theirs.direction);
  result.is_sending = theirs.port != 0 && (theirs.direction == "sendrecv" || theirs.direction == "recvonly");
  // Keys beside RTP/AVP (RFC 8643): SRTP under the offered profile.
  if (theirs.cryptos.empty()) return theirs.is_srtp ? Result<Negotiated>(Failure{"no_suite"}) : Result<Negotiated>(result);
  const CryptoLine& chosen = theirs.cryptos.front();
  const bool is_kept = current && current->suite == chosen.suite;
  const CryptoLine ours{chosen.tag, chosen.suite, is_kept ? current->key_salt : new_key_salt(chosen.suite)};
  result.ours.is_srtp = theirs.is_srtp;
  result.ours.cryptos = {ours};
  result.session.srtp = SrtpKeys{chosen.suite, ours.key_salt, chosen.key_salt};
  return result;
}

AudioDescription make_offer(const LocalMedia& local, const std::vector<SrtpSuite>& suites) {
  AudioDescription offer;
  offer.address = local.address;
  offer.port = local.port;
  for (const Codec codec : local.codecs) {
    offer.codecs.push_back({codec, codec == Codec::pcma ? 8 : codec == Codec::pcmu ? 0 : 111});
  }
  offer.event_type = 101;
  for (const SrtpSuite suite : suites) {
    offer.cryptos.push_back({static_cast<int>(offer.cryptos.size()) + 1, suite, new_key_salt(suite)});
  }
  offer.is_srtp = !offer.cryptos.empty();
  return offer;
}

Result<LegSession> take_answer(const AudioDescription& theirs, const AudioDescription& offered) {
  std::vector<Codec> known;
  for (const auto& line : offered.codecs) known.push_back(line.codec);
  const auto codec = first_known(theirs.codecs, known);
  const auto remote = parse_address(theirs.address, theirs.port);
  if (!codec || !remote) return Failure{codec ? "bad_address" : "no_codec"};
  if (theirs.is_srtp != offered.is_srtp) return Failure{"answer has another profile than the offer"};
  LegSession session{*codec, theirs.event_type, *remote, std::nullopt};
  if (!offered.is_srtp) return session;
  if (theirs.cryptos.size() != 1) return Failure{"answer must hold one key"};
  const auto& chosen = theirs.cryptos.front();
  const auto ours = std::find_if(offered.cryptos.begin(), offered.cryptos.end(), [&](const CryptoLine& line) {
    return line.tag == chosen.tag && line.suite == chosen.suite;
  });
  if (ours == offered.cryptos.end()) return Failure{"answer names a key that was not offered"};
  session.srtp = SrtpKeys{chosen.suite, ours->key_salt, chosen.key_salt};
  return session;
}

}  // namespace dunlin::peer
