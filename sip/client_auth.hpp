#pragma once
// Answers 401 and 407 with the trunk's credentials: at most once per request, once more when the nonce was stale.
// Keeps the last challenge so that later requests of the dialog do not have to be asked again. SIP thread only.
#include <optional>
#include <string>

#include "sip/nta_calls.hpp"

namespace dunlin {

struct Credentials {
  std::string user;
  std::string password;
};

class ClientAuth {
 public:
  explicit ClientAuth(std::optional<Credentials> credentials) : credentials_(std::move(credentials)) {}

  /// A header line for the request to be sent again, or nothing when the challenge cannot be answered (no credentials,
  /// wrong password, unknown algorithm).
  std::optional<std::string> answer(const sip_t* challenge, const char* method, const std::string& uri);
  /// A new request starts: its first challenge may be answered again.
  void start_request() { tries_ = 0; }

 private:
  std::optional<Credentials> credentials_;
  int tries_ = 0;
};

}  // namespace dunlin
