#pragma once
// Changes collected for one batch and handed over in key order, because RocksDB's memtable takes neighbours several times
// faster than scattered keys. Changes of one key keep their order: the last one wins. One thread; the memory is kept from
// batch to batch.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"

namespace dunlin {

class StagedRows {
 public:
  void put(std::string_view key, std::string_view value) { add(key, value, false); }
  void erase(std::string_view key) { add(key, {}, true); }
  bool is_empty() const { return rows_.empty(); }
  /// Gives up the memory only beyond what a usual group needs.
  void clear();
  /// All changes in key order; erased ones come with nullptr for a value.
  using Visitor = std::function<void(std::string_view key, const std::string_view* value)>;
  void each(const Visitor& visit);
  /// Brings the changes into key order: the long part of what each() and fill() do, which two threads can do for two of them.
  void sort();
  /// All changes in key order, in place of what the batch held.
  void fill(WriteBatch& batch);
  /// The changes of both, in key order; changes of one key are all in one of them.
  static void fill(WriteBatch& batch, StagedRows& one, StagedRows& other);

 private:
  /// Two numbers made of the key's first 16 bytes decide nearly every comparison without a look at the key itself.
  struct Row {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::size_t at = 0;  ///< Of the key in `bytes_`; the value follows it. Ascends in the order of adding.
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    bool is_erased = false;
  };
  void add(std::string_view key, std::string_view value, bool is_erased);
  std::string_view key_of(const Row& row) const { return std::string_view(bytes_).substr(row.at, row.key_size); }
  std::string_view value_of(const Row& row) const { return std::string_view(bytes_).substr(row.at + row.key_size, row.value_size); }
  bool is_before(const Row& left, const StagedRows& others, const Row& right) const;
  void add_to(WriteBatch& batch, const Row& row) const;

  std::string bytes_;
  std::vector<Row> rows_;
  bool is_sorted_ = true;
};

}  // namespace dunlin
