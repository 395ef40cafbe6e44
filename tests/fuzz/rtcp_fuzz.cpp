// RTCP compounds: parse, and what is understood must be writable again.
#include "media/rtcp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dunlin;
  const auto report = parse_rtcp({data, size});
  if (!report) return 0;
  if (report->block_count > report->blocks.size()) __builtin_trap();
  RtcpDraft draft{report->sender_ssrc, report->sender_info, std::nullopt};
  if (report->block_count > 0) draft.block = report->blocks[0];
  std::array<std::uint8_t, rtcp_draft_size> buffer{};
  const auto again = parse_rtcp(write_rtcp(draft, buffer));
  if (!again || again->sender_info != report->sender_info) __builtin_trap();
  return 0;
}
