#include "core/case/person_identity.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

PersonKey inn(std::string value) { return {PersonKeyKind::inn, std::move(value)}; }
PersonKey snils(std::string value) { return {PersonKeyKind::snils, std::move(value)}; }
PersonKey passport(std::string value) { return {PersonKeyKind::passport, std::move(value)}; }

TEST(PersonIdentity, OnlyInnAndSnilsContradict) {
  struct Case {
    std::vector<PersonKey> a;
    std::vector<PersonKey> b;
    bool is_contradicting;
  };
  const std::vector<Case> cases{
      {{inn("1")}, {inn("2")}, true},
      {{inn("1")}, {inn("1")}, false},
      {{inn("1")}, {passport("p")}, false},
      {{snils("1")}, {snils("2")}, true},
      {{passport("old")}, {passport("new")}, false},
      {{inn("1"), inn("2")}, {inn("2")}, false},
      {{}, {inn("1")}, false},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(are_contradicting(cases[i].a, cases[i].b), cases[i].is_contradicting) << i;
    EXPECT_EQ(are_contradicting(cases[i].b, cases[i].a), cases[i].is_contradicting) << i;
  }
}

TEST(PersonIdentity, TheCaseOfTheStrongestKeySurvives) {
  const PersonMatch match = match_person({inn("1"), passport("p")}, {{CaseId(5), {inn("1")}}, {CaseId(3), {passport("p")}}, {CaseId(5), {inn("1")}}});
  EXPECT_FALSE(match.is_contradicting);
  EXPECT_EQ(match.survivor, CaseId(5));
  EXPECT_EQ(match.absorbed, std::vector<CaseId>{CaseId(3)});
}

TEST(PersonIdentity, CasesWithTwoInnsAreNotMerged) {
  const PersonMatch match = match_person({passport("p")}, {{CaseId(5), {passport("p"), inn("1")}}, {CaseId(3), {passport("p"), inn("2")}}});
  EXPECT_TRUE(match.is_contradicting);
  EXPECT_TRUE(match.absorbed.empty());
}

TEST(PersonIdentity, ARowWithAnotherInnThanItsCaseContradicts) {
  EXPECT_TRUE(match_person({inn("9"), passport("p")}, {{CaseId(5), {inn("1"), passport("p")}}}).is_contradicting);
  EXPECT_FALSE(match_person({inn("9")}, {}).survivor.is_set());
}

}  // namespace
}  // namespace dunlin
