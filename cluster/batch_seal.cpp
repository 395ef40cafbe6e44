#include "cluster/batch_seal.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr unsigned char batch_format = 1;
constexpr std::size_t id_bytes = 16;
constexpr std::size_t batch_header_bytes = 1 + id_bytes;

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

BoxKey batch_key(const ClusterSecret& secret, std::string_view salt) { return {secret, "dunlin journal batch", salt}; }

std::string additional_data(const BatchPlace& place) {
  std::string out;
  append_number(out, place.shard, 2);
  append_number(out, place.sequence, 8);
  out.append(reinterpret_cast<const char*>(place.before.data()), place.before.size());
  return out;
}

Error closed_batch(const BatchPlace& place, const char* why) {
  return {Errc::corrupt, "batch " + std::to_string(place.sequence) + " of shard " + std::to_string(place.shard) + " in the commit journal " + why};
}

}  // namespace

std::string BatchSeal::seal(const BatchPlace& place, const BatchId& id, std::string_view rows) const {
  const auto salt = id_text(id);
  std::string out(1, static_cast<char>(batch_format));
  out += salt;
  return out + seal_box(batch_key(secret_, salt), additional_data(place), rows);
}

Result<OpenedBatch> BatchSeal::open(const BatchPlace& place, std::string_view bytes) const {
  if (bytes.size() < batch_header_bytes + box_tag_bytes) return closed_batch(place, "is cut short");
  if (static_cast<unsigned char>(bytes[0]) != batch_format) return closed_batch(place, "has an unknown format; was it written by a newer version?");
  const auto salt = bytes.substr(1, id_bytes);
  auto rows = open_box(batch_key(secret_, salt), additional_data(place), bytes.substr(batch_header_bytes));
  if (!rows) return closed_batch(place, "is damaged, moved, or sealed with another secret");
  return OpenedBatch{id_in(salt), std::move(*rows)};
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
