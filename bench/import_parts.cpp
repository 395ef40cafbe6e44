// The two floors under an import into a live node, measured apart so that the live rate can be set against them:
//   import_parts parse FILE      reads and understands the file: table reader, row reader, repetitions
//   import_parts rewrite FOLDER  writes the bytes of a stopped node's history (FOLDER/history) once more into an
//                                empty database, in synced batches of about a megabyte, and nothing else
// bench/import_live_bench.py runs both beside the live import of the same file.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/import_reading.hpp"
#include "storage/database.hpp"

namespace {

using namespace dunlin;
using Clock = std::chrono::steady_clock;

constexpr std::size_t batch_bytes = 1u << 20;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void parse(const std::filesystem::path& file) {
  const auto start = Clock::now();
  const std::size_t accepted = read_and_understand(file);
  std::printf("%zu %.3f\n", accepted, seconds_since(start));
}

/// One shard's worth of rows at a time: what the live journal writes is in key order too.
void rewrite(const std::filesystem::path& folder) {
  DatabaseOptions options;
  options.path = folder / "history";
  options.may_create = false;
  const auto source = Database::open(options);
  if (!source) give_up(source.error().detail);
  std::vector<KeyValue> rows;
  std::size_t bytes = 0;
  const auto scanned = (*source)->scan({}, [&](std::string_view key, std::string_view value) {
    rows.push_back({std::string(key), std::string(value)});
    bytes += key.size() + value.size();
    return true;
  });
  if (!scanned) give_up(scanned.error().detail);
  options.path = folder / "rewritten";
  options.may_create = true;
  const auto target = Database::open(options);
  if (!target) give_up(target.error().detail);
  const auto start = Clock::now();
  WriteBatch batch;
  std::size_t in_batch = 0;
  const auto flush = [&] {
    if (const auto written = (*target)->write(batch, Durability::synced); !written) give_up(written.error().detail);
    batch.clear();
    in_batch = 0;
  };
  for (const KeyValue& row : rows) {
    batch.put(row.key, row.value);
    in_batch += row.key.size() + row.value.size();
    if (in_batch >= batch_bytes) flush();
  }
  if (!batch.is_empty()) flush();
  std::printf("%zu %zu %.3f\n", rows.size(), bytes, seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc == 3 ? argv[1] : "";
  if (verb == "parse") parse(argv[2]);
  else if (verb == "rewrite") rewrite(argv[2]);
  else give_up("usage: import_parts parse FILE | rewrite FOLDER");
}
