#include "core/cluster/journal_watch.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(JournalSight, TellsAJournalThatWentBack) {
  const struct { JournalSight before; JournalSight now; std::string says; } rows[] = {
      {{}, {7, 1}, ""}, {{7, 10}, {7, 10}, ""}, {{7, 10}, {7, 11}, ""}, {{7, 10}, {7, 9}, "restored"}, {{7, 10}, {8, 11}, "another etcd cluster"}};
  for (const auto& row : rows) {
    const auto why = why_gone_back(row.before, row.now);
    EXPECT_EQ(why.empty(), row.says.empty()) << why;
    EXPECT_NE(why.find(row.says), std::string::npos) << why;
  }
}

TEST(JournalRoom, ComesBackOnlyWellBelowTheBound) {
  constexpr RoomBounds bounds{800, 1600};
  const struct { std::uint64_t bytes; JournalRoom before; JournalRoom after; } rows[] = {
      {0, JournalRoom::enough, JournalRoom::enough},
      {799, JournalRoom::enough, JournalRoom::enough},
      {800, JournalRoom::enough, JournalRoom::no_reservations},
      {700, JournalRoom::no_reservations, JournalRoom::no_reservations},
      {699, JournalRoom::no_reservations, JournalRoom::enough},
      {1600, JournalRoom::enough, JournalRoom::facts_only},
      {1600, JournalRoom::no_reservations, JournalRoom::facts_only},
      {1400, JournalRoom::facts_only, JournalRoom::facts_only},
      {1399, JournalRoom::facts_only, JournalRoom::no_reservations},
      {700, JournalRoom::facts_only, JournalRoom::no_reservations},
      {699, JournalRoom::facts_only, JournalRoom::enough}};
  for (const auto& row : rows) EXPECT_EQ(room_for(row.bytes, row.before, bounds), row.after) << row.bytes << " after " << to_string(row.before);
}

}  // namespace
}  // namespace dunlin
