// What an operator is told to do about a review item.
#include "api/import_report.hpp"

#include <gtest/gtest.h>

#include <set>

namespace dunlin {
namespace {

TEST(ImportReport, EveryKindOfReviewItemHasItsAdviceInBothLanguages) {
  std::set<std::string> told;
  for (const std::string code : {"namesake", "shared_phone", "contract_elsewhere", "known_otherwise", "key_conflict", "no_person_key"}) {
    for (const bool is_english : {false, true}) {
      const std::string advice = review_advice(code, is_english);
      EXPECT_FALSE(advice.empty()) << code;
      EXPECT_TRUE(told.insert(advice).second) << code;
    }
  }
  EXPECT_EQ(review_advice("of_a_later_version", false), "");
}

TEST(ImportReport, AFailedImportNamesWhatWentInAndNoZerosAboutTheRest) {
  msg::ImportView view;
  view.id = ImportId(7);
  view.state = msg::JobState::failed;
  view.phase = msg::ImportPhase::over;
  view.error = "file.csv: Файл пуст.";
  const auto nothing = import_report(view, "ru");
  EXPECT_EQ(nothing["error"], view.error);
  EXPECT_EQ(nothing["created"], 0);
  for (const char* name : {"cases", "denied", "merged", "callable_now", "remark", "eta_s", "cases_per_zone"}) {
    EXPECT_FALSE(nothing.contains(name)) << name;
  }
  view.created = 3;
  view.census.cases = 3;
  for (const std::string language : {"ru", "en"}) {
    const auto part = import_report(view, language);
    EXPECT_EQ(part["cases"], 3);
    EXPECT_NE(part["remark"].get<std::string>().find("dunlin import undo " + view.id.str()), std::string::npos);
  }
  view.undo.state = msg::UndoView::State::done;
  EXPECT_FALSE(import_report(view, "ru").contains("remark")) << "it was taken back";
  view.undo.state = msg::UndoView::State::none;
  view.is_dry_run = true;
  EXPECT_FALSE(import_report(view, "ru").contains("remark")) << "nothing went in";
}

TEST(ImportReport, SaysThatAFileHasNoRowsAndThatADryRunChangedNoCase) {
  msg::ImportView view;
  view.state = msg::JobState::done;
  view.phase = msg::ImportPhase::over;
  EXPECT_NE(import_report(view, "ru")["remark"].get<std::string>().find("ни одной строки"), std::string::npos);
  view.progress.rows_read = 2;
  EXPECT_EQ(import_report(view, "ru")["remark"], "");
  view.is_dry_run = true;
  EXPECT_NE(import_report(view, "en")["remark"].get<std::string>().find("no case was changed"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
