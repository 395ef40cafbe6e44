#include "app/recording_files.hpp"

#include <array>
#include <fstream>
#include <memory>

#include <openssl/evp.h>

#include "api/command.hpp"
#include "media/media_actor.hpp"
#include "media/recording_finisher.hpp"

namespace dunlin {
namespace {

Result<nlohmann::json> read_sidecar(const std::filesystem::path& file) {
  std::ifstream stream(file);
  auto document = nlohmann::json::parse(stream, nullptr, false);
  if (!document.is_object()) return Error{Errc::corrupt, "the side-car " + file.string() + " is unreadable"};
  return document;
}

Result<std::string> sha256_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (!stream || !hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1) return Error{Errc::unavailable, "cannot read " + file.string()};
  std::array<char, 65536> chunk{};
  while (stream.read(chunk.data(), chunk.size()) || stream.gcount() > 0) {
    EVP_DigestUpdate(hash.get(), chunk.data(), static_cast<std::size_t>(stream.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(hash.get(), digest.data(), &size);
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

}  // namespace

Result<nlohmann::json> list_recordings(const CaseArchive& archive, const std::filesystem::path& folder, std::size_t limit) {
  nlohmann::json rows = nlohmann::json::array();
  std::size_t looked_at = 0;
  const Status walked = archive.each_attempt({}, [&](const AttemptEntry& entry) {
    if (rows.size() >= limit || ++looked_at > limits::list_rows_looked_at) return false;
    const auto sidecar = files_of(folder, entry.attempt).sidecar;
    std::error_code ignored;
    if (!std::filesystem::exists(sidecar, ignored)) return true;
    const auto document = read_sidecar(sidecar);
    if (!document) return true;
    const auto duration = document->value("duration_ms", std::int64_t{0});
    rows.push_back({{"recording", entry.attempt.str()}, {"length", format_span(duration)}, {"duration_ms", duration},
                    {"gap_ms", document->value("gap_ms", 0)}, {"sha256", document->value("sha256", "")}});
    return true;
  });
  if (!walked) return walked.error();
  return rows;
}

Result<nlohmann::ordered_json> export_recording(StoredRecordingKeys& keys, const std::filesystem::path& folder, AttemptId attempt,
                                                const std::filesystem::path& target) {
  const auto files = files_of(folder, attempt);
  std::error_code failed;
  if (!std::filesystem::exists(files.audio, failed)) return Error{Errc::not_found, "no finished recording of " + attempt.str()};
  const auto sidecar = read_sidecar(files.sidecar);
  if (!sidecar) return sidecar.error();
  const auto key = keys.existing_key(attempt);
  if (!key) return key.error();
  const Status written = decrypt_recording(files.audio, *key, target);
  if (!written) return written.error();
  const auto hash = sha256_of(target);
  if (!hash) return hash.error();
  if (*hash != sidecar->value("sha256", "")) {
    std::filesystem::remove(target, failed);
    return Error{Errc::corrupt, "the recording of " + attempt.str() + " does not have the hash of its side-car"};
  }
  const std::string beside = target.string() + ".json";
  std::filesystem::copy_file(files.sidecar, beside, std::filesystem::copy_options::overwrite_existing, failed);
  if (failed) return Error{Errc::unavailable, "cannot write " + beside + ": " + failed.message()};
  return nlohmann::ordered_json{{"recording", attempt.str()}, {"file", std::filesystem::absolute(target).string()}, {"sidecar", beside},
                                {"sha256", *hash}, {"hash_checked", true}, {"duration_ms", sidecar->value("duration_ms", std::int64_t{0})}};
}

}  // namespace dunlin
