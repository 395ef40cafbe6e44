// Where rows that come back are written when the node may not write beside the file.
#include "gateways/reject_place.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/gateways/table_files.hpp"

namespace dunlin {
namespace {

using namespace table_files;
using std::filesystem::perms;

class RejectPlaceTest : public ::testing::Test {
 protected:
  /// A folder where only its owner may write and one for everybody.
  void SetUp() override {
    std::filesystem::permissions(folder.file("."), perms(0755));
    std::filesystem::create_directory(closed);
    std::filesystem::create_directory(open);
    std::filesystem::permissions(closed, perms(0555));
    std::filesystem::permissions(open, perms(0777));
  }
  void TearDown() override { std::filesystem::permissions(closed, perms(0755)); }

  const TemporaryFolder folder;
  const std::filesystem::path closed = folder.file("closed"), open = folder.file("open"), spare = open / "rejects";
};

TEST_F(RejectPlaceTest, IsBesideTheFileWhereThatMayBe) {
  const auto path = claim_reject_file({open / "file.rejects.csv", false, {}, spare});
  ASSERT_TRUE(path.ok());
  EXPECT_EQ(*path, open / "file.rejects.csv");
  EXPECT_FALSE(std::filesystem::exists(spare));
}

TEST_F(RejectPlaceTest, IsTheNodesOwnFolderElsewhereAndNobodyElseReadsIt) {
  const OrdinaryUser user;
  if (!user.can_reach(folder.file("."))) GTEST_SKIP() << "no other user comes here";
  const RejectPlace place{closed / "file.rejects.csv", false, {}, spare};
  const auto first = claim_reject_file(place);
  const auto second = claim_reject_file(place);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(*first, spare / "file.rejects.csv");
  EXPECT_EQ(*second, spare / "file.rejects-2.csv");
  EXPECT_EQ(std::filesystem::status(spare).permissions(), perms(0700));
  EXPECT_EQ(std::filesystem::status(*first).permissions(), perms(0600));
}

TEST_F(RejectPlaceTest, ANameTooLongForTheSuffixIsShortened) {
  std::string stem;
  for (int i = 0; i < 125; ++i) stem += "я";
  const auto path = claim_reject_file({open / (stem + ".rejects.csv"), false, {}, spare});
  ASSERT_TRUE(path.ok()) << path.error().detail;
  EXPECT_EQ(path->filename().string(), stem.substr(0, 200) + ".csv");
}

TEST_F(RejectPlaceTest, AChosenPlaceIsRefusedWithItsPathAndTheOption) {
  const OrdinaryUser user;
  if (!user.can_reach(folder.file("."))) GTEST_SKIP() << "no other user comes here";
  const auto chosen = closed / "mine.csv";
  for (const Status& refused : {check_reject_file(chosen), Status(claim_reject_file({chosen, true, {}, spare}).error())}) {
    ASSERT_FALSE(refused.ok());
    for (const std::string& word : {chosen.string(), std::string("--rejects"), std::string("Permission denied")}) {
      EXPECT_NE(refused.error().detail.find(word), std::string::npos) << refused.error().detail;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(spare));
}

TEST_F(RejectPlaceTest, ALinkAndAPipeAreNotWrittenTo) {
  const auto aim = open / "aim.csv", link = open / "link.csv", loose = open / "loose.csv", pipe = open / "pipe.csv";
  put_bytes(aim, "theirs");
  std::filesystem::create_symlink(aim, link);
  std::filesystem::create_symlink(open / "nowhere.csv", loose);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0666), 0);
  for (const auto& planted : {link, loose, pipe}) {
    const auto claimed = claim_reject_file({planted, false, {}, spare});
    ASSERT_TRUE(claimed.ok()) << claimed.error().detail;
    EXPECT_EQ(*claimed, spare / planted.filename());
    for (const Status& refused : {check_reject_file(planted), Status(claim_reject_file({planted, true, {}, spare}).error())}) {
      ASSERT_FALSE(refused.ok());
      EXPECT_NE(refused.error().detail.find(planted.string() + " не записывается (это не обычный файл"), std::string::npos) << refused.error().detail;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(open / "nowhere.csv"));
  EXPECT_EQ(bytes_of(aim), "theirs");
}

TEST_F(RejectPlaceTest, IsReadByNobodyWhoMayNotReadTheFile) {
  const mode_t mask = ::umask(0);
  const auto source = open / "file.csv";
  put_bytes(source, "rows");
  for (const auto& [theirs, ours] : std::vector<std::pair<unsigned, unsigned>>{{0666, 0660}, {0644, 0640}, {0400, 0600}}) {
    std::filesystem::permissions(source, perms(theirs));
    const auto path = open / (std::to_string(theirs) + ".rejects.csv");
    ASSERT_TRUE(claim_reject_file({path, false, source, spare}).ok());
    EXPECT_EQ(std::filesystem::status(path).permissions(), perms(ours));
  }
  ::umask(mask);
}

TEST_F(RejectPlaceTest, ACheckLeavesNothingBehindAndKeepsWhatIsThere) {
  EXPECT_TRUE(check_reject_file(open / "new.csv").ok());
  EXPECT_FALSE(std::filesystem::exists(open / "new.csv"));
  put_bytes(open / "old.csv", "old");
  EXPECT_TRUE(check_reject_file(open / "old.csv").ok());
  EXPECT_EQ(bytes_of(open / "old.csv"), "old");
}

}  // namespace
}  // namespace dunlin
