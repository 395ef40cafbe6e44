#include "core/cluster/shared_document.hpp"

#include <algorithm>

#include "core/base/bytes.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t document_version = 1;

Error other_version(std::uint8_t version) {
  return invalid_input("a shared document of format " + std::to_string(version) + ": written by a newer version, upgrade this node");
}

bool is_kind_name(std::string_view kind) {
  return !kind.empty() && kind.size() <= 64 && std::all_of(kind.begin(), kind.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

bool is_shared_kind(std::string_view kind) {
  return std::find(shared_document_kinds.begin(), shared_document_kinds.end(), kind) != shared_document_kinds.end();
}

DocumentHead head_after(DocumentHead head, const DocumentWriteId& write) {
  ++head.changes;
  if (head.last.size() >= max_remembered_writes) head.last.erase(head.last.begin());
  head.last.push_back(write);
  return head;
}

bool stands_in(const DocumentHead& head, const DocumentWriteId& write) {
  return std::find(head.last.begin(), head.last.end(), write) != head.last.end();
}

std::string encode(const SharedDocument& document) {
  ByteWriter out;
  out.u8(document_version);
  out.text(document.kind);
  out.text(document.id);
  out.u8(document.bytes ? 1 : 0);
  if (document.bytes) out.text(*document.bytes);
  return out.take();
}

std::string encode(const DocumentHead& head) {
  ByteWriter out;
  out.u8(document_version);
  out.u64(head.changes);
  out.varint(head.last.size());
  for (const DocumentWriteId& write : head.last) out.text({reinterpret_cast<const char*>(write.data()), write.size()});
  return out.take();
}

Result<SharedDocument> decode_shared_document(std::string_view bytes) {
  ByteReader in(bytes);
  if (const auto version = in.u8(); version != document_version && !in.has_failed()) return other_version(version);
  SharedDocument document;
  document.kind = in.text();
  document.id = in.text();
  const auto is_there = in.u8();
  if (is_there == 1) document.bytes = in.text();
  if (is_there > 1) in.fail("neither there nor removed");
  if (!in.has_failed() && (!is_kind_name(document.kind) || document.id.empty() || document.id.size() > max_shared_document_id)) in.fail("no name of a document");
  if (const Status whole = in.finish(); !whole) return whole.error();
  return document;
}

Result<DocumentHead> decode_document_head(std::string_view bytes) {
  ByteReader in(bytes);
  if (const auto version = in.u8(); version != document_version && !in.has_failed()) return other_version(version);
  DocumentHead head;
  head.changes = in.u64();
  const std::size_t count = in.count();
  if (count > max_remembered_writes) in.fail("too many changes remembered");
  for (std::size_t i = 0; i < count && !in.has_failed(); ++i) {
    const std::string id = in.text();
    DocumentWriteId write{};
    if (id.size() != write.size()) in.fail("a change's name of another length");
    else std::copy(id.begin(), id.end(), write.begin());
    head.last.push_back(write);
  }
  if (const Status whole = in.finish(); !whole) return whole.error();
  return head;
}

}  // namespace dunlin
