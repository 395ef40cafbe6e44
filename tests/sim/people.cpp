#include "tests/sim/people.hpp"

namespace dunlin::sim {
namespace {

ContactPhone phone_of(std::size_t human, int which) {
  ContactPhone phone;
  phone.number = *PhoneNumber::from_e164("+7900" + std::to_string(1'000'000 + human * 10 + static_cast<std::size_t>(which)));
  phone.type = which == 0 ? PhoneType::mobile : PhoneType::home;
  return phone;
}

CaseDraft draft_of(const Person& person, const std::string& portfolio, Rng& lots) {
  const std::string number = std::to_string(person.index);
  CaseDraft draft;
  draft.keys = {PersonKey{PersonKeyKind::source_client, portfolio + "|" + number}};
  draft.name = PersonName{"Synthetic Person " + std::to_string(person.human)};
  draft.birth_date = CivilDate{1980, 1, 31};
  draft.phones = {phone_of(person.human, 0)};
  if (lots.below(3) == 0) draft.phones.push_back(phone_of(person.human, 1));
  Debt debt;
  debt.external_id = portfolio + "-" + number;
  debt.portfolio = portfolio;
  debt.overdue = Money{static_cast<std::int64_t>(1000 + lots.below(90'000)) * 100, Currency::rub};
  debt.balance = debt.overdue;
  debt.days_past_due = static_cast<int>(5 + lots.below(60));
  draft.debts = {debt};
  for (const Zone& zone : person.zones) draft.zones.emplace_back(zone.name);
  return draft;
}

}  // namespace

People::People(std::size_t count, Rng& lots, const CaseIds& case_ids) {
  const std::size_t first_southerner = count / 2;
  for (std::size_t index = 0; index < count; ++index) {
    Person person;
    person.index = index;
    const bool is_northerner_too = index >= first_southerner && index % 3 == 0 && index - first_southerner < first_southerner;
    person.human = is_northerner_too ? index - first_southerner : index;
    if (is_northerner_too) person.zones = all_[person.human].zones;
    else person.zones = {zones()[lots.below(zones().size())]};
    if (!is_northerner_too && lots.below(8) == 0) person.zones.push_back(zones()[lots.below(zones().size())]);
    person.draft = draft_of(person, index < first_southerner ? "north" : "south", lots);
    person.case_id = case_ids(person.draft.keys.front());
    add(std::move(person));
  }
}

void People::add(Person person) {
  by_case_[person.case_id] = person.index;
  for (const ContactPhone& phone : person.draft.phones) by_number_.emplace(phone.number.e164(), person.human);
  all_.push_back(std::move(person));
}

const Person* People::by_number(const std::string& e164) const {
  const auto found = by_number_.find(e164);
  return found == by_number_.end() ? nullptr : &all_[found->second];
}

Person* People::by_case(CaseId id) {
  const auto found = by_case_.find(id);
  return found == by_case_.end() ? nullptr : &all_[found->second];
}

const Person* People::twin_of(const Person& person) const {
  for (const Person& other : all_) {
    if (other.human == person.human && other.index != person.index) return &other;
  }
  return nullptr;
}

}  // namespace dunlin::sim
