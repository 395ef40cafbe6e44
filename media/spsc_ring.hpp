#pragma once
// A bounded ring for one producer thread and one consumer thread. No lock, no allocation after construction.
// At the bound try_push() refuses and leaves the value with the caller, who decides what to give up.
#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace dunlin {

template <class T>
class SpscRing {
 public:
  /// The capacity is rounded up to a power of two.
  explicit SpscRing(std::size_t capacity) : slots_(round_up(capacity)), mask_(slots_.size() - 1) {}

  /// Producer only. On true the value has been moved from; on false it is untouched.
  bool try_push(T&& value) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == slots_.size()) return false;
    slots_[head & mask_] = std::move(value);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Consumer only.
  std::optional<T> try_pop() {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<T> value(std::move(slots_[tail & mask_]));
    tail_.store(tail + 1, std::memory_order_release);
    return value;
  }

  /// Consumer only: the oldest value in place, or null. Read it, then pop_front(). Spares copies of large
  /// values.
  T* front() {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    return tail == head_.load(std::memory_order_acquire) ? nullptr : &slots_[tail & mask_];
  }
  void pop_front() { tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  /// Producer only: a slot to fill in place, or null when full. Then commit(). Spares copies of large values.
  T* claim() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    return head - tail_.load(std::memory_order_acquire) == slots_.size() ? nullptr : &slots_[head & mask_];
  }
  void commit() { head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }

  std::size_t capacity() const { return slots_.size(); }
  /// A snapshot; exact only when both sides rest.
  std::size_t size() const {
    return head_.load(std::memory_order_acquire) - tail_.load(std::memory_order_acquire);
  }

 private:
  static std::size_t round_up(std::size_t wanted) {
    std::size_t size = 2;
    while (size < wanted) size *= 2;
    return size;
  }

  std::vector<T> slots_;
  std::size_t mask_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace dunlin
