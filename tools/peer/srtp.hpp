#pragma once
// SRTP of one leg: the peers' own door to libsrtp (RFC 3711, RFC 7714). One thread at a time.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "tools/peer/result.hpp"
#include "tools/peer/sdp.hpp"

struct srtp_ctx_t_;

namespace dunlin::peer {

inline constexpr std::size_t srtp_trailer_bytes = 144;  ///< Room the library may ask for behind a packet.

/// The suite with both masters: ours protects what we send, theirs opens what we receive.
struct SrtpKeys {
  SrtpSuite suite = SrtpSuite::cm_sha1_80;
  std::string ours;
  std::string theirs;
};

class SrtpPair {
 public:
  static Result<SrtpPair> create(const SrtpKeys& keys);

  /// Both work in place and return the new length; 0 when the packet was refused (wrong tag, replay).
  /// `buffer` holds the packet in its first `length` octets and srtp_trailer_bytes of room behind it.
  std::size_t protect(std::span<std::uint8_t> buffer, std::size_t length);
  std::size_t unprotect(std::span<std::uint8_t> buffer, std::size_t length);

 private:
  struct Free {
    void operator()(srtp_ctx_t_* session) const;
  };
  using Session = std::unique_ptr<srtp_ctx_t_, Free>;
  Session out_;
  Session in_;
};

}  // namespace dunlin::peer
