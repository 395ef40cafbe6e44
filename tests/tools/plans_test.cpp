#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "tests/tools/programs.hpp"
#include "tools/carrier/call_plan.hpp"
#include "tools/robot/outcome_mix.hpp"

namespace dunlin::carrier {
namespace {

Scenario read(const std::string& text) {
  auto scenario = parse_scenario(text);
  EXPECT_TRUE(scenario.ok()) << (scenario ? "" : scenario.failure().text);
  return scenario ? *scenario : Scenario{};
}

TEST(CallPlan, RepeatsItselfForTheSameSeedNumberAndAttempt) {
  const auto scenario = read("[mix]\nperson = 1\nbusy = 1\nno_answer = 1\nmachine = 1");
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(79'990'000'000LL + i);
    const auto once = plan_call(scenario, 7, number, 2);
    const auto again = plan_call(scenario, 7, "+" + number, 2);
    EXPECT_EQ(to_string(once.outcome), to_string(again.outcome));
    EXPECT_EQ(once.ring_ms, again.ring_ms);
    EXPECT_EQ(once.talk_ms, again.talk_ms);
  }
}

TEST(CallPlan, ThrowsOutcomesByTheirShares) {
  const auto scenario = read("[mix]\nperson = 3\nbusy = 1");
  std::map<Fate, int> counts;
  for (int i = 0; i < 8000; ++i) ++counts[plan_call(scenario, 1, std::to_string(i), 1).outcome.fate];
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_NEAR(counts[Fate::person], 6000, 150);
}

TEST(CallPlan, AnotherSeedOrAttemptIsAnotherThrow) {
  const auto scenario = read("[mix]\nperson = 1\nbusy = 1");
  int same_seed = 0;
  int same_attempt = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto base = plan_call(scenario, 1, std::to_string(i), 1).outcome.fate;
    same_seed += base == plan_call(scenario, 2, std::to_string(i), 1).outcome.fate ? 1 : 0;
    same_attempt += base == plan_call(scenario, 1, std::to_string(i), 2).outcome.fate ? 1 : 0;
  }
  EXPECT_NEAR(same_seed, 500, 80);
  EXPECT_NEAR(same_attempt, 500, 80);
}

TEST(CallPlan, FixedNumbersFollowTheirListByAttempt) {
  const auto scenario = read(
      "[[number]]\nmatch = \"7999*\"\noutcome = [\"busy\", \"tone:1000\"]\n[[number]]\nmatch = \"+1 "
      "(555)\"\noutcome = \"fax\"");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "79991234567", 1).outcome), "busy");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "79991234567", 2).outcome), "tone:1000");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "79991234567", 9).outcome), "tone:1000");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "1555", 1).outcome), "fax");
  EXPECT_EQ(to_string(plan_call(scenario, 1, "15556", 1).outcome), "person");
}

TEST(CallPlan, TimesStayWithinTheirRanges) {
  const auto scenario =
      read("[ring]\nanswer_after_ms = [100, 200]\n[talk]\ntalk_ms = [1000, 1000]\nhangs_up_share = 1");
  for (int i = 0; i < 500; ++i) {
    const auto plan = plan_call(scenario, 3, std::to_string(i), 1);
    EXPECT_GE(plan.ring_ms, 100);
    EXPECT_LE(plan.ring_ms, 200);
    EXPECT_EQ(plan.talk_ms, 1000);
    EXPECT_TRUE(plan.is_hanging_up);
  }
}

/// Prompts of one language: tones, each of another length.
class RecordedPrompts : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_.file("ru_RU_f_IvrvoiceRU"));
    for (const auto& [name, ms] : {std::pair{"vm-nobodyavail", 1000}, std::pair{"vm-intro", 2000}, std::pair{"ss-noservice", 3000},
                                   std::pair{"all-circuits-busy-now", 4000}}) {
      write(name, *peer::make_tone(500, ms));
    }
    missing_ = bank_.add_recorded(folder_.file(""));
  }
  void write(const std::string& name, const peer::Samples& samples) {
    const auto bytes = static_cast<std::uint32_t>(samples.size() * 2);
    const std::uint16_t small[] = {1, 1};
    const std::uint32_t rates[] = {8000, 16'000};
    const std::uint16_t sizes[] = {2, 16};
    const std::uint32_t sixteen = 16;
    std::ofstream file(folder_.file("ru_RU_f_IvrvoiceRU/" + name + ".wav"), std::ios::binary);
    const auto put = [&file](const auto& value) { file.write(reinterpret_cast<const char*>(&value), sizeof value); };
    file << "RIFF" << "size" << "WAVEfmt ";
    put(sixteen);
    put(small);
    put(rates);
    put(sizes);
    file << "data";
    put(bytes);
    file.write(reinterpret_cast<const char*>(samples.data()), bytes);
  }
  CallPlan plan(const std::string& outcome) const {
    const std::string times = "[talk]\nanswer_delay_ms = [0, 0]\n[machine]\ngreeting_delay_ms = [0, 0]\n";
    return plan_call(read(times + "[[number]]\nmatch = \"7*\"\noutcome = \"" + outcome + "\""), 1, "71", 1);
  }

  peer_test::Folder folder_;
  peer::SpeechBank bank_;
  std::vector<std::string> missing_;
};

TEST_F(RecordedPrompts, TheLanguageThatLacksThemIsNamedWithItsPackage) {
  ASSERT_EQ(missing_.size(), 1u);
  EXPECT_NE(missing_.front().find("en_US_f_Allison/vm-nobodyavail.wav is missing; apt-get install asterisk-core-sounds-en-wav"), std::string::npos) << missing_.front();
}

TEST_F(RecordedPrompts, AnnouncementsSayWhatTheyAreToldTo) {
  // Twice the notice with a quarter of a second behind it, half a second between, 300 ms at the end; a tone's ends may be cut a little.
  const auto expect_length = [](const peer::SoundPlan& sound, std::int64_t notice_ms) {
    EXPECT_LE(std::abs(length_ms(sound) - (2 * (notice_ms + 250) + 800)), 40) << length_ms(sound);
  };
  expect_length(opening_sound(plan("answered_announcement:no_service"), bank_), 3000);
  expect_length(opening_sound(plan("answered_announcement:circuits_busy"), bank_), 4000);
  peer::SoundPlan early = notice_sound(plan("announcement:circuits_busy"), bank_);
  EXPECT_EQ(length_ms({{early.clips.front()}, false, -60.0}), length_ms({{peer::make_sit()}, false, -60.0}));
  early.clips.erase(early.clips.begin());
  expect_length(early, 4000);
}

TEST_F(RecordedPrompts, AMailboxGreetsByThem) {
  const auto sound = opening_sound(plan("machine:recorded"), bank_);
  EXPECT_GT(length_ms(sound), 2000);
  EXPECT_EQ(length_ms(opening_sound(plan("machine"), bank_)), length_ms(opening_sound(plan("machine"), peer::SpeechBank()))) << "espeak-ng's, unless told";
}

TEST_F(RecordedPrompts, AShareOfTheCallsHasThem) {
  const auto scenario = read("[mix]\nmachine = 1\n[speech]\nrecorded_share = 0.25");
  EXPECT_TRUE(wants_recordings(scenario));
  int recorded = 0;
  for (int i = 0; i < 4000; ++i) recorded += plan_call(scenario, 1, std::to_string(i), 1).is_recorded ? 1 : 0;
  EXPECT_NEAR(recorded, 1000, 90);
  EXPECT_FALSE(wants_recordings(read("[mix]\nmachine = 1\nannouncement = 1")));
  EXPECT_TRUE(wants_recordings(read("[[number]]\nmatch = \"7*\"\noutcome = \"announcement:no_service\"")));
  EXPECT_FALSE(wants_recordings(read("[[number]]\nmatch = \"7*\"\noutcome = \"tone:1000\""))) << "a tone has an argument too";
}

TEST(Scenario, NamesTheKeyThatIsWrong) {
  const std::map<std::string, std::string> cases{
      {"[mix]\nnobody = 1", "mix"},
      {"[mix]\nperson = -1", "mix"},
      {"[mix]\nperson = 0", "mix"},
      {"[ring]\nanswer_after_ms = [5, 1]", "ring.answer_after_ms"},
      {"[talk]\nhangs_up_share = 2.0", "talk.hangs_up_share"},
      {"[rtp]\ncodecs = [\"g729\"]", "rtp.codecs"},
      {"[rtp]\nsrtp = \"maybe\"", "rtp.srtp"},
      {"[[number]]\nmatch = \"1\"", "number"},
      {"[[number]]\nmatch = \"1\"\noutcome = \"announcement:closed\"", "announcement:closed': after the colon comes no_service or circuits_busy"},
      {"[[number]]\nmatch = \"1\"\noutcome = \"machine:real\"", "after the colon comes recorded"},
      {"[speech]\nrecorded_share = 3", "speech.recorded_share"},
      {"a = = b", "line 1"},
  };
  for (const auto& [text, key] : cases) {
    const auto scenario = parse_scenario(text);
    ASSERT_FALSE(scenario.ok()) << text;
    EXPECT_NE(scenario.failure().text.find(key), std::string::npos) << scenario.failure().text;
  }
}

TEST(Scenario, TheDemoFileIsValidAndKnowsEveryOrdinaryOutcome) {
  const auto scenario = load_scenario(std::string(DUNLIN_SOURCE_DIR) + "/demo/carrier.toml");
  ASSERT_TRUE(scenario.ok()) << scenario.failure().text;
  EXPECT_EQ(scenario->mix.size(), 11u);
  EXPECT_FALSE(scenario->numbers.empty());
}

TEST(OutcomeMix, PicksByWeightAndRefusesNonsense) {
  const auto mix = robot::OutcomeMix::parse("[mix]\nrpc_promise = 1\nwrong_number = 3");
  ASSERT_TRUE(mix.ok());
  peer::Dice dice(1);
  std::map<std::string, int> counts;
  for (int i = 0; i < 4000; ++i) ++counts[mix->pick(dice)];
  EXPECT_NEAR(counts["wrong_number"], 3000, 120);
  EXPECT_FALSE(robot::OutcomeMix::parse("[mix]\nrpc_promise = 0").ok());
  EXPECT_FALSE(robot::OutcomeMix::parse("x = 1").ok());
}

}  // namespace
}  // namespace dunlin::carrier
