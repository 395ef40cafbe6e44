#pragma once
// Repetitions inside one file: identical rows, further rows of the same person, contracts and keys that
// contradict. Belongs to one import, one thread. Keeps 64-bit hashes and line numbers only (about 50 bytes a
// row and key), no personal data. Bounded: beyond max_entries add() answers Errc::exhausted and the import
// stops.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"
#include "core/exchange/row_error.hpp"
#include "core/exchange/row_reader.hpp"
#include "core/exchange/table.hpp"

namespace dunlin {

enum class Repetition : std::uint8_t {
  fresh,          ///< First row of this person.
  same_person,    ///< Merges with the person of `first_line`: another debt, another phone.
  duplicate_row,  ///< Every cell equals the row of `first_line`.
  conflict,       ///< `errors` say what contradicts `first_line`; the row is for a person to look at.
};

struct DedupeFinding {
  Repetition repetition = Repetition::fresh;
  std::uint64_t first_line = 0;
  std::vector<RowError> errors;  ///< For duplicate_row and conflict: ready for the file of rejects.
};

class FileDedupe {
 public:
  explicit FileDedupe(std::size_t max_entries = 20'000'000, std::uint64_t seed = 0x9E3779B97F4A7C15ULL);

  /// Takes an accepted (or to be reviewed) row; rejected rows are not to be given.
  Result<DedupeFinding> add(const TableRow& row, const CaseDraft& draft);
  std::size_t person_count() const { return person_count_; }

 private:
  struct Contract {
    std::uint32_t line = 0;
    std::uint32_t person_line = 0;
    std::uint64_t figures = 0;  ///< Hash of the amounts: the same contract twice must say the same.
  };

  std::uint64_t hash(std::string_view text, std::uint64_t domain) const;
  std::uint64_t hash_row(const TableRow& row) const;
  DedupeFinding find_person(const CaseDraft& draft, std::uint32_t line);
  void check_contracts(const CaseDraft& draft, std::uint32_t line, DedupeFinding& finding);
  std::size_t entry_count() const {
    return rows_.size() + persons_.size() + contracts_.size() + inns_.size();
  }

  std::size_t max_entries_;
  std::uint64_t seed_;
  std::size_t person_count_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_;     ///< Row content to its line.
  std::unordered_map<std::uint64_t, std::uint32_t> persons_;  ///< Person key to the first line of the person.
  std::unordered_map<std::uint32_t, std::uint64_t> inns_;  ///< First line of a person to the hash of the INN.
  std::unordered_map<std::uint64_t, Contract> contracts_;  ///< Portfolio and contract id.
};

}  // namespace dunlin
