#include "storage/documents.hpp"

#include "storage/bytes.hpp"
#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"
#include "storage/vault.hpp"

namespace dunlin {
namespace {

Error at(std::string_view kind, std::string_view id, const Error& error) {
  return {error.code, std::string(kind) + " '" + std::string(id) + "': " + error.detail};
}

Result<Document> open_document(const Vault& vault, std::string_view kind, std::string_view id, std::string_view bytes) {
  const auto row = decode_document_row(bytes);
  if (!row) return at(kind, id, row.error());
  auto plain = vault.open_document({kind, id, row->revision}, row->sealed_bytes);
  if (!plain) return at(kind, id, plain.error());
  return Document{std::string(kind), std::string(id), row->revision, std::move(*plain)};
}

}  // namespace

Result<std::optional<Document>> Documents::get(std::string_view kind, std::string_view id) const {
  const auto bytes = database_.get(key_space::document(kind, id));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return std::optional<Document>();
  auto document = open_document(vault_, kind, id, **bytes);
  if (!document) return document.error();
  return std::optional<Document>(std::move(*document));
}

Status Documents::each(std::string_view kind, const std::function<bool(const Document&)>& visit) const {
  std::optional<Error> failure;
  const auto scanned =
      database_.scan_prefix(key_space::document_prefix(kind), [&](std::string_view key, std::string_view value) {
        const auto document = open_document(vault_, kind, key_space::id_of_document(key).value_or(""), value);
        if (!document) {
          failure = document.error();
          return false;
        }
        return visit(*document);
      });
  if (failure) return *failure;
  return scanned;
}

Result<std::vector<Document>> Documents::list(std::string_view kind, std::size_t limit) const {
  std::vector<Document> documents;
  const auto scanned = each(kind, [&](const Document& document) {
    if (documents.size() == limit) return false;
    documents.push_back(document);
    return true;
  });
  if (!scanned) return scanned.error();
  return documents;
}

Result<std::vector<Document>> Documents::list_after(std::string_view kind, std::string_view after, std::size_t limit) const {
  std::vector<Document> documents;
  std::optional<Error> failure;
  const std::string from = key_space::document(kind, after) + '\0';  // The first key behind `after`.
  const std::string end = key_space::after_prefix(key_space::document_prefix(kind));
  const auto scanned = database_.scan({.from = from, .to = end}, [&](std::string_view key, std::string_view value) {
    if (documents.size() == limit) return false;
    auto document = open_document(vault_, kind, key_space::id_of_document(key).value_or(""), value);
    if (!document) {
      failure = document.error();
      return false;
    }
    documents.push_back(std::move(*document));
    return true;
  });
  if (failure) return *failure;
  if (!scanned) return scanned.error();
  return documents;
}

Result<std::string> Documents::last_id(std::string_view kind) const {
  const auto last = database_.last_of_prefix(key_space::document_prefix(kind));
  if (!last) return last.error();
  if (!last->has_value()) return std::string();
  return std::string(key_space::id_of_document((*last)->key).value_or(""));
}

Result<std::uint64_t> Documents::cursor(std::string_view name, ShardIndex shard) const {
  const auto bytes = database_.get(key_space::cursor(name, shard));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return std::uint64_t{0};
  const auto row = decode_meta_row(**bytes);
  if (!row) return at("cursor", name, row.error());
  ByteReader reader(row->value);
  const auto sequence = reader.u64();
  if (!reader.is_whole()) return at("cursor", name, {Errc::corrupt, "wrong length"});
  return sequence;
}

Status Documents::put_cursor(std::string_view name, ShardIndex shard, std::uint64_t sequence) {
  if (!key_space::is_name(name)) return invalid_input("a cursor name is 1 to 64 of a-z, 0-9 and '_'");
  WriteBatch batch;
  batch.put(key_space::cursor(name, shard), encode(MetaRow{ByteWriter().u64(sequence).take()}));
  return database_.write(batch, Durability::lazy);
}

}  // namespace dunlin
