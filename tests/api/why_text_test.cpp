// Denials in two sentences: the cause with its paragraph, then the time or what must change.
#include "api/why_text.hpp"

#include <gtest/gtest.h>

#include "config/rule_loader.hpp"

namespace dunlin {
namespace {

const RuleSet& russian_law() {
  static const auto rules = load_rule_set("").value();
  return *rules;
}

Decision denial(const std::string& rule, const std::string& reason, std::optional<UtcTime> until) {
  Decision decision;
  decision.verdict = until ? Verdict::deny_until : Verdict::deny;
  decision.until = until;
  decision.findings = {{rule, until, reason}};
  decision.at = parse_utc("2026-11-24T12:00:00Z").value();
  decision.zones = {"Europe/Moscow"};
  return decision;
}

TEST(WhyText, NamesTheParagraphAsTheLawDoes) {
  struct Row { const char* source; const char* russian; };
  for (const Row& row : {Row{"230-FZ art. 7 part 3 item 3", "п. 3 ч. 3 ст. 7 230-ФЗ"}, Row{"230-FZ art. 7 part 5", "ч. 5 ст. 7 230-ФЗ"},
                         Row{"230-FZ art. 6 (pressure)", "ст. 6 230-ФЗ"}, Row{"our policy: care", "our policy: care"}}) {
    EXPECT_EQ(russian_source(row.source), row.russian);
  }
}

TEST(WhyText, TellsAUsedUpLimitWithNumbersAndTheTimeInThePersonsZone) {
  const Decision decision = denial("RU-FRQ-C1", "used=1 limit=1 period=day pool=talk zone=Europe/Moscow", parse_utc("2026-11-25T05:00:00Z").value());
  EXPECT_EQ(why_sentences(decision, russian_law(), "ru"),
            "Нельзя: лимит контактов исчерпан: разговоры 1 из 1 за сутки (п. 3 ч. 3 ст. 7 230-ФЗ). Можно с 25.11.2026 08:00 (Europe/Moscow).");
  EXPECT_EQ(why_sentences(decision, russian_law(), "en"),
            "Not allowed: the contact limit is used up: talks 1 of 1 for a day (230-FZ art. 7 part 3 item 3). Possible from 25.11.2026 08:00 (Europe/Moscow).");
}

TEST(WhyText, TellsWhatTimeDoesNotHealFirst) {
  Decision decision = denial("RU-HRS-WD", "", parse_utc("2026-11-25T05:00:00Z").value());
  decision.findings.push_back({"RU-NOSUCH-01", std::nullopt, ""});
  decision.until.reset();
  const std::string text = why_sentences(decision, russian_law(), "ru");
  EXPECT_EQ(text, "Нельзя: правило RU-NOSUCH-01 запрещает контакт (RU-NOSUCH-01). Время этого не изменит: нужны новые данные.");
}

TEST(WhyText, TellsAnAllowanceWithItsHoursAndTheNearestLimits) {
  Decision decision = denial("RU-HRS-WD", "open zone=Europe/Moscow", std::nullopt);
  decision.verdict = Verdict::allow;
  EXPECT_EQ(why_sentences(decision, russian_law(), "ru"),
            "Можно: у должника 24.11.2026 15:00 (Europe/Moscow), это разрешённые часы (п. 1 ч. 3 ст. 7 230-ФЗ). Лимиты контактов этому не мешают.");
  for (const char* use : {"used=0 limit=1 period=day pool=talk", "used=1 limit=2 period=week pool=talk",
                          "used=0 limit=2 period=rolling:86400 pool=other", "used=0 limit=8 period=month pool=talk"}) {
    decision.findings.push_back({"RU-FRQ-C1", std::nullopt, use});
  }
  EXPECT_EQ(why_sentences(decision, russian_law(), "en"),
            "Allowed: it is 24.11.2026 15:00 (Europe/Moscow) where the person lives, within lawful hours (230-FZ art. 7 part 3 item 1, part 5 item 1). "
            "Limits are not used up: talks 0 of 1 for a day, talks 1 of 2 for a week, contacts 0 of 2 for 24 hours.");
}

TEST(WhyText, TellsThePartOfTheRuleThatSpoke) {
  const UtcTime tomorrow = parse_utc("2026-11-25T05:00:00Z").value();
  EXPECT_NE(why_sentences(denial("RU-CNT-05", "last=2026-11-24T11:00:00Z quiet_s=7200 pool=rang_out", tomorrow), russian_law(), "en").find("too little time"),
            std::string::npos);
  EXPECT_NE(why_sentences(denial("RU-CNT-05", "used=2 limit=2 period=day pool=unanswered", tomorrow), russian_law(), "en").find("unanswered calls 2 of 2 for a day"),
            std::string::npos);
}

TEST(WhyText, EveryKindOfRuleThatCanDenyHasWords) {
  for (const auto& [id, pack] : russian_law().packs) {
    for (const Rule& rule : pack.rules) {
      if (rule.kind == "agreement" || rule.kind == "reply_exemption" || rule.kind == "consent_window") continue;
      const std::string text = why_sentences(denial(rule.id, "", std::nullopt), russian_law(), "en");
      EXPECT_EQ(text.find("forbids the contact"), std::string::npos) << rule.id << " of kind " << rule.kind;
    }
  }
}

}  // namespace
}  // namespace dunlin
