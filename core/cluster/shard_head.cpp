#include "core/cluster/shard_head.hpp"

#include <charconv>
#include <optional>

#include "core/base/hex.hpp"

namespace dunlin {
namespace {

constexpr std::string_view head_format = "1";
constexpr std::size_t batch_id_digits = 32;

/// Lower-case hex of exactly this many digits: one value has one spelling.
std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) return std::nullopt;
    value = (value << 4) | static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return value;
}

std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return word;
}

std::optional<std::uint64_t> parse_sequence(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_plain = !text.empty() && (text.front() != '0' || text.size() == 1);
  if (failure != std::errc() || end != text.data() + text.size() || !is_plain) return std::nullopt;
  return value;
}

std::optional<BatchChain> parse_chain(std::string_view text) {
  BatchChain chain{};
  if (text.size() != 2 * chain.size()) return std::nullopt;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const auto byte = parse_hex(text.substr(2 * i, 2));
    if (!byte) return std::nullopt;
    chain[i] = static_cast<unsigned char>(*byte);
  }
  return chain;
}

Error bad_head(std::string_view what) { return {Errc::corrupt, "the head of a shard in the commit journal has a bad " + std::string(what)}; }

}  // namespace

std::string format_batch_id(const BatchId& id) {
  return hex_digits(id.high) + hex_digits(id.low);
}

std::string encode(const ShardHead& head) {
  std::string out(head_format);
  out += ' ' + std::to_string(head.sequence) + ' ' + format_batch_id(head.batch) + ' ';
  for (const unsigned char byte : head.chain) out += hex_digits(byte).substr(14);
  return out;
}

Result<ShardHead> decode_shard_head(std::string_view text) {
  auto rest = text;
  if (take_word(rest) != head_format) return bad_head("format number; was it written by a newer version?");
  const auto sequence = parse_sequence(take_word(rest));
  if (!sequence) return bad_head("sequence");
  const auto id = take_word(rest);
  if (id.size() != batch_id_digits) return bad_head("batch id");
  const auto high = parse_hex(id.substr(0, 16));
  const auto low = parse_hex(id.substr(16));
  if (!high || !low) return bad_head("batch id");
  const auto chain = parse_chain(rest);
  if (!chain) return bad_head("chain");
  return ShardHead{*sequence, {*high, *low}, *chain};
}

}  // namespace dunlin
