#pragma once
// Which nodes need not be asked again while copies are compared: each question in vain costs a node's whole patience. One slow
// piece says nothing of a node; two in a row do. Pure; one thread.
#include <map>
#include <optional>
#include <string>

#include "core/base/result.hpp"

namespace dunlin {

class SilentNodes {
 public:
  /// Why the node is not asked again; null: ask it. Good until the next call of answered().
  const Error* of(const std::string& node) const {
    const auto found = failures_.find(node);
    return found != failures_.end() && found->second.in_a_row >= most_in_a_row ? &found->second.last : nullptr;
  }
  /// `error`: unset, or of any kind but unavailable: it is there.
  void answered(const std::string& node, const std::optional<Error>& error) {
    if (!error || error->code != Errc::unavailable) {
      failures_.erase(node);
      return;
    }
    Failures& failures = failures_[node];
    ++failures.in_a_row;
    failures.last = *error;
  }

 private:
  static constexpr unsigned most_in_a_row = 2;
  struct Failures {
    unsigned in_a_row = 0;
    Error last{};
  };
  std::map<std::string, Failures> failures_;
};

}  // namespace dunlin
