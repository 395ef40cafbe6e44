// The owner's side of a commit (docs/cluster.md, R1 and R2): by table, and against a small journal that loses answers,
// delays requests past their deadline and changes owners, in thousands of random plays.
#include "core/cluster/shard_commit.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

ShardHead batch_at(std::uint64_t sequence, std::uint64_t id) { return {sequence, {0, id}, {static_cast<unsigned char>(id)}}; }

SeenShard seen_by_owner(const ShardHead& head) {
  SeenShard seen;
  seen.owner_created_at = 7;
  seen.owner = "node-a#1";
  if (head.sequence != 0) seen.head = head;
  return seen;
}

ShardCommit fresh_owner() { return ShardCommit("node-a#1", 7, batch_at(4, 40)); }

/// An owner whose batch 50 at sequence 5 got no answer.
ShardCommit doubting_owner() {
  auto owner = fresh_owner();
  owner.begin(batch_at(5, 50));
  const auto move = owner.on_answer({CommitAnswer::Kind::doubtful, {}, "deadline"});
  EXPECT_EQ(move.next, CommitStep::read);
  EXPECT_EQ(move.verdict, CommitVerdict::pending);
  return owner;
}

TEST(ShardCommit, GoesOnFromACommittedBatch) {
  auto owner = fresh_owner();
  owner.begin(batch_at(5, 50));
  EXPECT_EQ(owner.on_answer({CommitAnswer::Kind::committed, {}, {}}).verdict, CommitVerdict::committed);
  EXPECT_EQ(owner.head(), batch_at(5, 50));
  EXPECT_EQ(owner.state(), ShardCommitState::idle);
}

TEST(ShardCommit, SaysWhichCompareRefused) {
  auto owner = fresh_owner();
  owner.begin(batch_at(5, 50));
  auto seen = seen_by_owner(batch_at(4, 40));
  seen.refusal = "the gate is closed";
  const auto move = owner.on_answer({CommitAnswer::Kind::compare_failed, seen, {}});
  EXPECT_EQ(move.verdict, CommitVerdict::refused);
  EXPECT_EQ(move.reason, "the gate is closed");
  EXPECT_EQ(owner.state(), ShardCommitState::idle);
  EXPECT_EQ(owner.head(), batch_at(4, 40));
}

TEST(ShardCommit, ConcludesFromARead) {
  auto other_owner = seen_by_owner(batch_at(4, 40));
  other_owner.owner_created_at = 9;
  auto same_revision_other_name = seen_by_owner(batch_at(4, 40));
  same_revision_other_name.owner = "node-b#1";
  auto gone_on_from_ours = seen_by_owner(batch_at(6, 60));
  gone_on_from_ours.owner_created_at = 9;
  gone_on_from_ours.at_sequence = BatchId{0, 50};
  auto gone_on_from_another = gone_on_from_ours;
  gone_on_from_another.at_sequence = BatchId{0, 51};
  auto gone_on_and_trimmed = gone_on_from_ours;
  gone_on_and_trimmed.at_sequence.reset();
  const struct { const char* what; SeenShard seen; CommitVerdict verdict; CommitStep next; ShardCommitState state; } rows[] = {
      {"own batch is the head", seen_by_owner(batch_at(5, 50)), CommitVerdict::committed_late, CommitStep::none, ShardCommitState::idle},
      {"absent", seen_by_owner(batch_at(4, 40)), CommitVerdict::pending, CommitStep::fence, ShardCommitState::doubtful},
      {"absent, another owner", other_owner, CommitVerdict::refused, CommitStep::none, ShardCommitState::lost},
      {"absent, another name", same_revision_other_name, CommitVerdict::refused, CommitStep::none, ShardCommitState::lost},
      {"another went on from ours", gone_on_from_ours, CommitVerdict::committed_late, CommitStep::none, ShardCommitState::lost},
      {"another batch in its place", gone_on_from_another, CommitVerdict::refused, CommitStep::none, ShardCommitState::lost},
      {"gone on and trimmed", gone_on_and_trimmed, CommitVerdict::unknown, CommitStep::none, ShardCommitState::lost}};
  for (const auto& row : rows) {
    auto owner = doubting_owner();
    const auto move = owner.on_read(row.seen);
    EXPECT_EQ(move.verdict, row.verdict) << row.what;
    EXPECT_EQ(move.next, row.next) << row.what;
    EXPECT_EQ(owner.state(), row.state) << row.what;
  }
}

TEST(ShardCommit, StaysInDoubtWhileNobodyAnswers) {
  auto owner = doubting_owner();
  EXPECT_EQ(owner.on_read(std::nullopt).next, CommitStep::read);
  EXPECT_EQ(owner.state(), ShardCommitState::doubtful);
  EXPECT_EQ(owner.on_ownership_lost().verdict, CommitVerdict::unknown);
  EXPECT_EQ(owner.state(), ShardCommitState::lost);
}

TEST(ShardCommit, AFenceShutsOutTheLostBatch) {
  auto owner = doubting_owner();
  ASSERT_EQ(owner.on_read(seen_by_owner(batch_at(4, 40))).next, CommitStep::fence);
  owner.begin_fence(batch_at(5, 51));
  EXPECT_EQ(owner.on_answer({CommitAnswer::Kind::committed, {}, {}}).verdict, CommitVerdict::refused);
  EXPECT_EQ(owner.head(), batch_at(5, 51));
  EXPECT_EQ(owner.state(), ShardCommitState::idle);
}

TEST(ShardCommit, ALostBatchThatBeatsTheFenceStands) {
  auto owner = doubting_owner();
  ASSERT_EQ(owner.on_read(seen_by_owner(batch_at(4, 40))).next, CommitStep::fence);
  owner.begin_fence(batch_at(5, 51));
  EXPECT_EQ(owner.on_answer({CommitAnswer::Kind::compare_failed, seen_by_owner(batch_at(5, 50)), {}}).verdict, CommitVerdict::committed_late);
  EXPECT_EQ(owner.head(), batch_at(5, 50));
}

TEST(ShardCommit, ARefusedFenceProvesNothing) {
  auto owner = doubting_owner();
  ASSERT_EQ(owner.on_read(seen_by_owner(batch_at(4, 40))).next, CommitStep::fence);
  owner.begin_fence(batch_at(5, 51));
  EXPECT_EQ(owner.on_answer({CommitAnswer::Kind::refused, {}, "no space"}).next, CommitStep::read);
  EXPECT_EQ(owner.state(), ShardCommitState::doubtful);
}

TEST(ShardCommit, GivesTheShardUpAfterTooManyFences) {
  auto owner = doubting_owner();
  for (std::uint64_t n = 0; n < max_fences; ++n) {
    ASSERT_EQ(owner.on_read(seen_by_owner(batch_at(4, 40))).next, CommitStep::fence);
    owner.begin_fence(batch_at(5, 100 + n));
    ASSERT_EQ(owner.on_answer({CommitAnswer::Kind::doubtful, {}, {}}).next, CommitStep::read);
  }
  EXPECT_EQ(owner.on_read(seen_by_owner(batch_at(4, 40))).verdict, CommitVerdict::unknown);
  EXPECT_EQ(owner.state(), ShardCommitState::lost);
}

/// One shard of the journal: executes transactions whenever they arrive, even long after their sender gave up.
class LossyJournal {
 public:
  struct Request {
    std::int64_t owner_created_at;
    ShardHead on;
    ShardHead batch;
  };

  bool execute(const Request& request) {
    if (request.owner_created_at != owner_created_at || !(head == request.on)) return false;
    head = request.batch;
    log[head.sequence] = head.batch;
    return true;
  }
  SeenShard look(std::uint64_t sequence) const {
    SeenShard seen;
    seen.owner_created_at = owner_created_at;
    seen.owner = owner_created_at == 7 ? "node-a#1" : "node-b#1";
    if (head.sequence != 0) seen.head = head;
    const auto found = log.find(sequence);
    if (found != log.end() && sequence > trimmed) seen.at_sequence = found->second;
    return seen;
  }

  ShardHead head;
  std::int64_t owner_created_at = 7;
  std::uint64_t trimmed = 0;
  std::map<std::uint64_t, BatchId> log;
  std::vector<Request> on_the_way;
};

/// Plays one owner through lost answers, late arrivals and a change of hands; returns what it was told of each batch.
struct LossyPlay {
  explicit LossyPlay(std::uint64_t seed) : lots(seed) {}

  void run() {
    for (int step = 0; step < 200 && owner.state() != ShardCommitState::lost; ++step) {
      deliver_late_ones();
      if (lots.below(60) == 0) change_hands();
      play_owner();
    }
    if (owner.state() != ShardCommitState::lost && in_flight != 0) finish();
    while (!journal.on_the_way.empty()) deliver(0);
  }

  void play_owner() {
    switch (owner.state()) {
      case ShardCommitState::idle:
        in_flight = ++last_id;
        send(batch_at(owner.head().sequence + 1, last_id), false);
        break;
      case ShardCommitState::doubtful:
        take(owner.on_read(lots.below(3) == 0 ? std::nullopt : std::optional(journal.look(owner.head().sequence + 1))));
        break;
      case ShardCommitState::sent:
      case ShardCommitState::fencing:
      case ShardCommitState::lost:
        FAIL() << "every request is answered or given up in the same step";
    }
  }
  /// The faults end: the doubt must end as well.
  void finish() {
    for (int step = 0; step < 10 && in_flight != 0 && owner.state() == ShardCommitState::doubtful; ++step) {
      take(owner.on_read(journal.look(owner.head().sequence + 1)), true);
    }
    EXPECT_EQ(in_flight, 0u) << "still in doubt with a journal that answers";
  }
  void take(const CommitMove& move, bool is_calm = false) {
    if (move.next == CommitStep::fence) return send(batch_at(owner.head().sequence + 1, 1'000'000 + ++last_id), true, is_calm);
    if (move.verdict == CommitVerdict::pending) return;
    told[in_flight] = move.verdict;
    in_flight = 0;
  }
  void send(const ShardHead& batch, bool is_fence, bool is_calm = false) {
    const LossyJournal::Request request{7, owner.head(), batch};
    is_fence ? owner.begin_fence(batch) : owner.begin(batch);
    const auto fate = is_calm ? 0 : lots.below(8);
    if (fate == 7) return take(owner.on_answer({CommitAnswer::Kind::refused, {}, "no connection"}));
    if (fate == 6) journal.on_the_way.push_back(request);
    if (fate >= 5) return take(owner.on_answer({CommitAnswer::Kind::doubtful, {}, "deadline"}));
    const bool is_committed = journal.execute(request);
    if (fate == 4) return take(owner.on_answer({CommitAnswer::Kind::doubtful, {}, "lost answer"}));
    if (is_committed) return take(owner.on_answer({CommitAnswer::Kind::committed, {}, {}}));
    take(owner.on_answer({CommitAnswer::Kind::compare_failed, journal.look(batch.sequence), {}}));
  }
  void deliver(std::size_t at) {
    const auto request = journal.on_the_way[at];
    journal.on_the_way.erase(journal.on_the_way.begin() + static_cast<std::ptrdiff_t>(at));
    journal.execute(request);
  }
  void deliver_late_ones() {
    while (!journal.on_the_way.empty() && lots.below(2) == 0) deliver(lots.below(journal.on_the_way.size()));
  }
  void change_hands() {
    journal.owner_created_at = 9;
    for (auto more = lots.below(3); more > 0; --more) journal.execute({9, journal.head, batch_at(journal.head.sequence + 1, 2'000'000 + ++last_id)});
    if (lots.below(2) == 0) journal.trimmed = journal.head.sequence;
  }
  bool stands(std::uint64_t id) const {
    for (const auto& [sequence, batch] : journal.log) {
      if (batch.low == id) return true;
    }
    return false;
  }

  Rng lots;
  LossyJournal journal;
  ShardCommit owner{"node-a#1", 7, {}};
  std::uint64_t last_id = 0;
  std::uint64_t in_flight = 0;
  std::map<std::uint64_t, CommitVerdict> told;
};

TEST(ShardCommit, NeverSaysWhatALateArrivalDisproves) {
  std::map<CommitVerdict, int> seen;
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    LossyPlay play(seed);
    play.run();
    for (const auto& [id, verdict] : play.told) {
      ++seen[verdict];
      const bool is_told_to_stand = verdict == CommitVerdict::committed || verdict == CommitVerdict::committed_late;
      if (verdict == CommitVerdict::unknown) continue;
      ASSERT_EQ(play.stands(id), is_told_to_stand) << "seed " << seed << " batch " << id;
    }
  }
  for (const auto verdict : {CommitVerdict::committed, CommitVerdict::committed_late, CommitVerdict::refused, CommitVerdict::unknown}) {
    EXPECT_GT(seen[verdict], 100) << "the plays reach every verdict";
  }
}

}  // namespace
}  // namespace dunlin
