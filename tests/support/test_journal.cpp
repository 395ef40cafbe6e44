#include "tests/support/test_journal.hpp"

namespace dunlin::test {
namespace {

const Error no_room{Errc::exhausted, "no room on the disk"};
const Error refused{Errc::unavailable, "the disk refuses"};
const Error no_answer{Errc::unavailable, "the disk did not answer"};

}  // namespace

void TestJournal::enqueue(Job job) {
  queue_.push_back(std::move(job));
  if (is_held_) return;
  const MonoTime now = stage_.clock().now_mono();
  MonoTime at = now + (choose_latency ? choose_latency() : Duration{});
  if (at < last_write_at_) at = last_write_at_;
  last_write_at_ = at;
  stage_.after(at - now, [this] {
    if (!is_held_ && !queue_.empty()) write_one();
  });
}

void TestJournal::release() {
  is_held_ = false;
  while (!queue_.empty()) write_one();
}

TestJournal::Job TestJournal::take() {
  Job next = std::move(queue_.front());
  queue_.pop_front();
  return next;
}

void TestJournal::write_one() {
  Job next = take();
  std::visit([this](auto& job) { write(std::move(job)); }, next);
}

/// A batch whose end nobody hears gives no permit (R2).
Result<CommitReceipt> TestJournal::reach_disk(const CommitRequest& request, bool has_permit) {
  CommitRequest written = request;
  if (!has_permit) written.reservation.reset();
  auto receipt = disk_.apply(std::move(written));
  if (receipt && on_durable) on_durable(request);
  return receipt;
}

void TestJournal::write(Batch batch) {
  switch (fate_of(batch)) {
    case CommitFate::no_room: return batch.done(no_room);
    case CommitFate::refused: return batch.done(refused);
    case CommitFate::in_doubt:
      (void)reach_disk(batch.request, false);
      return batch.done(no_answer);
    case CommitFate::lied:
      if (batch.request.reservation) disk_.store().permit_desk().put(make_permit(*batch.request.reservation));
      return batch.done(CommitReceipt{});
    case CommitFate::durable: break;
  }
  batch.done(reach_disk(batch.request, true));
}

void TestJournal::write(Document document) {
  const CommitFate fate = fate_of(document);
  if (fate == CommitFate::no_room) return document.done(no_room);
  if (fate == CommitFate::refused) return document.done(refused);
  if (fate == CommitFate::lied) return document.done(Done{});
  const Status written = disk_.put_document(document.write.kind, document.write.id, document.write.bytes);
  document.done(fate == CommitFate::in_doubt ? Status(no_answer) : written);
}

void TestJournal::crash(Rng& lots) {
  for (std::size_t left = queue_.empty() ? 0 : lots.below(queue_.size() + 1); left > 0; --left) {
    const Job next = take();
    if (const auto* batch = std::get_if<Batch>(&next)) {
      const CommitFate fate = fate_of(*batch);
      if (fate == CommitFate::durable || fate == CommitFate::in_doubt) (void)reach_disk(batch->request, false);
    } else {
      const auto& write = std::get<Document>(next).write;
      (void)disk_.put_document(write.kind, write.id, write.bytes);
    }
  }
  queue_.clear();
}

Result<std::optional<std::string>> TestArchive::view(CaseId id) const {
  auto stored = store_.view(id);
  if (stored && *stored && alter_view) **stored = alter_view(std::move(**stored));
  return stored;
}

}  // namespace dunlin::test
