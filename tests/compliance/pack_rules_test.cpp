// Every rule of every pack denies when what it speaks of is so: nothing in the packs is dead text.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "core/compliance/rule_set.hpp"
#include "tests/compliance/policy_support.hpp"

namespace dunlin {
namespace {

/// A Wednesday on which every rule is in force; noon in the pack's first zone is inside all hours.
constexpr CivilDate judged_date{2026, 10, 7};

template <class E, std::size_t N>
E first_of(const EnumSet<E, N>& set) {
  for (std::size_t i = 0; i < N; ++i) {
    if (set.has(static_cast<E>(i))) return static_cast<E>(i);
  }
  ADD_FAILURE() << "the set is empty";
  return E{};
}

ContactQuery noon_query(const LawPack& pack, const Rule& rule) {
  ContactQuery query;
  query.person.jurisdictions = {pack.id};
  query.person.zones = {pack.unknown_zones.front()};
  const ZoneTable* zone = test_rules()->zones->find(pack.unknown_zones.front());
  query.at = zone->day_start(days_from_civil(judged_date)) + hours(12);
  query.channel = first_of(rule.channels);
  query.counterparty = first_of(rule.counterparties);
  return query;
}

OperatorOptions every_option() {
  OperatorOptions options;
  options.strict_weekend = options.strict_rolling = true;
  options.max_unanswered_day = options.max_unanswered_week = options.max_unanswered_month = 2;
  options.unanswered_gap_s = options.next_number_gap_s = 600;
  return options;
}

bool denies(const Rule& rule, const ContactQuery& query, const ContactHistory& history) {
  const Decision decision = ContactPolicy(test_rules(), every_option()).decide(query, history);
  if (decision.is_allowed()) return false;
  for (const RuleFinding& finding : decision.findings) {
    if (finding.rule_id == rule.id) return true;
  }
  return false;
}

template <class Body, class Check>
int for_rules_of(Check check) {
  int seen = 0;
  for (const auto& entry : test_rules()->packs) {
    for (const Rule& rule : entry.second.rules) {
      const auto* body = std::get_if<Body>(&rule.body);
      if (body == nullptr) continue;
      ++seen;
      check(entry.second, rule, *body);
    }
  }
  return seen;
}

/// `count` facts of the pool, a minute apart, the last one a minute before the query.
ContactHistory pool_facts(const Pool& pool, int count, UtcTime before) {
  ContactHistory history;
  for (int i = 1; i <= count; ++i) {
    ContactFact fact;
    fact.at = before - minutes(i);
    fact.channel = first_of(pool.groups.front().channels);
    fact.result = first_of(pool.groups.front().results);
    history.append(fact);
  }
  return history;
}

TEST(PackRules, EveryFlagRuleDeniesWhileItsFactsHold) {
  const int seen = for_rules_of<FlagRule>([](const LawPack& pack, const Rule& rule, const FlagRule& body) {
    ContactQuery query = noon_query(pack, rule);
    query.facts = body.all;
    if (!body.any.is_empty()) query.facts.add(first_of(body.any));
    EXPECT_TRUE(denies(rule, query, {})) << rule.id << " " << rule.part;
    query.facts = FactSet();
    EXPECT_FALSE(denies(rule, query, {})) << rule.id << " " << rule.part;
    if (!body.from_date) return;
    query.person.set_date(*body.from_date, judged_date);
    EXPECT_TRUE(denies(rule, query, {})) << rule.id << " by its date";
  });
  EXPECT_GT(seen, 40);
}

/// What the letter of the law asks for besides is the reviewer's business: until then nobody calls.
TEST(PackRules, TheWishToBeLeftAloneForbidsTheCallInEveryPack) {
  const ContactPolicy policy(test_rules());
  for (const auto& [name, pack] : test_rules()->packs) {
    ContactQuery query = noon_query(pack, pack.rules.front());
    query.channel = Channel::call;
    query.counterparty = Counterparty::debtor;
    EXPECT_TRUE(policy.decide(query, {}).is_allowed()) << name;
    query.person.facts.add(Fact::cease);
    EXPECT_EQ(policy.decide(query, {}).verdict, Verdict::deny) << name;
  }
}

TEST(PackRules, EveryFrequencyRuleDeniesAtItsLimitAndNotBelow) {
  const int seen = for_rules_of<FrequencyRule>([](const LawPack& pack, const Rule& rule, const FrequencyRule& body) {
    ContactQuery query = noon_query(pack, rule);
    query.facts = body.requires_facts;
    const int limit = body.limit_option == OptionValue::none ? body.limit : 2;
    EXPECT_TRUE(denies(rule, query, pool_facts(body.pool, limit, query.at))) << rule.id << " " << rule.part;
    const bool is_alone = rule.part.empty() && limit > 1;
    if (is_alone) {
      EXPECT_FALSE(denies(rule, query, pool_facts(body.pool, limit - 1, query.at))) << rule.id;
    }
  });
  EXPECT_GT(seen, 20);
}

TEST(PackRules, EveryQuietPeriodDeniesAfterItsFact) {
  const int seen = for_rules_of<QuietPeriod>([](const LawPack& pack, const Rule& rule, const QuietPeriod& body) {
    const ContactQuery query = noon_query(pack, rule);
    EXPECT_TRUE(denies(rule, query, pool_facts(body.pool, 1, query.at))) << rule.id << " " << rule.part;
  });
  EXPECT_EQ(seen, 4);
}

TEST(PackRules, EveryPoolIsBlockedByAContactInFlight) {
  const int seen = for_rules_of<InFlightRule>([](const LawPack& pack, const Rule& rule, const InFlightRule& body) {
    const ContactQuery query = noon_query(pack, rule);
    ContactFact open;
    open.at = query.at - seconds(20);
    open.channel = first_of(body.pool);
    open.result = ContactResult::in_flight;
    ContactHistory history;
    history.append(open);
    EXPECT_TRUE(denies(rule, query, history)) << rule.id << " " << rule.part;
  });
  EXPECT_GT(seen, 8);
}

TEST(PackRules, EveryThirdPartyRuleNeedsItsConsents) {
  const int seen = for_rules_of<ThirdPartyRule>([](const LawPack& pack, const Rule& rule, const ThirdPartyRule& body) {
    ContactQuery query = noon_query(pack, rule);
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
    query.facts = body.consents;
    EXPECT_EQ(denies(rule, query, {}), body.consents.is_empty()) << rule.id;
    query.facts.add(Fact::revoked);
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
  });
  EXPECT_EQ(seen, 5);
}

TEST(PackRules, EveryExcludedMediumAndOrganisationIsDenied) {
  for_rules_of<MediumOptout>([](const LawPack& pack, const Rule& rule, const MediumOptout&) {
    ContactQuery query = noon_query(pack, rule);
    EXPECT_FALSE(denies(rule, query, {})) << rule.id;
    query.person.opted_out.add(query.channel);
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
  });
  const int seen = for_rules_of<OrganisationRule>([](const LawPack& pack, const Rule& rule, const OrganisationRule& body) {
    ContactQuery query = noon_query(pack, rule);
    query.facts = body.all;
    query.organisation = Organisation::bank;
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
  });
  EXPECT_EQ(seen, 1);
}

TEST(PackRules, EveryAbandonAndRingRuleDeniesBeyondItsNumber) {
  for_rules_of<AbandonLimit>([](const LawPack& pack, const Rule& rule, const AbandonLimit& body) {
    ContactQuery query = noon_query(pack, rule);
    query.facts = body.all;
    auto& rate = query.rates[static_cast<std::size_t>(body.rate)];
    rate = body.limit;
    EXPECT_FALSE(denies(rule, query, {})) << rule.id;
    rate = body.limit + 1;
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
  });
  const int seen = for_rules_of<RingTime>([](const LawPack& pack, const Rule& rule, const RingTime& body) {
    ContactQuery query = noon_query(pack, rule);
    query.ring_timeout_s = body.seconds - 1;
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
  });
  EXPECT_EQ(seen, 2);
}

TEST(PackRules, ConsentRuleDeniesWithoutAConsent) {
  const int seen = for_rules_of<ConsentRule>([](const LawPack& pack, const Rule& rule, const ConsentRule& body) {
    ContactQuery query = noon_query(pack, rule);
    query.channel = first_of(body.implied_channels);
    EXPECT_TRUE(denies(rule, query, {})) << rule.id;
    query.facts = body.consents;
    EXPECT_FALSE(denies(rule, query, {})) << rule.id;
  });
  EXPECT_EQ(seen, 1);
}

TEST(LawDocument, NamesEveryRuleOfEveryPackWithItsSourceAndCertainty) {
  const std::string text = read_text("docs/law.md");
  for (const auto& entry : test_rules()->packs) {
    for (const Rule& rule : entry.second.rules) {
      const std::string row = "| " + rule.id + " |";
      EXPECT_NE(text.find(row), std::string::npos) << rule.id;
      const std::string proof = "| " + rule.source + " | " + rule.certainty + " |";
      EXPECT_NE(text.find(proof), std::string::npos) << rule.id << ": " << proof;
    }
  }
}

/// All test sources as one text.
std::string all_test_sources() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(DUNLIN_SOURCE_DIR) + "/tests")) {
    if (entry.path().extension() != ".cpp") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    text.append(std::istreambuf_iterator<char>(stream), {});
  }
  return text;
}

TEST(LawDocument, EveryTestItNamesExists) {
  const std::string document = read_text("docs/law.md");
  const std::string sources = all_test_sources();
  const std::regex name("\\b([A-Z][A-Za-z]+)\\.([A-Z][A-Za-z0-9]{11,})\\b");
  int named = 0;
  for (std::sregex_iterator match(document.begin(), document.end(), name), end; match != end; ++match) {
    const std::string head = "(" + (*match)[1].str() + ", " + (*match)[2].str() + ")";
    const bool exists = sources.find("TEST" + head) != std::string::npos || sources.find("TEST_P" + head) != std::string::npos ||
                        sources.find("TEST_F" + head) != std::string::npos;
    EXPECT_TRUE(exists) << match->str();
    ++named;
  }
  EXPECT_GT(named, 50);
}

TEST(LawDocument, EveryRowOfTheTableItNamesExists) {
  const std::string document = read_text("docs/law.md");
  const std::string table = law_table_text();
  const std::regex row("\\b(RU|US|UK|KZ|IT)-[0-9]{3}\\b");
  for (std::sregex_iterator match(document.begin(), document.end(), row), end; match != end; ++match) {
    EXPECT_NE(table.find("\n" + match->str() + ","), std::string::npos) << match->str();
  }
}

}  // namespace
}  // namespace dunlin
