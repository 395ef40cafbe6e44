#include "core/exchange/file_dedupe.hpp"

#include <algorithm>
#include <string>

#include "core/exchange/person_key.hpp"

namespace dunlin {
namespace {

constexpr std::uint64_t row_domain = 1;
constexpr std::uint64_t person_domain = 2;
constexpr std::uint64_t contract_domain = 16;
constexpr std::uint64_t figures_domain = 17;
constexpr std::uint64_t name_domain = 18;
constexpr char separator = '\x1F';

RowErrorDetail same_as_line(std::uint64_t line) {
  return {"строка " + std::to_string(line), "row " + std::to_string(line)};
}

std::string figures_of(const Debt& debt) {
  return std::to_string(debt.balance.minor) + separator + std::to_string(debt.overdue.minor) + separator +
         std::string(to_string(debt.balance.currency));
}

std::string contract_of(const Debt& debt) { return debt.portfolio + separator + debt.external_id; }

/// The key of name and birth date begins with the folded name: cutting it out is cheaper than folding again.
std::string folded_name(const CaseDraft& draft) {
  for (const PersonKey& key : draft.keys) {
    if (key.kind == PersonKeyKind::name_birth) return key.value.substr(0, key.value.rfind('|'));
  }
  return fold_name(draft.name.full);
}

bool differ(std::uint64_t a, std::uint64_t b) { return a != 0 && b != 0 && a != b; }

}  // namespace

FileDedupe::FileDedupe(std::size_t max_entries, std::uint64_t seed)
    : max_entries_(max_entries), seed_(seed) {}

std::uint64_t FileDedupe::hash(std::string_view text, std::uint64_t domain) const {
  std::uint64_t h = seed_ ^ (domain * 0xD6E8FEB86659FD93ULL);
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ULL;
  return h ^ (h >> 32);
}

std::uint64_t FileDedupe::hash_row(const TableRow& row) const {
  std::string all;
  for (const auto& cell : row.cells) {
    all += cell.text;
    all += separator;
  }
  while (!all.empty() && all.back() == separator) all.pop_back();  // Empty cells at the end say nothing.
  return hash(all, row_domain);
}

std::uint32_t FileDedupe::root_of(std::uint32_t person) {
  while (persons_[person].parent != person) {
    persons_[person].parent = persons_[persons_[person].parent].parent;
    person = persons_[person].parent;
  }
  return person;
}

FileDedupe::Match FileDedupe::match(const CaseDraft& draft) {
  Match match;
  for (const auto& key : draft.keys) {
    const std::uint64_t h = hash(key.value, person_domain + static_cast<std::uint64_t>(key.kind));
    match.hashes.push_back(h);
    if (key.kind == PersonKeyKind::inn) match.inn = h;
    if (key.kind == PersonKeyKind::snils) match.snils = h;
    const auto found = keys_.find(h);
    if (found == keys_.end()) continue;
    const std::uint32_t root = root_of(found->second);
    if (std::find(match.roots.begin(), match.roots.end(), root) == match.roots.end()) match.roots.push_back(root);
  }
  // Two INNs or two SNILS under one other key are two people or a slip: not ours to decide.
  std::uint64_t inn = match.inn;
  std::uint64_t snils = match.snils;
  for (const std::uint32_t root : match.roots) {
    const Person& person = persons_[root];
    match.is_contradicting = match.is_contradicting || differ(inn, person.inn) || differ(snils, person.snils);
    if (inn == 0) inn = person.inn;
    if (snils == 0) snils = person.snils;
  }
  return match;
}

std::uint32_t FileDedupe::contradicting_contract(const CaseDraft& draft, const Match& match) {
  for (const auto& debt : draft.debts) {
    const auto known = contracts_.find(hash(contract_of(debt), contract_domain));
    if (known == contracts_.end()) continue;
    const std::uint32_t owner = root_of(known->second.person);
    const bool is_same_person = std::find(match.roots.begin(), match.roots.end(), owner) != match.roots.end();
    const bool is_same = is_same_person && known->second.figures == hash(figures_of(debt), figures_domain);
    if (!is_same) return known->second.line;
  }
  return 0;
}

/// The person of the row: a new one, or the oldest of those it matches, with the others joined to it.
std::uint32_t FileDedupe::join(const Match& match, std::uint32_t line) {
  auto person = static_cast<std::uint32_t>(persons_.size());
  if (match.roots.empty()) persons_.push_back({person, line, 0, 0});
  else person = *std::min_element(match.roots.begin(), match.roots.end());
  Person& self = persons_[person];
  if (self.inn == 0) self.inn = match.inn;
  if (self.snils == 0) self.snils = match.snils;
  for (const std::uint32_t root : match.roots) {
    if (root == person) continue;
    persons_[root].parent = person;
    if (self.inn == 0) self.inn = persons_[root].inn;
    if (self.snils == 0) self.snils = persons_[root].snils;
    ++joined_count_;
  }
  for (const auto h : match.hashes) keys_.emplace(h, person);
  return person;
}

void FileDedupe::note_contracts(const CaseDraft& draft, std::uint32_t line, std::uint32_t person) {
  for (const auto& debt : draft.debts) {
    contracts_.emplace(hash(contract_of(debt), contract_domain), Contract{line, person, hash(figures_of(debt), figures_domain)});
  }
}

/// Two people may share a name; only a birth date tells them apart, so a name that met without one is worth a look.
std::uint64_t FileDedupe::note_name(const CaseDraft& draft, std::uint32_t person) {
  if (draft.name.full.empty()) return 0;
  const bool has_birth_date = draft.birth_date.has_value();
  const auto [use, is_new] = names_.emplace(hash(folded_name(draft), name_domain), NameUse{person, has_birth_date});
  if (is_new || (has_birth_date && use->second.has_birth_date)) return 0;
  const std::uint32_t known = root_of(use->second.person);
  return known == person ? 0 : persons_[known].line;
}

Result<DedupeFinding> FileDedupe::add(const TableRow& row, const CaseDraft& draft) {
  if (entry_count() >= max_entries_)
    return Error{Errc::exhausted, "the file has more rows than can be compared; split it"};
  const auto line = static_cast<std::uint32_t>(row.line);
  const auto refuse = [](Repetition repetition, RowErrorCode code, std::uint64_t other) {
    DedupeFinding finding;
    finding.repetition = repetition;
    finding.first_line = other;
    finding.errors.push_back(make_row_error(code, -1, "", same_as_line(other)));
    return finding;
  };
  const auto [place, is_new] = rows_.emplace(hash_row(row), line);
  if (!is_new) return refuse(Repetition::duplicate_row, RowErrorCode::duplicate_row, place->second);
  const Match found = match(draft);
  if (found.is_contradicting) return refuse(Repetition::conflict, RowErrorCode::key_conflict, persons_[found.roots.front()].line);
  if (const auto other = contradicting_contract(draft, found)) return refuse(Repetition::conflict, RowErrorCode::contract_repeated, other);
  DedupeFinding finding;
  finding.person = join(found, line);
  finding.namesake_line = note_name(draft, finding.person);
  note_contracts(draft, line, finding.person);
  if (found.roots.empty()) return finding;
  finding.repetition = Repetition::same_person;
  finding.first_line = persons_[finding.person].line;
  for (const std::uint32_t root : found.roots) {
    if (root != finding.person) finding.same_as.push_back(root);
  }
  return finding;
}

}  // namespace dunlin
