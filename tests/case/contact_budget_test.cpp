// The contact budget of one person by the loaded Russian pack: talks, messages and meetings are counted apart.
#include "core/case/contact_budget.hpp"

#include <gtest/gtest.h>

#include "config/rule_loader.hpp"

namespace dunlin {
namespace {

/// Tuesday 24 November 2026, 15:00 in Moscow: a working day inside the hours.
const UtcTime now = parse_utc("2026-11-24T12:00:00Z").value();

const PolicyGate& russian_gate() {
  static const PolicyGate gate = [] {
    PolicyGateOptions options;
    options.organisation = Organisation::agency;
    options.jurisdictions = {"RU"};
    return PolicyGate(std::make_shared<const ContactPolicy>(load_rule_set("").value()), options);
  }();
  return gate;
}

struct PastContact {
  const char* at;
  Channel channel;
  ContactResult result;
};

CaseRecord person_with(const std::vector<PastContact>& contacts) {
  CaseRecord record;
  record.version = 1;
  record.id = CaseId(1);
  record.zones = {"Europe/Moscow"};
  ContactPhone phone;
  phone.number = PhoneNumber::from_e164("+79161110022").value();
  phone.type = PhoneType::mobile;
  record.phones = {phone};
  for (const PastContact& past : contacts) {
    OtherContact contact;
    contact.at = parse_utc(past.at).value();
    contact.channel = past.channel;
    contact.result = past.result;
    record.contacts.push_back(contact);
  }
  return record;
}

ChannelBudget budget_of(const CaseRecord& record, Channel channel) {
  const GateQuestion question{record, record.phones.front(), Channel::call, now, {}, false, false, std::nullopt};
  for (ChannelBudget& budget : contact_budget(russian_gate(), question)) {
    if (budget.channel == channel) return std::move(budget);
  }
  return {};
}

TEST(ContactBudgetOfACase, FollowsTheParagraphs) {
  constexpr auto talked = ContactResult::talked;
  struct Row {
    const char* paragraph;
    std::vector<PastContact> contacts;
    Channel channel;
    int remaining;
    const char* next_at;
  };
  const std::vector<Row> rows{
      {"230-FZ art. 7 part 3 item 3: nothing used", {}, Channel::call, 1, "2026-11-24T12:00:00.000Z"},
      {"230-FZ art. 7 part 3 item 3: one talk a day", {{"2026-11-24T07:00:00Z", Channel::call, talked}}, Channel::call, 0, "2026-11-25T05:00:00.000Z"},
      {"230-FZ art. 7 part 3 item 3: two talks a week",
       {{"2026-11-23T07:00:00Z", Channel::call, talked}, {"2026-11-24T07:00:00Z", Channel::call, talked}}, Channel::call, 0, "2026-11-30T05:00:00.000Z"},
      {"230-FZ art. 7 part 5: two messages a day",
       {{"2026-11-24T06:00:00Z", Channel::sms, ContactResult::delivered}, {"2026-11-24T07:00:00Z", Channel::sms, ContactResult::delivered}}, Channel::sms, 0,
       "2026-11-25T05:00:00.000Z"},
      {"230-FZ art. 7 part 5: a talk uses no message", {{"2026-11-24T07:00:00Z", Channel::call, talked}}, Channel::sms, 2, "2026-11-24T12:00:00.000Z"},
      {"230-FZ art. 7 part 3 item 2: one meeting a week", {{"2026-11-23T07:00:00Z", Channel::visit, ContactResult::met}}, Channel::visit, 0, "2026-11-30T05:00:00.000Z"},
  };
  for (const Row& row : rows) {
    const ChannelBudget budget = budget_of(person_with(row.contacts), row.channel);
    EXPECT_EQ(budget.budget.remaining, row.remaining) << row.paragraph;
    ASSERT_TRUE(budget.next_at) << row.paragraph;
    EXPECT_EQ(format_utc(*budget.next_at), row.next_at) << row.paragraph;
  }
}

TEST(ContactBudgetOfACase, HasNoNextInstantWhenTimeDoesNotHealIt) {
  CaseRecord record = person_with({});
  record.restrictions.push_back({"bankruptcy", now - days(30), "doc-1"});
  const ChannelBudget budget = budget_of(record, Channel::call);
  EXPECT_FALSE(budget.next_at);
  EXPECT_FALSE(budget.decision.is_allowed());
}

TEST(ContactBudgetOfACase, AgreesWithTheGate) {
  const CaseRecord record = person_with({{"2026-11-24T07:00:00Z", Channel::call, ContactResult::talked}});
  const ChannelBudget budget = budget_of(record, Channel::call);
  const Decision later = russian_gate().judge({record, record.phones.front(), Channel::call, *budget.next_at, {}, false, false, std::nullopt});
  EXPECT_TRUE(later.is_allowed());
  const Decision earlier = russian_gate().judge({record, record.phones.front(), Channel::call, *budget.next_at - milliseconds(1), {}, false, false, std::nullopt});
  EXPECT_FALSE(earlier.is_allowed());
}

}  // namespace
}  // namespace dunlin
