#pragma once
// An offer as Chromium writes it for one microphone, with the parts a test wants to change.
#include <string>

namespace dunlin {

inline const std::string browser_fingerprint =
    "sha-256 3A:0F:91:5C:77:42:EE:01:9B:C4:8D:2E:60:F3:15:A8:BB:04:D7:39:6C:52:81:FE:20:9D:E3:47:1A:C6:58:B2";

struct BrowserOfferParts {
  std::string session = "7264589432119863541";
  std::string ufrag = "kXG/";
  std::string password = "fHyqdWlhLQ41hxzHoFKgPwdM";
  std::string fingerprint = browser_fingerprint;
  std::string formats = "111 63 9 0 8 13 110 126";
};

inline std::string browser_offer_text(const BrowserOfferParts& parts) {
  return "v=0\r\no=- " + parts.session +
         " 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS 4c1d\r\n"
         "m=audio 9 UDP/TLS/RTP/SAVPF " + parts.formats + "\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
         "a=candidate:2873 1 udp 2113937151 1b2f-77.local 49561 typ host generation 0 network-cost 999\r\n"
         "a=ice-ufrag:" + parts.ufrag + "\r\na=ice-pwd:" + parts.password + "\r\na=ice-options:trickle\r\na=fingerprint:" + parts.fingerprint +
         "\r\na=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\na=msid:4c1d 77aa\r\na=rtcp-mux\r\n"
         "a=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\n"
         "a=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\n"
         "a=rtpmap:110 telephone-event/48000\r\na=rtpmap:126 telephone-event/8000\r\na=ssrc:2231 cname:Qk\r\n";
}

}  // namespace dunlin
