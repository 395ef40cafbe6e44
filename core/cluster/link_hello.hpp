#pragma once
// The first words two nodes exchange on a link, and whether they may talk at all (docs/cluster.md, the link; R14). What a
// hello refuses is a mistake of setting up, so each refusal is the sentence an operator needs. Pure, any thread.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/cluster/envelope.hpp"

namespace dunlin {

struct LinkHello {
  std::string cluster_id;
  std::string node_id;
  std::string store_id;             ///< Random, made with the node's store: two nodes of one name differ in it.
  std::uint64_t incarnation = 0;    ///< Of this life of the process.
  ProtocolRange protocol = link_protocol;
  bool operator==(const LinkHello&) const = default;
};

/// Names and ids above this many bytes are refused.
inline constexpr std::size_t max_hello_text = 256;

std::string encode(const LinkHello& hello);
/// Fields a later version appends are passed over: a hello must be readable for the two to find that they cannot talk.
Result<LinkHello> decode_link_hello(std::string_view bytes);

/// The version both speak; else why they must not: denied (foreign cluster), conflict (two nodes with one id or one store,
/// or another node than `expected` at that address; empty: whoever it is), invalid_input (no common version).
Result<std::uint16_t> check_hello(const LinkHello& own, const LinkHello& theirs, std::string_view expected);

}  // namespace dunlin
