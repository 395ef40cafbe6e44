#include "actors/document_queue.hpp"

#include <algorithm>
#include <utility>

#include "config/limits.hpp"

namespace dunlin {
namespace {

/// A decision made on what has just been overtaken is made again; not for ever, lest two busy nodes never answer.
constexpr int most_tries = 8;

}  // namespace

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
  ++next.tries;
  const auto outcome = std::make_shared<DocumentOutcome>();
  under_way_ = UnderWay{std::move(next), std::move(change->apply), outcome};
  write(desk, std::move(*change), outcome);
}

void DocumentQueue::write(const caf::actor& desk, DocumentChange change, const std::shared_ptr<DocumentOutcome>& outcome) {
  const auto settle = [desk, outcome](DocumentOutcome how) {
    *outcome = std::move(how);
    post(desk, msg::DocumentSaved{outcome->error});
  };
  if (door_) return door_->change({std::move(change.kind), std::move(change.id), std::move(change.bytes)}, heard_, settle);
  documents_->put(change.kind, change.id, std::move(change.bytes), [settle](const Status& saved) {
    if (saved) settle({});
    else settle({Error{saved.error().code, "nothing was changed: " + saved.error().detail}, 0, false});
  });
}

void DocumentQueue::on_saved(const caf::actor& desk, const msg::DocumentSaved& saved) {
  if (!under_way_) return;
  UnderWay done = std::move(*under_way_);
  under_way_.reset();
  if (saved.error && done.outcome->is_stale && done.change.tries < most_tries) {
    start(desk, std::move(done.change));
  } else if (saved.error) {
    done.change.promise.deliver(msg::Answer{saved.error, {}});
  } else {
    heard_ = std::max(heard_, done.outcome->position);
    done.change.promise.deliver(msg::Answer{std::nullopt, done.apply()});
  }
  while (!under_way_ && !waiting_.empty()) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    start(desk, std::move(next));
  }
}

void DocumentQueue::on_heard(const msg::DocumentsChanged& news) {
  door_ = news.door;
  heard_ = news.position;
}

}  // namespace dunlin
