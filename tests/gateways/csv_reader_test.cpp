#include <gtest/gtest.h>
#include <unicode/ucnv.h>

#include <algorithm>

#include "tests/gateways/table_files.hpp"

namespace dunlin {
namespace {

using namespace table_files;
using Texts = std::vector<std::string>;

std::unique_ptr<TableReader> opened(std::string bytes, const TableOptions& options = {}) {
  auto reader = open_table_bytes(std::move(bytes), options);
  EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().detail);
  return reader.ok() ? std::move(*reader) : nullptr;
}

std::string encoded(const std::string& utf8, const char* encoding) {
  std::string out(utf8.size() * 4 + 16, '\0');
  UErrorCode code = U_ZERO_ERROR;
  const auto size = ucnv_convert(encoding, "UTF-8", out.data(), static_cast<int32_t>(out.size()), utf8.data(),
                                 static_cast<int32_t>(utf8.size()), &code);
  EXPECT_TRUE(U_SUCCESS(code));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

struct CsvCase {
  std::string bytes;
  Texts first_row;
};

TEST(CsvReader, TakesTheLibertiesOfRealFiles) {
  const std::vector<CsvCase> cases{
      {"a;b\n1;2\n", {"1", "2"}},
      {"a,b\r\n1,2\r\n", {"1", "2"}},
      {"a\tb\n1\t2", {"1", "2"}},
      {"a|b\n1|2\n", {"1", "2"}},
      {"a;b\r1;2\r", {"1", "2"}},
      {"sep=,\na,b\n1,2\n", {"1", "2"}},
      {"a;b\n\"x;y\";\"q\"\"q\"\n", {"x;y", "q\"q"}},
      {"a;b\n\"two\nlines\";2\n", {"two\nlines", "2"}},
      {"a;b\nx\"y;2\n", {"x\"y", "2"}},
      {"a;b\n\"x\" y;2\n", {"x y", "2"}},
      {"a;b\n1;\n", {"1", ""}},
      {"a;b\n\n\n;\n1;2\n", {"1", "2"}},
      {"a;b\n=\"007\";'+79120001122\n", {"007", "+79120001122"}},
      {"Реестр от 01.01\n\na;b\n1;2\n", {"1", "2"}},
      {"Долг, руб;Имя, отчество\n1,5;2,5\n1,5;2,5\n", {"1,5", "2,5"}},
      {"a;b\n1;2;3\n", {"1", "2", "3"}},
  };
  for (const auto& c : cases) {
    const auto reader = opened(c.bytes);
    ASSERT_NE(reader, nullptr) << c.bytes;
    const auto rows = all_rows(*reader);
    ASSERT_FALSE(rows.empty()) << c.bytes;
    EXPECT_EQ(texts(rows[0]), c.first_row) << c.bytes;
  }
}

TEST(CsvReader, KeepsRowsOfASingleColumn) {
  const auto reader = opened("Телефон\n89120001122\n89120001123\n");
  EXPECT_EQ(reader->header(), Texts{"Телефон"});
  EXPECT_EQ(all_rows(*reader).size(), 2U);
}

TEST(CsvReader, CountsPhysicalLines) {
  const auto reader = opened("title\na;b\n\"x\ny\";2\n\n3;4\n");
  EXPECT_EQ(reader->info().header_line, 2U);
  const auto rows = all_rows(*reader);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].line, 3U);
  EXPECT_EQ(rows[1].line, 6U);
}

TEST(CsvReader, KnowsEncodingsOfShortSamples) {
  const std::string text =
      "ФИО;Телефон;Договор;Сумма долга\r\nИванов Иван Иванович;89120001122;Д-17;12345,67\r\nПетрова Анна "
      "Сергеевна;89120001123;Д-18;99,00\r\n";
  for (const char* name : {"UTF-8", "windows-1251", "IBM866", "KOI8-R", "UTF-16LE", "UTF-16BE"}) {
    const auto reader = opened(encoded(text, name));
    ASSERT_NE(reader, nullptr) << name;
    EXPECT_EQ(reader->info().encoding, name);
    EXPECT_EQ(reader->header().at(0), "ФИО") << name;
    EXPECT_EQ(all_rows(*reader).at(1).cells.at(0).text, "Петрова Анна Сергеевна") << name;
  }
}

TEST(CsvReader, TakesByteOrderMarks) {
  for (const auto& [mark, name] : std::vector<std::pair<std::string, const char*>>{
           {"\xEF\xBB\xBF", "UTF-8"}, {"\xFF\xFE", "UTF-16LE"}, {"\xFE\xFF", "UTF-16BE"}}) {
    const auto reader = opened(mark + encoded("ФИО;Долг\nЯ;1\n", name));
    ASSERT_NE(reader, nullptr);
    EXPECT_TRUE(reader->info().has_bom);
    EXPECT_EQ(reader->header().at(0), "ФИО");
  }
}

TEST(CsvReader, FindsCyrillicBehindALongLatinStart) {
  std::string text = "name;debt\n";
  for (int i = 0; i < 20'000; ++i) text += "Ivanov;1234567\n";
  text += encoded("Иванов Иван Иванович;1\nСидоров Пётр Петрович;2\n", "windows-1251");
  const auto reader = opened(text);
  EXPECT_EQ(reader->info().encoding, "windows-1251");
  EXPECT_EQ(all_rows(*reader).back().cells.at(0).text, "Сидоров Пётр Петрович");
}

TEST(CsvReader, OptionsOverrideWhatIsDetected) {
  TableOptions options;
  options.encoding = "IBM866";
  options.delimiter = ',';
  const auto reader = opened(encoded("а;б,в\n1,2\n", "IBM866"), options);
  EXPECT_EQ(reader->header(), (Texts{"а;б", "в"}));
}

TEST(CsvReader, MarksBytesOfAnotherEncoding) {
  std::string text = "ФИО;Долг\nИванов;1\n";
  const auto reader = opened("\xEF\xBB\xBF" + text + "\xFF\xFE;2\n");
  const auto rows = all_rows(*reader);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].cells[0].kind, CellKind::error);
  EXPECT_EQ(rows[1].cells[1].kind, CellKind::text);
}

TEST(CsvReader, ReadsAcrossPieces) {
  std::string text = "a;b;c\n";
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i) + ";\"Ёлка " + std::to_string(i) + "\";x\r\n";
  const auto reader = opened(text);
  const auto rows = all_rows(*reader);
  ASSERT_EQ(rows.size(), 40'000U);
  for (std::size_t i = 0; i < rows.size(); ++i)
    ASSERT_EQ(texts(rows[i]), (Texts{std::to_string(i), "Ёлка " + std::to_string(i), "x"}));
  EXPECT_EQ(reader->progress().bytes_read, text.size());
}

TEST(CsvReader, StopsAtItsBounds) {
  TableOptions options;
  options.limits.columns = 3;
  options.limits.rows = 2;
  options.limits.cell_bytes = 100;
  EXPECT_EQ(failure_of("a;b\n1;2;3;4\n", options).code, Errc::exhausted);
  EXPECT_EQ(failure_of("a;b\n1;2\n1;2\n1;2\n", options).code, Errc::exhausted);
  EXPECT_EQ(failure_of("a;b\n1;" + std::string(200, 'x') + "\n", options).code, Errc::exhausted);
  options.limits.file_bytes = 4;
  EXPECT_EQ(failure_of("a;b\n1;2\n", options).code, Errc::exhausted);
}

TEST(CsvReader, NamesAnUnclosedQuote) {
  const auto error = failure_of("a;b\n1;2\n\"x;2\n" + std::string(5'000'000, 'y'));
  EXPECT_NE(error.detail.find("Строка 4"), std::string::npos) << error.detail;
  EXPECT_NE(failure_of("\"a;b\n1;2\n3;4\n").detail.find("Строка 1 с заголовками: кавычка"), std::string::npos);
}

/// `count` rows "1;name;3" in lines from 2 on, the one of `line` with a stray quote before the name.
std::string rows_with_stray_quote(std::size_t count, std::size_t line, const std::string& name) {
  std::string text = "a;b;c\n";
  for (std::size_t i = 2; i < count + 2; ++i) text += (i == line ? "1;\"" : "1;") + name + ";3\n";
  return text;
}

TEST(CsvReader, AStrayQuoteCostsItsOwnRowOnly) {
  // To the end of the file, beyond the bound of a cell, and up to the next quote of a row that is sound.
  const std::vector<std::string> files{rows_with_stray_quote(500, 11, "Иванов"), rows_with_stray_quote(20'000, 11, "Иванов"),
                                       rows_with_stray_quote(499, 11, "Иванов") + "1;\"Петров; сын\";3\n",
                                       rows_with_stray_quote(500, 501, "Иванов")};
  for (const std::string& text : files) {
    const auto reader = opened(text);
    ASSERT_NE(reader, nullptr);
    const auto rows = all_rows(*reader);
    ASSERT_EQ(rows.size(), std::count(text.begin(), text.end(), '\n') - 1);
    std::size_t open_at = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows[i].line, i + 2);
      EXPECT_EQ(rows[i].cells.size(), 3U) << i;
      if (!rows[i].has_open_quote) continue;
      EXPECT_EQ(open_at, 0U);
      open_at = rows[i].line;
      EXPECT_EQ(texts(rows[i]), (Texts{"1", "\"Иванов", "3"}));
    }
    EXPECT_EQ(open_at, text.find("\"Иванов") > 1000 ? 501U : 11U);
  }
}

TEST(CsvReader, AStrayQuoteThatALoneOneClosesCostsItsOwnRowOnly) {
  const std::string rows = "2;ООО Ива;7912;10\n3;ООО Клён;7913;20\n";
  // Many rows below, in the next row, in an earlier column of it and in a later one; the quote of the first column too.
  const std::vector<std::pair<std::string, std::size_t>> files{
      {"1;\"ООО Ромашка;7911;5\n" + rows + "4;труба 15\";7914;30\n", 4}, {"1;\"ООО Ромашка;7911;5\n4;труба 15\";7914;30\n", 2},
      {"1;\"ООО Ромашка;7911;5\n" + rows + "4\";труба;7914;30\n", 4},    {"1;\"ООО Ромашка;7911;5\n4;труба;15\";30\n", 2},
      {"\"1;ООО Ромашка;7911;5\n" + rows + "4;труба 15\";7914;30\n", 4}};
  for (const auto& [text, count] : files) {
    const auto read = all_rows(*opened("id;name;phone;sum\n" + text));
    ASSERT_EQ(read.size(), count) << text;
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(read[i].has_open_quote, i == 0) << text;
      EXPECT_EQ(read[i].cells.size(), 4U) << text;
      EXPECT_EQ(read[i].line, i + 2);
    }
  }
}

TEST(CsvReader, TextsOfSeveralLinesKeepTheirDelimiters) {
  const auto rows = all_rows(*opened("id;name;address;sum\n1;Ромашка;\"Город; улица;\nдом 5; кв. 3\nподъезд; этаж; вход\n\";10\n2;Ива;\"а\nб\";20\n"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].cells[2].text, "Город; улица;\nдом 5; кв. 3\nподъезд; этаж; вход\n");
  EXPECT_FALSE(rows[0].has_open_quote || rows[1].has_open_quote);
}

TEST(CsvReader, KeepsClosedQuotesBesideAStrayOne) {
  const auto rows = all_rows(*opened("a;b;c\n\"x;y\";\"two\nlines\";3\n\"x;y\";\"stray;3\n4;5;6\n"));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(texts(rows[0]), (Texts{"x;y", "two\nlines", "3"}));
  EXPECT_EQ(texts(rows[1]), (Texts{"x;y", "\"stray", "3"}));
  EXPECT_EQ(rows[1].line, 4U);
  EXPECT_EQ((std::vector<bool>{rows[0].has_open_quote, rows[1].has_open_quote, rows[2].has_open_quote}), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(rows[2].line, 5U);
}

TEST(CsvReader, ALongTextOfOneLineIsNoOpenQuote) {
  const auto error = failure_of("a;b\n\"" + std::string(140'000, 'x') + "\";2\n");
  EXPECT_NE(error.detail.find("слишком длинный текст"), std::string::npos) << error.detail;
}

TEST(TableReader, TellsAFileItMayNotReadFromOneThatIsNotThere) {
  const TemporaryFolder folder;
  const auto closed = folder.file("closed");
  std::filesystem::create_directory(closed);
  put_bytes(closed / "file.csv", "a;b\n1;2\n");
  put_bytes(folder.file("secret.csv"), "a;b\n1;2\n");
  const auto chmod = [](const std::filesystem::path& path, unsigned mode) { std::filesystem::permissions(path, std::filesystem::perms(mode)); };
  chmod(folder.file("."), 0755);
  chmod(closed, 0);
  chmod(folder.file("secret.csv"), 0);
  {
    const OrdinaryUser user;
    if (!user.can_reach(folder.file("."))) GTEST_SKIP() << "no other user comes here";
    for (const auto& path : {closed / "file.csv", folder.file("secret.csv")}) {
      const auto refused = open_table(path);
      ASSERT_FALSE(refused.ok());
      EXPECT_NE(refused.error().detail.find("Нет прав на чтение"), std::string::npos) << refused.error().detail;
    }
    const auto absent = open_table(folder.file("absent.csv"));
    ASSERT_FALSE(absent.ok());
    EXPECT_EQ(absent.error().detail, "Файл не найден.");
  }
  chmod(closed, 0700);
}

TEST(TableReader, SaysWhatAFileIsInstead) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "пуст"},
      {"\n\n  \n", "ни одной"},
      {std::string("a\0\x01\x02z\0\0b\0q", 10), "не текстовый"},
      {"\x1F\x8B\x08\x00"
       "aaaaaaaa",
       "архив"},
      {"%PDF-1.7 aaaaa", "PDF"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(600, '\0') +
           std::string("W\0o\0r\0k\0b\0o\0o\0k\0", 16),
       ".xls"},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(3'000'000, '\0') +
           std::string("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32),
       "паролем"},
  };
  for (const auto& [bytes, words] : cases) {
    const auto error = failure_of(bytes);
    EXPECT_EQ(error.code, Errc::invalid_input);
    EXPECT_NE(error.detail.find(words), std::string::npos) << error.detail;
  }
}

TEST(TableReader, FileThatIsNotThere) {
  const auto reader = open_table("/nonexistent/file.csv");
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code, Errc::not_found);
}

}  // namespace
}  // namespace dunlin
