#pragma once
// The regulator's number ranges in the store, and the table the gate asks when no address of a person is known.
// NumberDesk: load at start-up or after an import on any blocking thread, regions_of() on any thread.
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/compliance/rule_set.hpp"
#include "numbering/range_import.hpp"
#include "storage/documents.hpp"

namespace dunlin {

struct RangeReport {
  std::size_t read = 0;                      ///< Ranges of the file whose region is known.
  std::size_t skipped = 0;                   ///< Their numbers stay without a place: the strictest hours hold.
  std::vector<std::string> unknown_regions;  ///< At most 200 names.
  std::size_t kept = 0;                      ///< Ranges in the store afterwards.
};

/// Reads one file of the regulator into the store; it replaces what was known of the codes it speaks of. Errors name the
/// line; nothing is stored then.
Result<RangeReport> import_number_file(Documents& documents, const RuleSet& rules, const std::filesystem::path& file);

class NumberDesk {
 public:
  /// Without kept ranges the desk knows nothing and the law packs' area codes speak.
  Status load(const Documents& documents, const RuleSet& rules);
  std::vector<std::string> regions_of(const PhoneNumber& number) const;

 private:
  std::atomic<std::shared_ptr<const NumberTable>> table_;
};

}  // namespace dunlin
