#include "core/dialing/answer_examples.hpp"

#include <algorithm>

#include "core/compliance/outcome_mapping.hpp"

namespace dunlin {
namespace {

constexpr int seconds_an_hour = 3600;

int hour_of_week(const ZoneTable* zone, UtcTime at) {
  if (zone == nullptr) return -1;
  const LocalTime local = zone->local(at);
  return weekday_of(local.day) * 24 + local.second_of_day / seconds_an_hour;
}

/// Whether the call got as far as the number, and somebody knows. The law's reading of outcomes says so already.
bool reached_the_number(Outcome outcome) {
  const ContactResult result = contact_result_of(outcome);
  return result != ContactResult::not_in_service && result != ContactResult::not_sent && result != ContactResult::network_failure &&
         result != ContactResult::unknown;
}

std::optional<AnswerModel::Result> result_of(const AttemptRow& row) {
  const auto outcome = row.final_outcome();
  if (!outcome || !reached_the_number(*outcome)) return std::nullopt;
  return AnswerModel::Result{traits(*outcome).human_answered, traits(*outcome).right_party};
}

/// The attempts of one number as the model sees them, up to an instant.
class NumberPast {
 public:
  NumberPast(const CaseRecord& record, const PhoneNumber& number, UtcTime until, int part, const ZoneTable* zone) {
    for (const AttemptRow& row : record.attempts) {
      if (row.number != number || row.reserved_at >= until) continue;
      if (const auto result = result_of(row)) add(*result, row.reserved_at, part >= 0 && week_part_of(hour_of_week(zone, row.reserved_at)) == part);
    }
  }
  void write_into(AnswerQuestion& question, UtcTime at) const {
    question.attempts = attempts_;
    question.silent_attempts = silent_;
    question.live_answers = live_;
    question.was_answered_in_part = was_answered_in_part_;
    if (last_at_) question.pause = at - *last_at_;
  }

 private:
  void add(AnswerModel::Result result, UtcTime at, bool is_same_part) {
    ++attempts_;
    silent_ = result.is_live ? 0 : silent_ + 1;
    if (result.is_live) ++live_;
    was_answered_in_part_ = was_answered_in_part_ || (result.is_live && is_same_part);
    last_at_ = at;
  }
  std::uint32_t attempts_ = 0;
  std::uint32_t silent_ = 0;
  std::uint32_t live_ = 0;
  bool was_answered_in_part_ = false;
  std::optional<UtcTime> last_at_;
};

AnswerQuestion question_at(const CaseRecord& record, const PhoneNumber& number, const ZoneTable* zone, UtcTime at) {
  AnswerQuestion question;
  question.hour_of_week = hour_of_week(zone, at);
  NumberPast(record, number, at, week_part_of(question.hour_of_week), zone).write_into(question, at);
  return question;
}

}  // namespace

AnswerQuestion question_of(const CaseRecord& record, const ContactPhone& phone, const ZoneTable* zone, UtcTime at) {
  AnswerQuestion question = question_at(record, phone.number, zone, at);
  question.owner = phone.owner;
  question.type = phone.type;
  return question;
}

void each_example(const CaseRecord& record, const ZoneTable* zone, const std::function<void(const AnswerExample&)>& visit) {
  for (const AttemptRow& row : record.attempts) {
    const auto result = result_of(row);
    if (!result) continue;
    AnswerExample example{question_at(record, row.number, zone, row.reserved_at), *result, row.reserved_at, row.answer_score_permille};
    const auto promise = std::find_if(record.promises.begin(), record.promises.end(), [&row](const Promise& known) { return known.attempt == row.attempt; });
    if (promise != record.promises.end()) example.promise = promise->state;
    example.question.owner = row.role;
    example.question.type = row.type;
    visit(example);
  }
}

}  // namespace dunlin
