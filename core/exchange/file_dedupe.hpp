#pragma once
// Repetitions inside one file: identical rows, further rows of the same person, contracts and keys that contradict, names
// that meet without a birth date. Persons are joined by any shared key, also when a later row is the first to tie them
// together. Belongs to one import, one thread. Keeps 64-bit hashes and line numbers only (about 50 bytes a row and key),
// no personal data. Bounded: beyond max_entries add() answers Errc::exhausted and the import stops.
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
  std::vector<RowError> errors;        ///< For duplicate_row and conflict: ready for the file of rejects.
  std::uint32_t person = 0;            ///< Number of the person within the file, from 0; for fresh and same_person.
  std::vector<std::uint32_t> same_as;  ///< Numbers given before that this row shows to be the same person.
  std::uint64_t namesake_line = 0;     ///< A row of another person with this name, one of the two without a birth date.
};

class FileDedupe {
 public:
  explicit FileDedupe(std::size_t max_entries = 20'000'000, std::uint64_t seed = 0x9E3779B97F4A7C15ULL);

  /// Takes an accepted (or to be reviewed) row; rejected rows are not to be given.
  Result<DedupeFinding> add(const TableRow& row, const CaseDraft& draft);
  std::size_t person_count() const { return persons_.size() - joined_count_; }

 private:
  struct Person {
    std::uint32_t parent = 0;  ///< Itself, or the person it was joined to.
    std::uint32_t line = 0;
    std::uint64_t inn = 0;     ///< Hashes; 0 = not known. Two different ones are two people or a slip.
    std::uint64_t snils = 0;
  };
  /// The persons a row's keys lead to.
  struct Match {
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> roots;
    std::uint64_t inn = 0;
    std::uint64_t snils = 0;
    bool is_contradicting = false;
  };
  struct Contract {
    std::uint32_t line = 0;
    std::uint32_t person = 0;
    std::uint64_t figures = 0;  ///< Hash of the amounts: the same contract twice must say the same.
  };
  struct NameUse {
    std::uint32_t person = 0;
    bool has_birth_date = false;
  };

  std::uint64_t hash(std::string_view text, std::uint64_t domain) const;
  std::uint64_t hash_row(const TableRow& row) const;
  std::uint32_t root_of(std::uint32_t person);
  Match match(const CaseDraft& draft);
  /// The line of a contract of the draft that says otherwise; 0 = none.
  std::uint32_t contradicting_contract(const CaseDraft& draft, const Match& match);
  std::uint32_t join(const Match& match, std::uint32_t line);
  void note_contracts(const CaseDraft& draft, std::uint32_t line, std::uint32_t person);
  std::uint64_t note_name(const CaseDraft& draft, std::uint32_t person);
  std::size_t entry_count() const {
    return rows_.size() + keys_.size() + contracts_.size() + persons_.size() + names_.size();
  }

  std::size_t max_entries_;
  std::uint64_t seed_;
  std::size_t joined_count_ = 0;
  std::vector<Person> persons_;
  std::unordered_map<std::uint64_t, std::uint32_t> rows_;  ///< Row content to its line.
  std::unordered_map<std::uint64_t, std::uint32_t> keys_;  ///< Person key to the person.
  std::unordered_map<std::uint64_t, Contract> contracts_;  ///< Portfolio and contract id.
  std::unordered_map<std::uint64_t, NameUse> names_;       ///< Folded full name to its first person.
};

}  // namespace dunlin
