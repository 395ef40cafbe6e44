#pragma once
// Counts what all threads take from the heap, by replacing the global allocation functions of the program. To be
// included by exactly one unit of a program of its own: no other test should pay for it.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace dunlin::test {

/// Calls of operator new so far.
inline std::atomic<std::size_t> allocations{0};

}  // namespace dunlin::test

// Not inlined: the compiler would see malloc() on one side of a new and delete pair only, and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++dunlin::test::allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++dunlin::test::allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
