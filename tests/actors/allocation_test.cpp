// How lines find their shard under virtual time, while messages get lost, come late or wait for the disk: pace suffers for
// a ticket's life, nobody is dialed twice, and every channel comes back.
#include <deque>
#include <functional>
#include <map>

#include "actors/contracts/allocation.hpp"
#include "config/limits.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

/// What becomes of the next message on the way; afterwards the way is good again.
struct BadWay {
  int lost = 0;
  int late = 0;
  Duration delay;
  int spoilt = 0;
  std::deque<std::function<void()>> underway;
  std::deque<caf::response_promise> unanswered;   ///< A promise that goes answers with an error: these are kept.
};
/// The proxies' timer is a message any actor may have: the oldest one under way arrives.
void arrive(BadWay& way) {
  way.underway.front()();
  way.underway.pop_front();
}
using BadWayPointer = std::shared_ptr<BadWay>;

template <class Message>
caf::response_promise spoil(caf::event_based_actor* self, const BadWayPointer& way, const caf::actor& real, const Message& message) {
  auto promise = self->make_response_promise();
  if (way->lost > 0) {
    --way->lost;
    ++way->spoilt;
    way->unanswered.push_back(promise);
  } else if (way->late > 0) {
    --way->late;
    ++way->spoilt;
    way->underway.push_back([promise, real, message]() mutable { promise.delegate(real, message); });
    tell_after(self, way->delay, caf::actor_cast<caf::actor>(self), msg::MatchTick{});
  } else {
    promise.delegate(real, message);
  }
  return promise;
}

class AllocationTest : public ActorTest {
 protected:
  AllocationTest() { start(); }
  ~AllocationTest() override { way->unanswered.clear(); }

  /// Two cases of one shard.
  std::vector<CaseId> open_neighbours() {
    std::map<ShardIndex, int> seen;
    for (int person = 1;; ++person) {
      const auto [other, is_first] = seen.try_emplace(shard_of(disk.case_id_for(draft_of(person).keys.front())), person);
      if (!is_first) return {open_case(other->second), open_case(person)};
    }
  }
  /// Tickets for the case's shard go by the bad way from now on.
  void spoil_tickets(CaseId id) {
    caf::actor& shard = node->context.shards[shard_of(id)];
    shard = stage.system().spawn([way = way, real = shard](caf::event_based_actor* self) -> caf::behavior {
      return {[self, real](const msg::GetRanks& query) { return self->delegate(real, query); },
              [self, way, real](const msg::DialNext& ticket) { return spoil(self, way, real, ticket); },
              [way](const msg::MatchTick&) { arrive(*way); }};
    });
  }
  /// Wishes for slots go by the bad way from now on.
  void spoil_wishes() {
    node->context.edge = stage.system().spawn([way = way, real = node->context.edge](caf::event_based_actor* self) -> caf::behavior {
      return {[self, way, real](const msg::AcquireSlots& wish) { return spoil(self, way, real, wish); },
              [self, real](const msg::GetTrunks& query) { return self->delegate(real, query); },
              [self, real](const msg::ReleaseSlot& release) { self->send(real, release); },
              [way](const msg::MatchTick&) { arrive(*way); }};
    });
  }
  msg::CampaignView view() { return ask<msg::CampaignView>(node->context.campaigns, msg::GetCampaign{"north"}); }
  void expect_every_channel_back() {
    EXPECT_EQ(static_cast<std::size_t>(channels_in_use()), live_calls());
  }

  BadWayPointer way = std::make_shared<BadWay>();
};

TEST_F(AllocationTest, ALostTicketCostsItsLifeInPace) {
  const CaseId id = open_case(1);
  spoil_tickets(id);
  way->lost = 1;
  seat_agent("ann");
  stage.pass(limits::ticket_life - milliseconds(100));
  EXPECT_EQ(way->spoilt, 1);
  EXPECT_TRUE(node->sip.invites.empty()) << "the line is on its way, as far as pacing knows";
  stage.pass(seconds(1) + milliseconds(100));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(view().tickets, (TicketCounts{2, 1, 0, 0}));
  EXPECT_EQ(channels_in_use(), 2) << "nobody knows yet that no call comes of the lost one";
  stage.pass(limits::slot_life + limits::commit_timeout);
  EXPECT_EQ(view().tickets.lost, 1U);
  expect_every_channel_back();
}

TEST_F(AllocationTest, ALateTicketBeginsNothing) {
  const auto cases = open_neighbours();
  spoil_tickets(cases.front());
  way->late = 1;
  way->delay = limits::ticket_life + seconds(1);
  seat_agent("ann");
  stage.pass(seconds(8));
  EXPECT_EQ(way->spoilt, 1);
  EXPECT_EQ(node->sip.invites.size(), 1U) << "one agent, one line";
  EXPECT_EQ(stored<AttemptReserved>(cases[0]).size() + stored<AttemptReserved>(cases[1]).size(), 1U);
  EXPECT_EQ(view().tickets, (TicketCounts{2, 1, 0, 0}));
  EXPECT_EQ(view().queue.ready, 1U) << "the other case waits, not put off";
  expect_every_channel_back();
}

TEST_F(AllocationTest, ATicketThatComesInTimeIsNotGivenTwice) {
  const auto cases = open_neighbours();
  seat_agent("ann");
  node->journal.choose_latency = [] { return limits::ticket_life + seconds(2); };
  stage.pass(limits::ticket_life + seconds(1));
  EXPECT_EQ(node->journal.queued(), 1U) << "a slow disk is no lost message";
  stage.pass(seconds(3));
  EXPECT_EQ(node->sip.invites.size(), 1U);
  EXPECT_EQ(view().tickets, (TicketCounts{1, 0, 0, 0}));
}

TEST_F(AllocationTest, AnExpiredTicketLeavesItsCaseAsItWas) {
  const CaseId id = open_case(1);
  msg::DialNext ticket{campaign_id, acquire(), {}};
  ticket.expires_at = node->context.clock->now_mono();
  EXPECT_EQ(ask<msg::DialAnswered>(shard(id), ticket).kind, msg::DialAnswered::Kind::expired);
  EXPECT_TRUE(stored<AttemptReserved>(id).empty());
  EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
}

TEST_F(AllocationTest, AWishTheEdgeNeverHeardComesBack) {
  open_case(1);
  spoil_wishes();
  way->lost = 1;
  seat_agent("ann");
  stage.pass(limits::ticket_life - milliseconds(100));
  EXPECT_TRUE(node->sip.invites.empty());
  stage.pass(seconds(1) + milliseconds(100));
  EXPECT_EQ(way->spoilt, 1);
  EXPECT_EQ(node->sip.invites.size(), 1U);
  expect_every_channel_back();
}

TEST_F(AllocationTest, SlotsThatComeTooLateGoBack) {
  open_case(1);
  open_case(2);
  spoil_wishes();
  way->late = 1;
  way->delay = limits::ticket_life + seconds(1);
  seat_agent("ann");
  stage.pass(seconds(8));
  EXPECT_EQ(way->spoilt, 1);
  EXPECT_EQ(node->sip.invites.size(), 1U) << "one agent, one line";
  expect_every_channel_back();
}

}  // namespace
}  // namespace dunlin::test
