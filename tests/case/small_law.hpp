#pragma once
// A law of a few rules for tests of what stands around the engine.
#include <memory>
#include <string>

#include "core/compliance/contact_policy.hpp"
#include "core/compliance/rule_set.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin::test {

/// One pack in one zone: 8-20 h, one talk a day, unsettled calls block, holds and relatives without consents are barred.
inline std::shared_ptr<const ContactPolicy> small_law(const std::string& version = "test", int talks_a_day = 1) {
  auto rules = std::make_shared<RuleSet>();
  auto zones = std::make_shared<ZoneBook>();
  zones->tzdata_version = "2026a";
  zones->known_until = noon + days(3650);
  zones->zones["Europe/Moscow"] = ZoneTable{"Europe/Moscow", 3 * 3600, {}};
  rules->zones = zones;
  rules->zone_packs["Europe/Moscow"] = "RU";
  rules->version = version;
  LawPack pack;
  pack.id = "RU";
  const auto add = [&pack](std::string id, RuleBody body) {
    Rule rule;
    rule.id = std::move(id);
    rule.valid_from = CivilDate{2020, 1, 1};
    rule.first_day = days_from_civil(rule.valid_from);
    rule.last_day = INT64_MAX;
    rule.channels.add(Channel::call);
    for (std::size_t i = 0; i < counterparty_count; ++i) rule.counterparties.add(static_cast<Counterparty>(i));
    rule.body = std::move(body);
    pack.rules.push_back(std::move(rule));
  };
  CallingWindow window;
  for (std::size_t i = 0; i < day_type_count; ++i) window.day_types.add(static_cast<DayType>(i));
  window.open_s = 8 * 3600;
  window.close_s = 20 * 3600;
  add("RU-HRS", window);
  FrequencyRule once;
  FactGroup group;
  group.channels.add(Channel::call);
  for (const ContactResult result : {ContactResult::in_flight, ContactResult::talked, ContactResult::abandoned,
                                     ContactResult::answered_hangup, ContactResult::unknown}) {
    group.results.add(result);
  }
  once.pool = Pool{"talk", {group}};
  once.limit = talks_a_day;
  add("RU-FRQ-C1", once);
  InFlightRule in_flight;
  in_flight.pool.add(Channel::call);
  add("RU-CNT-06", in_flight);
  FlagRule hold;
  hold.any.add(Fact::hold).add(Fact::bankrupt);
  add("RU-PRS", hold);
  rules->packs["RU"] = pack;
  return std::make_shared<ContactPolicy>(rules);
}

}  // namespace dunlin::test
