// What the classifier says of sounds that are what they are by construction.
#include <gtest/gtest.h>

#include <string>

#include "tests/voice/sounds.hpp"

namespace dunlin::voice_test {
namespace {

using Answer = VoiceVerdict::AnswerClass;
constexpr double line_noise = 0.002;

Answer first_of(const Heard& heard) { return heard.first ? heard.first->answer : Answer::unknown; }

TEST(AnswerClassifier, CallsAShortGreetingAndAPauseHuman) {
  const Heard heard = hear(Sound().silence(600).speech(420).silence(2500).noise(line_noise));
  ASSERT_TRUE(heard.first.has_value());
  EXPECT_EQ(heard.first->answer, Answer::human);
  EXPECT_FALSE(heard.first->is_second_look);
  EXPECT_EQ(heard.verdicts, 1);
}

TEST(AnswerClassifier, TellsAPersonWithin800MsAfterTheGreeting) {
  for (const int length_ms : {200, 420, 900, 1380, 2340}) {
    const Heard heard = hear(Sound().silence(600).speech(length_ms).silence(2500).noise(line_noise));
    EXPECT_EQ(first_of(heard), Answer::human) << length_ms;
    EXPECT_LE(heard.first->decided_at_ms, 600U + static_cast<unsigned>(length_ms) + 800U) << length_ms;
  }
}

TEST(AnswerClassifier, StillHearsAPersonWhoIsSlow) {
  EXPECT_EQ(first_of(hear(Sound().silence(3200).speech(420).silence(2500).noise(line_noise))), Answer::human);
}

TEST(AnswerClassifier, DoesNotTakeAClickForAVoice) {
  const Heard heard = hear(Sound().silence(300).tone(900, 10).silence(5200).noise(line_noise));
  EXPECT_EQ(first_of(heard), Answer::silence);
}

TEST(AnswerClassifier, CallsLongUnbrokenSpeechAMachine) {
  EXPECT_EQ(first_of(hear(Sound().silence(500).speech(6000).silence(1000).noise(line_noise))), Answer::machine);
}

TEST(AnswerClassifier, CallsAnUtteranceThatRepeatsItselfAnAnnouncement) {
  const Sound notice = Sound().speech(900);
  EXPECT_EQ(first_of(hear(Sound().silence(400).then(notice).silence(420).then(notice).silence(1500).noise(line_noise))), Answer::announcement);
  const Sound other = Sound().speech(250, 0.3).silence(120).speech(500, 0.05).speech(230, 0.2);
  EXPECT_EQ(first_of(hear(Sound().silence(400).then(notice).silence(420).then(other).silence(1500).noise(line_noise))), Answer::human);
}

TEST(AnswerClassifier, CallsABeepAfterSpeechAMachine) {
  const Heard heard = hear(Sound().silence(400).speech(1380).silence(300).tone(1000, 300).silence(1500).noise(line_noise));
  EXPECT_EQ(first_of(heard), Answer::machine_end);
}

TEST(AnswerClassifier, RevokesAPersonOnALateBeep) {
  const Heard heard = hear(Sound().silence(400).speech(420).silence(1200).tone(1000, 400).silence(1000).noise(line_noise));
  EXPECT_EQ(first_of(heard), Answer::human);
  ASSERT_TRUE(heard.second.has_value());
  EXPECT_EQ(heard.second->answer, Answer::machine_end);
  EXPECT_TRUE(heard.second->is_second_look);
}

TEST(AnswerClassifier, RevokesAPersonOnLongUnbrokenSpeech) {
  const Heard heard = hear(Sound().silence(400).speech(420).silence(900).speech(6000).noise(line_noise));
  EXPECT_EQ(first_of(heard), Answer::human);
  ASSERT_TRUE(heard.second.has_value());
  EXPECT_EQ(heard.second->answer, Answer::machine);
}

TEST(AnswerClassifier, DoesNotRevokeAPersonWhoRepeatsTheGreeting) {
  const Sound greeting = Sound().speech(900).silence(1500);
  EXPECT_EQ(hear(Sound().silence(400).then(greeting).then(greeting).then(greeting).noise(line_noise)).verdicts, 1);
}

TEST(AnswerClassifier, NamesTheEndOfAMachinesGreetingOnce) {
  const Sound beep = Sound().silence(300).tone(1000, 300).silence(600);
  const Heard heard = hear(Sound().silence(400).speech(5000).then(beep).then(beep).noise(line_noise));
  EXPECT_EQ(first_of(heard), Answer::machine);
  ASSERT_TRUE(heard.second.has_value());
  EXPECT_EQ(heard.second->answer, Answer::machine_end);
  EXPECT_EQ(heard.verdicts, 2);
}

TEST(AnswerClassifier, CallsCedAFax) {
  EXPECT_EQ(first_of(hear(Sound().silence(700).tone(2100, 3000).silence(500).noise(line_noise))), Answer::fax);
}

TEST(AnswerClassifier, BelievesCngOnlyTheSecondTime) {
  const Sound cycle = Sound().tone(1100, 500).silence(3000);
  EXPECT_EQ(first_of(hear(Sound().silence(700).then(cycle).then(cycle).noise(line_noise))), Answer::fax);
  EXPECT_NE(first_of(hear(Sound().silence(700).then(cycle).silence(4000).noise(line_noise))), Answer::fax);
}

TEST(AnswerClassifier, DoesNotCallAMachinesBeepNearCngAFax) {
  EXPECT_EQ(first_of(hear(Sound().silence(400).speech(1380).silence(300).tone(1100, 500).silence(1500).noise(line_noise))), Answer::machine_end);
}

TEST(AnswerClassifier, KnowsTheTonesOfNetworks) {
  struct Case {
    const char* name;
    double hz, second_hz;
    int on_ms, off_ms;
  };
  const Case cases[] = {{"Russian ringback", 425, 0, 800, 3200},  {"Russian busy", 425, 0, 350, 350}, {"US ringback", 440, 480, 2000, 4000},
                        {"US busy", 480, 620, 500, 500},          {"US congestion", 480, 620, 250, 250}, {"dial tone", 350, 440, 3000, 0},
                        {"UK ringback", 400, 450, 400, 200},      {"UK busy", 400, 0, 375, 375}};
  for (const Case& it : cases) {
    const Sound cycle = Sound().tone(it.hz, it.on_ms, 0.2, it.second_hz).silence(it.off_ms);
    EXPECT_EQ(first_of(hear(Sound().silence(300).then(cycle).then(cycle).then(cycle).noise(line_noise))), Answer::tone) << it.name;
  }
}

TEST(AnswerClassifier, KnowsTheSpecialInformationTone) {
  const Sound sit = Sound().tone(950, 330).tone(1400, 330).tone(1800, 330);
  EXPECT_EQ(first_of(hear(Sound().silence(300).then(sit).silence(300).speech(3000).noise(line_noise))), Answer::tone);
}

TEST(AnswerClassifier, FindsTonesThroughLostPackets) {
  EXPECT_EQ(first_of(hear(Sound().silence(700).tone(2100, 3000).noise(line_noise).lose_every(13))), Answer::fax);
  EXPECT_EQ(first_of(hear(Sound().silence(300).tone(425, 1000).noise(line_noise).lose_every(17))), Answer::tone);
}

TEST(AnswerClassifier, SaysSilenceNotBeforeFourSeconds) {
  const Heard heard = hear(Sound().silence(8000).noise(line_noise));
  EXPECT_EQ(first_of(heard), Answer::silence);
  EXPECT_GE(heard.first->decided_at_ms, 4000U);
  EXPECT_EQ(first_of(hear(Sound().silence(8000))), Answer::silence);
}

TEST(AnswerClassifier, CallsHeldNotesMusic) {
  Sound melody;
  for (const double hz : {523.0, 659.0, 784.0, 988.0, 880.0, 587.0, 698.0, 740.0, 523.0, 830.0, 622.0, 932.0}) melody.tone(hz, 400, 0.15, hz * 1.5);
  EXPECT_EQ(first_of(hear(melody.noise(line_noise))), Answer::music);
}

TEST(AnswerClassifier, LeavesALoudRoomToAnAgent) {
  EXPECT_EQ(first_of(hear(Sound().silence(8000).noise(0.2))), Answer::unknown);
}

TEST(AnswerClassifier, LeavesSpeechInALoudRoomToAnAgent) {
  const Answer answer = first_of(hear(Sound().speech(8000, 0.2).noise(0.12)));
  EXPECT_TRUE(answer == Answer::unknown || answer == Answer::human) << static_cast<int>(answer);
}

TEST(AnswerClassifier, AlwaysDecidesByTheHardDeadline) {
  const ClassifierSettings settings;
  const Sound sounds[] = {Sound().silence(9000), Sound().silence(9000).noise(0.2), Sound().speech(9000).noise(0.1),
                          Sound().tone(1100, 500).silence(9000), Sound().tone(700, 9000, 0.2, 1200)};
  for (const Sound& sound : sounds) {
    const Heard heard = hear(sound, settings);
    ASSERT_TRUE(heard.first.has_value());
    EXPECT_LE(heard.first->decided_at_ms, settings.hard_deadline_ms);
  }
}

TEST(AnswerClassifier, TakesItsThresholdsFromTheSettings) {
  ClassifierSettings settings;
  settings.word_pause_ms = 1200;
  const Sound greeting = Sound().silence(600).speech(420).silence(3000).noise(line_noise);
  EXPECT_GE(hear(greeting, settings).first->decided_at_ms, hear(greeting).first->decided_at_ms + 500);
  settings.tones = TonePlans{};
  EXPECT_NE(first_of(hear(Sound().silence(700).tone(2100, 3000).noise(line_noise), settings)), Answer::fax);
}

TEST(AnswerClassifier, IgnoresTheLevelOfTheLine) {
  for (const double amplitude : {0.04, 0.1, 0.3}) {
    const double noise = amplitude / 100;
    EXPECT_EQ(first_of(hear(Sound().silence(600).speech(420, amplitude).silence(2500).noise(noise))), Answer::human) << amplitude;
    EXPECT_EQ(first_of(hear(Sound().silence(600).speech(6000, amplitude).noise(noise))), Answer::machine) << amplitude;
  }
}

}  // namespace
}  // namespace dunlin::voice_test
