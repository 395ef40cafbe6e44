#pragma once
// Rows in order, most urgent first. The head of the list, at most 64 rows, lies in the list itself: taking the first row
// touches the list and nothing else, so it costs the same among ten rows and among a million; a tree of nodes, or one array
// a step away, would miss the processor's caches. The others stand in sorted leaves of at most 64 rows; when the head runs
// out, the most urgent leaf becomes the head, so that what its misses cost is shared by its rows. Insert and erase are a
// binary search among the leaves and a move within one.
// `Before` orders strictly; equal rows are one row. `Row` is a plain value. One thread.
#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <vector>

namespace dunlin {

template <class Row, class Before>
class UrgencyList {
 public:
  bool empty() const { return in_head_ == 0; }
  std::size_t size() const { return in_head_ + in_leaves_; }
  /// The list must not be empty.
  const Row& first() const { return head_[in_head_ - 1]; }

  /// The list must not be empty.
  Row take_first() {
    const Row row = first();
    --in_head_;
    if (in_head_ == 0) refill();
    __builtin_prefetch(&head_[in_head_ - std::min(in_head_, rows_ahead)]);
    return row;
  }

  /// Of the most urgent rows at most so many, most urgent first.
  std::vector<Row> first_rows(std::size_t most) const {
    std::vector<Row> rows;
    const auto add = [&](auto begin, std::size_t count) { rows.insert(rows.end(), begin, begin + difference(std::min(count, most - rows.size()))); };
    add(std::make_reverse_iterator(head_.begin() + difference(in_head_)), in_head_);
    for (auto leaf = leaves_.rbegin(); leaf != leaves_.rend() && rows.size() < most; ++leaf) add(leaf->rbegin(), leaf->size());
    return rows;
  }

  bool contains(const Row& row) const {
    if (is_in_head(row)) return std::binary_search(head_.begin(), head_.begin() + difference(in_head_), row, is_after);
    const auto leaf = leaf_of(leaves_, row);
    return leaf != leaves_.end() && std::binary_search(leaf->begin(), leaf->end(), row, is_after);
  }

  /// False: it was there already.
  bool insert(const Row& row) {
    if (in_head_ == most_rows) spill();
    if (!is_in_head(row) && in_leaves_ > 0) return insert_in_leaf(row);
    const auto end = head_.begin() + difference(in_head_);
    const auto place = std::lower_bound(head_.begin(), end, row, is_after);
    if (place != end && !Before()(*place, row)) return false;
    std::move_backward(place, end, std::next(end));
    *place = row;
    ++in_head_;
    return true;
  }

  /// False: it was not there.
  bool erase(const Row& row) {
    if (!is_in_head(row)) return erase_in_leaf(row);
    const auto end = head_.begin() + difference(in_head_);
    const auto place = std::lower_bound(head_.begin(), end, row, is_after);
    if (place == end || Before()(*place, row)) return false;
    std::move(std::next(place), end, place);
    --in_head_;
    if (in_head_ == 0) refill();
    return true;
  }

 private:
  using Leaf = std::vector<Row>;
  using Leaves = std::vector<Leaf>;
  static constexpr std::size_t most_rows = 64;
  static constexpr std::size_t rows_ahead = 4;

  static bool is_after(const Row& a, const Row& b) { return Before()(b, a); }
  static std::ptrdiff_t difference(std::size_t count) { return static_cast<std::ptrdiff_t>(count); }

  static Leaf new_leaf() {
    Leaf leaf;
    leaf.reserve(most_rows);
    return leaf;
  }

  /// Whether the head is where such a row stands: it is not less urgent than the last one there.
  bool is_in_head(const Row& row) const { return in_head_ > 0 && !is_after(row, head_[0]); }

  /// The first leaf whose most urgent row is not less urgent than this one; the end when the row goes before all.
  template <class SomeLeaves>
  static auto leaf_of(SomeLeaves& leaves, const Row& row) {
    return std::lower_bound(leaves.begin(), leaves.end(), row, [](const Leaf& leaf, const Row& sought) { return is_after(leaf.back(), sought); });
  }

  bool insert_in_leaf(const Row& row) {
    auto leaf = leaf_of(leaves_, row);
    if (leaf == leaves_.end()) --leaf;
    const auto place = std::lower_bound(leaf->begin(), leaf->end(), row, is_after);
    if (place != leaf->end() && !Before()(*place, row)) return false;
    leaf->insert(place, row);
    ++in_leaves_;
    if (leaf->size() == most_rows) split(leaf);
    return true;
  }

  bool erase_in_leaf(const Row& row) {
    const auto leaf = leaf_of(leaves_, row);
    if (leaf == leaves_.end()) return false;
    const auto place = std::lower_bound(leaf->begin(), leaf->end(), row, is_after);
    if (place == leaf->end() || Before()(*place, row)) return false;
    leaf->erase(place);
    if (leaf->empty()) leaves_.erase(leaf);
    --in_leaves_;
    return true;
  }

  void split(typename Leaves::iterator leaf) {
    Leaf urgent = new_leaf();
    const auto middle = leaf->begin() + difference(most_rows / 2);
    urgent.assign(middle, leaf->end());
    leaf->erase(middle, leaf->end());
    leaves_.insert(std::next(leaf), std::move(urgent));
  }

  /// The empty head takes the rows of the most urgent leaf.
  void refill() {
    if (leaves_.empty()) return;
    const Leaf& leaf = leaves_.back();
    std::copy(leaf.begin(), leaf.end(), head_.begin());
    in_head_ = leaf.size();
    in_leaves_ -= leaf.size();
    leaves_.pop_back();
  }

  /// The full head gives its less urgent half to the leaves.
  void spill() {
    const auto middle = head_.begin() + difference(most_rows / 2);
    leaves_.push_back(new_leaf());
    leaves_.back().assign(head_.begin(), middle);
    in_leaves_ += most_rows / 2;
    std::move(middle, head_.end(), head_.begin());
    in_head_ -= most_rows / 2;
  }

  /// Least urgent first, in the head, in a leaf and among the leaves: the next row to take is always at an end. Every
  /// row of the head is more urgent than every row of the leaves, and the head is empty only with them.
  std::size_t in_head_ = 0;
  std::size_t in_leaves_ = 0;
  std::array<Row, most_rows> head_;
  Leaves leaves_;
};

}  // namespace dunlin
