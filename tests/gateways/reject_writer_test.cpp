#include "gateways/reject_writer.hpp"

#include <gtest/gtest.h>

#include "gateways/csv_writer.hpp"
#include "tests/gateways/table_files.hpp"

namespace dunlin {
namespace {

using namespace table_files;
using Texts = std::vector<std::string>;

const Texts header{"ФИО", "Телефон", "Дата", "Долг", "Ошибка", "Что исправить"};

TableRow sample_row() {
  return {7,
          {text_cell("Иванов; \"Иван\"\nИванович"),
           {CellKind::number, "79120001122"},
           {CellKind::date, "2023-03-15"},
           {CellKind::number, "12.5"},
           text_cell("старая ошибка"),
           text_cell("старый совет")}};
}

std::vector<RowError> sample_errors() {
  return {make_row_error(RowErrorCode::phone_bad, 1, "Телефон"),
          make_row_error(RowErrorCode::money_bad, 3, "Долг")};
}

std::unique_ptr<TableReader> written_and_read(const TableInfo& like, const std::filesystem::path& path) {
  auto writer = RejectWriter::open(path, like, header);
  EXPECT_TRUE(writer.ok()) << (writer.ok() ? "" : writer.error().detail);
  EXPECT_TRUE(writer->write(sample_row(), sample_errors()).ok());
  EXPECT_TRUE(writer->finish().ok());
  EXPECT_EQ(writer->row_count(), 1U);
  auto reader = open_table(path);
  EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().detail);
  return std::move(*reader);
}

TEST(RejectWriter, CsvComesBackInItsOwnFormat) {
  struct Case {
    std::string encoding;
    char delimiter;
    bool has_bom;
  };
  const std::vector<Case> cases{{"UTF-8", ';', true},
                                {"UTF-8", ',', false},
                                {"windows-1251", ';', false},
                                {"IBM866", '\t', false},
                                {"UTF-16LE", '\t', true}};
  for (const auto& c : cases) {
    const TemporaryFolder folder;
    TableInfo like;
    like.encoding = c.encoding;
    like.delimiter = c.delimiter;
    like.has_bom = c.has_bom;
    const auto reader = written_and_read(like, folder.file("rejects.csv"));
    EXPECT_EQ(reader->info().encoding, c.encoding);
    EXPECT_EQ(reader->info().delimiter, c.delimiter);
    EXPECT_EQ(reader->info().has_bom, c.has_bom);
    EXPECT_EQ(reader->header(), header);
    const auto rows = all_rows(*reader);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(texts(rows[0]),
              (Texts{"Иванов; \"Иван\"\nИванович", "79120001122", "15.03.2023", "12.5",
                     "Телефон: это не номер телефона; Долг: это не сумма",
                     "укажите номер полностью, например 8 912 000-11-22; укажите сумму как 12345,67"}));
  }
}

TEST(RejectWriter, ARowWithAnOpenQuoteComesBackWhole) {
  for (const bool has_extra : {false, true}) {
    const TemporaryFolder folder;
    const Texts titles = has_extra ? Texts{"ФИО", "Долг", "Ошибка", "Что исправить"} : Texts{"ФИО", "Долг"};
    auto writer = RejectWriter::open(folder.file("rejects.csv"), TableInfo{}, titles);
    ASSERT_TRUE(writer.ok());
    TableRow row{2, {text_cell("\"Иванов"), text_cell(" сын"), text_cell("10"), text_cell("5")}};
    if (has_extra) row.cells.insert(row.cells.end(), {text_cell("старая ошибка"), text_cell("старый совет")});
    row.has_open_quote = true;
    ASSERT_TRUE(writer->write(row, sample_errors()).ok());
    row.has_open_quote = false;
    ASSERT_TRUE(writer->write(row, sample_errors()).ok());
    ASSERT_TRUE(writer->finish().ok());
    const auto rows = all_rows(**open_table(folder.file("rejects.csv")));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].cells[0].text, "\"Иванов");
    EXPECT_EQ(rows[0].cells[1].text, " сын;10;5");
    EXPECT_EQ(rows[1].cells[1].text, " сын") << "a row of sound quotes keeps to its columns";
  }
}

TEST(RejectWriter, WorkbookComesBackAsAWorkbook) {
  const TemporaryFolder folder;
  TableInfo like;
  like.format = TableFormat::xlsx;
  like.sheet = "Реестр";
  const auto reader = written_and_read(like, folder.file("rejects.xlsx"));
  EXPECT_EQ(reader->info().format, TableFormat::xlsx);
  EXPECT_EQ(reader->info().sheet, "Реестр");
  EXPECT_EQ(reader->header(), header);
  const auto rows = all_rows(*reader);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cells[1], (Cell{CellKind::text, "79120001122"}));
  EXPECT_EQ(rows[0].cells[2], (Cell{CellKind::date, "2023-03-15"}));
  EXPECT_EQ(rows[0].cells[3], (Cell{CellKind::number, "12.5"}));
}

TEST(CsvWriter, GuardsFormulasButNotPhones) {
  for (const char* formula : {"=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\tx"})
    EXPECT_TRUE(looks_like_formula(formula)) << formula;
  for (const char* plain : {"", "+7 (912) 000-11-22", "-12,50", "-", "Иванов", "1=1"})
    EXPECT_FALSE(looks_like_formula(plain)) << plain;
  const TemporaryFolder folder;
  auto writer = open_table_writer(folder.file("a.csv"), TableInfo{}, {"a", "b"});
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->write({text_cell("=1+1"), text_cell("+79120001122")}).ok());
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(bytes_of(folder.file("a.csv")), "a;b\r\n'=1+1;+79120001122\r\n");
}

TEST(TableWriter, UnfinishedFilesAreRemoved) {
  const TemporaryFolder folder;
  for (const auto format : {TableFormat::csv, TableFormat::xlsx}) {
    const auto path = folder.file("unfinished");
    {
      TableInfo like;
      like.format = format;
      auto writer = open_table_writer(path, like, {"a"});
      ASSERT_TRUE(writer.ok());
      ASSERT_TRUE((*writer)->write({text_cell("x")}).ok());
    }
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST(TableWriter, SaysWhenAFileCannotBeMade) {
  const auto writer = open_table_writer("/nonexistent/a.csv", TableInfo{}, {"a"});
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace dunlin
