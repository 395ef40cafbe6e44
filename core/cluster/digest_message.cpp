#include "core/cluster/digest_message.hpp"

#include <algorithm>

#include "core/cluster/word_version.hpp"

namespace dunlin {
namespace {

constexpr std::uint16_t digest_version = 1;
constexpr std::string_view digest_words = "comparing";

std::string text_of(const HistoryDigest& digest) { return {digest.begin(), digest.end()}; }

Status take_digest(std::string_view text, HistoryDigest& digest) {
  if (text.size() != digest.size()) return Error{Errc::corrupt, "a word about comparing has a bad digest"};
  std::copy(text.begin(), text.end(), digest.begin());
  return Done{};
}

/// A line as it travels.
struct LineBytes {
  std::uint64_t place = 0;
  CaseId case_id;
  std::string digest;
};

}  // namespace

constexpr DigestStep last_of(DigestStep) { return DigestStep::one_case; }

template <class A>
void describe(A& archive, typename A::template Ref<LineBytes> line) {
  archive(line.place, line.case_id, line.digest);
}

std::string encode(const DigestAsk& ask) {
  Encoder encoder;
  encoder(digest_version, ask.step, ask.from, ask.up_to, text_of(ask.chain), ask.with_lines);
  return encoder.take();
}

std::string encode(const DigestAnswer& answer) {
  std::vector<LineBytes> lines;
  lines.reserve(answer.lines.size());
  for (const DigestLine& line : answer.lines) lines.push_back({line.place, line.case_id, text_of(line.digest)});
  Encoder encoder;
  encoder(digest_version, answer.sequence, text_of(answer.chain), answer.reached, answer.count, answer.is_last, text_of(answer.digest), lines);
  return encoder.take();
}

Result<DigestAsk> decode_digest_ask(std::string_view bytes) {
  Decoder decoder(bytes);
  if (const auto spoken = check_word_version(decoder, digest_version, digest_words); !spoken) return spoken.error();
  DigestAsk ask;
  std::string chain;
  decoder(ask.step, ask.from, ask.up_to, chain, ask.with_lines);
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "a question of comparing: " + read.error().detail};
  if (const Status taken = take_digest(chain, ask.chain); !taken) return taken.error();
  return ask;
}

Result<DigestAnswer> decode_digest_answer(std::string_view bytes) {
  Decoder decoder(bytes);
  if (const auto spoken = check_word_version(decoder, digest_version, digest_words); !spoken) return spoken.error();
  DigestAnswer answer;
  std::string chain;
  std::string digest;
  std::vector<LineBytes> lines;
  decoder(answer.sequence, chain, answer.reached, answer.count, answer.is_last, digest, lines);
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "an answer of comparing: " + read.error().detail};
  if (const Status taken = take_digest(chain, answer.chain); !taken) return taken.error();
  if (const Status taken = take_digest(digest, answer.digest); !taken) return taken.error();
  for (const LineBytes& line : lines) {
    DigestLine& kept = answer.lines.emplace_back(DigestLine{line.place, line.case_id, {}});
    if (const Status taken = take_digest(line.digest, kept.digest); !taken) return taken.error();
  }
  return answer;
}

}  // namespace dunlin
