#include "core/cluster/envelope.hpp"

#include "core/base/archive.hpp"

namespace dunlin {
namespace {

/// Version, type, ids, shard, epoch and the body's length at their longest.
constexpr std::size_t max_envelope_head = 64;

}  // namespace

template <class A>
void describe(A& archive, typename A::template Ref<Envelope> e) {
  archive(e.type, e.command.sender, e.command.number, e.shard, e.epoch, e.body);
}

Result<std::string> encode(const Envelope& envelope) {
  if (envelope.body.size() > max_envelope_body) {
    return Error{Errc::exhausted, "message of " + std::to_string(envelope.body.size()) + " bytes; at most " + std::to_string(max_envelope_body) + " travel between nodes"};
  }
  Encoder encoder;
  encoder(link_protocol.newest, envelope);
  return encoder.take();
}

Result<Envelope> decode_envelope(std::string_view bytes) {
  if (bytes.size() > max_envelope_body + max_envelope_head) return Error{Errc::exhausted, "envelope of " + std::to_string(bytes.size()) + " bytes"};
  Decoder decoder(bytes);
  std::uint16_t version = 0;
  decoder(version);
  if (version != 0 && (version < link_protocol.oldest || version > link_protocol.newest)) {
    return invalid_input("envelope of version " + std::to_string(version) + "; this node speaks " + std::to_string(link_protocol.oldest) + " to " +
                         std::to_string(link_protocol.newest));
  }
  if (version == 0) decoder.fail("no version");
  Envelope envelope;
  decoder(envelope);
  if (envelope.shard >= shard_count) decoder.fail("no such shard");
  if (const Status read = decoder.finish(); !read) return Error{Errc::corrupt, "envelope: " + read.error().detail};
  return envelope;
}

Envelope make_refusal(const CommandId& command, const Error& error) {
  Encoder encoder;
  encoder(error);
  return {refusal_type, command, 0, 0, encoder.take()};
}

Error read_refusal(const Envelope& envelope) {
  Decoder decoder(envelope.body);
  Error error;
  decoder(error);
  if (envelope.type != refusal_type) decoder.fail("not a refusal");
  if (const Status read = decoder.finish(); !read) return {Errc::corrupt, "refusal: " + read.error().detail};
  return error;
}

}  // namespace dunlin
