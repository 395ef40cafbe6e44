#pragma once
// The people of a simulation: who they are, where they live, what they owe; all drawn from the seed. Numbers are
// synthetic. Some are known under two client numbers until a file shows that both are one person. Also what operators
// and agents were told to be done about them: paid, restricted, promised, number blocked. Pure but for the draw.
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/rng.hpp"
#include "core/case/case_draft.hpp"
#include "tests/sim/reference_law.hpp"

namespace dunlin::sim {

/// One client number, one case. Two of them may be one human being with one phone.
struct Person {
  std::size_t index = 0;
  std::size_t human = 0;                          ///< Shared by both client numbers of one human being.
  CaseId case_id;
  std::vector<Zone> zones;
  CaseDraft draft;
  bool is_imported = false;                       ///< An import that carried the row was done without refusals.
  std::optional<UtcTime> paid_at;                 ///< The payment of everything was acknowledged.
  std::optional<UtcTime> stopped_at;              ///< A bar was recorded and acknowledged.
  std::optional<UtcTime> quiet_until;             ///< The day promised for a payment begins nowhere earlier.
  std::set<std::string> blocked;                  ///< Numbers an agent called wrong, acknowledged.
};

class People {
 public:
  using CaseIds = std::function<CaseId(const PersonKey&)>;
  /// The first half belongs to portfolio "north", the rest to "south"; every third southerner is a northerner too.
  People(std::size_t count, Rng& lots, const CaseIds& case_ids);

  std::vector<Person>& all() { return all_; }
  const std::vector<Person>& all() const { return all_; }
  /// Whose telephone rings.
  const Person* by_number(const std::string& e164) const;
  Person* by_case(CaseId id);
  /// The other client number of the same human being.
  const Person* twin_of(const Person& person) const;

 private:
  void add(Person person);
  std::vector<Person> all_;
  std::map<std::string, std::size_t> by_number_;
  std::map<CaseId, std::size_t> by_case_;
};

}  // namespace dunlin::sim
