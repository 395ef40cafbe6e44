#include "core/exchange/region_code.hpp"

#include <gtest/gtest.h>

namespace dunlin {
namespace {

TEST(RegionCode, ReadsWhatPeopleWrite) {
  const struct { const char* text; const char* code; } rows[] = {
      {"Томская область", "RU-TOM"}, {"Омская обл.", "RU-OMS"}, {"Костромская область", "RU-KOS"}, {"г. Москва", "RU-MOW"},
      {"МОСКОВСКАЯ ОБЛ", "RU-MOS"}, {"Республика Алтай", "RU-AL"}, {"Алтайский край", "RU-ALT"}, {"Республика Саха (Якутия)", "RU-SA"},
      {"Сахалинская область", "RU-SAK"}, {"Ямало-Ненецкий АО", "RU-YAN"}, {"Ненецкий автономный округ", "RU-NEN"},
      {"Нижегородская область", "RU-NIZ"}, {"Новгородская область", "RU-NGR"}, {"RU-SVE", "RU-SVE"}};
  for (const auto& row : rows) EXPECT_EQ(region_code(row.text).value_or(""), row.code) << row.text;
}

TEST(RegionCode, NamesNothingForUnknownPlaces) {
  for (const char* text : {"", "Атлантида", "область", "ru-sve"}) EXPECT_FALSE(region_code(text).has_value()) << text;
}

}  // namespace
}  // namespace dunlin
