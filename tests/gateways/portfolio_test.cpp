// The sample portfolio through the whole way of a file: reader, mapping, rows, repetitions, rejects and back.
#include <map>

#include <gtest/gtest.h>

#include "core/exchange/file_dedupe.hpp"
#include "core/exchange/row_mapping.hpp"
#include "core/exchange/row_reader.hpp"
#include "gateways/reject_writer.hpp"
#include "numbering/phone_plan.hpp"
#include "tests/gateways/table_files.hpp"

namespace dunlin {
namespace {

struct Totals {
  std::size_t rows = 0;
  std::size_t accepted = 0;
  std::size_t same_person = 0;
  std::size_t persons = 0;
  std::map<std::string, int> faults;
};

Totals run_import(TableReader& table, RejectWriter& rejects) {
  const PhonePlan plan;
  RowOptions options;
  options.portfolio = "demo";
  options.today = {2026, 11, 24};
  const auto mapping = detect_mapping(table.header());
  EXPECT_TRUE(review_mapping(mapping).is_complete());
  EXPECT_TRUE(review_mapping(mapping).unknown_columns.empty());
  const RowReader reader(mapping, options, plan);
  FileDedupe dedupe;
  Totals totals;
  for (const auto& row : table_files::all_rows(table)) {
    ++totals.rows;
    const auto result = reader.read(row.cells);
    auto errors = result.errors;
    if (result.verdict == RowVerdict::accepted) {
      const auto finding = dedupe.add(row, result.draft);
      EXPECT_TRUE(finding.ok());
      errors = finding->errors;
      totals.same_person += finding->repetition == Repetition::same_person ? 1 : 0;
    }
    if (errors.empty()) ++totals.accepted;
    for (const auto& error : errors) ++totals.faults[std::string(to_string(error.code))];
    if (errors.empty()) continue;
    EXPECT_TRUE(rejects.write(row, errors).ok());
  }
  totals.persons = dedupe.person_count();
  EXPECT_TRUE(rejects.finish().ok());
  return totals;
}

TEST(SamplePortfolio, GoodRowsGoInAndBadOnesComeBack) {
  const table_files::TemporaryFolder folder;
  auto table = open_table(std::string(DUNLIN_SOURCE_DIR) + "/demo/portfolio.xlsx");
  ASSERT_TRUE(table.ok()) << table.error().detail;
  auto rejects = RejectWriter::open(folder.file("rejects.xlsx"), (*table)->info(), (*table)->header());
  ASSERT_TRUE(rejects.ok());
  const Totals first = run_import(**table, *rejects);
  EXPECT_EQ(first.rows, 2000U);
  EXPECT_EQ(first.accepted + rejects->row_count(), first.rows);
  EXPECT_GT(first.accepted, 1900U);
  EXPECT_LT(first.accepted, 1960U);
  EXPECT_GT(first.same_person, 200U);
  for (const char* kind :
       {"required_empty", "name_bad", "phone_bad", "phone_digits_lost", "date_bad", "date_out_of_range",
        "money_bad", "money_negative", "money_ambiguous", "number_bad", "inn_bad", "cell_error",
        "no_person_key", "duplicate_row", "contract_repeated"}) {
    EXPECT_GT(first.faults.count(kind), 0U) << kind;
  }

  // Uploaded again without a correction, the rejects fail for the reasons the sheet itself shows.
  auto again = open_table(folder.file("rejects.xlsx"));
  ASSERT_TRUE(again.ok()) << again.error().detail;
  auto rejects_again = RejectWriter::open(folder.file("rejects2.xlsx"), (*again)->info(), (*again)->header());
  ASSERT_TRUE(rejects_again.ok());
  const Totals second = run_import(**again, *rejects_again);
  EXPECT_EQ(second.rows, rejects->row_count());
  for (const char* kind :
       {"name_bad", "phone_digits_lost", "date_bad", "money_bad", "inn_bad", "cell_error"}) {
    EXPECT_EQ(second.faults.count(kind) > 0 ? second.faults.at(kind) : 0, first.faults.at(kind)) << kind;
  }
}

}  // namespace
}  // namespace dunlin
