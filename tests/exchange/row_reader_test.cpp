#include "core/exchange/row_reader.hpp"

#include <gtest/gtest.h>

#include "core/base/utf8.hpp"

namespace dunlin {
namespace {

/// Eleven digits from 7 or 8 and nothing else: enough of a plan to see what the reader does with its answers.
class ElevenDigitPlan final : public NumberingPlan {
 public:
  Result<PhoneNumber> parse(std::string_view text, std::string_view) const override {
    const std::string digits = utf8::digits_of(text);
    if (digits.size() != 11 || (digits[0] != '7' && digits[0] != '8')) return invalid_input("bad");
    return PhoneNumber::from_e164("+7" + digits.substr(1));
  }
};
const ElevenDigitPlan plan;

const std::vector<std::string> header{"ФИО",
                                      "Дата рождения",
                                      "ИНН",
                                      "Телефон 1",
                                      "Телефон 2",
                                      "Чей телефон 2",
                                      "ФИО родственника",
                                      "Договор",
                                      "Сумма долга",
                                      "Дней просрочки",
                                      "Регион",
                                      "Стадия"};

RowOptions sample_options() {
  RowOptions options;
  options.portfolio = "осень";
  options.source = "bank1";
  options.today = {2026, 11, 24};
  return options;
}

std::vector<Cell> sample_cells() {
  std::vector<Cell> cells;
  for (const char* text :
       {"Иванов Иван Иванович", "31.01.1980", "500100732259", "8 912 000-11-22", "8 912 000-11-23", "супруга",
        "Иванова Анна", "Д-17", "12 345,67", "45", "Свердловская область", "soft"}) {
    cells.push_back(text_cell(text));
  }
  return cells;
}

RowResult read(const std::vector<Cell>& cells, RowOptions options = sample_options()) {
  return RowReader(detect_mapping(header), std::move(options), plan).read(cells);
}

std::vector<std::string> codes(const std::vector<RowError>& errors) {
  std::vector<std::string> out;
  for (const auto& error : errors)
    out.push_back(std::string(to_string(error.code)) + "@" + error.column_name);
  return out;
}

TEST(RowReader, MakesADraftOfAGoodRow) {
  const auto result = read(sample_cells());
  ASSERT_EQ(result.verdict, RowVerdict::accepted) << join_messages(result.errors, ReportLanguage::en);
  const CaseDraft& draft = result.draft;
  ASSERT_EQ(draft.keys.size(), 2U);
  EXPECT_EQ(draft.keys[0], (PersonKey{PersonKeyKind::inn, "500100732259"}));
  EXPECT_EQ(draft.keys[1].value, "ИВАНОВ ИВАН ИВАНОВИЧ|1980-01-31");
  ASSERT_EQ(draft.phones.size(), 2U);
  EXPECT_EQ(draft.phones[0].number.e164(), "+79120001122");
  EXPECT_EQ(draft.phones[0].owner, PartyRole::debtor);
  EXPECT_EQ(draft.phones[1].owner, PartyRole::relative);
  EXPECT_EQ(draft.phones[1].owner_name, "Иванова Анна");
  ASSERT_EQ(draft.debts.size(), 1U);
  EXPECT_EQ(draft.debts[0].external_id, "Д-17");
  EXPECT_EQ(draft.debts[0].portfolio, "осень");
  EXPECT_EQ(draft.debts[0].balance.minor, 1234567);
  EXPECT_EQ(draft.debts[0].days_past_due, 45);
  EXPECT_EQ(draft.debts[0].arrears_since, (CivilDate{2026, 10, 10}));
  EXPECT_EQ(draft.regions, std::vector<std::string>{"Свердловская область"});
}

struct BadCell {
  std::size_t column;
  Cell cell;
  std::string expected;
};

TEST(RowReader, NamesTheColumnOfEveryFault) {
  const std::vector<BadCell> cases{
      {0, text_cell(""), "required_empty@ФИО"},
      {0, text_cell("Иванов2 Иван"), "name_bad@ФИО"},
      {0, text_cell("Иванов"), "name_bad@ФИО"},
      {0, text_cell("Петров " + std::string(500, 'a')), "too_long@ФИО"},
      {1, text_cell("31.02.1980"), "date_bad@Дата рождения"},
      {1, text_cell("31.01.2024"), "date_out_of_range@Дата рождения"},
      {1, text_cell("31.01.1880"), "date_out_of_range@Дата рождения"},
      {2, text_cell("500100732258"), "inn_bad@ИНН"},
      {3, text_cell("912"), "phone_bad@Телефон 1"},
      {3, text_cell("7,91E+10"), "phone_digits_lost@Телефон 1"},
      {5, text_cell("марсианин"), "choice_bad@Чей телефон 2"},
      {7, text_cell(" "), "required_empty@Договор"},
      {8, text_cell(""), "required_empty@Сумма долга"},
      {8, text_cell("много"), "money_bad@Сумма долга"},
      {8, text_cell("-10"), "money_negative@Сумма долга"},
      {8, {CellKind::error, "#N/A"}, "cell_error@Сумма долга"},
      {8, text_cell("#ССЫЛКА!"), "cell_error@Сумма долга"},
      {9, text_cell("сорок"), "number_bad@Дней просрочки"},
  };
  for (const auto& c : cases) {
    auto cells = sample_cells();
    cells[c.column] = c.cell;
    if (c.column == 3) cells[4] = Cell{};
    const auto result = read(cells);
    EXPECT_EQ(result.verdict, RowVerdict::rejected) << c.expected;
    EXPECT_EQ(codes(result.errors), std::vector<std::string>{c.expected});
    for (const auto& error : result.errors) {
      EXPECT_EQ(error.column, static_cast<int>(c.column));
      EXPECT_FALSE(error.message_ru.empty() || error.fix_ru.empty() || error.message_en.empty() ||
                   error.fix_en.empty());
      // The words go into reports and logs: nothing of the cell may be in them.
      const bool is_telling = c.cell.text.size() > 2;
      EXPECT_FALSE(is_telling && error.message_ru.find(c.cell.text) != std::string::npos);
    }
  }
}

TEST(RowReader, ReportsAllFaultsOfARowAtOnce) {
  auto cells = sample_cells();
  cells[1] = text_cell("x");
  cells[2] = text_cell("1");
  cells[8] = text_cell("x");
  EXPECT_EQ(codes(read(cells).errors),
            (std::vector<std::string>{"date_bad@Дата рождения", "inn_bad@ИНН", "money_bad@Сумма долга"}));
}

TEST(RowReader, BadSecondPhoneOnlyWarnsUnlessAskedToReject) {
  auto cells = sample_cells();
  cells[4] = text_cell("123");
  const auto lenient = read(cells);
  EXPECT_EQ(lenient.verdict, RowVerdict::accepted);
  EXPECT_EQ(codes(lenient.warnings), std::vector<std::string>{"phone_bad@Телефон 2"});
  RowOptions strict = sample_options();
  strict.rejects_any_bad_phone = true;
  EXPECT_EQ(read(cells, strict).verdict, RowVerdict::rejected);
}

TEST(RowReader, NamesakeWithoutAKeyGoesToReview) {
  auto cells = sample_cells();
  cells[1] = Cell{};
  cells[2] = Cell{};
  const auto result = read(cells);
  EXPECT_EQ(result.verdict, RowVerdict::needs_review);
  EXPECT_TRUE(result.draft.keys.empty());
  EXPECT_EQ(codes(result.errors), std::vector<std::string>{"no_person_key@"});
}

TEST(RowReader, PutsLeadingZeroOfInnBack) {
  auto cells = sample_cells();
  cells[2] = {CellKind::number, "27034563374"};  // 027034563374 as a spreadsheet shows it.
  const auto with_zero = read(cells);
  cells[2] = text_cell("27034563374");
  const auto as_text = read(cells);
  EXPECT_EQ(as_text.verdict, RowVerdict::rejected);
  ASSERT_EQ(with_zero.verdict, RowVerdict::accepted);
  EXPECT_EQ(with_zero.draft.keys[0].value, "027034563374");
}

TEST(RowReader, KeepsOneOfEqualPhones) {
  auto cells = sample_cells();
  cells[3] = text_cell("8 912 000-11-22, +7 912 000 11 22");
  cells[4] = text_cell("89120001122");
  EXPECT_EQ(read(cells).draft.phones.size(), 1U);
}

TEST(RowReader, BoundsThePhonesOfAPerson) {
  std::string many;
  for (int i = 0; i < 30; ++i) many += "891200011" + std::to_string(10 + i) + ";";
  auto cells = sample_cells();
  cells[3] = text_cell(many);
  const auto result = read(cells);
  EXPECT_EQ(result.draft.phones.size(), sample_options().max_phones);
  EXPECT_FALSE(result.warnings.empty());
}

TEST(RowReader, TakesShortRows) {
  auto cells = sample_cells();
  cells.resize(9);
  EXPECT_EQ(read(cells).verdict, RowVerdict::accepted);
  EXPECT_EQ(read({}).verdict, RowVerdict::rejected);
}

TEST(RowReader, ReadsRestrictionsConsentsAndParts) {
  const std::vector<std::string> titles{"Фамилия",
                                        "Имя",
                                        "Отчество",
                                        "Код клиента",
                                        "Телефон родственника",
                                        "Согласие третьего лица",
                                        "Договор",
                                        "Сумма просрочки",
                                        "Банкрот",
                                        "Отказ от взаимодействия",
                                        "Часовой пояс",
                                        "Серия паспорта",
                                        "Номер паспорта"};
  const RowReader reader(detect_mapping(titles), sample_options(), plan);
  std::vector<Cell> cells;
  for (const char* text : {"Иванов", "Иван", "Иванович", "42", "89120001122", "01.02.2025", "Д-1", "10", "да",
                           "15.03.2026", "МСК+2", "4509", "123456"}) {
    cells.push_back(text_cell(text));
  }
  const auto result = reader.read(cells);
  ASSERT_EQ(result.verdict, RowVerdict::accepted) << join_messages(result.errors, ReportLanguage::en);
  EXPECT_EQ(result.draft.name.full, "Иванов Иван Иванович");
  EXPECT_EQ(result.draft.keys.at(0), (PersonKey{PersonKeyKind::passport, "4509123456"}));
  EXPECT_EQ(result.draft.keys.at(1), (PersonKey{PersonKeyKind::source_client, "bank1|42"}));
  EXPECT_EQ(result.draft.phones.at(0).owner_consent_at, parse_utc("2025-02-01T00:00:00Z").value());
  EXPECT_EQ(result.draft.debts.at(0).balance.minor, 1000);
  ASSERT_EQ(result.draft.restrictions.size(), 2U);
  EXPECT_EQ(result.draft.restrictions[0].name, "bankrupt");
  EXPECT_EQ(result.draft.restrictions[0].effective_from, parse_utc("2026-11-24T00:00:00Z").value());
  EXPECT_EQ(result.draft.restrictions[1].effective_from, parse_utc("2026-03-15T00:00:00Z").value());
  EXPECT_EQ(result.draft.zones, std::vector<std::string>{"Asia/Yekaterinburg"});
}

TEST(RowReader, ConsentWithoutADateIsNoConsent) {
  const std::vector<std::string> titles{
      "ФИО", "Код клиента", "Телефон родственника", "Согласие третьего лица", "Договор", "Долг"};
  const RowReader reader(detect_mapping(titles), sample_options(), plan);
  const auto row = [](const char* consent) {
    return std::vector<Cell>{text_cell("Иванов Иван"), text_cell("42"),  text_cell("89120001122"),
                             text_cell(consent),       text_cell("Д-1"), text_cell("10")};
  };
  EXPECT_EQ(codes(reader.read(row("да")).errors),
            std::vector<std::string>{"date_bad@Согласие третьего лица"});
  EXPECT_FALSE(reader.read(row("нет")).draft.phones.at(0).owner_consent_at.has_value());
}

TEST(RowReader, PaidDebtIsClosed) {
  auto cells = sample_cells();
  cells[8] = text_cell("0,00");
  const auto result = read(cells);
  ASSERT_EQ(result.verdict, RowVerdict::accepted);
  EXPECT_TRUE(result.draft.debts[0].is_closed);
}

}  // namespace
}  // namespace dunlin
