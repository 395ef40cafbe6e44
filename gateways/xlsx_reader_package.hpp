#pragma once
// The door to libzip and expat: parts of an Office package unpacked piece by piece and parsed as XML events.
// One owner, one thread. Every part is bounded by its unpacked size, its ratio and the depth of its XML; a
// DOCTYPE is refused, so no entity can be declared (billion laughs, external files).
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "gateways/input_bytes.hpp"
#include "gateways/table_reader.hpp"

namespace dunlin {

/// Attributes of one element, valid during the event. Names come without their namespace prefix.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  /// Empty when absent.
  std::string_view get(std::string_view local_name) const;

 private:
  const char** pairs_;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void on_start(std::string_view local_name, const XmlAttributes& attributes) = 0;
  virtual void on_end(std::string_view local_name) = 0;
  virtual void on_text(std::string_view text) = 0;
  /// A handler that meets a bound says so here; parsing ends with it.
  const std::optional<Error>& failure() const { return failure_; }

 protected:
  void fail(Error error) {
    if (!failure_) failure_ = std::move(error);
  }

 private:
  std::optional<Error> failure_;
};

/// One part under way: each step unpacks up to 64 kB and hands the events of it to the handler.
class PartStream {
 public:
  virtual ~PartStream() = default;
  /// False when the part has ended and was whole.
  virtual Result<bool> step() = 0;
  virtual std::uint64_t bytes_read() const = 0;
  virtual std::uint64_t bytes_total() const = 0;
};

class ZipPackage {
 public:
  static Result<ZipPackage> open(InputBytes input, const TableLimits& limits);

  bool has(std::string_view part) const;
  /// The handler and the package must outlive the stream.
  Result<std::unique_ptr<PartStream>> stream(const std::string& part, XmlHandler& handler) const;
  /// Reads a whole part.
  Status parse(const std::string& part, XmlHandler& handler) const;

  ZipPackage(ZipPackage&&) noexcept;
  ~ZipPackage();

 private:
  struct State;
  explicit ZipPackage(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "xl/worksheets/sheet1.xml" for the target "worksheets/sheet1.xml" or "/xl/worksheets/sheet1.xml" of
/// "xl/workbook.xml".
std::string resolve_part(std::string_view owner_part, std::string_view target);

}  // namespace dunlin
