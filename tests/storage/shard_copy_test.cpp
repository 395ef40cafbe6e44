// A shard copied from one store to another: byte by byte the same, whole or not at all, whatever stood there before.
#include "storage/shard_copy.hpp"

#include <fstream>

#include "storage/key_space.hpp"
#include "tests/storage/store_fixture.hpp"

namespace dunlin::storage_test {
namespace {

constexpr ShardIndex copied_shard = 7;
/// Small, so that every copy takes many pieces.
constexpr std::size_t small_piece = 200;

std::string phone_of(int number) { return "+7999000" + std::to_string(1000 + number); }

/// A source and a target of one cluster: one installation key.
class ShardCopyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    source_ = open_store(settings_for(source_folder_.path()));
    std::filesystem::create_directories(target_folder_.path());
    std::filesystem::copy_file(source_folder_.path() / "installation.key", target_folder_.path() / "installation.key");
    reopen_target();
  }
  void reopen_target(std::uint64_t min_free_bytes = 0) {
    target_.reset();
    auto settings = settings_for(target_folder_.path());
    settings.min_free_bytes = min_free_bytes;
    target_ = open_store(settings);
    ASSERT_TRUE(source_ && target_);
  }
  /// One batch with these commits, on the source, and on the target too while it follows.
  void batch(const std::vector<CommitRequest>& commits, bool is_followed = false) {
    std::vector<const CommitRequest*> pointers;
    for (const auto& commit : commits) pointers.push_back(&commit);
    auto staged = source_->shards().stage(copied_shard, pointers);
    ASSERT_TRUE(staged.ok());
    for (const auto& receipt : staged->receipts) ASSERT_TRUE(receipt.ok()) << receipt.error().detail;
    ++batches_;
    const dunlin::ShardHead head{batches_, {0, batches_}, {static_cast<unsigned char>(batches_)}};
    ASSERT_TRUE(source_->shards().apply(copied_shard, head, staged->rows).ok());
    if (!is_followed) return;
    ASSERT_TRUE(target_->shards().apply(copied_shard, head, staged->rows).ok());
  }
  static CommitRequest known_by(CaseId id, std::uint64_t version, int phone) {
    auto commit = commit_of(id, version, {"by phone " + std::to_string(phone), "and more"});
    commit.lookups_added = {{LookupKind::phone, phone_of(phone)}};
    return commit;
  }
  static CommitRequest reserved(CaseId id, std::uint64_t version, std::uint64_t attempt) {
    auto commit = commit_of(id, version, {"reserved"});
    AttemptMark mark;
    mark.kind = AttemptMark::Kind::reserved;
    mark.attempt = AttemptId(attempt);
    mark.campaign = CampaignId(3);
    mark.reserved_at = UtcTime{1'790'000'000'000 + static_cast<std::int64_t>(attempt)};
    commit.attempts = {mark};
    return commit;
  }
  void fill_source(int first = 1) {
    for (int i = first; i <= 20; ++i) {
      const CaseId id = case_in(copied_shard, static_cast<std::uint64_t>(i));
      batch({known_by(id, 0, i)});
      batch({reserved(id, 2, static_cast<std::uint64_t>(100 + i))});
    }
  }
  std::vector<CopyPiece> pieces_of(Store& store) {
    std::vector<CopyPiece> pieces;
    auto reader = store.copies().read(copied_shard);
    EXPECT_TRUE(reader.ok());
    position_ = (*reader)->position();
    do {
      auto piece = (*reader)->next(small_piece);
      EXPECT_TRUE(piece.ok());
      pieces.push_back(std::move(*piece));
    } while (!pieces.back().is_last);
    return pieces;
  }
  Status write(const std::vector<CopyPiece>& pieces) {
    auto writer = target_->copies().write(copied_shard, position_);
    if (!writer) return writer.error();
    for (const auto& piece : pieces) {
      if (const auto taken = (*writer)->take(piece.bytes); !taken) return taken;
    }
    return (*writer)->finish(pieces.back().digest);
  }
  /// The digest of all rows and the position. Keys are proven by the views they open; one too many does no harm.
  std::string image(Store& store) {
    CopyDigest digest{};
    for (const auto& piece : pieces_of(store)) {
      if (decode_copied(copied_shard, piece.bytes)->part == CopyPart::rows) digest = digest_after(digest, piece.bytes);
    }
    return std::to_string(digest[0] * 65536 + digest[1] * 256 + digest[2]) + " at " + encode(position_);
  }
  std::vector<AttemptId> attempts(Store& store) {
    std::vector<AttemptId> ids;
    const auto visit = [&ids](const AttemptEntry& entry) {
      ids.push_back(entry.attempt);
      return true;
    };
    EXPECT_TRUE(store.attempts().each({}, visit).ok());
    AttemptRange by_campaign;
    by_campaign.campaign = CampaignId(3);
    EXPECT_TRUE(store.attempts().each(by_campaign, visit).ok());
    for (const AttemptId id : ids) EXPECT_TRUE(store.attempts().find(id)->has_value());
    return ids;
  }
  std::vector<CaseId> known_as(Store& store, int phone) { return store.history().find({LookupKind::phone, phone_of(phone)}).value(); }
  bool is_stage_empty() {
    const auto folder = target_folder_.path() / "seeding";
    return !std::filesystem::exists(folder) || std::filesystem::is_empty(folder);
  }

  TemporaryFolder source_folder_;
  TemporaryFolder target_folder_;
  std::unique_ptr<Store> source_;
  std::unique_ptr<Store> target_;
  dunlin::ShardHead position_;
  std::uint64_t batches_ = 0;
};

TEST_F(ShardCopyTest, AnEmptyStoreGetsTheShardWithAllItIsFoundBy) {
  fill_source();
  const auto pieces = pieces_of(*source_);
  EXPECT_GT(pieces.size(), 20u);
  const auto written = write(pieces);
  ASSERT_TRUE(written.ok()) << written.error().detail;
  EXPECT_EQ(target_->shards().applied(copied_shard).value(), position_);
  EXPECT_EQ(position_.sequence, 40u);
  EXPECT_EQ(image(*target_), image(*source_));
  EXPECT_TRUE(target_->history().verify_chain(copied_shard).ok());
  EXPECT_EQ(known_as(*target_, 5), std::vector<CaseId>{case_in(copied_shard, 5)});
  EXPECT_EQ(attempts(*target_), attempts(*source_));
  EXPECT_EQ(attempts(*target_).size(), 40u);
  EXPECT_EQ(target_->history().case_view(case_in(copied_shard, 20))->bytes, "view of 3") << "its key came along";
  EXPECT_TRUE(is_stage_empty());
  reopen_target();
  EXPECT_EQ(image(*target_), image(*source_)) << "on the disk, too";
}

TEST_F(ShardCopyTest, WhatCommitsMeanwhileIsFollowedFromTheCopysPosition) {
  fill_source();
  auto reader = source_->copies().read(copied_shard);
  ASSERT_TRUE(reader.ok());
  position_ = (*reader)->position();
  auto writer = target_->copies().write(copied_shard, position_);
  ASSERT_TRUE(writer.ok());
  const auto missed = source_->shards().applied(copied_shard)->sequence;
  std::vector<std::string> later;
  CopyPiece piece;
  int rounds = 0;
  while (!piece.is_last) {
    auto next = (*reader)->next(small_piece);
    ASSERT_TRUE(next.ok());
    piece = std::move(*next);
    ASSERT_TRUE((*writer)->take(piece.bytes).ok());
    if (++rounds > 5) continue;
    const CaseId fresh = case_in(copied_shard, static_cast<std::uint64_t>(50 + rounds));
    batch({known_by(fresh, 0, 50 + rounds)});
  }
  ASSERT_TRUE((*writer)->finish(piece.digest).ok());
  EXPECT_EQ(target_->shards().applied(copied_shard)->sequence, missed);
  EXPECT_TRUE(known_as(*target_, 51).empty()) << "the copy is of one moment";
  EXPECT_TRUE(target_->history().verify_chain(copied_shard).ok());
}

TEST_F(ShardCopyTest, FollowsOnAfterTheCopy) {
  fill_source();
  ASSERT_TRUE(write(pieces_of(*source_)).ok());
  batch({known_by(case_in(copied_shard, 77), 0, 77)}, true);
  batch({reserved(case_in(copied_shard, 77), 2, 177)}, true);
  EXPECT_EQ(image(*target_), image(*source_));
  EXPECT_EQ(attempts(*target_), attempts(*source_));
}

TEST_F(ShardCopyTest, NothingOfAFormerCopyStays) {
  const CaseId anna = case_in(copied_shard, 1);
  batch({known_by(anna, 0, 1)}, true);
  batch({reserved(anna, 2, 500)}, true);
  // The target keeps a case that the source's chain never had: a copy beside the journal.
  auto stray = known_by(case_in(copied_shard, 900), 0, 90);
  const std::vector<const CommitRequest*> strays{&stray};
  const auto staged = target_->shards().stage(copied_shard, strays);
  ASSERT_TRUE(staged.ok());
  ASSERT_TRUE(target_->shards().apply(copied_shard, {3, {9, 9}, {9}}, staged->rows).ok());
  auto renamed = commit_of(anna, 3, {"another number"});
  renamed.lookups_removed = {{LookupKind::phone, phone_of(1)}};
  renamed.lookups_added = {{LookupKind::phone, phone_of(2)}};
  batch({renamed});
  ASSERT_EQ(known_as(*target_, 90).size(), 1u);
  ASSERT_TRUE(write(pieces_of(*source_)).ok());
  EXPECT_EQ(image(*target_), image(*source_));
  EXPECT_TRUE(known_as(*target_, 90).empty());
  EXPECT_TRUE(known_as(*target_, 1).empty());
  EXPECT_EQ(known_as(*target_, 2), std::vector<CaseId>{anna});
  EXPECT_EQ(attempts(*target_), attempts(*source_));
  EXPECT_FALSE(target_->history().case_view(case_in(copied_shard, 900)).ok());
}

TEST_F(ShardCopyTest, OtherShardsAreNotTouched) {
  fill_source();
  auto other = known_by(case_in(copied_shard + 1, 1), 0, 60);
  const std::vector<const CommitRequest*> others{&other};
  const auto staged = target_->shards().stage(copied_shard + 1, others);
  ASSERT_TRUE(staged.ok());
  ASSERT_TRUE(target_->shards().apply(copied_shard + 1, {1, {0, 1}, {1}}, staged->rows).ok());
  ASSERT_TRUE(write(pieces_of(*source_)).ok());
  EXPECT_EQ(known_as(*target_, 60), std::vector<CaseId>{case_in(copied_shard + 1, 1)});
  EXPECT_EQ(target_->history().case_view(case_in(copied_shard + 1, 1))->bytes, "view of 2");
}

TEST_F(ShardCopyTest, WhatIsDamagedOrNotWholeLeavesTheStoreAsItWas) {
  batch({known_by(case_in(copied_shard, 1), 0, 1)}, true);
  fill_source(2);
  const auto before = image(*target_);
  const auto whole = pieces_of(*source_);
  const auto position = position_;
  const auto refused = [&](std::vector<CopyPiece> pieces) {
    position_ = position;
    const auto written = write(pieces);
    EXPECT_FALSE(written.ok());
    EXPECT_EQ(image(*target_), before);
    EXPECT_TRUE(is_stage_empty());
    return written ? Errc::not_found : written.error().code;
  };
  auto one_missing = whole;
  one_missing.erase(one_missing.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2));
  EXPECT_EQ(refused(one_missing), Errc::corrupt);
  auto cut_short = whole;
  cut_short.resize(whole.size() - 3);
  cut_short.back().digest = whole.back().digest;
  EXPECT_EQ(refused(cut_short), Errc::corrupt);
  auto twice = whole;
  twice.insert(twice.begin() + 9, whole[9]);
  EXPECT_EQ(refused(twice), Errc::corrupt);
  auto changed = whole;
  changed[whole.size() / 2].bytes.back() = static_cast<char>(changed[whole.size() / 2].bytes.back() ^ 1);
  EXPECT_EQ(refused(changed), Errc::corrupt);
  auto other_digest = whole;
  other_digest.back().digest[0] ^= 1;
  EXPECT_EQ(refused(other_digest), Errc::corrupt);
  auto newer = whole;
  newer[0].bytes[0] = 2;
  EXPECT_EQ(refused(newer), Errc::denied);
  auto of_another = whole;
  of_another[1].bytes = begin_copied(CopyPart::rows);
  add_copied(of_another[1].bytes, key_space::head(copied_shard + 1), "evil");
  EXPECT_EQ(refused(of_another), Errc::corrupt);
}

TEST_F(ShardCopyTest, AnOlderCopyOrNoRoomIsRefused) {
  batch({known_by(case_in(copied_shard, 1), 0, 1)}, true);
  const auto old_pieces = pieces_of(*source_);
  const auto old_position = position_;
  batch({known_by(case_in(copied_shard, 2), 0, 2)}, true);
  position_ = old_position;
  const auto older = write(old_pieces);
  ASSERT_FALSE(older.ok());
  EXPECT_EQ(older.error().code, Errc::conflict);
  EXPECT_NE(older.error().detail.find("batch 2"), std::string::npos) << older.error().detail;
  batch({known_by(case_in(copied_shard, 3), 0, 3)});
  const auto fresh = pieces_of(*source_);
  reopen_target(std::uint64_t{1} << 60);
  const auto full = write(fresh);
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code, Errc::exhausted) << full.error().detail;
  EXPECT_NE(full.error().detail.find("seeding"), std::string::npos);
  EXPECT_FALSE(source_->copies().read(copied_shard + 1).ok()) << "nothing of that shard is there";
}

TEST_F(ShardCopyTest, AProcessThatDiedInTheMiddleLeftNothing) {
  fill_source();
  const auto pieces = pieces_of(*source_);
  const auto left_behind = target_folder_.path() / "seeding" / std::to_string(copied_shard);
  std::filesystem::create_directories(left_behind);
  std::ofstream(left_behind / "rows.sst") << "half of a file";
  reopen_target();
  EXPECT_TRUE(is_stage_empty());
  EXPECT_EQ(target_->shards().applied(copied_shard).value(), dunlin::ShardHead{});
  EXPECT_TRUE(known_as(*target_, 1).empty());
  ASSERT_TRUE(write(pieces).ok());
  EXPECT_EQ(image(*target_), image(*source_));
}

}  // namespace
}  // namespace dunlin::storage_test
