#include "core/dialing/caller_id_choice.hpp"

#include <algorithm>

namespace dunlin {
namespace {

/// A plus, the shortest country code and three digits of an area: numbers that share less have nothing in common.
constexpr std::size_t least_in_common = 5;

std::size_t in_common(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}

bool holds(const std::vector<PhoneNumber>& numbers, const PhoneNumber& wanted) {
  return std::find(numbers.begin(), numbers.end(), wanted) != numbers.end();
}

std::vector<PhoneNumber> allowed_numbers(const OwnNumbers& own) {
  if (own.of_trunk.empty()) return own.of_campaign;
  std::vector<PhoneNumber> both;
  for (const PhoneNumber& number : own.of_campaign) {
    if (holds(own.of_trunk, number)) both.push_back(number);
  }
  return both.empty() ? own.of_trunk : both;
}

/// Those of a region of the debtor; all of them when the plan knows no region or none of them lives there.
std::vector<PhoneNumber> of_same_region(std::vector<PhoneNumber> numbers, const PhoneNumber& debtor, const NumberRegions& regions_of) {
  if (!regions_of) return numbers;
  const std::vector<std::string> home = regions_of(debtor);
  if (home.empty()) return numbers;
  std::vector<PhoneNumber> near;
  for (const PhoneNumber& number : numbers) {
    const std::vector<std::string> regions = regions_of(number);
    if (std::find_first_of(regions.begin(), regions.end(), home.begin(), home.end()) != regions.end()) near.push_back(number);
  }
  return near.empty() ? numbers : near;
}

}  // namespace

Result<std::vector<PhoneNumber>> parse_caller_ids(std::string_view text) {
  std::vector<PhoneNumber> numbers;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string_view word = text.substr(from, comma - from);
    auto number = PhoneNumber::from_e164(word);
    if (!number) return invalid_input("\"" + std::string(word.substr(0, 40)) + "\" is not in E.164, like +74950000001");
    if (holds(numbers, *number)) return invalid_input("\"" + std::string(word) + "\" is named twice");
    numbers.push_back(std::move(*number));
    if (numbers.size() > most_campaign_numbers) return invalid_input("at most 100 numbers");
    from = comma + 1;
  }
  return numbers;
}

PhoneNumber choose_caller_id(const OwnNumbers& own, const PhoneNumber& debtor, const NumberRegions& regions_of) {
  std::vector<PhoneNumber> numbers = allowed_numbers(own);
  if (numbers.empty()) return {};
  if (numbers.size() > 1) numbers = of_same_region(std::move(numbers), debtor, regions_of);
  const PhoneNumber* best = &numbers.front();
  std::size_t most = least_in_common - 1;
  for (const PhoneNumber& number : numbers) {
    const std::size_t shared = in_common(number.e164(), debtor.e164());
    if (shared <= most) continue;
    most = shared;
    best = &number;
  }
  return *best;
}

ShownNumber judge_caller_id(const PhoneNumber& shown, const OwnNumbers& own, const std::vector<PhoneNumber>& of_company) {
  if (!shown.is_set()) return ShownNumber::hidden;
  return holds(own.of_trunk, shown) || holds(of_company, shown) ? ShownNumber::contracted : ShownNumber::not_contracted;
}

}  // namespace dunlin
