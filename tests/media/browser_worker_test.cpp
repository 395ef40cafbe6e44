// Pages on one worker driven by hand that come late, come back, go away, or share a NAT.
#include <gtest/gtest.h>

#include "media/browser_names.hpp"
#include "media/media_worker.hpp"
#include "tests/media/browser_peer.hpp"

namespace dunlin {
namespace {

class BrowserPagesTest : public testing::Test {
 protected:
  static constexpr std::uint16_t page_port = 44204;

  struct Visitor {
    explicit Visitor(std::uint64_t session) : number(session), peer(session) {}
    std::uint64_t number;
    BrowserPeer peer;
    LegRef leg;
  };

  void SetUp() override {
    MediaWorker::Options options;
    options.max_legs = 8;
    options.utc_now = [] { return UtcTime{1'800'000'000'000}; };
    options.browser_socket = std::make_shared<UdpSocket>(std::move(*UdpSocket::bind(*UdpAddress::parse("127.0.0.1", page_port))));
    worker_ = std::move(*MediaWorker::make(options));
  }

  /// A page with a leg of its own, whose first offer is taken.
  Visitor& visit() {
    const auto index = static_cast<std::uint16_t>(visitors_.size());
    visitors_.push_back(std::make_unique<Visitor>(index + 1u));
    Visitor& made = *visitors_.back();
    made.leg = {index, index + 1u};
    auto body = std::make_unique<Leg>(LegId(index + 1u), LegRole::agent, UdpPair{}, StreamSeed{0xD0000000u + index, {1}, {1}});
    body->browser = std::make_unique<BrowserSide>();
    EXPECT_TRUE(worker_->post(AddLeg{made.leg, std::move(body)}));
    offer(made, true);
    return made;
  }

  void offer(Visitor& who, bool is_new) {
    const auto ours = *make_credentials(who.leg.index);
    auto order = std::make_unique<BrowserOrder>();
    order->page = who.number;
    order->parts = std::make_unique<MediaParts>();
    order->parts->send = {Codec::pcma, 8, 126, {}, {}, true, true};
    order->parts->receive = {Codec::pcma, 8, 126, std::nullopt, {}, true, true};
    const auto theirs = *parse_browser_offer(who.peer.offer());
    if (is_new) order->path = std::make_unique<BrowserPath>(who.number, ours, std::move(*DtlsPeer::make(identity_, theirs.fingerprint)));
    else order->fresh = ours;
    BrowserAnswer answer{theirs.audio, "0", true, ours, identity_->fingerprint(), 1};
    answer.audio.address = "127.0.0.1";
    answer.audio.port = page_port;
    who.peer.take_answer(write_browser_answer(answer));
    EXPECT_TRUE(worker_->post(StartBrowser{who.leg, std::move(order)}));
  }

  void turn(int ms) {
    for (int tick = 0; tick < ms / 2; ++tick, now_us_ += MediaWorker::tick_us) {
      if (before_tick_) before_tick_();
      for (auto& one : visitors_) {
        if (tick % 10 == 5) one->peer.step();
      }
      worker_->tick(now_us_);
      while (const auto event = worker_->next_event()) {
        if (std::holds_alternative<BrowserConnected>(*event)) ++connected_;
        if (const auto* lost = std::get_if<BrowserLost>(&*event)) lost_.push_back(lost->reason);
        if (const auto* digit = std::get_if<DtmfReceived>(&*event)) digits_.push_back(digit->digit);
      }
      while (worker_->next_retired()) continue;
    }
  }

  std::shared_ptr<const DtlsIdentity> identity_ = *DtlsIdentity::make();
  std::unique_ptr<MediaWorker> worker_;
  std::vector<std::unique_ptr<Visitor>> visitors_;
  std::function<void()> before_tick_;  ///< What strangers send.
  std::int64_t now_us_ = 1'000'000;
  int connected_ = 0;
  std::vector<BrowserEnd> lost_;
  std::string digits_;
};

TEST_F(BrowserPagesTest, ChecksAloneDoNotKeepAPageThatNeverConnects) {
  visit().peer.is_shaking_hands = false;
  turn(100);
  now_us_ += 15'000'000;
  turn(100);
  now_us_ += 14'500'000;
  turn(100);
  EXPECT_TRUE(lost_.empty()) << "half a minute is not over";
  now_us_ += 500'000;
  turn(100);
  EXPECT_EQ(lost_, std::vector{BrowserEnd::never_came});
}

TEST_F(BrowserPagesTest, ALostPageThatRestartsAndStaysAwayIsToldAgain) {
  Visitor& page = visit();
  turn(400);
  ASSERT_EQ(connected_, 1);
  page.peer.is_checking = false;
  now_us_ += 31'000'000;
  turn(100);
  ASSERT_EQ(lost_.size(), 1u);
  page.peer.restart();
  offer(page, false);
  turn(100);
  EXPECT_EQ(lost_.size(), 1u) << "it has half a minute to come back";
  now_us_ += 31'000'000;
  turn(200);
  EXPECT_EQ(lost_, (std::vector{BrowserEnd::silent, BrowserEnd::silent})) << "told once more, and once only";
  page.peer.restart();
  offer(page, false);
  page.peer.is_checking = true;
  turn(400);
  EXPECT_EQ(connected_, 2) << "a later restart brings it back all the same";
}

TEST_F(BrowserPagesTest, APortThatBecameAnotherPagesStaysItsOwn) {
  Visitor& first = visit();
  turn(400);
  ASSERT_EQ(connected_, 1);
  const std::uint16_t port = first.peer.port();
  first.peer.priority = 2000;  // Its next pair becomes the one in use, so that the first one may be forgotten.
  first.peer.open_socket();
  turn(40);
  first.peer.open_socket();
  turn(40);
  Visitor& second = visit();
  second.peer.open_socket(port);
  turn(400);
  ASSERT_EQ(connected_, 2);
  second.peer.is_checking = false;
  for (int i = 0; i < 6; ++i) {
    first.peer.open_socket();
    turn(40);
  }
  second.peer.send_digit('7');
  turn(40);
  EXPECT_EQ(digits_, "7");
}

TEST_F(BrowserPagesTest, WhatAnEndedAssociationIsSentKeepsNobodyFromHis) {
  Visitor& first = visit();
  turn(400);
  ASSERT_EQ(connected_, 1);
  first.peer.say_good_bye();
  turn(40);
  ASSERT_EQ(lost_, std::vector{BrowserEnd::closed});
  first.peer.is_checking = false;
  before_tick_ = [&first] {
    for (int i = 0; i < 20; ++i) first.peer.send_raw(std::vector<std::uint8_t>(60, std::uint8_t{22}));
  };
  visit();
  turn(600);
  EXPECT_EQ(connected_, 2);
}

TEST_F(BrowserPagesTest, ACheckOfNobodyIsNotAnswered) {
  BrowserPeer& peer = visit().peer;
  std::string guess = peer.answer();
  guess.replace(guess.find("a=ice-ufrag:") + 12 + 4, 4, "XXXX");  // The place is right, the name is not.
  BrowserPeer stranger(9);
  stranger.take_answer(guess);
  before_tick_ = [&stranger] { stranger.step(); };
  turn(200);
  EXPECT_FALSE(stranger.last_error());
  EXPECT_EQ(stranger.responses(), 0u);
  EXPECT_EQ(connected_, 1);
}

}  // namespace
}  // namespace dunlin
