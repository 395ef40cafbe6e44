#include "core/cluster/link_hello.hpp"

#include <algorithm>

#include "core/base/archive.hpp"

namespace dunlin {
namespace {

/// Tells a node that is called by something else (a browser, an older program) what it hears.
constexpr std::string_view hello_mark = "dunlin-link";

std::string in_words(const ProtocolRange& range) {
  if (range.oldest == range.newest) return std::to_string(range.oldest);
  return std::to_string(range.oldest) + " to " + std::to_string(range.newest);
}

bool is_short_text(const std::string& text) { return !text.empty() && text.size() <= max_hello_text; }

}  // namespace

template <class A>
void describe(A& archive, typename A::template Ref<LinkHello> h) {
  archive(h.cluster_id, h.node_id, h.store_id, h.incarnation, h.protocol.oldest, h.protocol.newest);
}

std::string encode(const LinkHello& hello) {
  Encoder encoder;
  encoder(std::string(hello_mark), hello, std::string());
  return encoder.take();
}

Result<LinkHello> decode_link_hello(std::string_view bytes) {
  Decoder decoder(bytes);
  std::string mark;
  decoder(mark);
  if (mark != hello_mark) return Error{Errc::corrupt, "not the hello of a node"};
  LinkHello hello;
  std::string later;
  decoder(hello, later);
  if (!is_short_text(hello.cluster_id) || !is_short_text(hello.node_id) || !is_short_text(hello.store_id)) decoder.fail("an id is missing or too long");
  if (hello.protocol.oldest > hello.protocol.newest) decoder.fail("versions from high to low");
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "hello: " + read.error().detail};
  return hello;
}

Result<std::uint16_t> check_hello(const LinkHello& own, const LinkHello& theirs, std::string_view expected) {
  if (theirs.cluster_id != own.cluster_id) {
    return Error{Errc::denied, "node " + theirs.node_id + " belongs to cluster " + theirs.cluster_id + ", this one to " + own.cluster_id +
                                   ": correct the cluster's name or the address in one of them"};
  }
  if (theirs.node_id == own.node_id) return Error{Errc::conflict, "two nodes are named " + own.node_id + ": give one of them another name"};
  if (theirs.store_id == own.store_id) {
    return Error{Errc::conflict, "nodes " + own.node_id + " and " + theirs.node_id + " have the same store: one data folder is a copy; empty it, so that it is seeded anew"};
  }
  if (!expected.empty() && theirs.node_id != expected) {
    return Error{Errc::conflict, "node " + theirs.node_id + " answers where node " + std::string(expected) + " is said to be: correct the address"};
  }
  const std::uint16_t oldest = std::max(own.protocol.oldest, theirs.protocol.oldest);
  const std::uint16_t newest = std::min(own.protocol.newest, theirs.protocol.newest);
  if (oldest <= newest) return newest;
  return invalid_input("node " + theirs.node_id + " speaks version " + in_words(theirs.protocol) + " of the link, this one " + in_words(own.protocol) +
                       ": upgrade the older one");
}

}  // namespace dunlin
