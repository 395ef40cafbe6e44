// The SDP of a page: an offer as Chromium writes it, our answer, and what is refused with which words.
#include <gtest/gtest.h>

#include "media/browser_sdp.hpp"
#include "tests/media/browser_offer_text.hpp"

namespace dunlin {
namespace {

std::string without(std::string text, const std::string& line) {
  const auto at = text.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  return at == std::string::npos ? text : text.erase(at, text.find('\n', at) + 1 - at);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string refusal(const std::string& sdp) {
  const auto offer = parse_browser_offer(sdp);
  return offer ? "taken" : offer.error().detail;
}

TEST(BrowserSdp, ReadsAnOfferOfChromium) {
  const auto offer = parse_browser_offer(browser_offer_text({}));
  ASSERT_TRUE(offer) << offer.error().detail;
  EXPECT_EQ(offer->mid, "0");
  EXPECT_TRUE(offer->is_bundled);
  EXPECT_EQ(offer->ice.ufrag, "kXG/");
  EXPECT_EQ(offer->ice.password, "fHyqdWlhLQ41hxzHoFKgPwdM");
  EXPECT_EQ(offer->fingerprint.digest.size(), 32u);
  EXPECT_EQ(offer->audio.session_id, 7264589432119863541u);
  const std::vector<CodecChoice> codecs{{Codec::opus, 111}, {Codec::pcmu, 0}, {Codec::pcma, 8}};
  EXPECT_EQ(offer->audio.codecs, codecs);
  EXPECT_EQ(offer->audio.telephone_event, 126);
  EXPECT_EQ(offer->audio.telephone_event_48k, 110);
  EXPECT_EQ(offer->audio.direction, MediaDirection::sendrecv);
}

TEST(BrowserSdp, AttributesOfTheSessionHoldForTheStream) {
  auto text = browser_offer_text({});
  const auto at = text.find("a=fingerprint:");
  const auto line = text.substr(at, text.find('\n', at) + 1 - at);
  text = without(text, "a=fingerprint:");
  text = replaced(text, "m=audio", line + "m=audio");
  EXPECT_EQ(refusal(text), "taken");
  // A stream's own replaces it.
  text = replaced(text, "a=setup:actpass", "a=fingerprint:sha-256 00\r\na=setup:actpass");
  EXPECT_EQ(refusal(text), "offer: a=fingerprint: the digest has the wrong length for sha-256");
}

TEST(BrowserSdp, RefusalsNameTheLine) {
  const auto good = browser_offer_text({});
  EXPECT_EQ(refusal(""), "offer: no m= line");
  EXPECT_EQ(refusal("nonsense"), "offer: line 1 has no type");
  EXPECT_EQ(refusal("s=-\r\n"), "offer: v=0 is expected as the first line");
  EXPECT_EQ(refusal(good + std::string(17'000, 'a')), "offer: longer than 16 KB");
  std::string many = good;
  for (int i = 0; i < 600; ++i) many += "a=x\r\n";
  EXPECT_EQ(refusal(many), "offer: more than 512 lines");
  EXPECT_EQ(refusal(replaced(good, "o=- 7264589432119863541 2", "o=- 7 x")), "offer: o= needs a session id and a version");
  EXPECT_EQ(refusal(good + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"), "offer: one m= line is expected, audio; the second is m=video");
  EXPECT_EQ(refusal(replaced(good, "m=audio 9", "m=application 9")), "offer: m=audio is expected, not m=application");
  EXPECT_EQ(refusal(replaced(good, "m=audio 9", "m=audio 0")), "offer: m=audio is refused (port 0)");
  EXPECT_EQ(refusal(replaced(good, "m=audio 9", "m=audio 70000")), "offer: m=audio has no port");
  EXPECT_EQ(refusal(replaced(good, "UDP/TLS/RTP/SAVPF", "RTP/AVP")), "offer: UDP/TLS/RTP/SAVPF is expected in m=audio");
  EXPECT_EQ(refusal(replaced(good, "SAVPF 111 63 9 0 8 13 110 126", "SAVPF 111 200")), "offer: bad payload types in m=audio");
  EXPECT_EQ(refusal(replaced(good, "SAVPF 111 63 9 0 8 13 110 126", "SAVPF 9 13")), "offer: none of PCMA, PCMU and opus/48000/2 in m=audio");
  EXPECT_EQ(refusal(without(good, "a=ice-ufrag")), "offer: a=ice-ufrag of 4 to 256 letters, digits, + and / is expected");
  EXPECT_EQ(refusal(replaced(good, "a=ice-pwd:", "a=ice-pwd:%")), "offer: a=ice-pwd of 22 to 256 letters, digits, + and / is expected");
  EXPECT_EQ(refusal(without(good, "a=rtcp-mux")), "offer: a=rtcp-mux is expected");
  EXPECT_EQ(refusal(replaced(good, "setup:actpass", "setup:passive")), "offer: a=setup:actpass or active is expected");
  EXPECT_EQ(refusal(without(good, "a=fingerprint")), "offer: no a=fingerprint; only DTLS-SRTP is spoken");
  EXPECT_EQ(refusal(replaced(good, "a=fingerprint:sha-256", "a=fingerprint:sha-1")), "offer: a=fingerprint: sha-256, sha-384 or sha-512 is expected");
  EXPECT_EQ(refusal(replaced(good, "a=mid:0", "a=mid:" + std::string(33, '0'))), "offer: a=mid is longer than 32 characters or no token");
}

TEST(BrowserSdp, AnswersAsAPassiveLiteAgent) {
  BrowserAnswer answer;
  answer.audio.address = "192.0.2.9";
  answer.audio.port = 45000;
  answer.audio.session_id = 77;
  answer.audio.codecs = {{Codec::opus, 111}};
  answer.audio.telephone_event_48k = 110;
  answer.mid = "0";
  answer.is_bundled = true;
  answer.ice = {"abcd", "0123456789012345678901"};
  answer.fingerprint = *parse_fingerprint(browser_fingerprint);
  answer.ssrc = 4711;
  const auto text = write_browser_answer(answer);
  for (const char* line : {"a=ice-lite\r\n", "a=group:BUNDLE 0\r\n", "m=audio 45000 UDP/TLS/RTP/SAVPF 111 110\r\n", "c=IN IP4 192.0.2.9\r\n", "a=setup:passive\r\n",
                           "a=rtcp-mux\r\n", "a=ice-ufrag:abcd\r\n", "a=rtpmap:110 telephone-event/48000\r\n", "a=ssrc:4711 cname:dunlin\r\n",
                           "a=candidate:1 1 udp 2130706431 192.0.2.9 45000 typ host\r\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "in\n" << text;
  }
  EXPECT_NE(text.find("a=fmtp:111 maxplaybackrate=8000;"), std::string::npos);
  answer.audio.address = "2001:db8::9";
  EXPECT_NE(write_browser_answer(answer).find("c=IN IP6 2001:db8::9\r\n"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
