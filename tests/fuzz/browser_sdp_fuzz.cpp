// A page's offer: no bytes make the parser read past the end, and nothing of them breaks a line of our answer.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "media/browser_sdp.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dunlin;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_fingerprint(text));
  const auto offer = parse_browser_offer(text);
  if (!offer) return 0;
  BrowserAnswer answer{offer->audio, offer->mid, offer->is_bundled, offer->ice, offer->fingerprint, 1};
  answer.audio.address = "192.0.2.1";
  const std::string written = write_browser_answer(answer);
  // 16 lines always, and at most these for group, mid, codecs and events.
  const auto lines = static_cast<std::size_t>(std::count(written.begin(), written.end(), '\n'));
  if (lines < 16 || lines > 22 + 2 * offer->audio.codecs.size()) std::abort();
  if (static_cast<std::size_t>(std::count(written.begin(), written.end(), '\r')) != lines) std::abort();
  return 0;
}
