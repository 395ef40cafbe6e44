#pragma once
// The protocol book, a browser as an agent's leg: the page's offer, our answer, and what the leg's owner hears of it. Implemented
// by media/; whoever talks to pages carries the two texts. Thread safe; answers at once. docs/browser-leg.md.
#include <string>

#include "actors/contracts/caf.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"

namespace dunlin {

/// What a page wants (RFC 8829). For a leg not open yet it opens one; of the same page it renews (ICE restart); of another
/// page it is a take-over: the page before is heard until the new connection stands.
struct BrowserLegOffer {
  LegId leg;
  std::string sdp;
  bool has_poor_network = false;  ///< Loses packets (2 % or more of late): Opus before PCMA, though it costs ten times as much.
  LegId near_leg;                 ///< Set: live where that leg lives, to be joined with it later.
};
struct BrowserLegAnswer {
  std::string sdp;
};

class BrowserDoor {
 public:
  virtual ~BrowserDoor() = default;
  /// Events of the leg go to `owner`, with the latest offer. Closed, bridged and so on as any leg, by the MediaDoor. Errors:
  /// invalid_input names the line of the offer; conflict (no browsers here, no browser's leg); exhausted (admission).
  virtual Result<BrowserLegAnswer> answer_browser(const BrowserLegOffer& offer, caf::actor owner) = 0;
};

namespace msg {
/// A page's connection stands; it is the one the leg hears from now on.
struct BrowserLegConnected { LegId leg; };
/// A page is heard no more, or never was. `reason`: never_came, silent, closed, wrong_fingerprint, no_agreement, replaced. With
/// `has_other` the page before it still is.
struct BrowserLegLost { LegId leg; std::string reason; bool has_other = false; };
}  // namespace msg

}  // namespace dunlin

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::BrowserLegConnected)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(dunlin::msg::BrowserLegLost)
