// How fast a register is read and understood on one thread: rows per second of processor time from .csv and
// .xlsx, each as a ratio to the baseline of the same run, which only counts the line ends of the same csv
// text.
//   import_bench [rows]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/import_reading.hpp"
#include "gateways/table_writer.hpp"

namespace {

using namespace dunlin;

const std::vector<std::string> header{"ФИО",
                                      "Дата рождения",
                                      "Код клиента",
                                      "Телефон 1",
                                      "Телефон 2",
                                      "Телефон родственника",
                                      "ФИО родственника",
                                      "Регион проживания",
                                      "Номер договора",
                                      "Кредитор",
                                      "Сумма долга",
                                      "Сумма просрочки",
                                      "Дней просрочки",
                                      "Стадия"};

std::string padded(std::size_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::vector<Cell> row_at(std::size_t i) {
  std::vector<Cell> cells;
  for (const std::string& text :
       {std::string("Семёнов Пётр Алексеевич"), padded(i % 28 + 1, 2) + ".05.1980", "K-" + padded(i, 7),
        "8 (912) " + padded(i / 10000 + 100, 3) + "-" + padded(i / 100 % 100, 2) + "-" + padded(i % 100, 2),
        "+7916" + padded(i + 1, 7), std::string("89031234567"), std::string("Семёнова Анна Ильинична"),
        std::string("Свердловская область"), "Д-2026/" + padded(i, 7), std::string("Банк «Северный берег»"),
        std::to_string(i % 90000 + 1000) + ",50", std::to_string(i % 900 + 100) + ",00",
        std::to_string(i % 180), std::string("soft-1")}) {
    cells.push_back(text_cell(text));
  }
  return cells;
}

/// Processor time: the work is one thread's, and neighbours on the machine must not count.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void write_table(const std::filesystem::path& path, TableFormat format, std::size_t rows) {
  TableInfo like;
  like.format = format;
  auto writer = open_table_writer(path, like, header);
  if (!writer) give_up(writer.error().detail);
  for (std::size_t i = 0; i < rows; ++i) {
    if (const auto status = (*writer)->write(row_at(i)); !status) give_up(status.error().detail);
  }
  if (const auto status = (*writer)->finish(); !status) give_up(status.error().detail);
}

std::size_t read_only(const std::filesystem::path& path) {
  auto table = open_table(path);
  if (!table) give_up(table.error().detail);
  std::size_t count = 0;
  while (true) {
    const auto row = (*table)->next();
    if (!row) give_up(row.error().detail);
    if (!*row) return count;
    ++count;
  }
}

std::size_t count_lines(const std::filesystem::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) give_up("cannot open the csv");
  std::vector<char> piece(1 << 16);
  std::size_t lines = 0;
  for (std::size_t n = 0; (n = std::fread(piece.data(), 1, piece.size(), file)) > 0;) {
    for (std::size_t i = 0; i < n; ++i) lines += piece[i] == '\n' ? 1 : 0;
  }
  std::fclose(file);
  return lines;
}

void report(const char* what, std::size_t rows, double seconds, double baseline) {
  std::printf("%-28s %9.0f rows/s   %6.1f x the time of counting lines\n", what,
              static_cast<double>(rows) / seconds, seconds / baseline);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::stoul(argv[1]) : 100'000;
  const auto folder = std::filesystem::temp_directory_path();
  const auto csv = folder / "dunlin_import_bench.csv";
  const auto xlsx = folder / "dunlin_import_bench.xlsx";
  write_table(csv, TableFormat::csv, rows);
  write_table(xlsx, TableFormat::xlsx, rows);
  std::size_t sum = 0;
  const double baseline = seconds_of([&] { sum += count_lines(csv); });
  report("csv, read", rows, seconds_of([&] { sum += read_only(csv); }), baseline);
  report("csv, read and understand", rows, seconds_of([&] { sum += read_and_understand(csv); }), baseline);
  report("xlsx, read", rows, seconds_of([&] { sum += read_only(xlsx); }), baseline);
  report("xlsx, read and understand", rows, seconds_of([&] { sum += read_and_understand(xlsx); }), baseline);
  std::filesystem::remove(csv);
  std::filesystem::remove(xlsx);
  if (sum != rows * 5 + 1) give_up("rows were lost");
}
