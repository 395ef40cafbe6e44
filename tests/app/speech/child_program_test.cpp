// Programs of others: their exit codes, and the end of one that does not end by itself.
#include "app/child_program.hpp"

#include <gtest/gtest.h>

namespace dunlin::test {
namespace {

int shell(const std::string& script, std::optional<std::chrono::seconds> limit = {}) {
  return run_program(find_program("sh").value(), {"-c", script}, {}, limit);
}

TEST(ChildProgram, TellsHowItEnded) {
  EXPECT_EQ(shell("exit 3"), 3);
  EXPECT_EQ(shell("exit 3", std::chrono::seconds(60)), 3);
  EXPECT_EQ(shell("kill -TERM $$"), 130);
  EXPECT_EQ(run_program("/nonexistent/program", {}), 127);
}

TEST(ChildProgram, OneThatHangsIsKilled) {
  EXPECT_EQ(shell("exec sleep 600", std::chrono::seconds(1)), 130);
}

}  // namespace
}  // namespace dunlin::test
