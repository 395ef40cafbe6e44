#pragma once
// The gate over the law engine: turns a case and a wanted contact into the engine's query and history. Flags of the
// person are matched to the engine's facts by name; a flag nobody knows is a hold, so that a new word in an import
// file forbids instead of being ignored. Pure, any thread; holds only immutable data.
#include <memory>
#include <string>
#include <vector>

#include "core/case/case_gate.hpp"
#include "core/case/number_regions.hpp"
#include "core/compliance/contact_history.hpp"
#include "core/compliance/contact_policy.hpp"

namespace dunlin {

struct PolicyGateOptions {
  Organisation organisation = Organisation::unknown;
  std::vector<std::string> jurisdictions;  ///< Pack ids that always apply; empty = derived from the person's places.
  FactSet contact_facts;                   ///< True of every contact of the installation (no_label, no_recording, …).
  NumberRegions number_regions;            ///< Asked only when no address is known (TZ-02); may be empty.
};

class PolicyGate final : public ContactGate {
 public:
  explicit PolicyGate(std::shared_ptr<const ContactPolicy> policy, PolicyGateOptions options = {});
  Decision judge(const GateQuestion& question) const override;
  UtcTime end_of_day(const std::vector<std::string>& zones, UtcTime at) const override;
  /// By the number ranges of the installation, else by the area codes of the law packs, else none.
  std::vector<std::string> regions_of(const PhoneNumber& number) const override;
  /// The zones the law would reckon with for the first number: told ones, else of the address, else of the number.
  std::vector<LocalTime> walls(const CaseRecord& record, UtcTime at) const override;
  /// Remaining lawful contacts, equal to what judge() uses.
  ContactBudget budget(const GateQuestion& question) const;

 private:
  std::shared_ptr<const ContactPolicy> policy_;
  PolicyGateOptions options_;
};

/// The law's word for an attempt: in flight while it is open; by its outcome afterwards, never less than a contact when
/// the attempt protocol (R7, R9) made it one.
ContactResult law_result(const AttemptRow& row);

/// Attempts and other contacts of the case, without the given attempt. A third party is known by the name the file gives
/// with the number, so that two numbers of one relative share the counters; without a name by the number.
ContactHistory contact_history(const CaseRecord& record, AttemptId except);

/// No address, statement or stay is known: the number is the only evidence of the place.
bool is_placed_by_number(const CaseRecord& record);

ContactQuery contact_query(const GateQuestion& question, const PolicyGateOptions& options);

}  // namespace dunlin
