#include "core/cluster/seed_message.hpp"

#include <algorithm>

#include "core/cluster/word_version.hpp"

namespace dunlin {
namespace {

constexpr std::uint16_t seed_version = 1;
constexpr std::string_view seed_words = "a shard's copy";

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
  if (const auto spoken = check_word_version(decoder, seed_version, seed_words); !spoken) return spoken.error();
  SeedAsk ask;
  decoder(ask);
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "a question about a shard's copy: " + read.error().detail};
  return ask;
}

Result<SeedAnswer> decode_seed_answer(std::string_view bytes) {
  Decoder decoder(bytes);
  if (const auto spoken = check_word_version(decoder, seed_version, seed_words); !spoken) return spoken.error();
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
