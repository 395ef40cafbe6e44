#pragma once
// What a set of cases looks like to the law right now: how many persons in each zone, how many may be called at once,
// later today, or not, and by which rule. The law itself is asked through the gate; nothing is decided here. Pure.
#include <cstdint>
#include <map>
#include <string>

#include "core/case/case_gate.hpp"
#include "core/case/case_record.hpp"

namespace dunlin {

struct CaseCensus {
  std::uint64_t cases = 0;
  std::uint64_t closed = 0;                 ///< Nothing to collect: never dialed, not judged.
  std::uint64_t without_place = 0;          ///< No region and no zone: the law is judged in every zone at once.
  std::uint64_t callable_now = 0;
  std::uint64_t callable_today = 0;         ///< Denied now, allowed before the day ends where the person lives.
  std::uint64_t denied = 0;                 ///< Denied beyond today.
  std::map<std::string, std::uint64_t> per_zone;        ///< IANA name, or "several zones".
  std::map<std::string, std::uint64_t> denied_by_rule;  ///< Of those not callable now: the rules that speak.
  bool operator==(const CaseCensus&) const = default;
};

struct CensusQuestion {
  UtcTime at;
  bool is_clock_shifted = false;
};

/// Judges every number of the person and takes the best answer. An alias counts nothing: its survivor is counted.
void count_case(CaseCensus& census, const CaseRecord& record, const ContactGate& gate, const CensusQuestion& question);
void add(CaseCensus& census, const CaseCensus& other);

}  // namespace dunlin
