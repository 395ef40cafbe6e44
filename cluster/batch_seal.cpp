#include "cluster/batch_seal.hpp"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>
#include <memory>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr unsigned char batch_format = 1;
constexpr std::size_t id_bytes = 16;
constexpr std::size_t batch_tag_bytes = 16;
constexpr std::size_t batch_header_bytes = 1 + id_bytes;

struct FreeCipher { void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); } };
struct FreeKdf { void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); } };
struct FreeKdfMethod { void operator()(EVP_KDF* method) const { EVP_KDF_free(method); } };
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}

std::uint64_t number_at(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

std::string id_text(const BatchId& id) {
  std::string out;
  append_number(out, id.high, 8);
  append_number(out, id.low, 8);
  return out;
}

/// Of the sixteen bytes that id_text writes.
BatchId id_in(std::string_view text) { return {number_at(text.substr(0, 8)), number_at(text.substr(8))}; }

/// RFC 5869: salt = batch id.
ClusterSecret batch_key(const ClusterSecret& secret, std::string_view salt) {
  const std::unique_ptr<EVP_KDF, FreeKdfMethod> method(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  DUNLIN_CHECK(method != nullptr);
  const std::unique_ptr<EVP_KDF_CTX, FreeKdf> context(EVP_KDF_CTX_new(method.get()));
  char digest[] = "SHA256";
  char purpose[] = "dunlin journal batch";
  std::string salt_bytes(salt);
  auto key_bytes = secret;
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_octet_string("key", key_bytes.data(), key_bytes.size()),
                               OSSL_PARAM_construct_octet_string("salt", salt_bytes.data(), salt_bytes.size()),
                               OSSL_PARAM_construct_octet_string("info", purpose, sizeof purpose - 1), OSSL_PARAM_construct_end()};
  ClusterSecret derived{};
  DUNLIN_CHECK(context != nullptr && EVP_KDF_derive(context.get(), derived.data(), derived.size(), params) == 1);
  return derived;
}

std::string additional_data(const BatchPlace& place) {
  std::string out;
  append_number(out, place.shard, 2);
  append_number(out, place.sequence, 8);
  out.append(reinterpret_cast<const char*>(place.before.data()), place.before.size());
  return out;
}

/// A cipher context ready for one batch; the nonce may be constant because the key is used once.
CipherContext started_cipher(const ClusterSecret& key, const BatchPlace& place, bool is_sealing) {
  CipherContext context(EVP_CIPHER_CTX_new());
  const std::array<unsigned char, 12> nonce{};
  DUNLIN_CHECK(context != nullptr);
  DUNLIN_CHECK(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(), is_sealing ? 1 : 0) == 1);
  const auto additional = additional_data(place);
  int size = 0;
  DUNLIN_CHECK(EVP_CipherUpdate(context.get(), nullptr, &size, bytes_of(additional), static_cast<int>(additional.size())) == 1);
  return context;
}

Error closed_batch(const BatchPlace& place, const char* why) {
  return {Errc::corrupt, "batch " + std::to_string(place.sequence) + " of shard " + std::to_string(place.shard) + " in the commit journal " + why};
}

}  // namespace

std::string BatchSeal::seal(const BatchPlace& place, const BatchId& id, std::string_view rows) const {
  const auto salt = id_text(id);
  const auto context = started_cipher(batch_key(secret_, salt), place, true);
  std::string out(1, static_cast<char>(batch_format));
  out += salt;
  out.resize(batch_header_bytes + rows.size() + batch_tag_bytes);
  auto* box = reinterpret_cast<unsigned char*>(out.data()) + batch_header_bytes;
  int size = 0;
  DUNLIN_CHECK(rows.empty() || EVP_CipherUpdate(context.get(), box, &size, bytes_of(rows), static_cast<int>(rows.size())) == 1);
  DUNLIN_CHECK(EVP_CipherFinal_ex(context.get(), box + size, &size) == 1);
  DUNLIN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, batch_tag_bytes, box + rows.size()) == 1);
  return out;
}

Result<OpenedBatch> BatchSeal::open(const BatchPlace& place, std::string_view bytes) const {
  if (bytes.size() < batch_header_bytes + batch_tag_bytes) return closed_batch(place, "is cut short");
  if (static_cast<unsigned char>(bytes[0]) != batch_format) return closed_batch(place, "has an unknown format; was it written by a newer version?");
  const auto salt = bytes.substr(1, id_bytes);
  const auto box = bytes.substr(batch_header_bytes, bytes.size() - batch_header_bytes - batch_tag_bytes);
  std::string tag(bytes.substr(bytes.size() - batch_tag_bytes));
  const auto context = started_cipher(batch_key(secret_, salt), place, false);
  OpenedBatch opened{id_in(salt), std::string(box.size(), '\0')};
  auto* plain = reinterpret_cast<unsigned char*>(opened.rows.data());
  int size = 0;
  DUNLIN_CHECK(box.empty() || EVP_CipherUpdate(context.get(), plain, &size, bytes_of(box), static_cast<int>(box.size())) == 1);
  DUNLIN_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, batch_tag_bytes, tag.data()) == 1);
  std::array<unsigned char, 16> rest{};
  if (EVP_CipherFinal_ex(context.get(), rest.data(), &size) != 1) return closed_batch(place, "is damaged, moved, or sealed with another secret");
  return opened;
}

Result<BatchId> id_of_stored_batch(std::string_view bytes) {
  if (bytes.size() < batch_header_bytes) return Error{Errc::corrupt, "a batch in the commit journal is cut short"};
  return id_in(bytes.substr(1, id_bytes));
}

BatchChain chain_after(const BatchChain& before, std::string_view stored_batch) {
  std::string all(reinterpret_cast<const char*>(before.data()), before.size());
  all.append(stored_batch);
  BatchChain chain{};
  DUNLIN_CHECK(EVP_Digest(all.data(), all.size(), chain.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return chain;
}

BatchId random_batch_id() {
  BatchId id;
  std::array<unsigned char, id_bytes> bytes{};
  DUNLIN_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::memcpy(&id.high, bytes.data(), sizeof id.high);
  std::memcpy(&id.low, bytes.data() + sizeof id.high, sizeof id.low);
  return id;
}

}  // namespace dunlin
