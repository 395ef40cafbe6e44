#include "core/cluster/seed_message.hpp"

#include <algorithm>

#include "core/base/archive.hpp"

namespace dunlin {
namespace {

constexpr std::uint16_t seed_version = 1;

/// Reads the version in front; false: another one, or none.
Status check_seed_version(Decoder& decoder) {
  std::uint16_t version = 0;
  decoder(version);
  if (version == seed_version) return Done{};
  if (version == 0) return Error{Errc::corrupt, "a word about a shard's copy has no version"};
  return invalid_input("a word about a shard's copy has version " + std::to_string(version) + "; this node speaks " + std::to_string(seed_version) +
                       ": run the same version on all nodes");
}

}  // namespace

constexpr SeedStep last_of(SeedStep) { return SeedStep::close; }

template <class A>
void describe(A& archive, typename A::template Ref<SeedAsk> ask) {
  archive(ask.step, ask.session, ask.number);
}

std::string encode(const SeedAsk& ask) {
  Encoder encoder;
  encoder(seed_version, ask);
  return encoder.take();
}

std::string encode(const SeedAnswer& answer) {
  Encoder encoder;
  const std::string digest(answer.digest.begin(), answer.digest.end());
  encoder(seed_version, answer.session, encode(answer.position), answer.number, answer.is_last, digest, answer.piece);
  return encoder.take();
}

Result<SeedAsk> decode_seed_ask(std::string_view bytes) {
  Decoder decoder(bytes);
  if (const auto spoken = check_seed_version(decoder); !spoken) return spoken.error();
  SeedAsk ask;
  decoder(ask);
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "a question about a shard's copy: " + read.error().detail};
  return ask;
}

Result<SeedAnswer> decode_seed_answer(std::string_view bytes) {
  Decoder decoder(bytes);
  if (const auto spoken = check_seed_version(decoder); !spoken) return spoken.error();
  SeedAnswer answer;
  std::string position;
  std::string digest;
  decoder(answer.session, position, answer.number, answer.is_last, digest, answer.piece);
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "a piece of a shard's copy: " + read.error().detail};
  const auto head = decode_shard_head(position);
  if (!head) return head.error();
  if (digest.size() != answer.digest.size()) return Error{Errc::corrupt, "a piece of a shard's copy has a bad digest"};
  answer.position = *head;
  std::copy(digest.begin(), digest.end(), answer.digest.begin());
  return answer;
}

}  // namespace dunlin
