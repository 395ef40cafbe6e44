#include "actors/text_shelf.hpp"

#include <algorithm>

#include "config/flow_loader.hpp"
#include "config/log.hpp"
#include "config/strategy_loader.hpp"

namespace dunlin {

Result<Strategy> StrategyKind::compile(const std::string& origin, const std::string& text) { return parse_strategy(origin, text); }

Result<Flow> FlowKind::compile(const std::string& origin, const std::string& text) {
  auto flow = parse_flow(origin, text);
  if (!flow) return flow;
  for (const FlowStep& step : flow->steps) {
    if (!std::holds_alternative<flow_step::Message>(step.act)) continue;
    return invalid_input(origin + ":" + std::to_string(step.line) + ": step \"" + step.name + "\": this node sends no text messages");
  }
  return flow;
}

template <class Kind>
DocumentChange TextShelf<Kind>::document_of(const TextRevision& revision) {
  // "soft.000012"
  const std::string digits = std::to_string(revision.revision);
  const std::string id = revision.name + "." + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
  return {Kind::noun, id, encode_text_revision(revision), nullptr};
}

template <class Kind>
std::shared_ptr<const typename Kind::Text> TextShelf<Kind>::compiled(const TextRevision& revision) {
  auto text = Kind::compile(revision.name, revision.text);
  if (!text) {
    log_error(Kind::plural, "invalid", "{}={} revision={} {}", Kind::noun, revision.name, revision.revision, text.error().detail);
    return nullptr;
  }
  text->revision = revision.revision;
  return std::make_shared<const Text>(std::move(*text));
}

template <class Kind>
TextShelf<Kind> TextShelf<Kind>::load(const DocumentStore& documents) {
  TextShelf shelf;
  const auto stored = documents.list(Kind::noun);
  if (!stored) {
    log_error(Kind::plural, "unreadable", "{}", stored.error().detail);
    return shelf;
  }
  for (const auto& [id, bytes] : *stored) {
    auto revision = decode_text_revision(bytes);
    if (revision) shelf.shelf_[revision->name].revisions.push_back(std::move(*revision));
    else log_error(Kind::plural, "damaged", "id={} {}", id, revision.error().detail);
  }
  for (auto& [name, kept] : shelf.shelf_) {
    std::sort(kept.revisions.begin(), kept.revisions.end(),
              [](const TextRevision& a, const TextRevision& b) { return a.revision < b.revision; });
    kept.latest = compiled(kept.revisions.back());
  }
  return shelf;
}

template <class Kind>
std::vector<std::shared_ptr<const typename Kind::Text>> TextShelf<Kind>::in_force() const {
  std::vector<std::shared_ptr<const Text>> texts;
  for (const auto& [name, kept] : shelf_) {
    if (kept.latest) texts.push_back(kept.latest);
  }
  return texts;
}

template <class Kind>
std::vector<TextRevision> TextShelf<Kind>::view(const std::string& name) const {
  std::vector<TextRevision> revisions;
  for (const auto& [known, kept] : shelf_) {
    if (name.empty()) revisions.push_back(kept.revisions.back());
    else if (known == name) revisions = kept.revisions;
  }
  return revisions;
}

template <class Kind>
Result<TextRevision> TextShelf<Kind>::check_room(TextRevision revision) const {
  const auto known = shelf_.find(revision.name);
  revision.revision = 1;
  if (known == shelf_.end()) {
    if (shelf_.size() >= max_shelf_texts) return Error{Errc::exhausted, std::string("200 ") + Kind::plural + " are stored; no further one fits"};
    return revision;
  }
  if (known->second.revisions.size() >= max_text_revisions) {
    return Error{Errc::exhausted, "1000 revisions of " + revision.name + " are stored; go on under another name"};
  }
  revision.revision = known->second.revisions.back().revision + 1;
  return revision;
}

template <class Kind>
Result<TextRevision> TextShelf<Kind>::next_revision(const std::string& text, const std::string& origin, const std::string& author, UtcTime now) const {
  const auto compiled_text = Kind::compile(origin, text);
  if (!compiled_text) return compiled_text.error();
  return check_room({compiled_text->name, 0, author, now, origin, text});
}

template <class Kind>
Result<TextRevision> TextShelf<Kind>::rollback(const std::string& name, std::uint32_t revision, const std::string& author, UtcTime now) const {
  const auto known = shelf_.find(name);
  if (known == shelf_.end()) return Error{Errc::not_found, std::string("no ") + Kind::noun + " " + name};
  const auto& revisions = known->second.revisions;
  const auto wanted = std::find_if(revisions.begin(), revisions.end(), [revision](const TextRevision& r) { return r.revision == revision; });
  if (wanted == revisions.end()) return Error{Errc::not_found, name + " has no revision " + std::to_string(revision)};
  const bool is_in_force = wanted + 1 == revisions.end();
  if (is_in_force) return Error{Errc::conflict, "revision " + std::to_string(revision) + " of " + name + " is in force already"};
  const std::string origin = "rollback to " + std::to_string(revision);
  // What was valid once may not be any more: bounds may have become tighter since.
  const auto text = Kind::compile(origin, wanted->text);
  if (!text) return text.error();
  return check_room({name, 0, author, now, origin, wanted->text});
}

template <class Kind>
void TextShelf<Kind>::add(const TextRevision& revision) {
  Kept& kept = shelf_[revision.name];
  auto& all = kept.revisions;
  // What other nodes wrote may be told twice.
  const auto at = std::lower_bound(all.begin(), all.end(), revision, [](const TextRevision& a, const TextRevision& b) { return a.revision < b.revision; });
  if (at != all.end() && at->revision == revision.revision) *at = revision;
  else all.insert(at, revision);
  if (all.back().revision == revision.revision) kept.latest = compiled(revision);
}

template <class Kind>
void TextShelf<Kind>::remove(const std::string& document_id) {
  for (auto kept = shelf_.begin(); kept != shelf_.end(); ++kept) {
    auto& all = kept->second.revisions;
    const auto gone = std::find_if(all.begin(), all.end(), [&document_id](const TextRevision& r) { return document_of(r).id == document_id; });
    if (gone == all.end()) continue;
    all.erase(gone);
    if (all.empty()) shelf_.erase(kept);
    else kept->second.latest = compiled(all.back());
    return;
  }
}

template class TextShelf<StrategyKind>;
template class TextShelf<FlowKind>;

}  // namespace dunlin
