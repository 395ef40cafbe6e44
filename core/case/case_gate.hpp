#pragma once
// The law's door as the case sees it: one question per attempt, one Decision with proof. The adapter to the law engine
// (core/compliance/contact_policy) is core/case/policy_gate. Pure, no clock: the instant is part of the question.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/case/case_record.hpp"
#include "core/case/debtor_clock.hpp"
#include "core/compliance/decision.hpp"

namespace dunlin {

/// The number the called person will see, as the law asks for it.
enum class ShownNumber : std::uint8_t {
  not_chosen,      ///< A plan, a budget: no trunk is chosen yet, so nothing is held against it.
  contracted,      ///< Given to the company by a contract with a carrier (137-FZ; 126-FZ art. 45).
  not_contracted,
  hidden,          ///< There is none to show.
};

struct GateQuestion {
  const CaseRecord& record;
  const ContactPhone& phone;
  Channel channel = Channel::call;
  UtcTime at;
  AttemptId own_attempt;        ///< A second leg asks about its own attempt: its reservation is not counted again.
  bool is_clock_shifted = false;
  bool is_manual = false;                       ///< A person chose to dial now; else a campaign did (mass calls).
  std::optional<int> ring_timeout_s{};          ///< Unset: long enough.
  bool is_predictive = false;                   ///< The campaign dials more lines than agents are ready.
  FactRates rates{};                            ///< The campaign's abandon shares.
  ShownNumber shown = ShownNumber::not_chosen;
};

class ContactGate : public DebtorClock {
 public:
  /// Must fail closed: what cannot be judged is a deny with its own rule id (law GEN-03).
  virtual Decision judge(const GateQuestion& question) const = 0;
  /// When the day of `at` is over in the first of these zones; a day from `at` when none of them is known.
  virtual UtcTime end_of_day(const std::vector<std::string>& zones, UtcTime at) const {
    static_cast<void>(zones);
    return at + days(1);
  }
  /// Regions (ISO 3166-2) the number plan gives for a number; empty when it knows none.
  virtual std::vector<std::string> regions_of(const PhoneNumber& number) const {
    static_cast<void>(number);
    return {};
  }
  std::vector<LocalTime> walls(const CaseRecord& record, UtcTime at) const override {
    static_cast<void>(record);
    return {utc_wall(at)};
  }
  bool may_call(const CaseRecord& record, const ContactPhone& phone, UtcTime at) const override {
    return judge(GateQuestion{record, phone, Channel::call, at, AttemptId()}).is_allowed();
  }
};

}  // namespace dunlin
