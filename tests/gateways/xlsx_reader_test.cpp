#include <gtest/gtest.h>

#include "gateways/xlsx_reader_book.hpp"
#include "tests/gateways/table_files.hpp"

namespace dunlin {
namespace {

using namespace table_files;
using Texts = std::vector<std::string>;

const std::string header_row =
    "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>A</t></is></c><c r=\"B1\" "
    "t=\"inlineStr\"><is><t>B</t></is></c></row>";

std::unique_ptr<TableReader> opened(const Parts& parts, const TableOptions& options = {}) {
  auto reader = open_table_bytes(zip_of(parts), options);
  EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().detail);
  return reader.ok() ? std::move(*reader) : nullptr;
}

struct CellCase {
  std::string xml;
  Cell cell;
};

TEST(XlsxReader, ReadsEveryKindOfCell) {
  const std::vector<CellCase> cases{
      {"<c r=\"A2\" t=\"s\"><v>1</v></c>", {CellKind::text, "Рич текст"}},
      {"<c r=\"A2\" t=\"s\"><v>7</v></c>", {CellKind::error, "#REF!"}},
      {"<c r=\"A2\" t=\"inlineStr\"><is><r><t>Ив</t></r><r><t>анов</t></r></is></c>",
       {CellKind::text, "Иванов"}},
      {"<c r=\"A2\" t=\"str\"><f>A1&amp;B1</f><v>A&lt;B</v></c>", {CellKind::text, "A<B"}},
      {"<c r=\"A2\"><v>79120001122</v></c>", {CellKind::number, "79120001122"}},
      {"<c r=\"A2\"><v>7.9120001122E10</v></c>", {CellKind::number, "79120001122"}},
      {"<c r=\"A2\"><v>1234.5599999999999</v></c>", {CellKind::number, "1234.56"}},
      {"<c r=\"A2\" s=\"1\"><v>45000</v></c>", {CellKind::date, "2023-03-15"}},
      {"<c r=\"A2\" s=\"2\"><v>45000.5</v></c>", {CellKind::date, "2023-03-15T12:00:00"}},
      {"<c r=\"A2\" s=\"3\"><v>45000</v></c>", {CellKind::number, "45000"}},
      {"<c r=\"A2\" s=\"1\"><v>-5</v></c>", {CellKind::number, "-5"}},
      {"<c r=\"A2\" t=\"d\"><v>2023-03-15</v></c>", {CellKind::date, "2023-03-15"}},
      {"<c r=\"A2\" t=\"b\"><v>1</v></c>", {CellKind::boolean, "1"}},
      {"<c r=\"A2\" t=\"e\"><v>#N/A</v></c>", {CellKind::error, "#N/A"}},
  };
  for (const auto& c : cases) {
    const auto reader = opened(book_parts(
        header_row + "<row r=\"2\">" + c.xml + "</row>",
        "<si><t>Ноль</t></si><si><r><t>Рич </t></r><r><t>текст</t></r><rPh><t>лишнее</t></rPh></si>"));
    ASSERT_NE(reader, nullptr) << c.xml;
    const auto rows = all_rows(*reader);
    ASSERT_EQ(rows.size(), 1U) << c.xml;
    EXPECT_EQ(rows[0].cells.at(0), c.cell) << c.xml << " -> " << rows[0].cells.at(0).text;
  }
}

TEST(XlsxReader, FindsSheetsByAnyTarget) {
  for (const char* target : {"worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "./worksheets/sheet1.xml",
                             "../xl/worksheets/sheet1.xml"}) {
    const auto reader = opened(book_parts(header_row, "", "", target));
    ASSERT_NE(reader, nullptr) << target;
    EXPECT_EQ(reader->header(), (Texts{"A", "B"}));
    EXPECT_EQ(reader->info().sheet, "Лист");
    EXPECT_EQ(reader->info().sheets, Texts{"Лист"});  // The hidden one is not offered.
  }
}

TEST(XlsxReader, Knows1904Books) {
  const auto reader =
      opened(book_parts(header_row + "<row r=\"2\"><c r=\"A2\" s=\"1\"><v>43538</v></c></row>", "",
                        "<workbookPr date1904=\"1\"/>"));
  EXPECT_EQ(all_rows(*reader).at(0).cells.at(0).text, "2023-03-15");
}

TEST(XlsxReader, KeepsPlacesOfSparseCells) {
  const auto reader =
      opened(book_parts("<row r=\"3\"><c r=\"B3\"><v>1</v></c><c r=\"AA3\"><v>2</v></c></row><row r=\"9\"><c "
                        "r=\"C9\"><v>5</v></c></row>"
                        "<row><c><v>6</v></c><c><v>7</v></c></row><row r=\"20\"/>"));
  EXPECT_EQ(reader->header().size(), 27U);
  EXPECT_EQ(reader->header()[26], "2");
  const auto rows = all_rows(*reader);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].line, 9U);
  EXPECT_EQ(texts(rows[0]), (Texts{"", "", "5"}));
  EXPECT_EQ(rows[1].line, 10U);
  EXPECT_EQ(texts(rows[1]), (Texts{"6", "7"}));
}

TEST(XlsxReader, TakesPrefixedNames) {
  Parts parts = book_parts("");
  parts.back().second =
      "<x:worksheet xmlns:x=\"urn:x\"><x:sheetData><x:row r=\"1\"><x:c r=\"A1\"><x:v>1</x:v></x:c><x:c "
      "r=\"B1\"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>";
  EXPECT_EQ(opened(parts)->header(), (Texts{"1", "2"}));
}

TEST(XlsxReader, RefusesADoctype) {
  Parts parts = book_parts(header_row);
  parts.back().second =
      "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><worksheet><sheetData>" + header_row + "</sheetData></worksheet>";
  EXPECT_NE(failure_of(zip_of(parts)).detail.find("DOCTYPE"), std::string::npos);
}

TEST(XlsxReader, RefusesBombs) {
  std::string blank = "<worksheet><sheetData>" + header_row + "</sheetData>";
  blank.append(40'000'000, ' ');
  Parts parts = book_parts("");
  parts.back().second = blank + "</worksheet>";
  EXPECT_EQ(failure_of(zip_of(parts)).code, Errc::exhausted);  // By its ratio.

  TableOptions small;
  small.limits.unpack_ratio = 1'000'000;
  small.limits.unpacked_bytes = 1'000'000;
  EXPECT_EQ(failure_of(zip_of(parts), small).code, Errc::exhausted);  // By its size.
}

TEST(XlsxReader, StopsAtItsBounds) {
  TableOptions options;
  options.limits.columns = 4;
  options.limits.cell_bytes = 100;
  options.limits.shared_text_bytes = 1000;
  const std::string row = header_row + "<row r=\"2\">";
  EXPECT_EQ(failure_of(zip_of(book_parts(row + "<c r=\"E2\"><v>1</v></c></row>")), options).code,
            Errc::exhausted);
  EXPECT_EQ(failure_of(zip_of(book_parts(row + "<c r=\"ZZZ2\"><v>1</v></c></row>")), options).code,
            Errc::exhausted);
  EXPECT_EQ(failure_of(zip_of(book_parts(row + "<c r=\"A2\"><v>" + std::string(200, '1') + "</v></c></row>")),
                       options)
                .code,
            Errc::exhausted);
  std::string strings;
  for (int i = 0; i < 200; ++i) strings += "<si><t/></si>";
  EXPECT_EQ(failure_of(zip_of(book_parts(header_row, strings)), options).code, Errc::exhausted);
  options.limits.sheets = 1;
  EXPECT_EQ(failure_of(zip_of(book_parts(header_row)), options).code, Errc::exhausted);
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "<a>";
  EXPECT_EQ(failure_of(zip_of(book_parts(deep))).code, Errc::invalid_input);
}

TEST(XlsxReader, EveryTruncationIsAnErrorAndNotACrash) {
  std::string rows = header_row;
  for (int i = 2; i < 400; ++i)
    rows += "<row r=\"" + std::to_string(i) + "\"><c><v>" + std::to_string(i * 7919) + "</v></c></row>";
  const std::string whole = zip_of(book_parts(rows, "<si><t>x</t></si>"));
  EXPECT_EQ(failure_of(whole).detail, "");
  for (std::size_t size = 4; size < whole.size(); size += 37)
    EXPECT_NE(failure_of(whole.substr(0, size)).detail, "") << size;
}

TEST(XlsxReader, DamagedBytesNeverPassSilently) {
  std::string rows = header_row;
  for (int i = 2; i < 400; ++i)
    rows += "<row r=\"" + std::to_string(i) + "\"><c><v>" + std::to_string(i * 7919) + "</v></c></row>";
  const std::string whole = zip_of(book_parts(rows));
  const auto clean = all_rows(*opened(book_parts(rows)));
  for (std::size_t at = 0; at < whole.size(); at += 53) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    auto reader = open_table_bytes(damaged);
    if (!reader) continue;
    std::vector<TableRow> read;
    bool has_failed = false;
    while (!has_failed) {
      const auto row = (*reader)->next();
      has_failed = !row.ok();
      if (has_failed || !*row) break;
      read.push_back(**row);
    }
    EXPECT_TRUE(has_failed || read == clean || read.empty()) << at;
  }
}

TEST(XlsxReader, NamesOtherArchives) {
  const std::vector<std::pair<Parts, std::string>> cases{{{{"xl/workbook.bin", "x"}}, ".xlsb"},
                                                         {{{"content.xml", "x"}}, ".ods"},
                                                         {{{"word/document.xml", "x"}}, "Word"},
                                                         {{{"a.csv", "x"}}, "распакуйте"}};
  for (const auto& [parts, words] : cases)
    EXPECT_NE(failure_of(zip_of(parts)).detail.find(words), std::string::npos) << words;
}

TEST(XlsxReader, ChoosesTheSheetAskedFor) {
  TableOptions options;
  options.sheet = "Нет такого";
  EXPECT_NE(failure_of(zip_of(book_parts(header_row)), options).detail.find("такого листа"),
            std::string::npos);
}

std::string many_rows(std::size_t count) {
  std::string rows = header_row;
  for (std::size_t i = 2; i < count + 2; ++i)
    rows += "<row r=\"" + std::to_string(i) + "\"><c><v>" + std::to_string(i) + "</v></c></row>";
  return rows;
}

TEST(XlsxReader, ADamagedSheetIsFoundBeforeItsFirstRow) {
  const auto refused = open_table_bytes(zip_of(book_parts(many_rows(4998) + "<broken")));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().detail.find("лист «Лист», после строки 4999: Книга Excel повреждена"), std::string::npos) << refused.error().detail;
}

TEST(XlsxReader, TellsTheRowsBeforeAnErrorAndStaysAtIt) {
  TableOptions options;
  options.limits.cell_bytes = 100;
  const auto reader = opened(book_parts(many_rows(4998) + "<row r=\"5000\"><c><v>" + std::string(101, '1') + "</v></c></row>"), options);
  ASSERT_NE(reader, nullptr);
  std::uint64_t last = 0;
  auto row = reader->next();
  for (; row.ok() && row->has_value(); row = reader->next()) last = (*row)->line;
  ASSERT_FALSE(row.ok());
  EXPECT_EQ(last, 4999U);
  EXPECT_NE(row.error().detail.find("лист «Лист», после строки 4999: Строка 5000"), std::string::npos) << row.error().detail;
  EXPECT_FALSE(reader->next().ok());
}

TEST(XlsxNumbers, DateFormats) {
  for (const char* date : {"dd.mm.yyyy", "m/d/yy", "[$-419]d mmm yyyy;@", "yyyy\\-mm\\-dd", "DD/MM/YYYY"})
    EXPECT_TRUE(is_date_format(date)) << date;
  for (const char* other :
       {"General", "0.00", "#,##0", "[Red]0.00", "0\"days\"", "@", "\\d0", "", "[unclosed", "hh:mm"})
    EXPECT_FALSE(is_date_format(other)) << other;
}

TEST(XlsxNumbers, PlainNumbersAndSerials) {
  EXPECT_EQ(plain_number("1E3"), "1000");
  EXPECT_EQ(plain_number("0.30000000000000004"), "0.3");
  EXPECT_EQ(plain_number("1.5E-3"), "0.0015");
  EXPECT_EQ(plain_number("40817810099910004312"), "40817810099910004312");
  EXPECT_EQ(date_of_serial("1", false), "1900-01-01");
  EXPECT_EQ(date_of_serial("61", false), "1900-03-01");
  EXPECT_EQ(date_of_serial("0.5", false), "");
  EXPECT_EQ(date_of_serial("1e300", false), "");
  EXPECT_EQ(date_of_serial("44927.999999", false), "2023-01-02");
}

}  // namespace
}  // namespace dunlin
