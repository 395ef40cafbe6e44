#include "config/rule_archive.hpp"

#include <charconv>

namespace dunlin {
namespace {

constexpr std::size_t most_kept_files = 200;
constexpr std::size_t longest_head = 300;

}  // namespace

std::string archive_rule_files(const std::vector<RuleFile>& files) {
  std::string document;
  for (const RuleFile& file : files) document += file.name + " " + std::to_string(file.text.size()) + "\n" + file.text;
  return document;
}

Result<std::vector<RuleFile>> unarchive_rule_files(std::string_view document) {
  std::vector<RuleFile> files;
  while (!document.empty()) {
    const std::string_view head = document.substr(0, std::min(document.find('\n'), longest_head));
    const std::size_t space = head.rfind(' ');
    const bool has_head = space != std::string_view::npos && head.size() < document.size() && document[head.size()] == '\n';
    if (!has_head) return Error{Errc::corrupt, "a rule file has no head"};
    std::size_t length = 0;
    const auto [end, fault] = std::from_chars(head.data() + space + 1, head.data() + head.size(), length);
    const bool is_number = fault == std::errc() && end == head.data() + head.size();
    const std::string_view rest = document.substr(head.size() + 1);
    if (!is_number || length > rest.size()) return Error{Errc::corrupt, "a rule file is cut short"};
    if (files.size() == most_kept_files) return Error{Errc::corrupt, "more than 200 rule files"};
    files.push_back({std::string(head.substr(0, space)), std::string(rest.substr(0, length))});
    document = rest.substr(length);
  }
  return files;
}

}  // namespace dunlin
