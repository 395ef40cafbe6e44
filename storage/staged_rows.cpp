#include "storage/staged_rows.hpp"

#include <algorithm>

namespace dunlin {
namespace {

constexpr std::size_t kept_bytes = 32u << 20;
constexpr std::size_t prefix_size = 8;

/// Shorter keys are padded with zeros, which keeps the order of all but equal prefixes.
std::uint64_t number_at(std::string_view key, std::size_t from) {
  std::uint64_t number = 0;
  for (std::size_t i = from; i < from + prefix_size; ++i) {
    number = (number << 8) | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return number;
}

}  // namespace

void StagedRows::add(std::string_view key, std::string_view value, bool is_erased) {
  Row row;
  row.first = number_at(key, 0);
  row.second = number_at(key, prefix_size);
  row.at = bytes_.size();
  row.key_size = static_cast<std::uint32_t>(key.size());
  row.value_size = static_cast<std::uint32_t>(value.size());
  row.is_erased = is_erased;
  bytes_.append(key).append(value);
  rows_.push_back(row);
}

bool StagedRows::is_before(const Row& left, const Row& right) const {
  if (left.first != right.first) return left.first < right.first;
  if (left.second != right.second) return left.second < right.second;
  const int order = key_of(left).compare(key_of(right));
  return order != 0 ? order < 0 : left.at < right.at;
}

void StagedRows::sort() {
  std::sort(rows_.begin(), rows_.end(), [this](const Row& left, const Row& right) { return is_before(left, right); });
}

void StagedRows::each(const Visitor& visit) {
  sort();
  for (const Row& row : rows_) {
    const auto value = std::string_view(bytes_).substr(row.at + row.key_size, row.value_size);
    visit(key_of(row), row.is_erased ? nullptr : &value);
  }
}

void StagedRows::fill(WriteBatch& batch) {
  sort();
  batch.clear();
  for (const Row& row : rows_) {
    if (row.is_erased) batch.erase(key_of(row));
    else batch.put(key_of(row), std::string_view(bytes_).substr(row.at + row.key_size, row.value_size));
  }
}

void StagedRows::clear() {
  rows_.clear();
  bytes_.clear();
  if (bytes_.capacity() > kept_bytes) bytes_.shrink_to_fit();
}

}  // namespace dunlin
