#pragma once
// A few values in place, without the heap: for lists whose bound is known and small. Pure value, any thread.
#include <array>
#include <cstddef>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {

template <class T, std::size_t most>
class BoundedList {
 public:
  /// False, and nothing is added, when the list is full.
  [[nodiscard]] bool push(T value) {
    if (size_ == most) return false;
    values_[size_++] = std::move(value);
    return true;
  }
  /// Before the value at `place`; a full list loses its last value. `place` may be the end.
  void insert(std::size_t place, T value) {
    DUNLIN_CHECK(place <= size_);
    if (place == most) return;
    if (size_ < most) ++size_;
    for (std::size_t i = size_ - 1; i > place; --i) values_[i] = std::move(values_[i - 1]);
    values_[place] = std::move(value);
  }

  T* begin() { return values_.data(); }
  T* end() { return values_.data() + size_; }
  const T* begin() const { return values_.data(); }
  const T* end() const { return values_.data() + size_; }
  const T& front() const {
    DUNLIN_CHECK(size_ > 0);
    return values_[0];
  }
  const T& operator[](std::size_t i) const {
    DUNLIN_CHECK(i < size_);
    return values_[i];
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<T, most> values_;   // Only the first size_ are ever read.
  std::size_t size_ = 0;
};

}  // namespace dunlin
