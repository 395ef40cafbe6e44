// Legs of browsers on the control side: their ports, and what an offer of a page means for its leg.
#include <algorithm>

#include "media/browser_names.hpp"
#include "media/engine_impl.hpp"

namespace dunlin {

Status MediaEngine::Impl::open_browser_ports() {
  if (settings_.browser_port == 0) return Done{};
  if (settings_.browser_port + settings_.workers - 1 > UINT16_MAX) return invalid_input("media: browser_port leaves no room for a port a worker");
  auto identity = DtlsIdentity::make();
  if (!identity) return identity.error();
  identity_ = std::move(*identity);
  for (unsigned i = 0; i < settings_.workers; ++i) {
    auto local = UdpAddress::parse(settings_.bind_address, static_cast<std::uint16_t>(settings_.browser_port + i));
    if (!local) return local.error();
    auto socket = UdpSocket::bind(*local);
    if (!socket) return Error{socket.error().code, "media: browser_port of worker " + std::to_string(i) + ": " + socket.error().detail};
    browser_sockets_.push_back(std::make_shared<UdpSocket>(std::move(*socket)));
  }
  return Done{};
}

Result<MediaEngine::Impl::Entry*> MediaEngine::Impl::open_browser(LegId id, const LegProfile& profile) {
  if (!identity_) return Error{Errc::conflict, "browsers are not taken here: no browser port is set"};
  const auto worker = choose_worker(profile);
  if (!worker) return worker.error();
  const auto seed = random_seed();
  if (!seed) return seed.error();
  const auto place = take_place(*worker);
  if (!place) return place.error();
  Entry entry;
  entry.id = id;
  entry.profile = profile;
  entry.profile.srtp = SrtpPolicy::off;  // Keys come by DTLS, not with the description.
  entry.worker = *worker;
  entry.ref = *place;
  entry.ssrc = seed->ssrc;
  entry.we_offered = false;
  entry.is_browser = true;
  auto body = std::make_unique<Leg>(id, profile.role, UdpPair{}, *seed);
  body->browser = std::make_unique<BrowserSide>();
  Entry& stored = legs_.emplace(id, std::move(entry)).first->second;
  if (auto status = post(stored, AddLeg{*place, std::move(body)}); !status) {
    homes_[*worker].free_indexes.push_back(place->index);
    --homes_[*worker].legs;
    legs_.erase(id);
    return status.error();
  }
  return &stored;
}

/// The page's connection: a new one, or the one it has. `page` is the one it was, or a blank one.
Result<BrowserOrder> MediaEngine::Impl::order_for(Entry& entry, const BrowserOffer& offer, Page& page) {
  BrowserOrder order;
  const bool is_new = page.number == 0;
  const bool is_restart = !is_new && page.theirs != offer.ice;
  if (is_new || is_restart) {
    auto credentials = make_credentials(entry.ref.index);
    if (!credentials) return credentials.error();
    page.ours = std::move(*credentials);
    page.theirs = offer.ice;
  }
  if (is_new) {
    auto peer = DtlsPeer::make(identity_, offer.fingerprint);
    if (!peer) return peer.error();
    page.number = next_page_++;
    page.session_id = offer.audio.session_id;
    page.fingerprint = offer.fingerprint;
    order.path = std::make_unique<BrowserPath>(page.number, page.ours, std::move(*peer));
  } else if (is_restart) {
    order.fresh = page.ours;
  }
  order.page = page.number;
  return order;
}

Result<std::string> MediaEngine::Impl::answer_page(Entry& entry, const BrowserOffer& offer) {
  const std::string& address = entry.profile.advertised_address.empty() ? settings_.advertised_address : entry.profile.advertised_address;
  const LocalEnd local{address, static_cast<std::uint16_t>(settings_.browser_port + entry.worker), std::uint64_t{entry.ssrc}};
  auto answer = make_answer(entry.profile, local, offer.audio, entry.pages.empty() ? nullptr : &entry.ours);
  if (!answer) return answer.error();
  auto agreed = agree(entry.profile, *answer, offer.audio, false);
  if (!agreed) return agreed.error();
  auto parts = build_parts(entry, *agreed);
  if (!parts) return parts.error();
  (*parts)->send.is_secure = (*parts)->receive.is_secure = true;
  // One PeerConnection has one session id and one certificate as long as it lives (RFC 8829 §5.2.1).
  const auto known = std::find_if(entry.pages.begin(), entry.pages.end(), [&](const Page& one) {
    return one.session_id == offer.audio.session_id && one.fingerprint == offer.fingerprint;
  });
  Page page = known == entry.pages.end() ? Page{} : *known;
  auto made = order_for(entry, offer, page);
  if (!made) return made.error();
  auto order = std::make_unique<BrowserOrder>(std::move(*made));
  order->parts = std::move(*parts);
  if (auto status = post(entry, StartBrowser{entry.ref, std::move(order)}); !status) return status.error();
  if (known != entry.pages.end()) entry.pages.erase(known);
  entry.pages.insert(entry.pages.begin(), page);
  entry.pages.resize(std::min(entry.pages.size(), max_pages));
  entry.ours = *answer;
  entry.agreed = std::move(*agreed);
  return write_browser_answer({std::move(*answer), offer.mid, offer.is_bundled, page.ours, identity_->fingerprint(), entry.ssrc});
}

Result<std::string> MediaEngine::Impl::answer_browser(LegId id, const LegProfile& profile, std::string_view sdp) {
  const auto offer = parse_browser_offer(sdp);
  if (!offer) return offer.error();
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry != nullptr && !entry->is_browser) return Error{Errc::conflict, "media leg is no browser's: " + id.str()};
  const bool is_first = entry == nullptr;
  if (is_first) {
    auto opened = open_browser(id, profile);
    if (!opened) return opened.error();
    entry = *opened;
  }
  entry->profile.codecs = profile.codecs;
  auto answer = answer_page(*entry, *offer);
  if (!answer && is_first) {
    (void)post(*entry, RemoveLeg{entry->ref});
    legs_.erase(id);
  }
  return answer;
}

}  // namespace dunlin
