#include "core/exchange/file_dedupe.hpp"

#include <string>

namespace dunlin {
namespace {

constexpr std::uint64_t row_domain = 1;
constexpr std::uint64_t person_domain = 2;
constexpr std::uint64_t contract_domain = 16;
constexpr std::uint64_t figures_domain = 17;
constexpr char separator = '\x1F';

RowErrorDetail same_as_line(std::uint64_t line) {
  return {"строка " + std::to_string(line), "row " + std::to_string(line)};
}

std::string figures_of(const Debt& debt) {
  return std::to_string(debt.balance.minor) + separator + std::to_string(debt.overdue.minor) + separator +
         std::string(to_string(debt.balance.currency));
}

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

DedupeFinding FileDedupe::find_person(const CaseDraft& draft, std::uint32_t line) {
  DedupeFinding finding;
  std::uint64_t inn = 0;
  std::vector<std::uint64_t> hashes;
  for (const auto& key : draft.keys) {
    hashes.push_back(hash(key.value, person_domain + static_cast<std::uint64_t>(key.kind)));
    if (key.kind == PersonKeyKind::inn) inn = hashes.back();
    const auto found = persons_.find(hashes.back());
    if (found == persons_.end()) continue;
    if (finding.first_line != 0 && finding.first_line != found->second)
      finding.repetition = Repetition::conflict;
    if (finding.first_line == 0) finding.first_line = found->second;
  }
  const auto known_inn = inns_.find(static_cast<std::uint32_t>(finding.first_line));
  // Two different INNs under one passport or one name and birth date are two people or a slip: not ours to
  // decide.
  if (inn != 0 && known_inn != inns_.end() && known_inn->second != inn)
    finding.repetition = Repetition::conflict;
  if (finding.repetition == Repetition::conflict) {
    finding.errors.push_back(
        make_row_error(RowErrorCode::key_conflict, -1, "", same_as_line(finding.first_line)));
    return finding;
  }
  const auto person_line = finding.first_line == 0 ? line : static_cast<std::uint32_t>(finding.first_line);
  for (const auto h : hashes) persons_.emplace(h, person_line);
  if (inn != 0) inns_.emplace(person_line, inn);
  if (finding.first_line != 0) {
    finding.repetition = Repetition::same_person;
  } else {
    ++person_count_;
  }
  return finding;
}

void FileDedupe::check_contracts(const CaseDraft& draft, std::uint32_t line, DedupeFinding& finding) {
  const auto person_line = finding.first_line == 0 ? line : static_cast<std::uint32_t>(finding.first_line);
  for (const auto& debt : draft.debts) {
    const Contract contract{line, person_line, hash(figures_of(debt), figures_domain)};
    const auto [place, is_new] =
        contracts_.emplace(hash(debt.portfolio + separator + debt.external_id, contract_domain), contract);
    const Contract& first = place->second;
    if (is_new || (first.person_line == person_line && first.figures == contract.figures)) continue;
    finding.repetition = Repetition::conflict;
    finding.errors.push_back(
        make_row_error(RowErrorCode::contract_repeated, -1, "", same_as_line(first.line)));
    finding.first_line = first.line;
  }
}

Result<DedupeFinding> FileDedupe::add(const TableRow& row, const CaseDraft& draft) {
  if (entry_count() >= max_entries_)
    return Error{Errc::exhausted, "the file has more rows than can be compared; split it"};
  const auto line = static_cast<std::uint32_t>(row.line);
  const auto [place, is_new] = rows_.emplace(hash_row(row), line);
  if (!is_new) {
    DedupeFinding finding{Repetition::duplicate_row, place->second, {}};
    finding.errors.push_back(
        make_row_error(RowErrorCode::duplicate_row, -1, "", same_as_line(place->second)));
    return finding;
  }
  DedupeFinding finding = find_person(draft, line);
  if (finding.repetition != Repetition::conflict) check_contracts(draft, line, finding);
  return finding;
}

}  // namespace dunlin
