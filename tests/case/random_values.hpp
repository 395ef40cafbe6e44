#pragma once
// Fills any stored value with seeded random content through its own field description: the codec tests need no
// hand-written example per type and cannot forget a new one.
#include "core/base/rng.hpp"
#include "core/case/case_archive.hpp"

namespace dunlin::test {

class RandomFiller {
 public:
  template <class T>
  using Ref = T&;

  explicit RandomFiller(std::uint64_t seed) : rng_(seed) {}

  template <class... T>
  void operator()(T&... values) {
    (fill(values), ...);
  }
  template <class T>
  void since(std::uint8_t, T& value) {
    (*this)(value);
  }

 private:
  void fill(bool& value) { value = rng_.below(2) == 1; }
  void fill(std::string& value) {
    value.clear();
    for (std::uint64_t i = rng_.below(9); i > 0; --i) value.push_back(static_cast<char>(rng_.below(256)));
  }
  void fill(PhoneNumber& value) {
    value = PhoneNumber();
    if (rng_.below(5) > 0) value = *PhoneNumber::from_e164("+7900" + std::to_string(1'000'000 + rng_.below(9'000'000)));
  }
  void fill(UtcTime& value) { value.ms = wide(); }
  void fill(Duration& value) { value.ms = wide(); }
  template <class Tag>
  void fill(Id<Tag>& value) {
    value = Id<Tag>(rng_.next());
  }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (rng_.below(2) == 1) fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.clear();
    for (std::uint64_t i = rng_.below(3); i > 0; --i) fill(values.emplace_back());
  }
  template <class A, class B>
  void fill(std::pair<A, B>& value) {
    fill(value.first);
    fill(value.second);
  }
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>) value = static_cast<T>(rng_.below(static_cast<std::uint64_t>(last_of(T{})) + 1));
    else if constexpr (std::is_integral_v<T>) value = static_cast<T>(wide());
    else describe(*this, value);
  }
  /// Small and extreme numbers alike.
  std::int64_t wide() { return static_cast<std::int64_t>(rng_.next() >> rng_.below(64)) * (rng_.below(2) == 0 ? 1 : -1); }

  Rng rng_;
};

/// One random event of the variant's alternative.
template <std::size_t Index>
CaseEvent random_event(std::uint64_t seed) {
  std::variant_alternative_t<Index, CaseEvent> event;
  RandomFiller filler(seed);
  filler(event);
  return event;
}

}  // namespace dunlin::test
