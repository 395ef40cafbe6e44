#include "api/job_board.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "config/limits.hpp"

namespace dunlin {
namespace {

constexpr UtcTime now{1'790'000'000'000};

/// Waits for the end of a job; the test's own timeout is the bound.
NodeJobView ended(const JobBoard& board, const std::string& id) {
  for (;;) {
    auto view = board.find(id);
    if (!view || view->state != NodeJobState::running) return view.value();
    std::this_thread::yield();
  }
}

TEST(JobBoard, KeepsTheResultOfAJob) {
  JobBoard board;
  const auto id = board.start("verify", "anna", now, [](JobHandle& handle) -> Result<JobOutcome> {
    handle.go_on(0.5);
    return JobOutcome{{{"cases", 7}}, 1};
  });
  const NodeJobView view = ended(board, id.value());
  EXPECT_EQ(view.state, NodeJobState::done);
  EXPECT_EQ(view.result["cases"], 7);
  EXPECT_EQ(view.exit, 1);
  EXPECT_EQ(view.author, "anna");
  EXPECT_EQ(view.share_done, 1.0);
}

TEST(JobBoard, AFailedJobSaysWhy) {
  JobBoard board;
  const auto id = board.start("backup", "anna", now, [](JobHandle&) -> Result<JobOutcome> { return Error{Errc::unavailable, "no disk"}; });
  const NodeJobView view = ended(board, id.value());
  EXPECT_EQ(view.state, NodeJobState::failed);
  EXPECT_EQ(view.error, "no disk");
  EXPECT_EQ(view.exit, 1);
}

Result<JobOutcome> run_until_cancelled(JobHandle& handle) {
  while (handle.go_on(0.1)) std::this_thread::yield();
  return Error{Errc::unavailable, "stopped"};
}

TEST(JobBoard, ACancelledJobStopsAtItsNextStep) {
  JobBoard board;
  const auto id = board.start("verify", "anna", now, run_until_cancelled).value();
  EXPECT_EQ(board.find(id)->state, NodeJobState::running);
  ASSERT_TRUE(board.cancel(id).ok());
  EXPECT_EQ(ended(board, id).state, NodeJobState::cancelled);
  EXPECT_EQ(board.cancel(id).error().code, Errc::conflict);
  EXPECT_EQ(board.cancel("job_00000000000000ff").error().code, Errc::not_found);
}

TEST(JobBoard, RefusesMoreThanItsBoundAtOnce) {
  JobBoard board;
  for (std::size_t i = 0; i < limits::node_jobs_running; ++i) ASSERT_TRUE(board.start("verify", "anna", now, run_until_cancelled).ok());
  EXPECT_EQ(board.start("verify", "anna", now, run_until_cancelled).error().code, Errc::exhausted);
  EXPECT_EQ(board.list().size(), limits::node_jobs_running);
}

TEST(JobBoard, ForgetsTheOldestEndedOne) {
  JobBoard board;
  std::string first;
  for (std::size_t i = 0; i <= limits::jobs_kept; ++i) {
    const auto id = board.start("verify", "anna", now, [](JobHandle&) -> Result<JobOutcome> { return JobOutcome{}; }).value();
    ended(board, id);
    if (first.empty()) first = id;
  }
  EXPECT_EQ(board.list().size(), limits::jobs_kept);
  EXPECT_EQ(board.find(first).error().code, Errc::not_found);
}

}  // namespace
}  // namespace dunlin
