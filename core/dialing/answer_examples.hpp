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
};

/// The question for dialing this number at that instant, from the attempts before it that the record still holds.
/// `zone` is where the person lives; nullptr: unknown.
AnswerQuestion question_of(const CaseRecord& record, const ContactPhone& phone, const ZoneTable* zone, UtcTime at);

/// Every settled attempt of the record that rang or was answered, oldest first.
void each_example(const CaseRecord& record, const ZoneTable* zone, const std::function<void(const AnswerExample&)>& visit);

/// The first zone of the person that is known; nullptr when none is.
const ZoneTable* zone_of(const CaseRecord& record, const ZoneBook& book);

}  // namespace dunlin
