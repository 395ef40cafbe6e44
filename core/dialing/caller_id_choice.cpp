#include "core/dialing/caller_id_choice.hpp"

#include <algorithm>
#include <string_view>

namespace dunlin {
namespace {

/// A plus, the shortest country code and three digits of an area: numbers that share less have nothing in common.
constexpr std::size_t least_in_common = 5;

std::size_t in_common(std::string_view a, std::string_view b) {
  const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

PhoneNumber choose_caller_id(const std::vector<PhoneNumber>& of_trunk, const PhoneNumber& of_campaign, const PhoneNumber& debtor) {
  if (of_trunk.empty()) return of_campaign;
  if (std::find(of_trunk.begin(), of_trunk.end(), of_campaign) != of_trunk.end()) return of_campaign;
  const PhoneNumber* best = &of_trunk.front();
  std::size_t most = least_in_common - 1;
  for (const PhoneNumber& number : of_trunk) {
    const std::size_t shared = in_common(number.e164(), debtor.e164());
    if (shared <= most) continue;
    most = shared;
    best = &number;
  }
  return *best;
}

}  // namespace dunlin
