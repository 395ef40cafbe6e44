#pragma once
// Collects the answers of several actors into one: delivered when all have answered or failed. Used by the desks.
#include <memory>

#include "actors/contracts/caf.hpp"
#include "config/limits.hpp"

namespace dunlin {

template <class Collected>
class Gathering {
 public:
  explicit Gathering(caf::typed_response_promise<Collected> promise) : promise_(std::move(promise)) {}
  ~Gathering() { promise_.deliver(std::move(collected)); }
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;

  Collected collected;

 private:
  caf::typed_response_promise<Collected> promise_;
};

/// Asks one actor; its answer is appended to `list` of the collected value. The last holder of `gathering` delivers.
template <class View, class Self, class Collected, class Query>
void gather_from(Self* self, const caf::actor& from, std::shared_ptr<Gathering<Collected>> gathering, std::vector<View> Collected::*list, const Query& query) {
  ask(self, from, limits::request_timeout, query)
      .then([gathering, list](const View& view) { (gathering->collected.*list).push_back(view); }, [gathering](const caf::error&) {});
}

}  // namespace dunlin
