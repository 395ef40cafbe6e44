// The port all browsers of a worker share. What comes is told apart by its first byte (RFC 7983), a check by the user name it
// bears, everything else by the address a check has proven. Once connected, packets take the way of every other leg.
#include <unistd.h>

#include <sys/epoll.h>

#include "media/browser_names.hpp"
#include "media/media_worker.hpp"

namespace dunlin {
namespace {

constexpr int browser_buffer_bytes = 4 * 1024 * 1024;
constexpr int browser_datagrams_per_tick = 256;  // A thousand pages send half of it; a flood must leave time for the other legs.
constexpr std::size_t longest_check = 600;       // Browsers' checks are below 200 bytes.
constexpr std::size_t browser_datagram_limit = 1500;

/// Writes a handshake's datagrams to one address.
class SocketSink : public DatagramSink {
 public:
  SocketSink(const UdpSocket& socket, const UdpAddress& to) : socket_(socket), to_(to) {}
  void send(std::span<const std::uint8_t> datagram) override { socket_.send(datagram, to_); }

 private:
  const UdpSocket& socket_;
  const UdpAddress& to_;
};

}  // namespace

void MediaWorker::open_browser_port() {
  options_.browser_socket->widen_buffer(browser_buffer_bytes);
  routes_.reserve(2 * std::size_t{options_.max_legs});
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.u64 = browser_tag;
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, options_.browser_socket->fd(), &interest);
}

void MediaWorker::on_browser_ready() {
  for (int i = 0; i < browser_datagrams_per_tick; ++i) {
    const auto received = options_.browser_socket->receive(std::span(datagram_).first(browser_datagram_limit));
    if (!received) return;
    on_browser_datagram(std::span(datagram_).first(received->size), received->from);
  }
}

void MediaWorker::on_browser_datagram(std::span<std::uint8_t> datagram, const UdpAddress& from) {
  if (datagram.empty()) return;
  if (looks_like_stun(datagram)) return on_browser_check(datagram, from);
  if (looks_like_dtls(datagram)) return on_browser_handshake(datagram, from);
  if (datagram[0] >> 6 == 2) on_browser_media(datagram, from);
}

Leg* MediaWorker::leg_named(std::string_view username) {
  const auto index = leg_index_of(username);
  if (!index || *index >= legs_.size()) return nullptr;
  Leg* leg = legs_[*index].get();
  return leg != nullptr && leg->browser ? leg : nullptr;
}

void MediaWorker::on_browser_check(std::span<const std::uint8_t> datagram, const UdpAddress& from) {
  if (datagram.size() > longest_check) return;
  const auto check = parse_stun(datagram);
  // Without FINGERPRINT it is no check of ICE (RFC 8445 §7.1.4 with 8489 §14.7), and nobody's guess is worth an answer.
  if (!check || check->kind != StunKind::binding_request || !check->has_fingerprint) return;
  std::array<std::uint8_t, max_stun_response> buffer;
  Leg* leg = leg_named(check->username);
  BrowserPath* path = nullptr;
  if (leg != nullptr) {
    for (BrowserPath* one : {leg->browser->path.get(), leg->browser->next.get()}) {
      if (one != nullptr && one->is_named(check->username)) path = one;
    }
  }
  if (path == nullptr) return;  // Who names no page of ours gets no answer: addresses are easily forged.
  const auto selected_before = path->selected();
  const auto checked = path->on_check(*check, datagram, from, now_us_, buffer);
  if (!checked.response.empty()) options_.browser_socket->send(checked.response, from);
  if (!checked.is_authentic) return;
  if (checked.forgotten) forget_route(*checked.forgotten, path->page());
  BrowserRoute& route = routes_[from];
  route = {leg->ref.index, path->page()};
  if (path != leg->browser->path.get()) return;
  if (path->selected() != selected_before) move_to(*leg);
  if (leg->browser->is_lost && leg->browser->waiting && !leg->browser->next && checked.is_nominating) revive(*leg);
}

BrowserPath* MediaWorker::path_of(const BrowserRoute& route) {
  Leg* leg = legs_[route.leg_index].get();
  if (leg == nullptr || !leg->browser) return nullptr;
  for (BrowserPath* path : {leg->browser->path.get(), leg->browser->next.get()}) {
    if (path != nullptr && path->page() == route.page) return path;
  }
  return nullptr;
}

void MediaWorker::on_browser_handshake(std::span<const std::uint8_t> datagram, const UdpAddress& from) {
  const auto route = routes_.find(from);
  BrowserPath* path = route == routes_.end() ? nullptr : path_of(route->second);
  if (path == nullptr) return;
  // Only a handshake costs arithmetic; what an ended or a standing association is sent must not keep others from theirs.
  if (path->dtls().state() == DtlsState::handshaking && handshake_budget_-- <= 0) return;
  path->dtls_address = from;
  SocketSink sink(*options_.browser_socket, from);
  path->dtls().on_datagram(datagram, sink);
  Leg& leg = *legs_[route->second.leg_index];
  if (path == leg.browser->next.get()) judge_next(leg);
  else if (path->dtls().state() == DtlsState::closed) lose(leg, BrowserEnd::closed);
  else if (path->dtls().state() == DtlsState::failed) lose(leg, BrowserEnd::no_agreement);
}

void MediaWorker::on_browser_media(std::span<std::uint8_t> datagram, const UdpAddress& from) {
  const auto route = routes_.find(from);
  if (route == routes_.end()) return;
  Leg& leg = *legs_[route->second.leg_index];
  BrowserPath* path = path_of(route->second);
  // The page that is on its way has no keys yet: what it sends comes too early by a moment.
  if (path == nullptr || path != leg.browser->path.get() || leg.browser->is_lost) return;
  // The check has proven the address, SRTP proves the packet: for the leg all of the page's addresses are one.
  const UdpAddress known = leg.receiver.plan().expected;
  if (looks_like_rtcp(datagram)) return on_rtcp(leg, datagram, known);
  if (on_rtp(leg, datagram, known) && path->follow_media(from)) move_to(leg);
}

void MediaWorker::move_to(Leg& leg) {
  const auto& selected = leg.browser->path->selected();
  if (!selected) return;
  leg.sender.follow(*selected);
  leg.receiver.follow(*selected);
}

void MediaWorker::on_command(StartBrowser& command) {
  Leg* leg = find(command.leg);
  std::unique_ptr<BrowserOrder> order = std::move(command.order);
  if (leg == nullptr || !leg->browser) return retire_order(std::move(order));
  BrowserSide& side = *leg->browser;
  if (order->path) {
    // A page that never got through is forgotten for the newer one.
    if (side.next) farewell(*side.next);
    std::swap(side.next, order->path);
    std::swap(side.waiting, order->parts);
    side.next->begin(now_us_);
  } else if (side.next && side.next->page() == order->page) {
    if (!order->fresh.ufrag.empty()) side.next->restart(order->fresh, now_us_);
    std::swap(side.waiting, order->parts);
  } else if (side.path && side.path->page() == order->page && side.path->dtls().state() == DtlsState::connected) {
    // The latest offer counts: a newer page that has not come yet is forgotten.
    if (side.next) drop_next(*leg, BrowserEnd::replaced);
    if (!order->fresh.ufrag.empty()) side.path->restart(order->fresh, now_us_);
    if (side.is_lost && !side.path->has_consent(now_us_)) publish(BrowserLost{leg->id, BrowserEnd::silent, false});
    else if (side.is_lost) std::swap(side.waiting, order->parts);
    else adopt_at(*leg, *order->parts, leg->receiver.plan().expected);
  } else {
    publish(BrowserLost{leg->id, BrowserEnd::replaced, side.path && !side.is_lost});
  }
  retire_order(std::move(order));
}

void MediaWorker::retire_order(std::unique_ptr<BrowserOrder>&& order) {
  Retired retired;
  retired.order = std::move(order);
  retire(std::move(retired));
}

void MediaWorker::watch_browser(Leg& leg) {
  BrowserSide& side = *leg.browser;
  if (side.path && !side.path->has_consent(now_us_)) {
    if (!side.is_lost) lose(leg, BrowserEnd::silent);
    else if (side.waiting && !side.next) give_up_waiting(leg);
  }
  if (!side.next) return;
  if (side.next->dtls_address) {
    SocketSink sink(*side.socket, *side.next->dtls_address);
    side.next->dtls().on_time(sink);
  }
  judge_next(leg);
}

void MediaWorker::judge_next(Leg& leg) {
  BrowserPath& next = *leg.browser->next;
  switch (next.dtls().state()) {
    case DtlsState::handshaking:
      if (next.is_overdue(now_us_)) give_up_next(leg, BrowserEnd::never_came);
      return;
    case DtlsState::connected:
      // The handshake may be over before a pair is nominated.
      if (next.selected()) take_over(leg);
      else if (next.is_overdue(now_us_)) give_up_next(leg, BrowserEnd::never_came);
      return;
    case DtlsState::wrong_fingerprint:
      return give_up_next(leg, BrowserEnd::wrong_fingerprint);
    case DtlsState::failed:
      return give_up_next(leg, BrowserEnd::no_agreement);
    case DtlsState::closed:
      return give_up_next(leg, BrowserEnd::closed);
  }
}

/// The page on its way becomes the leg's. Its SRTP contexts are the one thing a worker makes itself, once a connection.
void MediaWorker::take_over(Leg& leg) {
  BrowserSide& side = *leg.browser;
  // A command retires up to four things, and there is always room for those; this one waits for room of its own.
  if (retired_.capacity() - retired_.size() < 6) return;
  const DtlsSrtpKeys& keys = *side.next->dtls().keys();
  auto outbound = SrtpSession::outbound(keys.ours, leg.sender.ssrc());
  auto inbound = SrtpSession::inbound(keys.theirs);
  if (!outbound || !inbound) return give_up_next(leg, BrowserEnd::no_agreement);
  auto order = std::make_unique<BrowserOrder>();
  order->parts = std::move(side.waiting);
  order->parts->srtp_out = std::move(*outbound);
  order->parts->srtp_in = std::move(*inbound);
  if (side.path) farewell(*side.path);
  order->path = std::move(side.path);
  side.path = std::move(side.next);
  side.is_lost = false;
  adopt_at(leg, *order->parts, *side.path->selected());
  retire_order(std::move(order));
  publish(BrowserConnected{leg.id});
}

void MediaWorker::adopt_at(Leg& leg, MediaParts& parts, const UdpAddress& address) {
  parts.send.rtp = parts.send.rtcp = parts.receive.expected = address;
  adopt(leg, parts);
}

/// A page that was silent has restarted and nominated a pair again: its keys are still good.
void MediaWorker::revive(Leg& leg) {
  BrowserSide& side = *leg.browser;
  if (retired_.capacity() - retired_.size() < 6) return;
  side.is_lost = false;
  auto order = std::make_unique<BrowserOrder>();
  order->parts = std::move(side.waiting);
  adopt_at(leg, *order->parts, *side.path->selected());
  retire_order(std::move(order));
  publish(BrowserConnected{leg.id});
}

/// The path is kept: a page that comes back may restart it.
void MediaWorker::lose(Leg& leg, BrowserEnd reason) {
  BrowserSide& side = *leg.browser;
  if (side.is_lost) return;
  side.is_lost = true;
  leg.sender.pause();
  publish(BrowserLost{leg.id, reason, false});
}

void MediaWorker::give_up_next(Leg& leg, BrowserEnd reason) {
  if (retired_.capacity() - retired_.size() >= 6) drop_next(leg, reason);
}

/// As above within a command, which has room for what it retires.
void MediaWorker::drop_next(Leg& leg, BrowserEnd reason) {
  BrowserSide& side = *leg.browser;
  farewell(*side.next);
  auto order = std::make_unique<BrowserOrder>();
  order->path = std::move(side.next);
  order->parts = std::move(side.waiting);
  retire_order(std::move(order));
  publish(BrowserLost{leg.id, reason, side.path && !side.is_lost});
}

/// A page that was silent has restarted and has not come back.
void MediaWorker::give_up_waiting(Leg& leg) {
  if (retired_.capacity() - retired_.size() < 6) return;
  auto order = std::make_unique<BrowserOrder>();
  order->parts = std::move(leg.browser->waiting);
  retire_order(std::move(order));
  publish(BrowserLost{leg.id, BrowserEnd::silent, false});
}

void MediaWorker::farewell(BrowserPath& path) {
  if (const auto& to = path.selected() ? path.selected() : path.dtls_address) {
    SocketSink sink(*options_.browser_socket, *to);
    path.dtls().close(sink);
  }
  path.for_each_address([&](const UdpAddress& address) {
    forget_route(address, path.page());
  });
}

/// Behind one NAT a port may have become another page's meanwhile.
void MediaWorker::forget_route(const UdpAddress& address, std::uint64_t page) {
  const auto route = routes_.find(address);
  if (route != routes_.end() && route->second.page == page) routes_.erase(route);
}

void MediaWorker::close_browser(Leg& leg) {
  if (leg.browser->path) farewell(*leg.browser->path);
  if (leg.browser->next) farewell(*leg.browser->next);
}

}  // namespace dunlin
