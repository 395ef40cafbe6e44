#pragma once
// Result<T>: a value or an Error. Errors are values; exceptions never leave a foreign library's door.
// Pure, any thread.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace dunlin {

/// A code exists only if a caller acts on it differently from the others.
enum class Errc {
  invalid_input,  ///< The data given is wrong; the detail names the place. Trying again does not help.
  not_found,      ///< The named thing does not exist.
  conflict,       ///< The present state forbids it (already running, stale version, busy).
  denied,         ///< A rule or a right forbids it.
  unavailable,    ///< The outside world does not answer; trying again later may help.
  exhausted,      ///< A bound of config/limits is reached.
  corrupt,        ///< Stored data is damaged.
};

std::string_view to_string(Errc code);

/// What went wrong, for a person: the detail says where and what to do. Never holds personal data.
struct Error {
  Errc code = Errc::invalid_input;
  std::string detail;
};

/// Success without a value.
struct Done {};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Done>;

inline Error invalid_input(std::string detail) { return {Errc::invalid_input, std::move(detail)}; }

}  // namespace dunlin
