#pragma once
// Rows in order, most urgent first, kept in sorted leaves of at most 64 rows. Taking the first row touches the end of one
// leaf and nothing else, so it costs the same among ten rows and among a million; a tree of nodes would miss the
// processor's cache at each step. Insert and erase are two binary searches and a move within one leaf.
// `Before` orders strictly; equal rows are one row. One thread.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

namespace dunlin {

template <class Row, class Before>
class UrgencyList {
 public:
  bool empty() const { return leaves_.empty(); }
  std::size_t size() const { return size_; }
  /// The list must not be empty.
  const Row& first() const { return leaves_.back().back(); }

  /// The list must not be empty.
  Row take_first() {
    const Row row = first();
    Leaf& leaf = leaves_.back();
    leaf.pop_back();
    --size_;
    if (leaf.empty()) leaves_.pop_back();
    if (!leaves_.empty()) fetch_ahead(leaves_.back());
    return row;
  }

  /// Of the most urgent rows at most so many, most urgent first.
  std::vector<Row> first_rows(std::size_t most) const {
    std::vector<Row> rows;
    for (auto leaf = leaves_.rbegin(); leaf != leaves_.rend() && rows.size() < most; ++leaf) {
      const std::size_t count = std::min(most - rows.size(), leaf->size());
      rows.insert(rows.end(), leaf->rbegin(), leaf->rbegin() + static_cast<std::ptrdiff_t>(count));
    }
    return rows;
  }

  bool contains(const Row& row) const {
    const auto leaf = leaf_of(leaves_, row);
    return leaf != leaves_.end() && std::binary_search(leaf->begin(), leaf->end(), row, is_after);
  }

  /// False: it was there already.
  bool insert(const Row& row) {
    if (leaves_.empty()) {
      leaves_.push_back(new_leaf());
      leaves_.back().push_back(row);
      size_ = 1;
      return true;
    }
    auto leaf = leaf_of(leaves_, row);
    if (leaf == leaves_.end()) --leaf;
    const auto place = std::lower_bound(leaf->begin(), leaf->end(), row, is_after);
    if (place != leaf->end() && !Before()(*place, row)) return false;
    leaf->insert(place, row);
    ++size_;
    if (leaf->size() == most_rows) split(leaf);
    return true;
  }

  /// False: it was not there.
  bool erase(const Row& row) {
    const auto leaf = leaf_of(leaves_, row);
    if (leaf == leaves_.end()) return false;
    const auto place = std::lower_bound(leaf->begin(), leaf->end(), row, is_after);
    if (place == leaf->end() || Before()(*place, row)) return false;
    leaf->erase(place);
    if (leaf->empty()) leaves_.erase(leaf);
    --size_;
    return true;
  }

 private:
  /// Least urgent first, in the leaf and among the leaves: the next row to take is always at an end.
  using Leaf = std::vector<Row>;
  using Leaves = std::vector<Leaf>;
  static constexpr std::size_t most_rows = 64;
  static constexpr std::size_t rows_ahead = 4;

  static bool is_after(const Row& a, const Row& b) { return Before()(b, a); }

  static Leaf new_leaf() {
    Leaf leaf;
    leaf.reserve(most_rows);
    return leaf;
  }

  /// The first leaf whose most urgent row is not less urgent than this one; the end when the row goes before all.
  template <class SomeLeaves>
  static auto leaf_of(SomeLeaves& leaves, const Row& row) {
    return std::lower_bound(leaves.begin(), leaves.end(), row, [](const Leaf& leaf, const Row& sought) { return is_after(leaf.back(), sought); });
  }

  /// Brings the next rows near while their list is not asked: a node takes from its other shards in between.
  static void fetch_ahead(const Leaf& leaf) {
    const std::size_t ahead = std::min<std::size_t>(leaf.size(), rows_ahead);
    __builtin_prefetch(leaf.data() + leaf.size() - ahead);
    __builtin_prefetch(leaf.data() + leaf.size() - 1);
  }

  void split(typename Leaves::iterator leaf) {
    Leaf urgent = new_leaf();
    const auto middle = leaf->begin() + static_cast<std::ptrdiff_t>(most_rows / 2);
    urgent.assign(middle, leaf->end());
    leaf->erase(middle, leaf->end());
    leaves_.insert(std::next(leaf), std::move(urgent));
  }

  Leaves leaves_;
  std::size_t size_ = 0;
};

}  // namespace dunlin
