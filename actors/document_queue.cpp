#include "actors/document_queue.hpp"

#include <utility>

#include "config/limits.hpp"

namespace dunlin {

void DocumentQueue::submit(const caf::actor& desk, Promise promise, Decide decide) {
  if (!under_way_) return start(desk, {std::move(promise), std::move(decide)});
  if (waiting_.size() >= limits::document_changes_waiting) {
    promise.deliver(msg::Answer{Error{Errc::exhausted, "too many changes wait for the disk; try again"}, {}});
    return;
  }
  waiting_.push_back({std::move(promise), std::move(decide)});
}

void DocumentQueue::start(const caf::actor& desk, Waiting next) {
  auto change = next.decide();
  if (!change) {
    next.promise.deliver(msg::Answer{change.error(), {}});
    return;
  }
  under_way_ = UnderWay{std::move(next.promise), std::move(change->apply)};
  documents_->put(change->kind, change->id, std::move(change->bytes), [desk](Status saved) {
    post(desk, msg::DocumentSaved{saved ? std::nullopt : std::optional<Error>(saved.error())});
  });
}

void DocumentQueue::on_saved(const caf::actor& desk, const msg::DocumentSaved& saved) {
  if (!under_way_) return;
  UnderWay done = std::move(*under_way_);
  under_way_.reset();
  if (saved.error) {
    done.promise.deliver(msg::Answer{Error{saved.error->code, "nothing was changed: " + saved.error->detail}, {}});
  } else {
    done.promise.deliver(msg::Answer{std::nullopt, done.apply()});
  }
  while (!under_way_ && !waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    start(desk, std::move(next));
  }
}

}  // namespace dunlin
