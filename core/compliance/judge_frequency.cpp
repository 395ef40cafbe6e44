#include <algorithm>
#include <limits>

#include "core/compliance/judgement.hpp"

namespace dunlin {
namespace {

constexpr UtcTime beginning_of_time{std::numeric_limits<std::int64_t>::min()};
constexpr std::size_t use_text_bytes = 96;  // Room for the words and numbers, so that the text is made at once.

struct Interval {
  UtcTime from;  ///< Included.
  UtcTime to;    ///< Excluded.
  bool has(UtcTime time) const { return time >= from && time < to; }
};

/// What of the history a rule counts.
struct Selection {
  const Pool* pool = nullptr;
  UtcTime from = beginning_of_time;  ///< Facts at this instant or later …
  UtcTime to;                        ///< … and not after this one.
  bool is_per_debt = false;
  bool is_per_number = false;
  std::optional<Interval> except;
};

bool is_selected(const ContactFact& fact, const Selection& selection, const ContactQuery& query) {
  if (fact.party != query.party || fact.on_person_initiative) return false;
  if (selection.is_per_debt && fact.debt != 0 && query.debt != 0 && fact.debt != query.debt) return false;
  if (selection.is_per_number && fact.number != 0 && query.number != 0 && fact.number != query.number) return false;
  return !(selection.except && selection.except->has(fact.at));
}

/// The selected facts of one bucket, from the newest back. Trivial, so that a list of them costs nothing to make.
struct Walk {
  const std::vector<ContactFact>* facts;
  std::size_t left;                  ///< The fact before this place is the next one.

  /// Steps over what is not selected; false at the end.
  bool find(const Selection& selection, const ContactQuery& query) {
    for (; left > 0 && (*facts)[left - 1].at >= selection.from; --left) {
      const ContactFact& fact = (*facts)[left - 1];
      if (fact.at <= selection.to && is_selected(fact, selection, query)) return true;
    }
    return false;
  }
  UtcTime at() const { return (*facts)[left - 1].at; }
};

/// A history has one bucket of a channel and result.
using Walks = BoundedList<Walk, channel_count * contact_result_count>;

/// Visits the selected instants, newest first, until `visit` returns false. Walks back from the end of each bucket, so
/// the cost follows what is visited and not the length of the history.
template <class Visit>
void each_newest(const Selection& selection, const Question& question, Visit visit) {
  Walks walks;
  for (const ContactHistory::Bucket& bucket : question.history.buckets()) {
    if (!selection.pool->has(bucket.channel, bucket.result)) continue;
    Walk walk{&bucket.facts, bucket.facts.size()};
    if (walk.find(selection, question.query)) DUNLIN_CHECK(walks.push(walk));
  }
  while (true) {
    Walk* newest = nullptr;
    for (Walk& walk : walks) {
      if (walk.left > 0 && (newest == nullptr || newest->at() < walk.at())) newest = &walk;
    }
    if (newest == nullptr || !visit(newest->at())) return;
    --newest->left;
    if (!newest->find(selection, question.query)) newest->left = 0;
  }
}

std::optional<UtcTime> newest_of(const Selection& selection, const Question& question) {
  std::optional<UtcTime> newest;
  each_newest(selection, question, [&newest](UtcTime at) { return newest = at, false; });
  return newest;
}

std::optional<UtcTime> oldest_of(const Selection& selection, const Question& question) {
  std::optional<UtcTime> oldest;
  each_newest(selection, question, [&oldest](UtcTime at) { return oldest = at, true; });
  return oldest;
}

std::optional<int> option_value(OptionValue which, const OperatorOptions& options) {
  switch (which) {
    case OptionValue::none: return std::nullopt;
    case OptionValue::max_unanswered_day: return options.max_unanswered_day;
    case OptionValue::max_unanswered_week: return options.max_unanswered_week;
    case OptionValue::max_unanswered_month: return options.max_unanswered_month;
    case OptionValue::unanswered_gap_s: return options.unanswered_gap_s;
    case OptionValue::next_number_gap_s: return options.next_number_gap_s;
  }
  return std::nullopt;
}

/// The rule of this kind that is in force, if the pack has one.
template <class Body>
const Body* rule_in_force(const Question& question, const Moment& moment) {
  for (const Rule& rule : moment.pack.rules) {
    const auto* body = std::get_if<Body>(&rule.body);
    if (body != nullptr && is_in_force(rule, question, moment)) return body;
  }
  return nullptr;
}

int agreed_number(const AgreedFrequency& agreed, Period period) {
  if (period == Period::day) return agreed.per_day;
  return period == Period::week ? agreed.per_week : agreed.per_month;
}

/// The limit in force: the agreement's, the operator's or the pack's own. Nothing = the rule sleeps.
std::optional<int> limit_of(const FrequencyRule& rule, const Question& question, const Moment& moment) {
  if (rule.limit_option != OptionValue::none) return option_value(rule.limit_option, question.options);
  if (rule.agreement == Agreement::none || question.facts.has(Fact::revoked)) return rule.limit;
  const PersonFacts& person = question.query.person;
  const auto& agreed = rule.agreement == Agreement::calls ? person.agreed_calls : person.agreed_messages;
  if (!agreed || rule_in_force<AgreementRule>(question, moment) == nullptr) return rule.limit;
  return agreed_number(*agreed, rule.agreement_period);
}

/// The person wrote or called shortly before through the same channel, and this answers it (RU-CNT-02).
bool is_reply(const Question& question, const Moment& moment) {
  if (!question.facts.has(Fact::reply_to_inbound)) return false;
  const auto* exemption = rule_in_force<ReplyExemption>(question, moment);
  if (exemption == nullptr) return false;
  Pool inbound;
  inbound.groups.push_back({ChannelSet().add(question.query.channel),
                            ResultSet().add(ContactResult::inbound).add(ContactResult::inbound_unanswered)});
  Selection selection;
  selection.pool = &inbound;
  selection.from = moment.at - seconds(exemption->within_s);
  selection.to = moment.at;
  return newest_of(selection, question).has_value();
}

/// From the date of a direct consent, for so many dates, until a new conversation on a later date (US-7IN7-03).
std::optional<Interval> consented_interval(const FrequencyRule& rule, const Question& question, const Moment& moment) {
  const CivilDate date = question.query.person.date(FactDate::direct_consent_at);
  if (!rule.uses_direct_consent || !date.is_set() || question.facts.has(Fact::revoked)) return std::nullopt;
  const auto* window = rule_in_force<ConsentWindow>(question, moment);
  if (window == nullptr) return std::nullopt;
  const std::int64_t day = days_from_civil(date);
  Interval interval{moment.zone.day_start(day), moment.zone.day_start(day + window->dates)};
  Selection talks;
  talks.pool = &window->ended_by;
  talks.from = moment.zone.day_start(day + 1);
  talks.to = moment.at;
  talks.is_per_debt = rule.is_per_debt;
  if (const auto first = oldest_of(talks, question)) interval.to = std::min(interval.to, *first);
  return interval;
}

CivilDate first_of_month(CivilDate date) { return {date.year, date.month, 1}; }

CivilDate first_of_next_month(CivilDate date) {
  return date.month == 12 ? CivilDate{date.year + 1, 1, 1} : CivilDate{date.year, date.month + 1, 1};
}

/// First instant of the period that holds the moment. A rolling period is open at its old end: a fact exactly `length`
/// ago has left it.
UtcTime period_start(const FrequencyRule& rule, const Moment& moment) {
  const std::int64_t today = moment.local.day;
  switch (rule.period) {
    case Period::day: return moment.zone.day_start(today);
    case Period::week: return moment.zone.day_start(today - weekday_of(today));
    case Period::month: return moment.zone.day_start(days_from_civil(first_of_month(civil_from_days(today))));
    case Period::rolling: return moment.at - seconds(rule.length) + milliseconds(1);
    case Period::dates: return moment.zone.day_start(today - (rule.length - 1));
    case Period::lifetime: return beginning_of_time;
  }
  return beginning_of_time;
}

/// When the deciding fact has left the period.
std::optional<UtcTime> leaves_at(const FrequencyRule& rule, const Moment& moment, UtcTime fact) {
  const std::int64_t today = moment.local.day;
  switch (rule.period) {
    case Period::day: return moment.zone.day_start(today + 1);
    case Period::week: return moment.zone.day_start(today - weekday_of(today) + 7);
    case Period::month: return moment.zone.day_start(days_from_civil(first_of_next_month(civil_from_days(today))));
    case Period::rolling: return fact + seconds(rule.length);
    case Period::dates: return moment.zone.day_start(moment.zone.local(fact).day + rule.length);
    case Period::lifetime: return std::nullopt;
  }
  return std::nullopt;
}

bool is_lifted(const FrequencyRule& rule, const Question& question, const Moment& moment) {
  if (!question.facts.has_all(rule.requires_facts)) return true;
  if (question.facts.has_any(rule.exempt_facts) && !question.facts.has(Fact::revoked)) return true;
  return rule.can_reply && is_reply(question, moment);
}

}  // namespace

std::optional<PeriodUse> use_of(const FrequencyRule& rule, const Question& question, const Moment& moment, int cap) {
  if (is_lifted(rule, question, moment)) return std::nullopt;
  const auto limit = limit_of(rule, question, moment);
  if (!limit) return std::nullopt;
  const auto consented = consented_interval(rule, question, moment);
  if (consented && consented->has(moment.at)) return std::nullopt;
  Selection selection;
  selection.pool = &rule.pool;
  selection.from = period_start(rule, moment);
  selection.to = moment.at;
  selection.is_per_debt = rule.is_per_debt;
  if (rule.skips_consented) selection.except = consented;
  const int most = std::max({cap, *limit, 1});
  PeriodUse use{*limit, 0, moment.at};
  UtcTime deciding;
  each_newest(selection, question, [&](UtcTime at) {
    if (++use.used == *limit) deciding = at;
    return use.used < most;
  });
  if (*limit <= 0) {
    use.frees_at = std::nullopt;
  } else if (use.used >= *limit) {
    use.frees_at = leaves_at(rule, moment, deciding);
  }
  // A consent of a later date lifts the rule from its first instant on.
  const bool is_consented_later = consented && consented->from > moment.at && use.used >= *limit;
  if (is_consented_later) use.frees_at = std::min(use.frees_at.value_or(consented->from), consented->from);
  return use;
}

std::string describe_use(const PeriodUse& use, const FrequencyRule& rule, const Moment& moment) {
  std::string text;
  text.reserve(use_text_bytes + rule.pool.name.size() + moment.zone.name.size());
  text += "used=";
  text += std::to_string(use.used);
  text += " limit=";
  text += std::to_string(use.limit);
  text += " period=";
  text += to_string(rule.period);
  if (rule.length != 0) (text += ":") += std::to_string(rule.length);
  ((text += " pool=") += rule.pool.name) += " zone=";
  text += moment.zone.name;
  return text;
}

std::optional<Denial> judge_frequency(const FrequencyRule& rule, const Question& question, const Moment& moment) {
  const auto use = use_of(rule, question, moment, 0);
  if (!use || use->used < use->limit) return std::nullopt;
  return Denial{use->frees_at, question.wants_reasons ? describe_use(*use, rule, moment) : std::string()};
}

std::optional<Denial> judge_quiet_period(const QuietPeriod& rule, const Question& question, const Moment& moment) {
  if (question.facts.has_any(rule.unless)) return std::nullopt;
  std::int64_t length_s = rule.seconds;
  if (rule.seconds_option != OptionValue::none) {
    length_s = option_value(rule.seconds_option, question.options).value_or(0);
  }
  Selection selection;
  selection.pool = &rule.pool;
  selection.from = moment.at - seconds(length_s) + milliseconds(1);
  selection.to = moment.at;
  selection.is_per_number = rule.is_per_number;
  const auto newest = newest_of(selection, question);
  if (!newest) return std::nullopt;
  std::string reason;
  if (question.wants_reasons) {
    reason = "last=" + format_utc(*newest) + " quiet_s=" + std::to_string(length_s) + " pool=" + rule.pool.name;
  }
  return Denial{*newest + seconds(length_s), std::move(reason)};
}

std::optional<Denial> judge_in_flight(const InFlightRule& rule, const Question& question) {
  for (const ContactFact& open : question.history.in_flight()) {
    if (!rule.pool.has(open.channel)) continue;
    std::string reason = question.wants_reasons ? "in_flight since=" + format_utc(open.at) : std::string();
    return Denial{std::nullopt, std::move(reason)};
  }
  return std::nullopt;
}

}  // namespace dunlin
