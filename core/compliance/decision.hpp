#pragma once
// The gate's answer with its proof. Stored with every attempt and every refusal, replayable years later. Pure values.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.hpp"

namespace dunlin {

enum class Verdict : std::uint8_t {
  allow,
  deny_until,  ///< Time alone heals it: `until` is the first instant at which every rule allows.
  deny,        ///< Data must change first (a flag, a consent, a pack).
};

/// One rule that spoke. For an allow: the rules that were checked and are nearest to denying.
struct RuleFinding {
  std::string rule_id;            ///< "RU-FRQ-C1".
  std::optional<UtcTime> until;   ///< First instant at which this rule alone would allow.
  std::string reason;             ///< Short machine-readable facts: "used=1 limit=1 period=day zone=Asia/Yekaterinburg".
  bool operator==(const RuleFinding&) const = default;
};

/// Decision with everything needed to repeat it.
struct Decision {
  Verdict verdict = Verdict::deny;
  std::optional<UtcTime> until;
  std::vector<RuleFinding> findings;   ///< Denying rules for a deny; the checked ones (bounded) for an allow.
  UtcTime at;                          ///< The instant that was judged.
  std::string rule_set_version;        ///< Hash of the packs in force.
  std::string calendar_version;
  std::string tzdata_version;
  std::vector<std::string> zones;      ///< Candidate zones of the person.
  std::uint64_t history_length = 0;    ///< How many events of the person were considered.
  bool clock_shifted = false;          ///< The node ran with --clock-start.
  std::string inputs{};                ///< What the case's history does not tell: core/case/gate_inputs. Empty in old records.

  bool is_allowed() const { return verdict == Verdict::allow; }
  bool operator==(const Decision&) const = default;
};

}  // namespace dunlin
