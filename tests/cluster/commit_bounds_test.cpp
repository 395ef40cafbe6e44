// What a node refuses by itself: nothing of what has happened, everything that begins while it may not.
#include "cluster/commit_bounds.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(CommitBounds, RefuseWhatBeginsAndTakeWhatHappened) {
  CommitRequest new_case;
  CommitRequest reservation;
  reservation.expected_version = 3;
  reservation.reservation = CommitRequest::Reservation{AttemptId(5), 1, MonoTime{5'000}};
  CommitRequest fact;
  fact.expected_version = 4;
  const struct { const char* what; CommitBounds bounds; bool takes_case; bool takes_reservation; } rows[] = {
      {"all is well", {}, true, true},
      {"little room on the disk", {true, false}, false, false},
      {"the journal went back", {false, true}, true, false},
      {"both", {true, true}, false, false}};
  for (const auto& row : rows) {
    EXPECT_EQ(!refusal_by(row.bounds, new_case), row.takes_case) << row.what;
    EXPECT_EQ(!refusal_by(row.bounds, reservation), row.takes_reservation) << row.what;
    EXPECT_FALSE(refusal_by(row.bounds, fact)) << row.what;
  }
  EXPECT_EQ(refusal_by({true, false}, reservation)->code, Errc::exhausted);
  EXPECT_NE(refusal_by({true, false}, reservation)->detail.find("node.min_free_mb"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
