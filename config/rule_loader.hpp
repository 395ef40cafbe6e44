#pragma once
// Reads the law packs (config/rules/*.toml), checks every field and compiles them into the pure RuleSet of core.
// A broken pack is an error naming file, line and field; a node without a rule set denies every contact.
// Start-up and reload only, any thread, reads files. tzdata is read through date-tz.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

/// One TOML file: name ("ru.toml") and text.
struct RuleFile {
  std::string name;
  std::string text;
};

/// The packs compiled into the program, so that a node runs with no configuration.
std::vector<RuleFile> embedded_rule_files();

/// All *.toml of a folder. The folder replaces the embedded packs file by file.
Result<std::vector<RuleFile>> read_rule_folder(const std::filesystem::path& folder);

/// The files load_rule_set() compiles: the embedded ones, overridden and completed by the folder's.
Result<std::vector<RuleFile>> rule_files_of(const std::filesystem::path& folder);

/// Packs and their tables -> rule set with zones, calendars, hashes and tzdata version.
Result<std::shared_ptr<const RuleSet>> compile_rule_set(const std::vector<RuleFile>& files);

/// Embedded packs overridden by the folder's files; an empty path means the embedded ones only.
Result<std::shared_ptr<const RuleSet>> load_rule_set(const std::filesystem::path& folder = {});

}  // namespace dunlin
