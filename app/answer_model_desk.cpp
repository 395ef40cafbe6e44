#include "app/answer_model_desk.hpp"

#include <algorithm>

#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

constexpr Duration model_lasts = hours(1);
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
      each_example(*record, zone_of(*record, zones_), [&found](const AnswerExample& example) { found.push_back(example); });
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

Result<std::shared_ptr<const AnswerModel>> AnswerModelDesk::model() {
  const std::lock_guard lock(mutex_);
  if (model_ && clock_.now_mono() - learned_at_ < model_lasts) return model_;
  auto found = examples("", {});
  if (!found) return found.error();
  std::stable_sort(found->begin(), found->end(), [](const AnswerExample& a, const AnswerExample& b) { return a.at < b.at; });
  auto fresh = std::make_shared<AnswerModel>();
  for (const AnswerExample& example : *found) fresh->observe(example.question, example.result, example.at);
  model_ = std::move(fresh);
  learned_at_ = clock_.now_mono();
  return model_;
}

AnswerQuestion AnswerModelDesk::question(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const {
  return question_of(record, phone, zone_of(record, zones_), at);
}

}  // namespace dunlin
