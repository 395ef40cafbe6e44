#include "api/text_revisions.hpp"

#include <charconv>

namespace dunlin {

Result<std::uint32_t> revision_number(const std::string& noun, const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc() && end == text.data() + text.size() && number > 0) return number;
  return invalid_input("a revision is a whole number from 1 on; `" + noun + " history NAME` shows them");
}

Result<TextRevision> revision_of(const std::string& noun, const std::vector<TextRevision>& revisions, const std::string& number) {
  if (number.empty()) return revisions.back();
  const auto wanted = revision_number(noun, number);
  if (!wanted) return wanted.error();
  for (const TextRevision& revision : revisions) {
    if (revision.revision == *wanted) return revision;
  }
  const std::string& name = revisions.back().name;
  return Error{Errc::not_found, name + " has no revision " + number + "; `" + noun + " history " + name + "` shows them"};
}

View revisions_table(const std::vector<TextRevision>& revisions) {
  nlohmann::json rows = nlohmann::json::array();
  for (auto revision = revisions.rbegin(); revision != revisions.rend(); ++revision) {
    rows.push_back({{"revision", revision->revision}, {"at", format_utc(revision->at)}, {"author", revision->author}, {"origin", revision->origin},
                    {"is_latest", revision == revisions.rbegin()}});
  }
  return View::table({"revision", "at", "author", "origin", "is_latest"}, std::move(rows));
}

}  // namespace dunlin
