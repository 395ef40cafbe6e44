#include "sip/tls_folder.hpp"

#include <cstdlib>
#include <filesystem>

namespace dunlin {
namespace {
constexpr const char* system_store = "/etc/ssl/certs/ca-certificates.crt";
}

Result<std::unique_ptr<TlsFolder>> TlsFolder::make(const std::string& ca_file, const std::string& client_folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  const auto anchors = fs::absolute(ca_file.empty() ? system_store : ca_file, error);
  if (error || !fs::exists(anchors)) return invalid_input("no trust anchors in " + anchors.string());
  const auto certificate = client_folder.empty() ? fs::path() : fs::absolute(client_folder, error) / "agent.pem";
  if (!certificate.empty() && !fs::exists(certificate)) return invalid_input("no client certificate " + certificate.string());
  std::string pattern = (fs::temp_directory_path(error) / "dunlin-tls-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return Error{Errc::unavailable, "cannot make a folder for TLS files"};
  std::unique_ptr<TlsFolder> folder(new TlsFolder(pattern));
  fs::create_symlink(anchors, fs::path(pattern) / "cafile.pem", error);
  if (!error && !certificate.empty()) fs::create_symlink(certificate, fs::path(pattern) / "agent.pem", error);
  if (error) return Error{Errc::unavailable, "cannot link TLS files: " + error.message()};
  return folder;
}

TlsFolder::~TlsFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace dunlin
