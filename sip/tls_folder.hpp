#pragma once
// Sofia wants one folder with agent.pem and cafile.pem; a trunk names its trust anchors and its client certificate
// apart. This makes a private folder of links to them, removed with the object. Touches files; errors name the file.
#include <memory>
#include <string>

#include "core/base/result.hpp"

namespace dunlin {

class TlsFolder {
 public:
  /// `ca_file` empty = the system's trust store; `client_folder` empty = no client certificate.
  static Result<std::unique_ptr<TlsFolder>> make(const std::string& ca_file, const std::string& client_folder);
  ~TlsFolder();
  TlsFolder(const TlsFolder&) = delete;
  TlsFolder& operator=(const TlsFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit TlsFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace dunlin
