#include "cluster/commit_bounds.hpp"

namespace dunlin {

std::optional<Error> refusal_by(const CommitBounds& bounds, const CommitRequest& request) {
  const bool is_new_case = request.expected_version == 0;
  if (bounds.has_gone_back && request.reservation) {
    return Error{Errc::exhausted, "the shared journal went back: nobody is dialed from this node until an operator has looked"};
  }
  if (bounds.is_low_on_space && (request.reservation || is_new_case)) {
    return Error{Errc::exhausted, "no room for new attempts or cases: this node's disk is below its reserve (node.min_free_mb)"};
  }
  return std::nullopt;
}

}  // namespace dunlin
