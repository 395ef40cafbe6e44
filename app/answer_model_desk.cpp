#include "app/answer_model_desk.hpp"

#include <algorithm>
#include <chrono>

#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

constexpr Duration model_lasts = hours(1);
constexpr Duration age_check = minutes(1);
/// Bounds the memory of learning to some 300 MB. Shards are read until so many are found: which shard a person is in says
/// nothing of him.
constexpr std::size_t most_examples = 4'000'000;

bool is_of(const CaseRecord& record, const std::string& portfolio) {
  if (portfolio.empty()) return true;
  return std::any_of(record.debts.begin(), record.debts.end(), [&portfolio](const Debt& debt) { return debt.portfolio == portfolio; });
}

}  // namespace

Result<std::vector<AnswerExample>> AnswerModelDesk::examples(const std::string& portfolio, const Progress& progress) const {
  std::vector<AnswerExample> found;
  std::optional<Error> failure;
  for (ShardIndex shard = 0; shard < shard_count && found.size() < most_examples; ++shard) {
    const Status read = store_.history().each_view(shard, [&](CaseId id, const StoredView& view) {
      const auto record = decode_view(view.bytes);
      if (!record) {
        failure = Error{record.error().code, "case " + id.str() + ": " + record.error().detail};
        return false;
      }
      if (record->state == CaseState::aliased || !is_of(*record, portfolio)) return true;
      each_example(*record, zone_(*record), [&found](const AnswerExample& example) { found.push_back(example); });
      return found.size() < most_examples;
    });
    if (failure) return *failure;
    if (!read) return read.error();
    if (progress && !progress((shard + 1.0) / shard_count)) return Error{Errc::unavailable, "stopped"};
  }
  return found;
}

Result<ModelReport> AnswerModelDesk::report(const std::string& portfolio, const Progress& progress) const {
  auto found = examples(portfolio, progress);
  if (!found) return found.error();
  return report_model(*found);
}

Result<AnswerModelDesk::Odds> AnswerModelDesk::learn_locked(const Progress& progress) {
  auto found = examples("", progress);
  if (!found) return found.error();
  const std::size_t count = found->size();
  odds_ = learn_odds(std::move(*found), clock_.now_utc(), zone_);
  learned_at_ = clock_.now_mono();
  log_info("model", "learned", "attempts={} decides={}", count, odds_->has_grown() ? "yes" : "not yet");
  if (publish_) publish_(odds_);
  return odds_;
}

Result<AnswerModelDesk::Odds> AnswerModelDesk::odds(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  if (odds_ && clock_.now_mono() - learned_at_ < model_lasts) return odds_;
  return learn_locked(progress);
}

Result<AnswerModelDesk::Odds> AnswerModelDesk::learn(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  return learn_locked(progress);
}

void AnswerModelDesk::keep_fresh() {
  refresher_ = std::jthread([this](const std::stop_token& stop) { refresh_until(stop); });
}

void AnswerModelDesk::stop() {
  refresher_.request_stop();
  if (refresher_.joinable()) refresher_.join();
}

void AnswerModelDesk::refresh_until(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto known = odds([&stop](double) { return !stop.stop_requested(); });
    if (!known && !stop.stop_requested()) log_warn("model", "not_learned", "{}", known.error().detail);
    std::unique_lock lock(wake_mutex_);
    wake_.wait_for(lock, stop, std::chrono::milliseconds(age_check.ms), [] { return false; });
  }
}

}  // namespace dunlin
