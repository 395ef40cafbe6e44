#pragma once
// Reading a portfolio as an import does, without a node: the floor that import benches set their figures against.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/exchange/file_dedupe.hpp"
#include "core/exchange/row_mapping.hpp"
#include "core/exchange/row_reader.hpp"
#include "gateways/table_reader.hpp"
#include "numbering/phone_plan.hpp"

namespace dunlin {

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "import bench: %s\n", why.c_str());
  std::exit(1);
}

/// Table reader, row reader and repetitions; the number of accepted rows.
inline std::size_t read_and_understand(const std::filesystem::path& path) {
  auto table = open_table(path);
  if (!table) give_up(table.error().detail);
  const PhonePlan plan;
  RowOptions options;
  options.portfolio = "bench";
  options.today = {2026, 11, 24};
  const RowReader reader(detect_mapping((*table)->header()), options, plan);
  FileDedupe dedupe;
  std::size_t accepted = 0;
  while (true) {
    const auto row = (*table)->next();
    if (!row) give_up(row.error().detail);
    if (!*row) return accepted;
    const auto result = reader.read((*row)->cells);
    if (result.verdict != RowVerdict::accepted) continue;
    if (const auto finding = dedupe.add(**row, result.draft); !finding) give_up(finding.error().detail);
    ++accepted;
  }
}

}  // namespace dunlin
