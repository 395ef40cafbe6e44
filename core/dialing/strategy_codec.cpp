#include "core/base/archive.hpp"
#include "core/dialing/strategy.hpp"

namespace dunlin {
namespace {
constexpr std::uint8_t strategy_document_version = 1;
}

template <class A>
void describe(A& archive, typename A::template Ref<StrategyRevision> r) {
  archive(r.name, r.revision, r.author, r.at, r.origin, r.text);
}

std::string encode_strategy_revision(const StrategyRevision& revision) {
  Encoder encoder;
  encoder(strategy_document_version, revision);
  return encoder.take();
}

Result<StrategyRevision> decode_strategy_revision(std::string_view bytes) {
  Decoder decoder(bytes);
  std::uint8_t version = 0;
  decoder(version);
  if (version != strategy_document_version) {
    return Error{Errc::corrupt, "strategy document of version " + std::to_string(version)};
  }
  StrategyRevision revision;
  decoder(revision);
  if (auto status = decoder.finish(); !status) return status.error();
  return revision;
}

}  // namespace dunlin
