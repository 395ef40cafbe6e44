#include "core/dialing/campaign.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/dialogue/flow.hpp"
#include "tests/case/case_fixture.hpp"

namespace dunlin {
namespace {

CaseRecord record_of(const RowImported& row) {
  test::Desk desk;
  desk.import(row);
  return desk.record();
}

TEST(CampaignBook, ACampaignWhoseFlowIsNotStoredIsBarred) {
  Campaign robot;
  robot.settings.id = CampaignId(1);
  robot.settings.mode = DialingMode::agentless;
  robot.settings.flow = "pay";
  EXPECT_EQ(decode_campaign(encode_campaign(robot))->settings.flow, "pay");
  const CampaignBook without({robot});
  EXPECT_EQ(without.order(without.all().front(), CaseRecord(), UtcTime{1}).bar, WorkOrder::Bar::no_flow);
  EXPECT_EQ(order_text(without.order(without.all().front(), CaseRecord(), UtcTime{1})), "flow pay: not stored");
  auto flow = std::make_shared<Flow>();
  flow->name = "pay";
  const CampaignBook with({robot}, {}, nullptr, {}, {flow});
  EXPECT_TRUE(with.order(with.all().front(), CaseRecord(), UtcTime{1}).is_open());
  EXPECT_EQ(with.find_flow("pay"), flow);
  EXPECT_EQ(with.find_flow(""), nullptr);
}

TEST(Campaign, StatesFollowCommands) {
  using S = CampaignState;
  using C = CampaignCommand;
  struct Row {
    S from;
    C command;
    std::optional<S> to;
  };
  const std::vector<Row> rows{
      {S::created, C::start, S::running},   {S::created, C::pause, std::nullopt}, {S::created, C::resume, std::nullopt},
      {S::created, C::stop, S::stopped},    {S::running, C::start, S::running},   {S::running, C::pause, S::paused},
      {S::running, C::resume, S::running},  {S::running, C::stop, S::stopped},    {S::paused, C::start, S::running},
      {S::paused, C::pause, S::paused},     {S::paused, C::resume, S::running},   {S::paused, C::stop, S::stopped},
      {S::stopped, C::start, S::running},   {S::stopped, C::pause, std::nullopt}, {S::stopped, C::resume, std::nullopt},
      {S::stopped, C::stop, S::stopped},
  };
  for (const Row& row : rows) {
    const auto next = next_state(row.from, row.command);
    ASSERT_EQ(next.ok(), row.to.has_value()) << to_string(row.from) << " " << to_string(row.command);
    if (row.to) EXPECT_EQ(*next, *row.to);
    else EXPECT_EQ(next.error().code, Errc::conflict);
  }
}

TEST(Campaign, TheDefaultTableHasARuleForEveryOutcome) {
  std::set<Outcome> named;
  for (const RetryRule& rule : default_retry_rules()) EXPECT_TRUE(named.insert(rule.outcome).second);
  EXPECT_EQ(named.size(), static_cast<std::size_t>(outcome_count));
}

TEST(Campaign, ValidationNamesTheWrongField) {
  EXPECT_TRUE(validate(test::campaign().settings).ok());
  struct Row {
    void (*spoil)(CampaignSettings&);
    std::string_view field;
  };
  const std::vector<Row> rows{
      {[](CampaignSettings& s) { s.name.clear(); }, "name"},
      {[](CampaignSettings& s) { s.trunks.clear(); }, "trunks"},
      {[](CampaignSettings& s) { s.trunks.push_back(s.trunks.front()); }, "trunks: \"demo\" is named twice"},
      {[](CampaignSettings& s) { s.trunks = {{"reserve", 0}}; }, "trunks: one weight"},
      {[](CampaignSettings& s) { s.trunks = {{"main", 1}, {"", 0}}; }, "trunks: a name"},
      {[](CampaignSettings& s) { s.caller_id = "8800"; }, "caller_id"},
      {[](CampaignSettings& s) { s.caller_id = "+74950000001,8800"; }, "caller_id: \"8800\" is not in E.164"},
      {[](CampaignSettings& s) { s.mode = DialingMode::preview; }, "mode: preview is not dialed by this version"},
      {[](CampaignSettings& s) { s.ring_timeout_ms = 1; }, "ring_timeout_ms"},
      {[](CampaignSettings& s) { s.abandon_after_ms = 60'000; }, "abandon_after_ms"},
      {[](CampaignSettings& s) { s.max_attempts_per_case_day = 0; }, "daily caps"},
      {[](CampaignSettings& s) { s.retry[1].first_delay = seconds(1); }, "retry.busy"},
      {[](CampaignSettings& s) { s.retry.push_back(s.retry.front()); }, "retry.no_answer"},
      {[](CampaignSettings& s) { s.filter.dpd_from = 9, s.filter.dpd_to = 3; }, "filter.dpd"},
  };
  for (const Row& row : rows) {
    CampaignSettings settings = test::campaign().settings;
    row.spoil(settings);
    const auto status = validate(settings);
    ASSERT_FALSE(status.ok()) << row.field;
    EXPECT_EQ(status.error().detail.find(row.field), 0U) << status.error().detail;
  }
}

TEST(Campaign, ATrunkOfWeightZeroIsAReserveBesideOthers) {
  CampaignSettings settings = test::campaign().settings;
  settings.trunks = {{"main", 3}, {"reserve", 0}};
  EXPECT_TRUE(validate(settings).ok());
}

TEST(Campaign, TheFilterAsksOneDebtForAllConditions) {
  RowImported row = test::row();
  row.draft.debts = {test::debt("A"), test::debt("B")};
  row.draft.debts[1].portfolio = "south";
  row.draft.debts[1].days_past_due = 90;
  const CaseRecord record = record_of(row);
  CaseFilter filter;
  EXPECT_TRUE(matches(filter, record));
  filter.portfolios = {"south"};
  EXPECT_EQ(matching_debt(filter, record)->external_id, "B");
  filter.dpd_to = 30;
  EXPECT_FALSE(matches(filter, record));
  filter = CaseFilter{};
  filter.min_overdue = Money{1'000'00, Currency::rub};
  EXPECT_TRUE(matches(filter, record));
  filter.min_overdue = Money{1, Currency::usd};
  EXPECT_FALSE(matches(filter, record));
  filter = CaseFilter{};
  filter.languages = {"kk"};
  EXPECT_FALSE(matches(filter, record));
}

TEST(Campaign, AClosedDebtMatchesNothing) {
  RowImported row = test::row();
  row.draft.debts[0].is_closed = true;
  EXPECT_FALSE(matches(CaseFilter{}, record_of(row)));
}

TEST(Campaign, RanksByItsRule) {
  RowImported small = test::row();
  RowImported large = test::row();
  large.draft.debts[0].overdue.minor = 90'000'00;
  large.draft.debts[0].days_past_due = 40;
  CampaignSettings settings = test::campaign().settings;
  settings.rank = RankRule::highest_overdue;
  EXPECT_LT(rank_of(settings, record_of(large)), rank_of(settings, record_of(small)));
  settings.rank = RankRule::highest_dpd;
  EXPECT_LT(rank_of(settings, record_of(large)), rank_of(settings, record_of(small)));
  settings.rank = RankRule::freshest_dpd;
  EXPECT_GT(rank_of(settings, record_of(large)), rank_of(settings, record_of(small)));
  settings.rank = RankRule::oldest_first;
  EXPECT_EQ(rank_of(settings, record_of(large)), rank_of(settings, record_of(small)));
}

TEST(Campaign, ItsDocumentComesBackEqual) {
  Campaign campaign = test::campaign();
  campaign.settings.filter.portfolios = {"north", "south"};
  campaign.settings.filter.min_overdue = Money{-5, Currency::kzt};
  campaign.settings.number_order = {{PartyRole::guarantor, PhoneType::work}};
  campaign.settings.mode = DialingMode::preview;
  campaign.settings.strategy = "soft";
  campaign.settings.weight = 3;
  campaign.settings.guaranteed_agents = 12;
  campaign.settings.prices = {Currency::usd, 125, 7, 90'000, 30'000, most_price};
  campaign.settings.target_idle_s = 15;
  const std::string bytes = encode_campaign(campaign);
  const auto decoded = decode_campaign(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_TRUE(*decoded == campaign);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_campaign(bytes.substr(0, size)).ok()) << size;
  EXPECT_EQ(decode_campaign("\x07" + bytes.substr(1)).error().code, Errc::corrupt);
}

/// Currency, five prices and the target of idle time, when nobody told them: the last bytes of a document.
constexpr std::size_t price_bytes = 7;

TEST(Campaign, ReadsADocumentOfTheVersionBeforePrices) {
  Campaign campaign = test::campaign();
  campaign.settings.guaranteed_agents = 4;
  std::string bytes = encode_campaign(campaign);
  bytes[0] = 5;
  bytes.resize(bytes.size() - price_bytes);
  const auto decoded = decode_campaign(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_TRUE(*decoded == campaign);
}

TEST(Campaign, PricesAndIdleTimeHaveBounds) {
  CampaignSettings settings = test::campaign().settings;
  settings.prices.attempt = most_price;
  settings.target_idle_s = most_target_idle_s;
  EXPECT_TRUE(validate(settings).ok());
  settings.prices.kept_value = most_price + 1;
  EXPECT_EQ(validate(settings).error().detail, "prices: over 400000");
  settings.prices.kept_value = 0;
  settings.target_idle_s = most_target_idle_s + 1;
  EXPECT_EQ(validate(settings).error().detail, "target_idle_s: over 600");
}

TEST(Campaign, ReadsADocumentOfTheVersionBeforeOdds) {
  const Campaign campaign = test::campaign();
  std::string bytes = encode_campaign(campaign);
  bytes[0] = 2;
  bytes.resize(bytes.size() - 6 - price_bytes);  // Number choice, hour choice, lead, flow, weight and guarantee come before the prices.
  const auto decoded = decode_campaign(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_TRUE(*decoded == campaign);
}

TEST(Campaign, ReadsADocumentOfTheVersionBeforeFlows) {
  Campaign campaign = test::campaign();
  campaign.settings.odds_lead = 7;
  std::string bytes = encode_campaign(campaign);
  bytes[0] = 3;
  bytes.resize(bytes.size() - 3 - price_bytes);  // The empty flow, the weight and the guarantee.
  const auto decoded = decode_campaign(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_TRUE(*decoded == campaign);
}

TEST(Campaign, ReadsADocumentOfTheVersionBeforeSharedAgents) {
  Campaign campaign = test::campaign();
  campaign.settings.flow = "pay";
  std::string bytes = encode_campaign(campaign);
  bytes[0] = 4;
  bytes.resize(bytes.size() - 2 - price_bytes);
  const auto decoded = decode_campaign(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_TRUE(*decoded == campaign);
  EXPECT_EQ(decoded->settings.weight, 1U);
  EXPECT_EQ(decoded->settings.guaranteed_agents, 0U);
}

TEST(Campaign, RefusesAShareOutsideItsBounds) {
  CampaignSettings settings = test::campaign().settings;
  settings.weight = 0;
  settings.guaranteed_agents = most_guaranteed_agents;
  EXPECT_TRUE(validate(settings).ok());
  settings.weight = most_weight + 1;
  EXPECT_EQ(validate(settings).error().detail, "weight: over 1000");
  settings.weight = 1;
  settings.guaranteed_agents = most_guaranteed_agents + 1;
  EXPECT_EQ(validate(settings).error().detail, "guaranteed_agents: over 10000");
  settings.guaranteed_agents = 0;
  settings.priority = -most_priority - 1;
  EXPECT_EQ(validate(settings).error().detail, "priority: outside -1000000..1000000");
}

TEST(Campaign, PersonsOfGuaranteedCampaignsAreServedFirst) {
  CampaignSettings vip = test::campaign().settings;
  CampaignSettings urgent = vip;
  vip.guaranteed_agents = 1;
  vip.priority = most_priority;
  urgent.priority = -most_priority;
  EXPECT_LT(waiting_urgency(vip), waiting_urgency(urgent));
  EXPECT_EQ(waiting_urgency(urgent), -most_priority);
}

TEST(Campaign, TheBookFindsById) {
  Campaign second = test::campaign();
  second.settings.id = CampaignId(3);
  const CampaignBook book({test::campaign(), second});
  EXPECT_EQ(book.all().front().settings.id, CampaignId(3));
  EXPECT_NE(book.find(test::campaign_id), nullptr);
  EXPECT_EQ(book.find(CampaignId(4)), nullptr);
}

}  // namespace
}  // namespace dunlin
