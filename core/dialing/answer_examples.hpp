#pragma once
// Between a case and the answer model: what the model asks before a number is dialed, and what each finished attempt of
// the case taught. Only what was known before an attempt goes into its question. Pure.
#include <functional>

#include "core/case/case_record.hpp"
#include "core/compliance/zone_table.hpp"
#include "core/dialing/answer_model.hpp"

namespace dunlin {

struct AnswerExample {
  AnswerQuestion question;
  AnswerModel::Result result;
  UtcTime at;
  std::uint16_t score_permille = 0;  ///< What the model of that time forecast before it was dialed; 0: nothing.
  std::optional<PromiseState> promise{};  ///< Given in this talk, and what became of it.
};

/// The question for dialing this number at that instant, from the attempts before it that the record still holds.
/// `zone` is where the person lives; nullptr: unknown.
AnswerQuestion question_of(const CaseRecord& record, const ContactPhone& phone, const ZoneTable* zone, UtcTime at);

/// Every settled attempt of the record that rang or was answered, oldest first.
void each_example(const CaseRecord& record, const ZoneTable* zone, const std::function<void(const AnswerExample&)>& visit);

/// Where a person lives, for the hour of the day there; nullptr when nobody can say. Told by the gate of the law, so that
/// the model, the plan and the law reckon with the same zone. Any thread.
using PersonZone = std::function<const ZoneTable*(const CaseRecord&)>;

}  // namespace dunlin
