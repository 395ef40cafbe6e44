#include "core/base/bounded_list.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dunlin {
namespace {

using List = BoundedList<int, 3>;

std::vector<int> values_of(const List& list) { return {list.begin(), list.end()}; }

TEST(BoundedList, AFullListTakesNothingMore) {
  List list;
  for (const int value : {1, 2, 3}) EXPECT_TRUE(list.push(value));
  EXPECT_FALSE(list.push(4));
  EXPECT_EQ(values_of(list), (std::vector<int>{1, 2, 3}));
}

TEST(BoundedList, AnInsertedValuePushesTheLastOut) {
  List list;
  list.insert(0, 2);
  list.insert(0, 1);
  list.insert(2, 4);
  EXPECT_EQ(values_of(list), (std::vector<int>{1, 2, 4}));
  list.insert(2, 3);
  EXPECT_EQ(values_of(list), (std::vector<int>{1, 2, 3}));
  list.insert(3, 9);
  EXPECT_EQ(values_of(list), (std::vector<int>{1, 2, 3}));
}

}  // namespace
}  // namespace dunlin
