#include "tools/peer/sip_message.hpp"

#include <gtest/gtest.h>

#include "tools/peer/dice.hpp"

namespace dunlin::peer {
namespace {

const std::string invite =
    "INVITE sip:79990000001@127.0.0.1:5060;user=phone SIP/2.0\r\n"
    "v: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKa1;rport, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb2\r\n"
    "Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>\r\n"
    "f: \"Doe, J;x\" <sip:123@example.org>;tag=ab\r\n"
    "To: <sip:79990000001@example.org>\r\n"
    "i: call-1\r\n"
    "CSeq: 7 INVITE\r\n"
    "Subject: first\r\n"
    "  second\r\n"
    "l: 4\r\n"
    "\r\n"
    "v=0\n";

SipMessage parsed(const std::string& text) {
  auto message = parse_sip(text);
  EXPECT_TRUE(message.ok());
  return message ? *message : SipMessage{};
}

TEST(SipMessage, ReadsCompactAndFoldedHeaders) {
  const auto message = parsed(invite);
  EXPECT_EQ(message.method, "INVITE");
  EXPECT_EQ(message.header("call-id"), "call-1");
  EXPECT_EQ(message.header("Subject"), "first second");
  EXPECT_EQ(message.cseq().number, 7u);
  EXPECT_EQ(message.cseq().method, "INVITE");
  EXPECT_EQ(message.branch(), "z9hG4bKa1");
  EXPECT_EQ(message.body, "v=0\n");
}

TEST(SipMessage, SplitsListsOutsideQuotesAndBrackets) {
  const auto message = parsed(invite);
  EXPECT_EQ(message.list("Via").size(), 2u);
  EXPECT_EQ(message.list("From").size(), 1u);
  EXPECT_EQ(message.list("Record-Route").back(), "<sip:p2.example;lr>");
}

TEST(SipMessage, TakesAddressesApart) {
  const auto message = parsed(invite);
  EXPECT_EQ(user_of(message.uri), "79990000001");
  EXPECT_EQ(host_of(message.uri), "127.0.0.1:5060");
  EXPECT_EQ(uri_of(message.header("From")), "sip:123@example.org");
  EXPECT_EQ(param_of(message.header("From"), "tag"), "ab");
  EXPECT_EQ(param_of(message.header("To"), "tag"), "");
  EXPECT_EQ(user_of("tel:+79990000001;phone-context=x"), "+79990000001");
  EXPECT_EQ(user_of("sip:example.org"), "");
}

TEST(SipMessage, WritesWhatItReads) {
  const auto again = parsed(parsed(invite).bytes());
  EXPECT_EQ(again.bytes(), parsed(invite).bytes());
  EXPECT_EQ(again.header("Content-Length"), "4");
}

TEST(SipMessage, ResponseMirrorsTheRequestAndTagsTo) {
  const auto response = make_response(parsed(invite), 180, "Ringing", "mine");
  EXPECT_EQ(response.list("Via").size(), 2u);
  EXPECT_EQ(response.list("Record-Route").size(), 2u);
  EXPECT_EQ(param_of(response.header("To"), "tag"), "mine");
  const auto trying = make_response(parsed(invite), 100, "Trying", "mine");
  EXPECT_EQ(param_of(trying.header("To"), "tag"), "");
}

struct BadCase {
  const char* name;
  std::string text;
};

TEST(SipMessage, RefusesMalformedMessages) {
  const std::vector<BadCase> cases{
      {"empty", ""},
      {"no headers", "INVITE sip:a@b SIP/2.0\r\n"},
      {"wrong version", "INVITE sip:a@b SIP/3.0\r\n\r\n"},
      {"status too small", "SIP/2.0 099 No\r\nCSeq: 1 INVITE\r\n\r\n"},
      {"missing headers", "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n\r\n"},
      {"fold before any header", "OPTIONS sip:a@b SIP/2.0\r\n folded\r\n\r\n"},
      {"short body", std::string(invite).replace(invite.find("l: 4"), 4, "l: 9")},
      {"negative length", std::string(invite).replace(invite.find("l: 4"), 4, "l:-1")},
      {"CSeq without method", std::string(invite).replace(invite.find("7 INVITE"), 8, "7       ")},
  };
  for (const auto& item : cases) EXPECT_FALSE(parse_sip(item.text).ok()) << item.name;
}

TEST(SipMessage, SurvivesDamagedBytes) {
  Dice dice(5);
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = invite.substr(0, dice.below(invite.size() + 1));
    for (int flips = 0; flips < 3 && !text.empty(); ++flips)
      text[dice.below(text.size())] = static_cast<char>(dice.below(256));
    const auto message = parse_sip(text);
    if (!message) continue;
    ++accepted;
    EXPECT_FALSE(message->cseq().method.empty());
    for (const auto& value : message->list("From")) EXPECT_LE(uri_of(value).size(), value.size());
  }
  EXPECT_GT(accepted, 0);
}

TEST(SipFramer, CutsMessagesWhateverThePieces) {
  const std::string stream = "\r\n\r\n" + invite + invite;
  for (std::size_t piece = 1; piece < 50; ++piece) {
    SipFramer framer;
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      const auto part = framer.feed(std::string_view(stream).substr(at, piece));
      ASSERT_TRUE(part.ok());
      messages.insert(messages.end(), (*part).begin(), (*part).end());
    }
    ASSERT_EQ(messages.size(), 2u) << piece;
    EXPECT_EQ(messages[1], invite);
  }
}

TEST(SipFramer, RefusesAStreamWithoutEnd) {
  SipFramer framer;
  EXPECT_FALSE(framer.feed(std::string(max_sip_message_bytes + 1, 'x')).ok());
  SipFramer other;
  EXPECT_FALSE(other.feed("OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n").ok());
}

}  // namespace
}  // namespace dunlin::peer
