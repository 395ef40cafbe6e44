// The person of each row of an import: what the base and the file itself know of its keys, contracts and numbers. Keys say
// who is meant; a contract only names a debt, and a number only rings: neither ever joins two people, but both are looked at.
#include <algorithm>

#include "actors/import_actor.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"
#include "core/exchange/person_key.hpp"

namespace dunlin {
namespace {

/// About 160 MB; a longer file is compared with the base and with its own first four million numbers.
constexpr std::size_t numbers_kept = 4'000'000;

bool has_no_birth_date(const ImportRow& row) { return !row.draft.birth_date && !row.draft.name.full.empty(); }

/// At most fifteen digits (E.164), so they fit.
std::uint64_t digits_of(const PhoneNumber& number) {
  std::uint64_t digits = 0;
  for (const char c : number.e164()) {
    if (c >= '0' && c <= '9') digits = digits * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return digits;
}

bool is_part_of(const PersonMatch& match, CaseId id) {
  return id == match.survivor || std::find(match.absorbed.begin(), match.absorbed.end(), id) != match.absorbed.end();
}

}  // namespace

/// Row by row, in the order in which take_found() takes the answers apart.
std::vector<LookupKey> ImportActor::lookups_for(const std::vector<ImportRow>& rows) {
  std::vector<LookupKey> keys;
  for (const ImportRow& row : rows) {
    for (const PersonKey& key : row.draft.keys) keys.push_back({LookupKind::person_key, std::string(to_string(key.kind)) + "|" + key.value});
    for (const Debt& debt : row.draft.debts) keys.push_back({LookupKind::external_id, debt.external_id});
    for (const ContactPhone& phone : row.draft.phones) keys.push_back({LookupKind::phone, phone.number.e164()});
    if (has_no_birth_date(row)) keys.push_back(name_lookup(row.draft.name.full));
  }
  return keys;
}

ImportActor::RowFound ImportActor::take_found(CaseLists& left, const ImportRow& row) {
  const auto next = [&left](std::size_t count) {
    const CaseLists part = left.first(count);
    left = left.subspan(count);
    return part;
  };
  return {next(row.draft.keys.size()), next(row.draft.debts.size()), next(row.draft.phones.size()), next(has_no_birth_date(row) ? 1 : 0)};
}

CaseId ImportActor::settle_person(const ImportRow& row, const RowFound& found) {
  const PersonMatch match = match_row(row, found);
  if (match.is_contradicting) {
    give_back(row.line, RowErrorCode::known_otherwise, match.survivor.str(), match.survivor);
    return {};
  }
  if (!may_hold_contracts(row, found, match)) return {};
  remember(row, match);
  return match.survivor;
}

/// Several cases are one person, unless strong keys disagree.
PersonMatch ImportActor::match_row(const ImportRow& row, const RowFound& found) const {
  std::vector<CaseId> cases;
  const auto consider = [&cases](CaseId id) {
    if (id.is_set() && std::find(cases.begin(), cases.end(), id) == cases.end()) cases.push_back(id);
  };
  for (const auto& of_key : found.keys) {
    for (const CaseId id : of_key) consider(id);
  }
  // Cases of this very file may still be on their way to the disk: only the file's own numbers know them.
  const auto of_file = [this](std::uint32_t person) { return person < persons_.size() ? persons_[person] : CaseId{}; };
  consider(of_file(row.person));
  for (const std::uint32_t other : row.same_as) consider(of_file(other));
  PersonMatch match;
  if (cases.size() < 2) {
    match.survivor = cases.empty() ? context_->archive->case_id_for(row.draft.keys.front()) : cases.front();
    return match;
  }
  std::vector<KnownPerson> persons;
  for (const CaseId id : cases) {
    const auto record = stored(id);
    persons.push_back({id, record ? record->keys : std::vector<PersonKey>()});
  }
  return match_person(row.draft.keys, persons);
}

/// The merges are done when the rows are in.
void ImportActor::remember(const ImportRow& row, const PersonMatch& match) {
  for (const CaseId absorbed : match.absorbed) {
    const CaseId survivor = survivor_of(match.survivor);
    const CaseId root = survivor_of(absorbed);
    if (root == survivor) continue;
    absorbed_into_.emplace(root, survivor);
    if (!command_.is_dry_run) merges_.push_back({row.line, match.survivor, absorbed});
  }
  std::uint32_t last = row.person;
  for (const std::uint32_t other : row.same_as) last = std::max(last, other);
  if (persons_.size() <= last) persons_.resize(last + 1);
  persons_[row.person] = match.survivor;
  for (const std::uint32_t other : row.same_as) persons_[other] = match.survivor;
}

CaseId ImportActor::survivor_of(CaseId id) const {
  for (auto next = absorbed_into_.find(id); next != absorbed_into_.end(); next = absorbed_into_.find(id)) id = next->second;
  return id;
}

/// On a cluster's node what the owner told for the present rows: a copy here may be behind, or there is none.
std::optional<CaseRecord> ImportActor::stored(CaseId id) const {
  if (context_->region != nullptr) {
    const auto told = known_.find(id);
    return told == known_.end() ? std::nullopt : std::optional(told->second);
  }
  const auto view = context_->archive->view(id);
  if (!view || !*view) return std::nullopt;
  auto record = decode_view(**view);
  if (!record) return std::nullopt;
  return std::move(*record);
}

// --- contracts ----------------------------------------------------------------------------------------------------

/// One debt is collected from one person: two would be called for it, each with counters of his own before the law. False:
/// a contract is open under another person, the row went back.
bool ImportActor::may_hold_contracts(const ImportRow& row, const RowFound& found, const PersonMatch& match) {
  for (std::size_t i = 0; i < row.draft.debts.size(); ++i) {
    const Debt& given = row.draft.debts[i];
    const CaseId holder = other_holder(given, found.contracts[i], match);
    if (!holder.is_set()) continue;
    const auto own = own_debt(given, match);
    if (own && given.is_closed) continue;  // One holder less.
    if (!own || own->is_closed) {
      give_back(row.line, RowErrorCode::contract_elsewhere, holder.str(), holder);
      return false;
    }
    // Both hold it already, and nothing here says who is right: sending the row back would leave old figures.
    const RowError words = make_row_error(RowErrorCode::contract_elsewhere, -1, "", {holder.str(), holder.str()});
    review({row.line, std::string(to_string(words.code)), words.message_ru, words.message_en, true, holder});
  }
  return true;
}

/// Another person under whom the contract is open; unset when there is none. The look-up knows no portfolios: the case does.
CaseId ImportActor::other_holder(const Debt& debt, const std::vector<CaseId>& cases, const PersonMatch& match) const {
  for (const CaseId id : cases) {
    if (is_part_of(match, id) || survivor_of(id) == survivor_of(match.survivor)) continue;
    const auto record = stored(id);
    const Debt* known = record ? record->find_debt(debt.external_id) : nullptr;
    if (known != nullptr && known->portfolio == debt.portfolio && !known->is_closed) return id;
  }
  return {};
}

std::optional<Debt> ImportActor::own_debt(const Debt& debt, const PersonMatch& match) const {
  std::vector<CaseId> cases = match.absorbed;
  cases.push_back(match.survivor);
  std::optional<Debt> own;
  for (const CaseId id : cases) {
    const auto record = stored(id);
    const Debt* known = record ? record->find_debt(debt.external_id) : nullptr;
    if (known == nullptr || known->portfolio != debt.portfolio) continue;
    if (!own || own->is_closed) own = *known;
  }
  return own;
}

// --- doubts: the row goes in, and somebody should look --------------------------------------------------------------

/// The same name is no proof: the row has gone to its own case.
void ImportActor::note_namesakes(const ImportRow& row, CaseId own, const RowFound& found) {
  if (found.names.empty()) return;
  for (const CaseId other : found.names.front()) {
    if (other == own) continue;
    return review({row.line, "namesake", "тёзка без даты рождения: возможно, это тот же человек, что и в " + other.str(),
                   "a namesake without a birth date: perhaps the same person as in " + other.str(), true, other});
  }
}

/// Families and offices share a number, and so does one person with two cases. One item a row is enough to look.
void ImportActor::note_shared_phone(const ImportRow& row, CaseId own, const RowFound& found) {
  CaseId other;
  for (std::size_t i = 0; i < row.draft.phones.size(); ++i) {
    const CaseId owner = other_owner(row.draft.phones[i].number, own, found.phones[i]);
    if (!other.is_set()) other = owner;
  }
  if (!other.is_set()) return;
  review({row.line, "shared_phone", "номер телефона есть и у другого человека: " + other.str(),
          "another person has this number too: " + other.str(), true, other});
}

CaseId ImportActor::other_owner(const PhoneNumber& number, CaseId own, const std::vector<CaseId>& cases) {
  const CaseId survivor = survivor_of(own);
  const std::uint64_t digits = digits_of(number);
  const auto known = numbers_.find(digits);
  if (known == numbers_.end() && numbers_.size() < numbers_kept) {
    numbers_.emplace(digits, own);
    if (numbers_.size() == numbers_kept) log_warn("import", "numbers_full", "import={} numbers={}", state_.id.str(), numbers_kept);
  }
  for (const CaseId id : cases) {
    if (survivor_of(id) != survivor) return id;
  }
  return known != numbers_.end() && survivor_of(known->second) != survivor ? known->second : CaseId{};
}

}  // namespace dunlin
