#pragma once
// The files of a rule set as one document, stored under the set's version, so that yesterday's decisions can be decided
// again under yesterday's law. Plain text: "NAME LENGTH\n" and that many bytes, per file. Pure, any thread.
#include <string>
#include <string_view>
#include <vector>

#include "config/rule_loader.hpp"
#include "core/base/result.hpp"

namespace dunlin {

std::string archive_rule_files(const std::vector<RuleFile>& files);

/// corrupt when the document is cut short, has an unreadable head or more than 200 files.
Result<std::vector<RuleFile>> unarchive_rule_files(std::string_view document);

}  // namespace dunlin
