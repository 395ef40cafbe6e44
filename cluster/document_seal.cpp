#include "cluster/document_seal.hpp"

#include <openssl/rand.h>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr char document_format = 1;
constexpr std::size_t write_id_bytes = std::tuple_size_v<DocumentWriteId>;
constexpr std::size_t document_header_bytes = 1 + write_id_bytes;
constexpr std::string_view document_purpose = "dunlin shared document";
constexpr std::string_view head_name = "head";  // No keyed hash reads like this.

}  // namespace

DocumentWriteId random_write_id() {
  DocumentWriteId id{};
  DUNLIN_CHECK(RAND_bytes(id.data(), static_cast<int>(id.size())) == 1);
  return id;
}

std::string DocumentSeal::name_of(std::string_view kind, std::string_view id) const {
  return keyed_name(secret_, "dunlin document names", std::string(kind) + "|" + std::string(id));
}

std::string DocumentSeal::sealed(std::string_view name, const DocumentWriteId& write, std::string_view plain) const {
  // One try writes two boxes, head and document: the name keeps their keys apart.
  const std::string salt(reinterpret_cast<const char*>(write.data()), write.size());
  const std::string own_salt = salt + std::string(name);
  return std::string(1, document_format) + salt + seal_box({secret_, document_purpose, own_salt}, name, plain);
}

Result<std::string> DocumentSeal::opened(std::string_view name, std::string_view bytes) const {
  if (bytes.size() < document_header_bytes + box_tag_bytes) return Error{Errc::corrupt, "a shared document in etcd is cut short"};
  if (bytes[0] != document_format) return invalid_input("a shared document in etcd has an unknown format: written by a newer version, upgrade this node");
  const std::string own_salt = std::string(bytes.substr(1, write_id_bytes)) + std::string(name);
  auto plain = open_box({secret_, document_purpose, own_salt}, name, bytes.substr(document_header_bytes));
  if (!plain) return Error{Errc::corrupt, "a shared document in etcd is damaged, moved, or sealed with another secret: is cluster.secret_file the other nodes'?"};
  return std::move(*plain);
}

std::string DocumentSeal::seal(const SharedDocument& document, const DocumentWriteId& write) const {
  return sealed(name_of(document.kind, document.id), write, encode(document));
}

Result<SharedDocument> DocumentSeal::open(std::string_view name, std::string_view bytes) const {
  const auto plain = opened(name, bytes);
  if (!plain) return plain.error();
  auto document = decode_shared_document(*plain);
  if (document && name_of(document->kind, document->id) != name) return Error{Errc::corrupt, "a shared document in etcd lies under another's name"};
  return document;
}

std::string DocumentSeal::seal(const DocumentHead& head, const DocumentWriteId& write) const { return sealed(head_name, write, encode(head)); }

Result<DocumentHead> DocumentSeal::open_head(std::string_view bytes) const {
  const auto plain = opened(head_name, bytes);
  if (!plain) return plain.error();
  return decode_document_head(*plain);
}

}  // namespace dunlin
