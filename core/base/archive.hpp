#pragma once
// Field archives over core/base/bytes: one description per struct serves both directions, so that writing and reading
// cannot drift apart:
//   template <class A> void describe(A& archive, typename A::template Ref<Debt> debt) { archive(debt.product, debt.balance); }
// Enums need `constexpr E last_of(E)`: a stored value past it is damage. Lists are read element by element, each of at least
// one byte, so a false count cannot allocate more than the bytes justify. Pure, any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/time.hpp"

namespace dunlin {

/// Signed numbers with small magnitudes take few bytes.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

class Encoder {
 public:
  template <class T>
  using Ref = const T&;

  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }
  /// A field that is stored since a version of the encoding.
  template <class T>
  void since(std::uint8_t, const T& value) {
    put(value);
  }
  /// Room for so many bytes in all.
  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  std::string take() { return out_.take(); }

 private:
  void put(bool value) { out_.u8(value ? 1 : 0); }
  void put(const std::string& value) { out_.text(value); }
  void put(const PhoneNumber& value) { out_.text(value.e164()); }
  void put(UtcTime value) { out_.varint(zigzag(value.ms)); }
  void put(Duration value) { out_.varint(zigzag(value.ms)); }
  template <class Tag>
  void put(Id<Tag> value) {
    out_.u64(value.value());
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    out_.varint(values.size());
    for (const T& value : values) put(value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& value) {
    put(value.first);
    put(value.second);
  }
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      out_.varint(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      out_.varint(zigzag(value));
    } else if constexpr (std::is_integral_v<T>) {
      out_.varint(value);
    } else {
      describe(*this, value);
    }
  }
  ByteWriter out_;
};

class Decoder {
 public:
  template <class T>
  using Ref = T&;

  explicit Decoder(std::string_view bytes) : in_(bytes) {}

  /// Fields that are younger than the version keep their defaults; without a call every field is expected.
  void set_version(std::uint8_t version) { version_ = version; }
  template <class T>
  void since(std::uint8_t version, T& value) {
    if (version_ >= version) get(value);
  }

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  Status finish() const { return in_.finish(); }
  void fail(std::string_view reason) { in_.fail(reason); }

 private:
  void get(bool& value) {
    const std::uint8_t byte = in_.u8();
    if (byte > 1) in_.fail("bad flag");
    value = byte == 1;
  }
  void get(std::string& value) { value = in_.text(); }
  void get(PhoneNumber& value) {
    const std::string text = in_.text();
    value = PhoneNumber();
    if (text.empty()) return;
    auto number = PhoneNumber::from_e164(text);
    if (number.ok()) value = *number;
    else in_.fail("bad number");
  }
  void get(UtcTime& value) { value.ms = unzigzag(in_.varint()); }
  void get(Duration& value) { value.ms = unzigzag(in_.varint()); }
  template <class Tag>
  void get(Id<Tag>& value) {
    value = Id<Tag>(in_.u64());
  }
  template <class T>
  void get(std::optional<T>& value) {
    value.reset();
    bool has_value = false;
    get(has_value);
    if (has_value && !in_.has_failed()) get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.clear();
    const std::size_t count = in_.count();
    for (std::size_t i = 0; i < count && !in_.has_failed(); ++i) get(values.emplace_back());
  }
  template <class A, class B>
  void get(std::pair<A, B>& value) {
    get(value.first);
    get(value.second);
  }
  template <class T>
  void get(T& value) {
    if constexpr (std::is_enum_v<T>) {
      const std::uint64_t number = in_.varint();
      if (number > static_cast<std::uint64_t>(last_of(T{}))) in_.fail("unknown enumerator");
      else value = static_cast<T>(number);
    } else if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
      narrow(unzigzag(in_.varint()), value);
    } else if constexpr (std::is_integral_v<T>) {
      narrow(in_.varint(), value);
    } else {
      describe(*this, value);
    }
  }
  template <class Wide, class T>
  void narrow(Wide wide, T& value) {
    value = static_cast<T>(wide);
    if (static_cast<Wide>(value) != wide) in_.fail("number out of range");
  }
  std::uint8_t version_ = 0xff;
  ByteReader in_;
};

constexpr Errc last_of(Errc) { return Errc::corrupt; }

template <class A>
void describe(A& archive, typename A::template Ref<Error> error) {
  archive(error.code, error.detail);
}

template <class A>
void describe(A& archive, typename A::template Ref<CivilDate> date) {
  archive(date.year, date.month, date.day);
}

}  // namespace dunlin
