#include "core/compliance/contact_policy.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/compliance/judgement.hpp"

namespace dunlin {
namespace {

constexpr const char* fail_closed_rule = "GEN-03";  // Our own rule: what is unknown denies.
constexpr std::size_t max_checked_findings = 8;
/// Far zones may share no hour before summer time ends: eight months, a few steps a day.
constexpr int max_search_steps = 2000;
constexpr int budget_cap = 1000;

/// Hours of one pack speak together: the instant one window allows means nothing while its neighbour is closed.
bool is_about_hours(const Rule& rule) {
  return std::holds_alternative<CallingWindow>(rule.body) || std::holds_alternative<WindowTail>(rule.body) ||
         std::holds_alternative<DeliveryWindow>(rule.body);
}

/// One kind of rule, one case. The rules that only change others never deny by themselves.
struct Judge {
  const Question& question;
  const Moment& moment;
  using Answer = std::optional<Denial>;
  Answer operator()(const CallingWindow& rule) const { return judge_window(rule, question, moment); }
  Answer operator()(const WindowTail&) const { return judge_tail(question, moment); }
  Answer operator()(const DeliveryWindow&) const { return judge_delivery(question, moment); }
  Answer operator()(const StatedTimesRule&) const { return judge_stated_times(question, moment); }
  Answer operator()(const FrequencyRule& rule) const { return judge_frequency(rule, question, moment); }
  Answer operator()(const QuietPeriod& rule) const { return judge_quiet_period(rule, question, moment); }
  Answer operator()(const InFlightRule& rule) const { return judge_in_flight(rule, question); }
  Answer operator()(const FlagRule& rule) const { return judge_flag(rule, question, moment); }
  Answer operator()(const OrganisationRule& rule) const { return judge_organisation(rule, question); }
  Answer operator()(const ThirdPartyRule& rule) const { return judge_third_party(rule, question); }
  Answer operator()(const RefusalRule& rule) const { return judge_refusal(rule, question, moment); }
  Answer operator()(const MediumOptout&) const { return judge_medium(question); }
  Answer operator()(const ConsentRule& rule) const { return judge_consent(rule, question); }
  Answer operator()(const AbandonLimit& rule) const { return judge_abandon_limit(rule, question); }
  Answer operator()(const RingTime& rule) const { return judge_ring_time(rule, question); }
  Answer operator()(const ReplyExemption&) const { return std::nullopt; }
  Answer operator()(const ConsentWindow&) const { return std::nullopt; }
  Answer operator()(const AgreementRule&) const { return std::nullopt; }
};

/// The rule is in force.
std::optional<Denial> judge(const Rule& rule, const Question& question, const Moment& moment) {
  auto denial = std::visit(Judge{question, moment}, rule.body);
  if (denial && rule.valid_to.is_set()) {  // The end of the rule heals what it forbids.
    const UtcTime end = moment.zone.day_start(rule.last_day + 1);
    denial->until = denial->until ? std::min(*denial->until, end) : end;
  }
  return denial;
}

/// What a finding is about: all rules of one id in its pack, all hours of the pack, or everything.
struct Scope {
  const LawPack* pack = nullptr;
  const Rule* rule = nullptr;
  bool has(const LawPack& other_pack, const Rule* other) const {
    if (pack == nullptr) return true;
    if (&other_pack != pack) return false;
    if (rule == nullptr || other == nullptr) return rule == other;
    return other->id == rule->id || (is_about_hours(*rule) && is_about_hours(*other));
  }
};

/// The scope's rules of every pack in every zone at one instant; `visit(pack, rule or nullptr, denial)` is called for
/// each denial.
template <class Visit>
void judge_all(const Candidates& candidates, const Question& question, UtcTime at, const Scope& scope, Visit visit) {
  for (const LawPack* pack : candidates.packs) {
    for (const ZoneTable* zone : candidates.zones) {
      const Moment moment(*pack, *zone, at, question);
      if (scope.has(*pack, nullptr)) {
        if (auto denial = judge_missing_window(question, moment)) visit(*pack, nullptr, *denial);
      }
      for (const Rule& rule : pack->rules) {
        if (!is_in_force(rule, question, moment) || !scope.has(*pack, &rule)) continue;
        if (auto denial = judge(rule, question, moment)) visit(*pack, &rule, *denial);
      }
    }
  }
}

/// First instant >= `from` at which nothing in the scope denies. Each denial tells an instant before which it cannot
/// allow, so stepping to the latest of them never jumps over the answer. Bounded; nothing when time does not heal it.
std::optional<UtcTime> first_allowed(const Candidates& candidates, const Question& question, UtcTime from,
                                     const Scope& scope) {
  UtcTime at = from;
  for (int step = 0; step < max_search_steps; ++step) {
    UtcTime next = at;
    bool is_healed_by_time = true;
    judge_all(candidates, question, at, scope, [&](const LawPack&, const Rule*, const Denial& denial) {
      if (denial.until) next = std::max(next, std::max(*denial.until, at + milliseconds(1)));
      is_healed_by_time = is_healed_by_time && denial.until.has_value();
    });
    if (!is_healed_by_time) return std::nullopt;
    if (next == at) return at;
    at = next;
  }
  return std::nullopt;
}

/// Facts that cannot be true together, or that lie in the future: the record is unreadable, so it denies.
std::optional<std::string> contradiction(const ContactQuery& query, const FactSet& facts) {
  if (facts.has(Fact::mobile) && facts.has(Fact::landline)) return "mobile and landline at once";
  if (query.expected_delivery && *query.expected_delivery < query.at) return "delivery before sending";
  const StatedTimes& stated = query.person.stated_times;
  if (stated.not_before_s && stated.not_after_s && *stated.not_before_s >= *stated.not_after_s) {
    return "told times leave no hour";
  }
  for (const CivilDate& date : query.person.dates) {
    if (date.is_set() && !is_valid(date)) return "a date does not exist";
  }
  if (facts.has(Fact::spouse) && query.counterparty == Counterparty::debtor) return "the debtor is not the spouse";
  return std::nullopt;
}

Decision blank_decision(const ContactQuery& query, const ContactHistory& history, const RuleSet& rules) {
  Decision decision;
  decision.at = query.at;
  decision.rule_set_version = rules.version;
  decision.calendar_version = rules.calendar_version;
  decision.tzdata_version = rules.zones ? rules.zones->tzdata_version : std::string();
  decision.history_length = history.size();
  decision.clock_shifted = query.clock_shifted;
  return decision;
}

Decision deny_closed(Decision decision, std::string reason, std::optional<UtcTime> until) {
  decision.verdict = until ? Verdict::deny_until : Verdict::deny;
  decision.until = until;
  decision.findings.push_back({fail_closed_rule, until, std::move(reason)});
  return decision;
}

/// A denying rule with the instant from which its search goes on.
struct OpenFinding {
  RuleFinding finding;
  Scope scope;
  bool is_healed_by_time = true;
  UtcTime search_from;
};

void add_denial(std::vector<OpenFinding>& open, const Scope& scope, const Denial& denial, UtcTime at) {
  const std::string id = scope.rule == nullptr ? fail_closed_rule : scope.rule->id;
  auto found = std::find_if(open.begin(), open.end(), [&](const OpenFinding& o) { return o.finding.rule_id == id; });
  if (found == open.end()) {
    open.push_back({{id, std::nullopt, denial.reason}, scope, true, at});
    found = std::prev(open.end());
  }
  found->is_healed_by_time = found->is_healed_by_time && denial.until.has_value();
  if (denial.until) found->search_from = std::max(found->search_from, *denial.until);
}

/// Every denying rule with the first instant at which it alone allows.
std::vector<RuleFinding> denials_of(const Candidates& candidates, const Question& question) {
  std::vector<OpenFinding> open;
  judge_all(candidates, question, question.query.at, Scope(),
            [&](const LawPack& pack, const Rule* rule, const Denial& denial) {
              add_denial(open, {&pack, rule}, denial, question.query.at);
            });
  Question search = question;
  search.wants_reasons = false;
  std::vector<RuleFinding> findings;
  findings.reserve(open.size());
  for (OpenFinding& one : open) {
    if (one.is_healed_by_time) one.finding.until = first_allowed(candidates, search, one.search_from, one.scope);
    findings.push_back(std::move(one.finding));
  }
  return findings;
}

/// First instant at which everything allows; no rule alone allows earlier than its finding says.
std::optional<UtcTime> healed_at(const Candidates& candidates, const Question& question,
                                 const std::vector<RuleFinding>& findings) {
  UtcTime from = question.query.at;
  for (const RuleFinding& finding : findings) {
    if (!finding.until) return std::nullopt;
    from = std::max(from, *finding.until);
  }
  Question search = question;
  search.wants_reasons = false;
  return first_allowed(candidates, search, from, Scope());
}

/// The rules that were asked and allowed: hours and counters with their numbers, the counters nearest to their limit
/// first. Bounded, because it is stored with every attempt.
std::vector<RuleFinding> checked_rules(const Candidates& candidates, const Question& question) {
  struct Checked {
    int distance = -1;                 ///< Contacts left; hours come first.
    const Rule* rule = nullptr;
    PeriodUse use;
  };
  BoundedList<Checked, max_checked_findings> checked;
  const auto add = [&checked](Checked one) {
    const auto place = std::upper_bound(checked.begin(), checked.end(), one, [](const Checked& left, const Checked& right) {
      return left.distance < right.distance;
    });
    checked.insert(static_cast<std::size_t>(place - checked.begin()), one);
  };
  const LawPack& pack = *candidates.packs.front();
  const ZoneTable& zone = *candidates.zones.front();
  const Moment moment(pack, zone, question.query.at, question);
  for (const Rule& rule : pack.rules) {
    if (!is_in_force(rule, question, moment)) continue;
    if (const auto* window = std::get_if<CallingWindow>(&rule.body)) {
      if (is_window_of_day(*window, moment)) add({-1, &rule, {}});
    } else if (const auto* frequency = std::get_if<FrequencyRule>(&rule.body)) {
      const auto use = use_of(*frequency, question, moment, 0);
      if (use) add({use->limit - use->used, &rule, *use});
    }
  }
  std::vector<RuleFinding> findings;
  findings.reserve(checked.size());
  for (const Checked& one : checked) {
    const auto* frequency = std::get_if<FrequencyRule>(&one.rule->body);
    std::string reason = frequency == nullptr ? "open zone=" + zone.name : describe_use(one.use, *frequency, moment);
    findings.push_back({one.rule->id, {}, std::move(reason)});
  }
  return findings;
}

int in_flight_of(const Rule& rule, const ContactHistory& history) {
  const auto& open = history.in_flight();
  return static_cast<int>(std::count_if(open.begin(), open.end(), [&](const ContactFact& fact) {
    return rule.channels.has(fact.channel);
  }));
}

void keep_strictest(std::vector<BudgetLine>& lines, BudgetLine line) {
  for (BudgetLine& known : lines) {
    if (known.rule_id != line.rule_id || known.period != line.period || known.pool != line.pool) continue;
    if (line.remaining() < known.remaining()) known = std::move(line);
    return;
  }
  lines.push_back(std::move(line));
}

}  // namespace

bool is_in_force(const Rule& rule, const Question& question, const Moment& moment) {
  if (!rule.channels.has(question.query.channel) || !rule.counterparties.has(question.query.counterparty)) return false;
  if (moment.local.day < rule.first_day || moment.local.day > rule.last_day) return false;
  switch (rule.wakes_with) {
    case WakingOption::always: return true;
    case WakingOption::strict_weekend: return question.options.strict_weekend;
    case WakingOption::strict_rolling: return question.options.strict_rolling;
  }
  return true;
}

ContactPolicy::ContactPolicy(std::shared_ptr<const RuleSet> rules)
    : rules_(std::move(rules)), options_(rules_ ? rules_->default_options : OperatorOptions()) {
  DUNLIN_CHECK(rules_ != nullptr);
}

ContactPolicy::ContactPolicy(std::shared_ptr<const RuleSet> rules, OperatorOptions options)
    : rules_(std::move(rules)), options_(options) {
  DUNLIN_CHECK(rules_ != nullptr);
}

Decision ContactPolicy::decide(const ContactQuery& query, const ContactHistory& history) const {
  Decision decision = blank_decision(query, history, *rules_);
  const Candidates candidates = find_candidates(query.person, *rules_);
  decision.zones.reserve(candidates.zones.size());
  for (const ZoneTable* zone : candidates.zones) decision.zones.push_back(zone->name);
  if (!candidates.problem.empty()) return deny_closed(std::move(decision), candidates.problem, std::nullopt);
  const Question question{query, history, options_, query.person.facts | query.facts, true};
  if (auto reason = contradiction(query, question.facts)) {
    return deny_closed(std::move(decision), std::move(*reason), std::nullopt);
  }
  if (query.at >= rules_->zones->known_until) {
    return deny_closed(std::move(decision), "zone tables end before this instant", std::nullopt);
  }
  const auto newest = history.newest();
  if (newest && *newest > query.at) return deny_closed(std::move(decision), "history lies in the future", newest);
  decision.findings = denials_of(candidates, question);
  if (decision.findings.empty()) {
    decision.verdict = Verdict::allow;
    decision.findings = checked_rules(candidates, question);
    return decision;
  }
  decision.until = healed_at(candidates, question, decision.findings);
  decision.verdict = decision.until ? Verdict::deny_until : Verdict::deny;
  return decision;
}

ContactBudget ContactPolicy::budget(const ContactQuery& query, const ContactHistory& history) const {
  ContactBudget budget;
  const Candidates candidates = find_candidates(query.person, *rules_);
  if (!candidates.problem.empty()) return budget;
  const Question question{query, history, options_, query.person.facts | query.facts, false};
  for (const LawPack* pack : candidates.packs) {
    for (const ZoneTable* zone : candidates.zones) {
      const Moment moment(*pack, *zone, query.at, question);
      for (const Rule& rule : pack->rules) {
        const auto* frequency = std::get_if<FrequencyRule>(&rule.body);
        if (frequency == nullptr || !is_in_force(rule, question, moment)) continue;
        const auto use = use_of(*frequency, question, moment, budget_cap);
        if (!use) continue;
        keep_strictest(budget.lines, {rule.id, frequency->pool.name, std::string(to_string(frequency->period)),
                                      use->used + in_flight_of(rule, history), use->limit,
                                      use->frees_at.value_or(query.at)});
      }
    }
  }
  budget.is_limited = !budget.lines.empty();
  budget.remaining = budget.is_limited ? budget.lines.front().remaining() : 0;
  for (const BudgetLine& line : budget.lines) budget.remaining = std::min(budget.remaining, line.remaining());
  return budget;
}

}  // namespace dunlin
