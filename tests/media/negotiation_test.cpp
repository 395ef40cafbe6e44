// Offer and answer of one leg: SRTP policies and silence suppression.
#include "media/negotiation.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

LegProfile profile_with(SrtpPolicy policy) {
  LegProfile profile;
  profile.srtp = policy;
  return profile;
}

const LocalEnd here{"192.0.2.1", 20000, 7};
const LocalEnd there{"192.0.2.2", 30000, 9};

TEST(Negotiation, OffersWhatThePolicySays) {
  const auto off = make_offer(profile_with(SrtpPolicy::off), here);
  const auto optional = make_offer(profile_with(SrtpPolicy::optional), here);
  const auto required = make_offer(profile_with(SrtpPolicy::required), here);
  ASSERT_TRUE(off && optional && required);
  EXPECT_FALSE(off->is_secure());
  EXPECT_TRUE(optional->is_secure());
  EXPECT_TRUE(optional->is_best_effort) << "RFC 8643: keys beside RTP/AVP";
  EXPECT_TRUE(required->is_secure());
  EXPECT_FALSE(required->is_best_effort);
}

struct PolicyRow {
  SrtpPolicy caller;
  SrtpPolicy callee;
  bool is_agreed;
  bool is_secure;
};

TEST(Negotiation, MeetsEveryPairOfPolicies) {
  using enum SrtpPolicy;
  const PolicyRow rows[] = {
      {off, off, true, false},           {off, optional, true, false},      {off, required, false, false},
      {optional, off, true, false},      {optional, optional, true, true},  {optional, required, true, true},
      {required, off, false, false},     {required, optional, true, true},  {required, required, true, true},
  };
  for (const PolicyRow& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.caller) * 10 + static_cast<int>(row.callee));
    const LegProfile caller = profile_with(row.caller);
    const LegProfile callee = profile_with(row.callee);
    const auto offer = make_offer(caller, here);
    ASSERT_TRUE(offer);
    const auto answer = make_answer(callee, there, *offer, nullptr);
    ASSERT_EQ(answer.ok(), row.is_agreed);
    if (!answer) continue;
    EXPECT_EQ(answer->is_best_effort, answer->is_secure() && offer->is_best_effort) << "the answer keeps the transport";
    const auto ours = agree(caller, *offer, *answer, true);
    const auto theirs = agree(callee, *answer, *offer, false);
    ASSERT_TRUE(ours && theirs);
    EXPECT_EQ(ours->send_key.has_value(), row.is_secure);
    EXPECT_EQ(theirs->send_key.has_value(), row.is_secure);
    if (row.is_secure) {
      EXPECT_EQ(ours->send_key, theirs->receive_key);
    }
  }
}

TEST(Negotiation, RequiredSrtpTakesNoPlainAnswer) {
  const LegProfile caller = profile_with(SrtpPolicy::required);
  const auto offer = make_offer(caller, here);
  auto answer = make_offer(profile_with(SrtpPolicy::off), there);
  ASSERT_TRUE(offer && answer);
  EXPECT_FALSE(agree(caller, *offer, *answer, true));
}

TEST(Negotiation, BestEffortWithoutACommonSuiteIsPlain) {
  const auto offer = make_offer(profile_with(SrtpPolicy::optional), here);
  LegProfile callee = profile_with(SrtpPolicy::optional);
  callee.suites.clear();
  const auto answer = make_answer(callee, there, *offer, nullptr);
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_FALSE(answer->is_secure());
  callee.srtp = SrtpPolicy::required;
  EXPECT_FALSE(make_answer(callee, there, *offer, nullptr));
}

TEST(Negotiation, KnowsWhetherSilenceWasAgreed) {
  const LegProfile profile = profile_with(SrtpPolicy::off);
  auto offer = *make_offer(profile, there);
  offer.comfort_noise = 13;
  const auto answer = make_answer(profile, here, offer, nullptr);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(agree(profile, *answer, offer, false)->may_be_silent) << "our answer refused the comfort noise";
  offer.suppresses_silence = true;
  EXPECT_TRUE(agree(profile, *answer, offer, false)->may_be_silent);
  const auto ours = *make_offer(profile, here);
  auto theirs = *make_answer(profile, there, ours, nullptr);
  theirs.comfort_noise = 13;
  EXPECT_TRUE(agree(profile, ours, theirs, true)->may_be_silent) << "nobody could refuse it any more";
}

}  // namespace
}  // namespace dunlin
