// Any bytes as an event, a case view or a campaign document: refused or read, and what is read is written back the same
// (of an older encoding: written anew; an event then says the same).
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.hpp"
#include "core/case/event_codec.hpp"
#include "core/dialing/campaign.hpp"

namespace {

/// Of an older version only the first byte, the version itself, has to differ.
void check_written_back(std::string_view body, const std::string& again) {
  DUNLIN_CHECK(again[0] != body[0] || again == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto event = dunlin::decode(data[0], body);
  if (event.ok()) {
    const auto again = dunlin::encode(*event, dunlin::UtcTime{1});
    const bool is_same_encoding = !body.empty() && !again.body.empty() && body[0] == again.body[0];
    DUNLIN_CHECK(!is_same_encoding || again.body == body);
    const auto reread = dunlin::decode(again.type, again.body);
    DUNLIN_CHECK(reread.ok() && dunlin::encode(*reread, dunlin::UtcTime{1}).body == again.body);
  }
  const auto view = dunlin::decode_view(body);
  if (view.ok()) check_written_back(body, dunlin::encode_view(*view));
  const auto campaign = dunlin::decode_campaign(body);
  if (campaign.ok()) check_written_back(body, dunlin::encode_campaign(*campaign));
  return 0;
}
