#include "core/dialing/text_revision.hpp"

#include "core/base/archive.hpp"

namespace dunlin {
namespace {
constexpr std::uint8_t text_document_version = 1;
}

template <class A>
void describe(A& archive, typename A::template Ref<TextRevision> r) {
  archive(r.name, r.revision, r.author, r.at, r.origin, r.text);
}

std::string encode_text_revision(const TextRevision& revision) {
  Encoder encoder;
  encoder(text_document_version, revision);
  return encoder.take();
}

Result<TextRevision> decode_text_revision(std::string_view bytes) {
  Decoder decoder(bytes);
  std::uint8_t version = 0;
  decoder(version);
  if (version != text_document_version) {
    return Error{Errc::corrupt, "text document of version " + std::to_string(version)};
  }
  TextRevision revision;
  decoder(revision);
  if (auto status = decoder.finish(); !status) return status.error();
  return revision;
}

}  // namespace dunlin
