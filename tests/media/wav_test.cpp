#include "media/wav.hpp"

#include <gtest/gtest.h>

#include "core/base/rng.hpp"

namespace dunlin {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

TEST(Wav, ReadsWhatItWrote) {
  const std::vector<std::int16_t> samples = {0, 1, -1, 32767, -32768};
  const auto read = parse_wav(bytes_of(make_wav(samples)));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, samples);
}

TEST(Wav, SkipsUnknownChunksAndAcceptsACutDataChunk) {
  std::string file = make_wav(std::vector<std::int16_t>{1, 2, 3, 4});
  file.insert(12, std::string("LIST\x03\0\0\0abc\0", 12));
  file.resize(file.size() - 4);
  const auto read = parse_wav(bytes_of(file));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (std::vector<std::int16_t>{1, 2}));
}

TEST(Wav, NamesWhatIsWrong) {
  const auto change = [](std::size_t at, char value) {
    std::string file = make_wav(std::vector<std::int16_t>(8));
    file[at] = value;
    const auto read = parse_wav(bytes_of(file));
    return read ? std::string("accepted") : read.error().detail;
  };
  EXPECT_NE(change(20, 3).find("not PCM"), std::string::npos);
  EXPECT_NE(change(22, 2).find("not mono"), std::string::npos);
  EXPECT_NE(change(24, 0).find("not 8 kHz"), std::string::npos);
  EXPECT_NE(change(34, 8).find("not 16 bit"), std::string::npos);
  EXPECT_NE(change(0, 'X').find("not a WAV"), std::string::npos);
  EXPECT_NE(change(36, 'x').find("no data"), std::string::npos);
}

TEST(Wav, SurvivesEveryCutAndRandomMutation) {
  Rng rng(13);
  const auto whole = bytes_of(make_wav(std::vector<std::int16_t>(20)));
  for (int round = 0; round < 20000; ++round) {
    auto bytes = whole;
    bytes.resize(rng.below(bytes.size() + 1));
    for (std::uint64_t i = rng.below(6); i > 0 && !bytes.empty(); --i)
      bytes[rng.below(bytes.size())] = static_cast<std::uint8_t>(rng.next());
    const auto read = parse_wav(bytes);
    if (read) {
      EXPECT_LE(read->size() * 2, bytes.size());
    }
  }
}

}  // namespace
}  // namespace dunlin
