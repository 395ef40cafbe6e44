// A model that was learned reaches every case of the node: those awake, those asleep and those opened later.
#include "core/base/rng.hpp"
#include "core/dialing/answer_odds.hpp"
#include "tests/actors/actor_fixture.hpp"

namespace dunlin::test {
namespace {

std::shared_ptr<const AnswerOdds> home_odds(int attempts) {
  std::vector<AnswerExample> examples;
  Rng lots(3);
  for (int i = 0; i < attempts; ++i) {
    AnswerExample example;
    example.question.type = lots.below(2) == 0 ? PhoneType::mobile : PhoneType::home;
    example.result.is_live = lots.uniform() < (example.question.type == PhoneType::home ? 0.6 : 0.1);
    example.result.is_right_party = example.result.is_live;
    example.at = noon - days(1);
    examples.push_back(example);
  }
  return learn_odds(std::move(examples), noon - hours(1), [](const CaseRecord&) -> const ZoneTable* { return nullptr; });
}

class OddsNodeTest : public ActorTest {
 protected:
  void SetUp() override {
    campaigns.front().settings.number_choice = NumberChoice::best_odds;
    EXPECT_TRUE(disk.put_document("campaign", campaigns.front().settings.id.str(), encode_campaign(campaigns.front())).ok());
    start();
  }
  CaseId open_two_numbers(int person) {
    CaseDraft draft = draft_of(person);
    draft.phones = {phone(2 * person), phone(2 * person + 1, PhoneType::home)};
    EXPECT_EQ(import_draft(draft).created, 1U);
    return disk.case_id_for(draft.keys.front());
  }
  void learn(int attempts) {
    post(node->context.campaigns, msg::OddsLearned{home_odds(attempts)});
    settle();
  }
  AttemptReserved reserved(CaseId id) {
    EXPECT_EQ(dial(id).kind, msg::DialAnswered::Kind::placed);
    return stored<AttemptReserved>(id).front();
  }
};

TEST_F(OddsNodeTest, ReachesCasesAwakeAndCasesOpenedLater) {
  const CaseId awake = open_two_numbers(1);
  learn(3000);
  const CaseId later = open_two_numbers(2);
  for (const CaseId id : {awake, later}) {
    const AttemptReserved attempt = reserved(id);
    EXPECT_EQ(attempt.type, PhoneType::home);
    EXPECT_NEAR(attempt.answer_score_permille, 600, 120);
    EXPECT_EQ(attempt.answer_model_at, std::optional<UtcTime>(noon - hours(1)));
  }
}

TEST_F(OddsNodeTest, AChangedCampaignKeepsTheModel) {
  learn(3000);
  CampaignSettings changed = campaigns.front().settings;
  changed.trunks = {{"a", 1}};
  ASSERT_FALSE(ask<msg::Answer>(node->context.campaigns, msg::PutCampaign{changed, "tester"}).error);
  stage.pass(seconds(2));
  EXPECT_EQ(reserved(open_two_numbers(1)).type, PhoneType::home);
}

TEST_F(OddsNodeTest, AYoungModelDecidesNothing) {
  learn(200);
  const AttemptReserved attempt = reserved(open_two_numbers(1));
  EXPECT_EQ(attempt.type, PhoneType::mobile);
  EXPECT_EQ(attempt.answer_score_permille, 0);
  EXPECT_FALSE(attempt.answer_model_at);
}

}  // namespace
}  // namespace dunlin::test
