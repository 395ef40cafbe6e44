#pragma once
// The SDP of one page: its offer of a single audio stream and our answer as an ICE-lite agent (RFC 8829, 8839, 8842, 8122,
// 5761, 9143, 7587). Bounded, never reads past the end. Pure, any thread. Candidates of the page are passed over: its address
// is learnt from its authenticated checks, so that names (mDNS) need no resolving. Errors (invalid_input) name the line or
// attribute and what is expected.
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/call/media_description.hpp"
#include "media/dtls_srtp.hpp"

namespace dunlin {

/// RFC 8445 §5.3. The password is a secret: never logged.
struct IceCredentials {
  std::string ufrag;
  std::string password;
  bool operator==(const IceCredentials&) const = default;
};

struct BrowserOffer {
  MediaDescription audio;  ///< Codecs, events, direction, session; its address says nothing and is 0.0.0.0:9.
  std::string mid;         ///< May be empty.
  bool is_bundled = false;
  IceCredentials ice;
  CertificateFingerprint fingerprint;
};

Result<BrowserOffer> parse_browser_offer(std::string_view sdp);

struct BrowserAnswer {
  MediaDescription audio;  ///< Where we receive, the codec, the direction.
  std::string mid;
  bool is_bundled = false;
  IceCredentials ice;
  CertificateFingerprint fingerprint;
  std::uint32_t ssrc = 0;
};

/// `a=setup:passive`, rtcp-mux, one host candidate; Opus with maxplaybackrate=8000, as we decode at 8 kHz.
std::string write_browser_answer(const BrowserAnswer& answer);

}  // namespace dunlin
