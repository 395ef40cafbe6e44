#include "numbering/number_table.hpp"

#include <gtest/gtest.h>

#include "numbering/range_import.hpp"

namespace dunlin {
namespace {

std::vector<RegionEntry> sample_regions() {
  return {{"66", "Свердловская область", {}, {"Asia/Yekaterinburg"}},
          {"77", "Москва", {}, {"Europe/Moscow"}},
          {"50", "Московская область", {}, {"Europe/Moscow"}},
          {"14",
           "Республика Саха (Якутия)",
           {"Республика Саха /Якутия/"},
           {"Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan"}}};
}

NumberTableData sample_data() {
  NumberTableData data;
  data.regions = sample_regions();
  data.abc = {{"343", {"66"}, {}},
              {"495", {"77", "50"}, {}},
              {"411", {"14"}, {}},
              {"41144", {"14"}, {"Asia/Vladivostok"}}};
  data.ranges = {{9120000000, 9120099999, {"66"}},
                 {9120100000, 9120199999, {"66"}},
                 {9160000000, 9169999999, {"77", "50"}}};
  return data;
}

NumberHome home(const NumberTable& table, const std::string& e164) {
  return table.home_of(*PhoneNumber::from_e164(e164));
}

TEST(NumberTable, FindsRangesByTheirEdges) {
  const auto table = NumberTable::build(sample_data());
  ASSERT_TRUE(table.ok()) << table.error().detail;
  EXPECT_EQ(table->range_count(), 2U);  // Neighbours of one home are joined.
  for (const char* inside : {"+79120000000", "+79120099999", "+79120100000", "+79120199999"}) {
    ASSERT_NE(home(*table, inside).zones, nullptr) << inside;
    EXPECT_EQ(*home(*table, inside).zones, std::vector<std::string>{"Asia/Yekaterinburg"});
  }
  for (const char* outside : {"+79119999999", "+79120200000", "+79990000000", "+73000000000"}) {
    EXPECT_EQ(home(*table, outside).zones, nullptr) << outside;
    EXPECT_EQ(home(*table, outside).country, "RU");
  }
}

TEST(NumberTable, LongestAreaCodeWins) {
  const auto table = NumberTable::build(sample_data());
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(home(*table, "+74112123456").zones->size(), 3U);
  EXPECT_EQ(*home(*table, "+74114412345").zones, std::vector<std::string>{"Asia/Vladivostok"});
  EXPECT_EQ(*home(*table, "+74951234567").regions, (std::vector<std::string>{"77", "50"}));
  EXPECT_EQ(*home(*table, "+74951234567").zones, std::vector<std::string>{"Europe/Moscow"});
}

TEST(NumberTable, ForeignNumbersHaveNoHome) {
  const auto table = NumberTable::build(sample_data());
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(home(*table, "+4930901820").country, "");
  EXPECT_EQ(*home(*table, "+77012001122").zones, std::vector<std::string>{"Asia/Almaty"});
  EXPECT_EQ(NumberTable().home_of(*PhoneNumber::from_e164("+79120001122")).country, "RU");
}

TEST(NumberTable, RefusesContradictions) {
  struct Fault {
    std::string place;
    NumberTableData data;
  };
  std::vector<Fault> faults;
  const auto add = [&faults](std::string place, auto change) {
    Fault fault{std::move(place), sample_data()};
    change(fault.data);
    faults.push_back(std::move(fault));
  };
  add("unknown region", [](NumberTableData& d) { d.abc[0].regions = {"99"}; });
  add("bad area code", [](NumberTableData& d) { d.abc[0].prefix = "34"; });
  add("bad area code", [](NumberTableData& d) { d.abc[0].prefix = "34x"; });
  add("area code 343 is given twice", [](NumberTableData& d) { d.abc.push_back({"343", {"77"}, {}}); });
  add("overlap", [](NumberTableData& d) { d.ranges.push_back({9120199999, 9120300000, {"77"}}); });
  add("in order", [](NumberTableData& d) { d.ranges.push_back({9130000001, 9130000000, {"77"}}); });
  add("ten digits", [](NumberTableData& d) { d.ranges.push_back({9130000, 9130001, {"77"}}); });
  add("given twice", [](NumberTableData& d) { d.regions.push_back(d.regions[0]); });
  add("lacks a code or a zone", [](NumberTableData& d) { d.regions[0].zones.clear(); });
  for (const auto& fault : faults) {
    const auto table = NumberTable::build(fault.data);
    ASSERT_FALSE(table.ok()) << fault.place;
    EXPECT_NE(table.error().detail.find(fault.place), std::string::npos) << table.error().detail;
  }
}

TEST(RangeImport, ReadsTheRegulatorsFile) {
  const std::string csv =
      "\xEF\xBB\xBF"
      "АВС/ DEF;От;До;Емкость;Оператор;Регион;Территория;ИНН\r\n"
      "912;0000000;0099999;100000;ПАО \"Связь\";Свердловская обл.;Свердловская обл.;0\r\n"
      "343;2000000;2009999;10000;АО Сеть;г. Екатеринбург|Свердловская обл.;;0\r\n"
      "916;0000000;9999999;10000000;АО Сеть;г. Москва и Московская область;;0\r\n"
      "914;1000000;1999999;1000000;АО Сеть;Республика Саха /Якутия/;;0\r\n"
      "999;0000000;0000009;10;АО Сеть;Атлантида;;0\r\n\r\n";
  const auto import = import_ranges(csv, sample_regions());
  ASSERT_TRUE(import.ok()) << import.error().detail;
  ASSERT_EQ(import->ranges.size(), 4U);
  EXPECT_EQ(import->ranges[0], (RangeEntry{9120000000, 9120099999, {"66"}}));
  EXPECT_EQ(import->ranges[1], (RangeEntry{3432000000, 3432009999, {"66"}}));
  EXPECT_EQ(import->ranges[2].regions, (std::vector<std::string>{"77", "50"}));
  EXPECT_EQ(import->ranges[3].regions, std::vector<std::string>{"14"});
  EXPECT_EQ(import->unknown_regions, std::vector<std::string>{"Атлантида"});
  EXPECT_EQ(import->skipped_ranges, 1U);
}

TEST(RangeImport, NamesTheBadLine) {
  for (const char* bad :
       {"912;0;1;2", "9x2;0;1;2;a;b", "912;5;1;2;a;b", "912;0;10000000;2;a;b", "1;0;1;2;a;b"}) {
    const auto import = import_ranges("title;a;b;c;d;e\n" + std::string(bad) + "\n", sample_regions());
    ASSERT_FALSE(import.ok()) << bad;
    EXPECT_NE(import.error().detail.find("line 2"), std::string::npos);
  }
  EXPECT_TRUE(import_ranges("", sample_regions()).ok());
}

TEST(RangeImport, WithoutATableNamesBecomeCodesOfTheLaw) {
  const auto imported = import_ranges(
      "АВС/ DEF;От;До;Емкость;Оператор;Регион\n912;0000000;0099999;100000;ПАО;Свердловская обл.\n"
      "916;0000000;0099999;100000;ПАО;г. Москва и Московская область\n343;2000000;2009999;10000;ПАО;г. Екатеринбург|Свердловская обл.\n"
      "999;0000000;0099999;100000;ПАО;Российская Федерация\n",
      {});
  ASSERT_TRUE(imported.ok()) << imported.error().detail;
  ASSERT_EQ(imported->ranges.size(), 3U);
  EXPECT_EQ(imported->ranges[0].regions, std::vector<std::string>{"RU-SVE"});
  EXPECT_EQ(imported->ranges[1].regions, (std::vector<std::string>{"RU-MOW", "RU-MOS"}));
  EXPECT_EQ(imported->ranges[2].regions, std::vector<std::string>{"RU-SVE"});
  EXPECT_EQ(imported->skipped_ranges, 1U);
}

TEST(RangeImport, KeptRangesAreReadBackAndReplacedByCode) {
  const std::vector<RangeEntry> known{{9160000000, 9160099999, {"RU-MOW", "RU-MOS"}}, {9120000000, 9120099999, {"RU-SVE"}}};
  const std::string kept = write_ranges(known);
  EXPECT_EQ(kept, "9120000000;9120099999;RU-SVE\n9160000000;9160099999;RU-MOW,RU-MOS\n");
  const auto back = read_ranges(kept);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, (std::vector<RangeEntry>{known[1], known[0]}));
  const RangeEntry news{9121000000, 9121099999, {"RU-PER"}};
  EXPECT_EQ(replace_codes(*back, RangeImport{{news}, {}, 0, {912}}), (std::vector<RangeEntry>{known[0], news}));
  EXPECT_EQ(replace_codes(*back, RangeImport{{}, {"Новый край"}, 1, {912}}), std::vector<RangeEntry>{known[0]}) << "a code of unknown place";
  for (const std::string damaged : {"9120000000;9120099999;RU-SVE", "9120000000;9120099999\n", "9120000000;9120099999;\n", "2;1;RU-SVE\n", "x;1;RU-SVE\n"}) {
    EXPECT_FALSE(read_ranges(damaged).ok()) << damaged;
  }
}

}  // namespace
}  // namespace dunlin
