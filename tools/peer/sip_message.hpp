#pragma once
// A small reader and writer of SIP messages for test peers (RFC 3261 §7, §20, §25): request or status line,
// headers with folding and compact names, body by Content-Length. Pure, any thread. Malformed bytes give a
// Failure.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/peer/result.hpp"

namespace dunlin::peer {

inline constexpr std::size_t max_sip_message_bytes = 65'535;
inline constexpr std::size_t max_sip_headers = 200;

struct SipHeader {
  std::string name;
  std::string value;
};

struct CSeq {
  std::uint32_t number = 0;
  std::string method;
};

class SipMessage {
 public:
  bool is_request() const { return !method.empty(); }
  /// The first header of that name (long form), or "" if there is none.
  std::string_view header(std::string_view name) const;
  bool has(std::string_view name) const { return !header(name).empty(); }
  /// Every value of a header that may be a comma list (Via, Route, Record-Route, Contact), in order.
  std::vector<std::string> list(std::string_view name) const;
  void add(std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
  }
  CSeq cseq() const;
  /// The branch of the top Via.
  std::string branch() const;
  /// The bytes to send; Content-Length is computed.
  std::string bytes() const;

  std::string method;  ///< Empty in a response.
  std::string uri;     ///< Request URI.
  int status = 0;
  std::string reason;
  std::vector<SipHeader> headers;
  std::string body;
};

Result<SipMessage> parse_sip(std::string_view bytes);

/// A response that mirrors Via, From, To, Call-ID, CSeq (and Record-Route for dialogs); the tag is added to
/// To if it has none and `to_tag` is not empty.
SipMessage make_response(const SipMessage& request, int status, std::string_view reason,
                         std::string_view to_tag);

/// The part between angle brackets, or the whole without header parameters: "Bob" <sip:bob@x>;tag=1 →
/// sip:bob@x.
std::string_view uri_of(std::string_view name_addr);
/// sip:bob@host:5060;x → bob; "" without a user.
std::string_view user_of(std::string_view uri);
/// sip:bob@host:5060;x → host:5060.
std::string_view host_of(std::string_view uri);
/// A ;name=value parameter after the address, "" if absent.
std::string_view param_of(std::string_view value, std::string_view name);
bool same_text(std::string_view a, std::string_view b);  ///< ASCII case-insensitive.
std::string_view trimmed(std::string_view text);
/// Decimal digits only, at most nine of them; -1 otherwise.
long long number_of(std::string_view text);

/// Cuts SIP messages out of a byte stream (RFC 3261 §18.3). Keep-alive CRLFs are skipped.
class SipFramer {
 public:
  /// Complete messages in `bytes` and what was left before; a Failure means the stream cannot be followed any
  /// more.
  Result<std::vector<std::string>> feed(std::string_view bytes);

 private:
  std::string pending_;
};

}  // namespace dunlin::peer
