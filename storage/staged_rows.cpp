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
  is_sorted_ = false;
}

bool StagedRows::is_before(const Row& left, const StagedRows& others, const Row& right) const {
  if (left.first != right.first) return left.first < right.first;
  if (left.second != right.second) return left.second < right.second;
  const int order = key_of(left).compare(others.key_of(right));
  return order != 0 ? order < 0 : left.at < right.at;
}

void StagedRows::sort() {
  if (is_sorted_) return;
  std::sort(rows_.begin(), rows_.end(), [this](const Row& left, const Row& right) { return is_before(left, *this, right); });
  is_sorted_ = true;
}

void StagedRows::add_to(WriteBatch& batch, const Row& row) const {
  if (row.is_erased) batch.erase(key_of(row));
  else batch.put(key_of(row), value_of(row));
}

void StagedRows::each(const Visitor& visit) {
  sort();
  for (const Row& row : rows_) {
    const auto value = value_of(row);
    visit(key_of(row), row.is_erased ? nullptr : &value);
  }
}

void StagedRows::fill(WriteBatch& batch) {
  sort();
  batch.clear();
  for (const Row& row : rows_) add_to(batch, row);
}

void StagedRows::fill(WriteBatch& batch, StagedRows& one, StagedRows& other) {
  one.sort();
  other.sort();
  batch.clear();
  auto left = one.rows_.begin();
  auto right = other.rows_.begin();
  while (left != one.rows_.end() || right != other.rows_.end()) {
    const bool takes_right = left == one.rows_.end() || (right != other.rows_.end() && other.is_before(*right, one, *left));
    if (takes_right) other.add_to(batch, *right++);
    else one.add_to(batch, *left++);
  }
}

void StagedRows::clear() {
  rows_.clear();
  is_sorted_ = true;
  bytes_.clear();
  if (bytes_.capacity() > kept_bytes) bytes_.shrink_to_fit();
}

}  // namespace dunlin
