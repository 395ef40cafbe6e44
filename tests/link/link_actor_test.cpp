// Nodes that talk, and nodes that must not: over real TLS on loopback.
#include "cluster/link_actor.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "cluster/link_actor_wire.hpp"
#include "tests/link/link_rig.hpp"

namespace dunlin::test {
namespace {

Envelope command_of(std::uint64_t number, const std::string& body, std::uint16_t type = echo_type) { return {type, {1, number}, 7, 0, body}; }

bool has_given_up_once(const msg::PeerView& view) { return view.is_up || view.cause != "not reached yet"; }

class LinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<LinkNode> node(LinkNodeOptions options) { return std::make_unique<LinkNode>(authority.issue({options.name}), std::move(options)); }
  std::unique_ptr<LinkNode> named(const std::string& name) {
    LinkNodeOptions options;
    options.name = name;
    return node(std::move(options));
  }
  /// Why the first node does not reach the second.
  static std::string cause_between(LinkNode& one, LinkNode& other) {
    one.set_peers({{other.name(), other.address()}});
    other.set_peers({{one.name(), one.address()}});
    const auto view = one.await_peer(other.name(), has_given_up_once);
    EXPECT_FALSE(view.is_up || other.peer(one.name()).is_up);
    return view.cause;
  }

  TestAuthority authority;
};

TEST_F(LinkTest, CommandsCrossBothWays) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  const auto there = n1->ask("n2", command_of(1, "hello"));
  ASSERT_FALSE(there.error) << there.error->detail;
  EXPECT_EQ(there.envelope.body, "n1 says hello");
  EXPECT_EQ(there.envelope.command, (CommandId{1, 1}));
  const auto back = n2->ask("n1", command_of(1, std::string(1'000'000, 'x')));
  ASSERT_FALSE(back.error) << back.error->detail;
  EXPECT_EQ(back.envelope.body.size(), 1'000'000 + std::string("n2 says ").size());
}

TEST_F(LinkTest, AnErrorComesBackWithItsCode) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  const auto refused = n1->ask("n2", command_of(1, "x", failing_type));
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::denied);
  EXPECT_EQ(refused.error->detail, "not this");
}

TEST_F(LinkTest, NobodyElseIsReached) {
  const auto n1 = named("n1");
  EXPECT_EQ(n1->ask("n9", command_of(1, "x")).error->code, Errc::unavailable);
  n1->set_peers({{"n2", "127.0.0.1:1"}});
  const auto view = n1->await_peer("n2", has_given_up_once);
  EXPECT_NE(view.cause.find("127.0.0.1:1"), std::string::npos) << view.cause;
  EXPECT_EQ(n1->ask("n2", command_of(2, "x")).error->code, Errc::unavailable);
}

TEST_F(LinkTest, ACertificateOfAForeignAuthorityIsRefused) {
  const TestAuthority foreign;
  const auto n1 = named("n1");
  LinkNodeOptions options;
  options.name = "n2";
  LinkNode n2(foreign.issue({"n2"}), options);
  EXPECT_FALSE(cause_between(*n1, n2).empty());
  EXPECT_EQ(n2.arrived(), 0);
}

TEST_F(LinkTest, AnExpiredCertificateIsRefusedByTheOthers) {
  const auto n1 = named("n1");
  LinkNodeOptions options;
  options.name = "n2";
  options.checked_at = UtcTime{SystemClock().now_utc().ms - 7'200'000};
  LinkNode n2(authority.issue({"n2", -86'400, -3'600}), options);
  EXPECT_FALSE(cause_between(*n1, n2).empty());
}

TEST_F(LinkTest, OnlyTlsWithACertificateIsLetIn) {
  const auto n1 = named("n1");
  EXPECT_TRUE(is_refused_by_tls(n1->port(), TLS1_3_VERSION)) << "without a certificate";
  EXPECT_TRUE(is_refused_by_tls(n1->port(), TLS1_2_VERSION)) << "without a certificate";
  EXPECT_TRUE(is_refused_by_tls(n1->port(), TLS1_1_VERSION)) << "an old version";
  const auto n2 = named("n2");
  EXPECT_TRUE(introduce(*n1, *n2)) << "it listens still";
}

TEST_F(LinkTest, AForeignClusterIsRefusedByName) {
  const auto n1 = named("n1");
  LinkNodeOptions options;
  options.name = "n2";
  options.cluster = "south";
  const auto n2 = node(options);
  const auto cause = cause_between(*n1, *n2);
  EXPECT_NE(cause.find("belongs to cluster"), std::string::npos) << cause;
}

TEST_F(LinkTest, AnotherNodeAtTheAddressIsRefusedByName) {
  const auto n1 = named("n1");
  const auto n3 = named("n3");
  n3->set_peers({{"n1", n1->address()}});
  n1->set_peers({{"n2", n3->address()}});
  const auto view = n1->await_peer("n2", has_given_up_once);
  EXPECT_NE(view.cause.find("node n3 answers where node n2 is said to be"), std::string::npos) << view.cause;
}

TEST_F(LinkTest, ASecondNodeOfOneNameIsRefused) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  LinkNodeOptions options;
  options.name = "n1";
  options.store = "another store";
  const auto twin = node(options);
  twin->set_peers({{"n2", n2->address()}});
  const auto view = twin->await_peer("n2", has_given_up_once);
  EXPECT_NE(view.cause.find("another node named n1 is connected"), std::string::npos) << view.cause;
  EXPECT_TRUE(n1->peer("n2").is_up);
}

TEST_F(LinkTest, WhenANodeDiesWhatWasAskedOfItEnds) {
  const auto n1 = named("n1");
  auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  const auto asked = n1->ask_later("n2", command_of(1, "x", silent_type));
  ASSERT_TRUE(wait_until([&] { return n2->arrived() == 1; }));
  const std::uint16_t port = n2->port();
  n2.reset();
  ASSERT_TRUE(wait_until([&] { return asked->is_there.load(); }));
  EXPECT_EQ(asked->answer.error->code, Errc::unavailable);
  EXPECT_FALSE(n1->peer("n2").is_up);
  EXPECT_EQ(n1->peer("n2").unanswered, 0U);

  LinkNodeOptions again;
  again.name = "n2";
  again.port = port;
  n2 = node(again);
  n2->set_peers({{"n1", n1->address()}});
  ASSERT_TRUE(n1->await_up("n2")) << "it comes back at its address";
  EXPECT_FALSE(n1->ask("n2", command_of(2, "again")).error);
}

TEST_F(LinkTest, ANodeThatFallsSilentIsDownAndComesBack) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  FreezingRelay relay(n2->port());
  n1->set_peers({{"n2", relay.address()}});
  n2->set_peers({{"n1", n1->address()}});
  ASSERT_TRUE(n1->await_up("n2") && n2->await_up("n1"));
  const auto asked = n1->ask_later("n2", command_of(1, "x", silent_type));
  ASSERT_TRUE(wait_until([&] { return n2->arrived() == 1; }));
  const SystemClock clock;
  const MonoTime frozen_at = clock.now_mono();
  relay.freeze();
  ASSERT_TRUE(wait_until([&] { return asked->is_there.load(); }));
  RecordProperty("silence_noticed_ms", std::to_string((clock.now_mono() - frozen_at).ms));
  EXPECT_EQ(asked->answer.error->code, Errc::unavailable);
  EXPECT_FALSE(n1->await_peer("n2", [](const auto& view) { return !view.is_up; }).is_up);
  EXPECT_FALSE(n2->await_peer("n1", [](const auto& view) { return !view.is_up; }).is_up);
  relay.thaw();
  // The old connection may serve once more before CAF ends it: up for good is when it answers.
  EXPECT_TRUE(wait_until([&] { return !n1->ask("n2", command_of(0, "again")).error; }));
}

TEST_F(LinkTest, AboveItsCreditANodeIsAskedNothingMore) {
  LinkNodeOptions options;
  options.adjust = [](LinkSettings& settings) {
    settings.unanswered = 3;
    settings.unanswered_bytes = 10'000;
  };
  const auto n1 = node(options);
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  EXPECT_EQ(n1->ask("n2", command_of(9, std::string(20'000, 'x'))).error->code, Errc::exhausted) << "bytes";
  for (std::uint64_t number = 1; number <= 3; ++number) (void)n1->ask_later("n2", command_of(number, "x", silent_type));
  ASSERT_TRUE(wait_until([&] { return n2->arrived() == 3; }));
  const auto refused = n1->ask("n2", command_of(4, "x"));
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->code, Errc::exhausted);
  EXPECT_EQ(n2->arrived(), 3);
}

TEST_F(LinkTest, CreditComesBackWithTheAnswers) {
  LinkNodeOptions options;
  options.adjust = [](LinkSettings& settings) { settings.unanswered = 2; };
  const auto n1 = node(options);
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  for (std::uint64_t number = 1; number <= 10; ++number) EXPECT_FALSE(n1->ask("n2", command_of(number, "x")).error) << number;
  EXPECT_EQ(n1->peer("n2").unanswered, 0U);
}

TEST_F(LinkTest, ARepeatedCommandIsDoneOnce) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  const auto first = n1->ask("n2", command_of(5, "pay"));
  const auto again = n1->ask("n2", command_of(5, "pay"));
  EXPECT_EQ(again.envelope, first.envelope);
  EXPECT_EQ(n2->arrived(), 1);
  EXPECT_FALSE(n1->ask("n2", command_of(0, "see")).error);
  EXPECT_FALSE(n1->ask("n2", command_of(0, "see")).error);
  EXPECT_EQ(n2->arrived(), 3) << "questions may be asked twice";
}

TEST_F(LinkTest, ARepetitionWaitsForTheAnswerUnderWay) {
  const auto n1 = named("n1");
  LinkNodeOptions options;
  options.name = "n2";
  options.adjust = [](LinkSettings& settings) { settings.answer_timeout = seconds(3); };
  const auto n2 = node(options);
  ASSERT_TRUE(introduce(*n1, *n2));
  const auto first = n1->ask_later("n2", command_of(5, "pay", silent_type));
  const auto again = n1->ask_later("n2", command_of(5, "pay", silent_type));
  ASSERT_TRUE(wait_until([&] { return first->is_there.load() && again->is_there.load(); }));
  EXPECT_EQ(first->answer.error->code, Errc::unavailable) << "nobody inside the node answered in time";
  EXPECT_EQ(again->answer.error->detail, first->answer.error->detail);
  EXPECT_EQ(n2->arrived(), 1);
}

TEST_F(LinkTest, AnOlderEpochThanIsKnownIsRefused) {
  const auto n1 = named("n1");
  LinkNodeOptions options;
  options.name = "n2";
  options.adjust = [](LinkSettings& settings) {
    settings.epoch_of = [](ShardIndex shard) { return shard == 7 ? std::int64_t{100} : std::int64_t{0}; };
  };
  const auto n2 = node(options);
  ASSERT_TRUE(introduce(*n1, *n2));
  const auto at_epoch = [&](std::uint64_t number, ShardIndex shard, std::int64_t epoch) { return n1->ask("n2", {echo_type, {1, number}, shard, epoch, "x"}); };
  const auto stale = at_epoch(1, 7, 99);
  ASSERT_TRUE(stale.error);
  EXPECT_EQ(stale.error->code, Errc::conflict);
  EXPECT_EQ(stale.error->detail, "stale epoch 99 of shard 7; known here: 100");
  EXPECT_FALSE(at_epoch(2, 7, 100).error);
  EXPECT_FALSE(at_epoch(3, 7, 101).error);
  EXPECT_FALSE(at_epoch(4, 8, 1).error);
  EXPECT_FALSE(at_epoch(5, 7, 0).error) << "the sender does not know the epoch";
  EXPECT_EQ(n2->arrived(), 4);
}

TEST_F(LinkTest, WhoIsNoNodeAnyMoreIsLetGo) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  ASSERT_TRUE(introduce(*n1, *n2));
  n1->set_peers({});
  EXPECT_EQ(n1->ask("n2", command_of(1, "x")).error->code, Errc::unavailable);
  const auto view = n2->await_peer("n1", [](const auto& each) { return !each.is_up; });
  EXPECT_FALSE(view.is_up);
}

/// A program with a good certificate that does not keep to the protocol.
TEST_F(LinkTest, BytesThatAreNoEnvelopeAreRefused) {
  const auto n1 = named("n1");
  const auto n2 = named("n2");
  n2->set_peers({{"n1", n1->address()}});
  const auto address = *parse_link_address(n2->address());
  const std::string bad_version = "\x09" + *encode(command_of(1, "x"));
  struct Heard {
    std::atomic<int> answers{0};
    std::string before_hello;
    std::string after_hello;
  };
  const auto heard = std::make_shared<Heard>();
  const auto program = n1->system().spawn([=](caf::event_based_actor* self) {
    connect_link(self, address, link_patience, [=](Result<caf::actor> found) {
      if (!found) return;
      const auto other = *found;
      const auto ask_badly = [=](std::string Heard::*slot) {
        self->request(other, to_chrono(link_patience), link_ask_atom::value, bad_version).then([=](const std::string& answer) {
          (*heard).*slot = read_refusal(*decode_envelope(answer)).detail;
          ++heard->answers;
        });
      };
      ask_badly(&Heard::before_hello);
      self->request(other, to_chrono(link_patience), link_hello_atom::value, encode(LinkHello{"north", "n1", "store-x", 5, link_protocol}))
          .then([=](const std::string&, const std::string&) { ask_badly(&Heard::after_hello); });
    });
    self->set_default_handler(caf::drop);
    return caf::behavior{[=](link_stranger_atom) {}};
  });
  const bool has_heard = wait_until([&] { return heard->answers == 2; });
  caf::anon_send_exit(program, caf::exit_reason::user_shutdown);
  ASSERT_TRUE(has_heard);
  EXPECT_NE(heard->before_hello.find("a hello comes first"), std::string::npos) << heard->before_hello;
  EXPECT_EQ(heard->after_hello, "envelope of version 9; this node speaks 1 to 1");
  EXPECT_EQ(n2->arrived(), 0);
}

}  // namespace
}  // namespace dunlin::test
