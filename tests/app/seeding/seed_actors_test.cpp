// A shard brought from one node to another by the two actors, over a link that loses, cuts and changes what it carries.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

#include "app/seed_source_actor.hpp"
#include "app/seed_taker_actor.hpp"
#include "storage/key_space.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::test {
namespace {

using storage_test::case_in;
using storage_test::commit_of;
using storage_test::open_store;
using storage_test::settings_for;

constexpr ShardIndex wanted_shard = 9;
constexpr int cases_of_source = 3000;

/// What becomes of a question to a node: its running number, and the piece that comes back.
struct WireRules {
  std::mutex mutex;
  std::map<std::string, int> dies_after;       ///< Questions answered, then the node is down.
  std::map<std::string, int> changes_piece;    ///< One bit of this piece.
  int loses_every = 0;                         ///< Every so many answers.
  std::map<std::string, int> asked;
};

caf::behavior carry(caf::event_based_actor* self, const std::map<std::string, caf::actor>& nodes, const std::shared_ptr<WireRules>& rules) {
  const auto down = [](caf::typed_response_promise<msg::PeerAnswered> promise, const char* why) mutable {
    promise.deliver(msg::PeerAnswered{Error{Errc::unavailable, why}, {}});
  };
  return {[self, nodes, rules, down](const msg::AskPeer& question) {
    auto promise = self->make_response_promise<msg::PeerAnswered>();
    const std::lock_guard lock(rules->mutex);
    const int number = ++rules->asked[question.node_id];
    const auto dies = rules->dies_after.find(question.node_id);
    if (dies != rules->dies_after.end() && number > dies->second) {
      down(promise, "the node is down");
      return promise;
    }
    const bool is_lost = rules->loses_every != 0 && number % rules->loses_every == 0;
    const auto changes = rules->changes_piece.find(question.node_id);
    const int changed = changes == rules->changes_piece.end() ? -1 : changes->second;
    self->request(nodes.at(question.node_id), std::chrono::seconds(30), msg::EnvelopeArrived{"taker", question.envelope})
        .then([promise, is_lost, changed, down](msg::EnvelopeAnswer& answer) mutable {
          if (is_lost) return down(promise, "the answer was lost");
          auto said = answer.error ? Result<SeedAnswer>(*answer.error) : decode_seed_answer(answer.envelope.body);
          if (said && static_cast<int>(said->number) == changed && !said->piece.empty()) {
            said->piece.back() = static_cast<char>(said->piece.back() ^ 1);
            answer.envelope.body = encode(*said);
          }
          promise.deliver(msg::PeerAnswered{answer.error, std::move(answer.envelope)});
        });
    return promise;
  }};
}

class SeedActorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    source_ = open_store(settings_for(source_folder_.path()));
    ASSERT_TRUE(source_);
    std::filesystem::create_directories(target_folder_.path());
    std::filesystem::copy_file(source_folder_.path() / "installation.key", target_folder_.path() / "installation.key");
    target_ = open_store(settings_for(target_folder_.path()));
    ASSERT_TRUE(target_);
    config_.set("scheduler.max-threads", std::size_t{2});
    config_.set("logger.verbosity", caf::atom("quiet"));
    system_ = std::make_unique<caf::actor_system>(config_);
    for (std::uint64_t batch = 1; batch <= 3; ++batch) fill(batch);
  }
  void TearDown() override {
    for (const auto& actor : actors_) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actors_.clear();
    taker_ = {};  // A thread of its own ends with the last handle.
    system_.reset();
  }
  void fill(std::uint64_t batch) {
    std::vector<CommitRequest> commits;
    for (int i = 0; i < cases_of_source / 3; ++i) {
      const CaseId id = case_in(wanted_shard, batch * 10'000 + static_cast<std::uint64_t>(i));
      commits.push_back(commit_of(id, 0, {"an event of some length, so that the copy takes several pieces " + id.str()}));
      commits.back().lookups_added = {{LookupKind::external_id, id.str()}};
    }
    std::vector<const CommitRequest*> pointers;
    for (const auto& commit : commits) pointers.push_back(&commit);
    const auto staged = source_->shards().stage(wanted_shard, pointers);
    ASSERT_TRUE(staged.ok());
    ASSERT_TRUE(source_->shards().apply(wanted_shard, {batch, {0, batch}, {static_cast<unsigned char>(batch)}}, staged->rows).ok());
  }
  caf::actor kept(caf::actor actor) {
    actors_.push_back(actor);
    return actor;
  }
  /// Nodes a and b have the same copy; a commits.
  void start() {
    std::map<std::string, caf::actor> nodes;
    for (const char* name : {"a", "b"}) nodes[name] = kept(system_->spawn<SeedSourceActor, caf::detached>(&clock_, &source_->copies(), std::uint64_t{77}));
    SeedTakerParts parts;
    parts.clock = &clock_;
    parts.copies = &target_->copies();
    parts.link = kept(system_->spawn(carry, nodes, rules_));
    parts.rules.first_pause = milliseconds(10);
    parts.repeat_pause = milliseconds(10);
    parts.bytes_per_second = bytes_per_second_;
    parts.sources = [this](ShardIndex) { return Result<SeedSources>(SeedSources{is_listed_, sources_}); };
    parts.joins_journal = [this](ShardIndex, const ShardHead& position) {
      if (position.sequence != 0 && silences_-- > 0) return Status(Error{Errc::unavailable, "etcd does not answer"});
      const bool is_trimmed = position.sequence == 0 || refusals_-- > 0;
      return is_trimmed ? Status(Error{Errc::corrupt, "the journal beyond it is trimmed"}) : Status(Done{});
    };
    parts.on_seeded = [this](ShardIndex shard) { seeded_ = shard; };
    parts.on_progress = [this](const SeedProgress& progress) {
      const std::lock_guard lock(mutex_);
      progress_ = progress;
      if (!progress.trouble.empty()) trouble_ = progress.trouble;
    };
    taker_ = kept(system_->spawn<SeedTakerActor, caf::detached>(std::move(parts)));
    caf::anon_send(taker_, msg::SeedShard{wanted_shard});
  }
  bool comes_to(const std::function<bool()>& condition) {
    for (int waited = 0; waited < 60'000; waited += 10) {
      if (condition()) return true;
      SystemClock::wait(milliseconds(10));
    }
    return false;
  }
  bool is_whole() {
    return target_->shards().applied(wanted_shard).value() == source_->shards().applied(wanted_shard).value() &&
           target_->history().verify_chain(wanted_shard).ok() &&
           target_->history().head(wanted_shard)->chain == source_->history().head(wanted_shard)->chain;
  }
  bool is_untouched() { return target_->shards().applied(wanted_shard).value() == ShardHead{} && target_->history().head(wanted_shard)->sequence == 0; }
  SeedProgress progress() {
    const std::lock_guard lock(mutex_);
    return progress_;
  }
  std::string trouble() {
    const std::lock_guard lock(mutex_);
    return trouble_;
  }
  int asked(const std::string& node) {
    const std::lock_guard lock(rules_->mutex);
    return rules_->asked[node];
  }

  TemporaryFolder source_folder_;
  TemporaryFolder target_folder_;
  std::unique_ptr<Store> source_;
  std::unique_ptr<Store> target_;
  SystemClock clock_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<caf::actor> actors_;
  caf::actor taker_;
  std::shared_ptr<WireRules> rules_ = std::make_shared<WireRules>();
  std::vector<SeedSource> sources_{{"a", true}, {"b", false}};
  std::uint64_t bytes_per_second_ = 1u << 30;
  std::atomic<bool> is_listed_{true};
  std::atomic<int> refusals_{0};
  std::atomic<int> silences_{0};   ///< Of the journal, at the end of a copy.
  std::atomic<int> seeded_{-1};
  std::mutex mutex_;
  SeedProgress progress_;
  std::string trouble_;
};

TEST_F(SeedActorsTest, BringsAShardAndSaysSo) {
  start();
  ASSERT_TRUE(comes_to([this] { return seeded_ == wanted_shard; })) << trouble();
  EXPECT_TRUE(is_whole());
  EXPECT_EQ(asked("a"), 0) << "who commits is not asked while another has a copy";
  EXPECT_GT(asked("b"), 4) << "in pieces";
  EXPECT_TRUE(comes_to([this] { return progress().seeded == 1; }));
  EXPECT_GT(progress().bytes, 300'000u);
  EXPECT_EQ(progress().trouble, "");
  EXPECT_EQ(target_->history().find({LookupKind::external_id, case_in(wanted_shard, 10'007).str()}).value().size(), 1u);
}

TEST_F(SeedActorsTest, ASourceThatDiesInTheMiddleIsFollowedByAnother) {
  rules_->dies_after["b"] = 3;
  start();
  ASSERT_TRUE(comes_to([this] { return asked("b") >= 4; }));
  EXPECT_TRUE(seeded_ == -1 ? is_untouched() : true) << "half a copy is no copy";
  ASSERT_TRUE(comes_to([this] { return seeded_ == wanted_shard; })) << trouble();
  EXPECT_TRUE(is_whole());
  EXPECT_GT(asked("a"), 4);
  EXPECT_EQ(progress().failures, 1u);
  EXPECT_NE(trouble().find("from b: the node is down"), std::string::npos) << trouble();
}

TEST_F(SeedActorsTest, LostAnswersAreAskedForAgain) {
  rules_->loses_every = 3;
  sources_ = {{"a", true}};
  start();
  ASSERT_TRUE(comes_to([this] { return seeded_ == wanted_shard; })) << trouble();
  EXPECT_TRUE(is_whole());
}

TEST_F(SeedActorsTest, ChangedBytesAreFoundAndAnotherSourceIsAsked) {
  rules_->changes_piece["b"] = 3;
  start();
  ASSERT_TRUE(comes_to([this] { return seeded_ == wanted_shard; })) << trouble();
  EXPECT_TRUE(is_whole());
  EXPECT_EQ(progress().failures, 1u);
  EXPECT_NE(trouble().find("shard 9 from b"), std::string::npos) << trouble();
}

TEST_F(SeedActorsTest, ACopyThatTheJournalDoesNotGoOnFromIsNotTaken) {
  refusals_ = 2;
  start();
  ASSERT_TRUE(comes_to([this] { return seeded_ == wanted_shard; })) << trouble();
  EXPECT_TRUE(is_whole());
  EXPECT_EQ(progress().failures, 2u);
  EXPECT_NE(trouble().find("trimmed"), std::string::npos) << trouble();
}

TEST_F(SeedActorsTest, AWholeCopyWaitsForAJournalThatIsSilent) {
  silences_ = 5;
  start();
  ASSERT_TRUE(comes_to([this] { return seeded_ == wanted_shard; })) << trouble();
  EXPECT_TRUE(is_whole());
  EXPECT_EQ(progress().failures, 0u) << "it was not thrown away";
  EXPECT_NE(trouble().find("etcd does not answer"), std::string::npos) << "and was told meanwhile";
  EXPECT_TRUE(comes_to([this] { return progress().trouble.empty(); }));
}

TEST_F(SeedActorsTest, AShardThatIsForOthersToHaveIsNoTrouble) {
  is_listed_ = false;
  sources_.clear();
  start();
  ASSERT_TRUE(comes_to([this] { return progress().waiting == 1; }));
  SystemClock::wait(milliseconds(600));
  EXPECT_EQ(trouble(), "");
  is_listed_ = true;
  EXPECT_TRUE(comes_to([this] { return trouble() == "shard 9: no other node that sits has a whole copy"; })) << trouble();
  EXPECT_TRUE(is_untouched());
}

TEST_F(SeedActorsTest, WaitsUntilSomebodyHasACopy) {
  sources_.clear();
  start();
  ASSERT_TRUE(comes_to([this] { return trouble().find("no other node") != std::string::npos; }));
  EXPECT_EQ(progress().waiting, 1u);
  EXPECT_TRUE(is_untouched());
}

TEST_F(SeedActorsTest, ASourceGivesTheSamePieceAgainAndRefusesWhatIsNotKnown) {
  caf::scoped_actor self{*system_};
  const auto node = kept(system_->spawn<SeedSourceActor, caf::detached>(&clock_, &source_->copies(), std::uint64_t{500}));
  const auto ask_node = [&](ShardIndex shard, const SeedAsk& question, const std::string& from = "t") {
    msg::EnvelopeAnswer said;
    Envelope envelope;
    envelope.type = seed_ask_type;
    envelope.shard = shard;
    envelope.body = encode(question);
    self->request(node, std::chrono::seconds(30), msg::EnvelopeArrived{from, envelope})
        .receive([&said](msg::EnvelopeAnswer& answer) { said = std::move(answer); }, [](const caf::error&) { ADD_FAILURE(); });
    return said.error ? Result<SeedAnswer>(*said.error) : decode_seed_answer(said.envelope.body);
  };
  EXPECT_EQ(ask_node(wanted_shard + 1, {SeedStep::open, 0, 0}).error().code, Errc::not_found);
  const auto opened = ask_node(wanted_shard, {SeedStep::open, 0, 0});
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->position.sequence, 3u);
  const auto first = ask_node(wanted_shard, {SeedStep::next, opened->session, 1});
  const auto again = ask_node(wanted_shard, {SeedStep::next, opened->session, 1});
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(*first, *again);
  EXPECT_EQ(ask_node(wanted_shard, {SeedStep::next, opened->session, 3}).error().code, Errc::conflict);
  EXPECT_EQ(ask_node(wanted_shard, {SeedStep::next, opened->session, 2}, "another").error().code, Errc::not_found) << "a session is its node's";
  EXPECT_EQ(ask_node(wanted_shard, {SeedStep::next, 12, 1}).error().code, Errc::not_found);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask_node(wanted_shard, {SeedStep::open, 0, 0}, "n" + std::to_string(i)).ok());
  EXPECT_EQ(ask_node(wanted_shard, {SeedStep::open, 0, 0}, "one too many").error().code, Errc::exhausted);
  EXPECT_TRUE(ask_node(wanted_shard, {SeedStep::close, opened->session, 0}).ok());
  EXPECT_TRUE(ask_node(wanted_shard, {SeedStep::open, 0, 0}, "now there is room").ok());
}

}  // namespace
}  // namespace dunlin::test
