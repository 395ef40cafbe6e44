#pragma once
// Offer and answer of one audio leg (RFC 3264, RFC 4568 §5): the answering side and the reading of an answer.
// Pure apart from fresh keys, any thread. A Failure's text is a short cause for the logs.
#include <optional>
#include <vector>

#include "tools/peer/media_leg.hpp"
#include "tools/peer/sdp.hpp"

namespace dunlin::peer {

struct LocalMedia {
  std::string address;
  std::uint16_t port = 0;
  std::vector<Codec> codecs;  ///< What we can; the order is the other side's when it offers, ours when we do.
};

struct Negotiated {
  LegSession session;
  AudioDescription ours;
  bool is_sending = true;
};

/// `current` is our key of a running session: it is kept while the suite stays, a new one would restart the
/// index.
Result<Negotiated> answer_offer(const AudioDescription& theirs, const LocalMedia& local,
                                const std::optional<CryptoLine>& current);

/// Our offer; SRTP when suites are given, one crypto line each.
AudioDescription make_offer(const LocalMedia& local, const std::vector<SrtpSuite>& suites);
Result<LegSession> take_answer(const AudioDescription& theirs, const AudioDescription& offered);

}  // namespace dunlin::peer
