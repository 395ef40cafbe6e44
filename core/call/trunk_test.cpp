#include "core/call/trunk_test.hpp"

#include "core/base/bytes.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t version = 1;

}  // namespace

std::string encode(const TrunkTest& test) {
  ByteWriter out;
  out.u8(version);
  out.u64(test.attempt.value());
  out.text(test.trunk);
  out.text(test.masked_number);
  out.i64(test.reserved_at.ms);
  out.text(test.result);
  out.u16(test.sip_status);
  out.u16(test.q850);
  out.text(test.cause);
  out.u32(test.ring_after_ms);
  out.u32(test.answer_after_ms);
  out.u32(test.talk_ms);
  out.u8(test.was_heard ? 1 : 0);
  out.u32(test.mos_permille);
  out.u32(test.loss_permille);
  out.u32(test.jitter_us);
  out.u32(test.rtt_us);
  return out.take();
}

Result<TrunkTest> decode_trunk_test(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.u8() != version) in.fail("a trunk test of another version");
  TrunkTest test;
  test.attempt = AttemptId(in.u64());
  test.trunk = in.text();
  test.masked_number = in.text();
  test.reserved_at = UtcTime{in.i64()};
  test.result = in.text();
  test.sip_status = in.u16();
  test.q850 = in.u16();
  test.cause = in.text();
  test.ring_after_ms = in.u32();
  test.answer_after_ms = in.u32();
  test.talk_ms = in.u32();
  const std::uint8_t was_heard = in.u8();
  if (was_heard > 1) in.fail("a claim that is neither true nor false");
  test.was_heard = was_heard == 1;
  test.mos_permille = in.u32();
  test.loss_permille = in.u32();
  test.jitter_us = in.u32();
  test.rtt_us = in.u32();
  const Status read = in.finish();
  if (!read) return read.error();
  return test;
}

}  // namespace dunlin
