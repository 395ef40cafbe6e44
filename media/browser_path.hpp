#pragma once
// One page's way to a leg: ICE-lite answers to its checks, the addresses that have proven themselves, the DTLS association and
// the page's consent. RFC 8445 (lite), 7675, 8839. Owned by the leg's media worker, made and destroyed on the control side. It
// has no socket: what it says goes into the caller's buffer or sink. Times are the worker's monotonic microseconds. Not on the
// packet path but for is_known() and follow_media(), which allocate nothing.
#include <array>
#include <memory>
#include <optional>

#include "media/browser_sdp.hpp"
#include "media/dtls_srtp.hpp"
#include "media/stun.hpp"
#include "media/udp_socket.hpp"

namespace dunlin {

/// Why a page is heard no more.
enum class BrowserEnd : std::uint8_t {
  never_came,         ///< No connection within 30 s of its offer.
  silent,             ///< No valid check for 30 s (RFC 7675 §5.1): the page is gone, or its network is.
  closed,             ///< It said good-bye.
  wrong_fingerprint,  ///< The certificate is not the one its offer named.
  no_agreement,       ///< The handshake failed otherwise.
  replaced,           ///< A change of a page that is not the leg's any more.
};
std::string_view to_string(BrowserEnd end);

class BrowserPath {
 public:
  static constexpr std::int64_t consent_us = 30'000'000;
  static constexpr std::int64_t stale_pair_us = 6'000'000;  ///< Of two good pairs the one not checked for so long is left.
  static constexpr std::size_t max_addresses = 8;

  /// `page` tells pages of all legs apart.
  BrowserPath(std::uint64_t page, IceCredentials ours, std::unique_ptr<DtlsPeer> dtls) : page_(page), ours_(std::move(ours)), dtls_(std::move(dtls)) {}

  std::uint64_t page() const { return page_; }
  /// From now on counts the time in which the page has to come.
  void begin(std::int64_t now_us) { begun_at_us_ = heard_at_us_ = now_us; }
  /// ICE restart (RFC 8445 §9): the old credentials hold until a pair is nominated under the new ones. Media goes on meanwhile;
  /// a page that was silent may come back.
  void restart(IceCredentials& fresh, std::int64_t now_us);

  struct Checked {
    std::span<std::uint8_t> response;        ///< To be sent back; empty: nothing.
    bool is_authentic = false;
    bool is_nominating = false;
    std::optional<UdpAddress> forgotten;     ///< Given up for the new one.
  };
  /// Whether a check names one of our credentials.
  bool is_named(std::string_view username) const;
  Checked on_check(const StunMessage& check, std::span<const std::uint8_t> datagram, const UdpAddress& from, std::int64_t now_us,
                   std::span<std::uint8_t, max_stun_response> buffer);

  bool is_known(const UdpAddress& address) const { return find(address) != nullptr; }
  /// Authentic media came from a known address: a page that has nominated it sends there by its own choice. True when the pair
  /// has changed by it.
  bool follow_media(const UdpAddress& from);
  /// Where we send; unset before the first nomination.
  const std::optional<UdpAddress>& selected() const { return selected_; }
  bool has_consent(std::int64_t now_us) const { return now_us - heard_at_us_ <= consent_us; }
  /// Its time to connect is over. Checks do not prolong it: they may pass where DTLS does not.
  bool is_overdue(std::int64_t now_us) const { return now_us - begun_at_us_ > consent_us; }

  DtlsPeer& dtls() { return *dtls_; }
  /// Where the association's last datagram came from.
  std::optional<UdpAddress> dtls_address;

  /// Every proven address.
  template <class Visit>
  void for_each_address(Visit visit) const {
    for (const Known& known : known_) {
      if (known.address.is_set()) visit(known.address);
    }
  }

 private:
  struct Known {
    UdpAddress address;
    std::uint32_t priority = 0;
    std::int64_t checked_at_us = 0;
    bool is_nominated = false;
  };
  const Known* find(const UdpAddress& address) const;
  const IceCredentials* credentials_of(std::string_view username) const;
  Known& remember(const UdpAddress& from, std::optional<UdpAddress>& forgotten);
  void nominate(const Known& known, std::int64_t now_us);

  std::uint64_t page_;
  IceCredentials ours_;
  IceCredentials previous_;  ///< Empty but during a restart.
  std::unique_ptr<DtlsPeer> dtls_;
  std::array<Known, max_addresses> known_{};
  std::optional<UdpAddress> selected_;
  std::int64_t heard_at_us_ = 0;
  std::int64_t begun_at_us_ = 0;
};

}  // namespace dunlin
