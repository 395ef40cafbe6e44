#pragma once
// What a node of a cluster does not commit for reasons of its own, whatever the shared journal would take (R11, R13). Pure, any
// thread.
#include <optional>

#include "core/base/result.hpp"
#include "core/case/journal.hpp"

namespace dunlin {

struct CommitBounds {
  bool is_low_on_space = false;   ///< The own disk is below its reserve: what is promised now may find no room for its outcome.
  bool has_gone_back = false;     ///< The shared journal has: calls already made may be unknown to it.
};

/// Facts of known cases are always taken. Errors: exhausted, a sentence for people.
std::optional<Error> refusal_by(const CommitBounds& bounds, const CommitRequest& request);

}  // namespace dunlin
