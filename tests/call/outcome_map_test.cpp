// Rule R7: what a leg's end means, row by row.
#include "core/call/outcome_map.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dunlin {
namespace {

struct Row {
  EndOrigin origin;
  int status;
  int q850;
  bool had_18x;
  Outcome outcome;
  bool has_second_leg;
};

const std::vector<Row> rows{
    {EndOrigin::remote, 486, 0, false, Outcome::busy, false},
    {EndOrigin::remote, 486, 17, true, Outcome::busy, false},
    {EndOrigin::remote, 600, 0, false, Outcome::busy, false},
    {EndOrigin::remote, 404, 0, false, Outcome::invalid_number, false},
    {EndOrigin::remote, 404, 1, true, Outcome::invalid_number, false},
    {EndOrigin::remote, 410, 0, false, Outcome::invalid_number, false},
    {EndOrigin::remote, 484, 0, false, Outcome::invalid_number, false},
    {EndOrigin::remote, 604, 0, false, Outcome::invalid_number, false},
    {EndOrigin::remote, 403, 0, false, Outcome::rejected, false},
    {EndOrigin::remote, 603, 0, false, Outcome::rejected, false},
    {EndOrigin::remote, 607, 0, false, Outcome::rejected, false},
    {EndOrigin::remote, 608, 0, false, Outcome::rejected, false},
    {EndOrigin::remote, 699, 0, false, Outcome::rejected, false},
    {EndOrigin::remote, 480, 0, false, Outcome::no_answer, false},
    {EndOrigin::remote, 480, 20, false, Outcome::no_answer, false},
    {EndOrigin::remote, 480, 17, false, Outcome::busy, false},
    {EndOrigin::remote, 408, 0, false, Outcome::no_answer, false},
    {EndOrigin::remote, 487, 0, true, Outcome::no_answer, false},
    {EndOrigin::local, 487, 0, true, Outcome::no_answer, false},
    {EndOrigin::local, 0, 0, false, Outcome::no_answer, false},
    {EndOrigin::remote, 500, 0, false, Outcome::failed, true},
    {EndOrigin::remote, 502, 0, false, Outcome::failed, true},
    {EndOrigin::remote, 503, 0, false, Outcome::failed, true},
    {EndOrigin::remote, 503, 34, false, Outcome::failed, true},
    {EndOrigin::remote, 504, 0, false, Outcome::failed, true},
    // A gateway's general status with a plain cause: the person's line spoke, another trunk would hear the same.
    {EndOrigin::remote, 503, 17, false, Outcome::busy, false},
    {EndOrigin::remote, 500, 1, false, Outcome::invalid_number, false},
    {EndOrigin::remote, 500, 21, false, Outcome::rejected, false},
    // After an 18x it has rung: `failed` would be a lie and a second leg would ring twice.
    {EndOrigin::remote, 503, 0, true, Outcome::no_answer, false},
    {EndOrigin::remote, 500, 34, true, Outcome::no_answer, false},
    {EndOrigin::remote, 302, 0, false, Outcome::failed, false},
    {EndOrigin::remote, 401, 0, false, Outcome::failed, false},
    {EndOrigin::remote, 488, 0, false, Outcome::failed, false},
    {EndOrigin::remote, 606, 0, false, Outcome::failed, false},
    {EndOrigin::remote, 0, 0, false, Outcome::unknown_after_failure, false},
    {EndOrigin::remote, 200, 16, false, Outcome::unknown_after_failure, false},
    {EndOrigin::timeout, 408, 0, false, Outcome::unknown_after_failure, false},
    {EndOrigin::timeout, 0, 0, true, Outcome::unknown_after_failure, false},
    {EndOrigin::transport, 503, 0, false, Outcome::unknown_after_failure, false},
    {EndOrigin::not_sent, 0, 0, false, Outcome::not_sent, false},
};

TEST(OutcomeMap, MapsEveryKnownEnd) {
  for (const Row& row : rows) {
    const EndCause cause{row.origin, row.status, row.q850, "", row.had_18x};
    EXPECT_EQ(to_string(outcome_of_unanswered(cause)), to_string(row.outcome))
        << to_string(row.origin) << " " << row.status << " q850=" << row.q850 << " 18x=" << row.had_18x;
    EXPECT_EQ(may_have_second_leg(cause), row.has_second_leg) << to_string(row.origin) << " " << row.status;
  }
}

TEST(OutcomeMap, NeverCallsAnUnansweredLegAHumanContact) {
  for (int status = 0; status < 700; ++status) {
    for (const bool had_18x : {false, true}) {
      const Outcome outcome = outcome_of_unanswered({EndOrigin::remote, status, 0, "", had_18x});
      EXPECT_FALSE(traits(outcome).human_answered) << status;
    }
  }
}

TEST(OutcomeMap, AllowsNoSecondLegOnceItHasRung) {
  for (int status = 0; status < 700; ++status) {
    EXPECT_FALSE(may_have_second_leg({EndOrigin::remote, status, 0, "", true})) << status;
  }
}

}  // namespace
}  // namespace dunlin
