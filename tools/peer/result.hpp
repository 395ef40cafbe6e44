#pragma once
// Result of the test peers: a value or a sentence that says what went wrong. The peers judge the house from
// outside and share no code with it, so this is deliberately not core's Result. Pure, any thread.
#include <string>
#include <utility>
#include <variant>

namespace dunlin::peer {

/// What went wrong and what to do about it, for the person who started the program.
struct Failure {
  std::string text;
};

struct Done {};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Failure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<T, Failure> state_;
};

using Status = Result<Done>;

}  // namespace dunlin::peer
