#include "core/call/trunk_test.hpp"

#include "core/base/archive.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t document_version = 1;

}  // namespace

template <class A>
void describe(A& archive, typename A::template Ref<TrunkTest> t) {
  archive(t.attempt, t.trunk, t.masked_number, t.reserved_at, t.result, t.sip_status, t.q850, t.cause, t.ring_after_ms, t.answer_after_ms,
          t.talk_ms, t.was_heard, t.mos_permille, t.loss_permille, t.jitter_us, t.rtt_us);
}

std::string encode(const TrunkTest& test) {
  Encoder encoder;
  encoder(document_version, test);
  return encoder.take();
}

Result<TrunkTest> decode_trunk_test(std::string_view bytes) {
  Decoder decoder(bytes);
  std::uint8_t version = 0;
  decoder(version);
  if (version != document_version) return Error{Errc::corrupt, "trunk test document of version " + std::to_string(version)};
  TrunkTest test;
  decoder(test);
  if (auto status = decoder.finish(); !status) return status.error();
  return test;
}

}  // namespace dunlin
