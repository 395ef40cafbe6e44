#pragma once
// From trees of TOML to the parts of a RuleSet. Each reader checks every field and answers the first fault with file,
// line and field. Used by rule_loader only; loading time, any thread.
#include <map>
#include <string>
#include <vector>

#include "config/rule_fields.hpp"
#include "config/rule_toml.hpp"
#include "core/compliance/rule_set.hpp"

namespace dunlin {

/// Names a pack defines for itself.
struct PackNames {
  std::map<std::string, ChannelSet, std::less<>> groups;
  std::map<std::string, Pool, std::less<>> pools;
};

struct CompiledPack {
  LawPack pack;
  std::string calendar;       ///< "none" or the id of a calendar file.
  OperatorOptions options;
};

Result<CompiledPack> compile_pack(const std::string& file, const TomlNode& root);

/// Channel names and group names -> set. Faults go to the reader.
ChannelSet read_channels(FieldReader& fields, std::string_view name, const PackNames& names);
Pool read_pool(FieldReader& fields, std::string_view name, const PackNames& names);
FactSet read_facts(FieldReader& fields, std::string_view name);

/// The part of a rule that depends on its kind. Faults go to the reader.
RuleBody compile_body(const std::string& kind, FieldReader& fields, const PackNames& names, ChannelSet channels);

/// [calendar], [regions] and [[prefix]] files.
struct NamedCalendar {
  std::string id;
  DayCalendar calendar;
};
Result<NamedCalendar> compile_calendar(const std::string& file, const TomlNode& root);
Status compile_regions(const std::string& file, const TomlNode& root, RuleSet& rules);
Status compile_prefixes(const std::string& file, const TomlNode& root, RuleSet& rules);

/// The operator's own file: options and [[tighten]] entries. Anything that would loosen a rule is a fault.
Status apply_operator(const std::string& file, const TomlNode& root, RuleSet& rules);
/// [options] of a pack or of the operator.
OperatorOptions read_options(FieldReader& fields);

}  // namespace dunlin
