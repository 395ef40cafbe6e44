#include "media/browser_path.hpp"

#include <algorithm>

namespace dunlin {

std::string_view to_string(BrowserEnd end) {
  switch (end) {
    case BrowserEnd::never_came: return "never_came";
    case BrowserEnd::silent: return "silent";
    case BrowserEnd::closed: return "closed";
    case BrowserEnd::wrong_fingerprint: return "wrong_fingerprint";
    case BrowserEnd::no_agreement: return "no_agreement";
    case BrowserEnd::replaced: return "replaced";
  }
  return "unknown";
}

void BrowserPath::restart(IceCredentials& fresh, std::int64_t now_us) {
  // A second restart before the first has ended: the credentials in use are still the oldest.
  if (previous_.ufrag.empty()) std::swap(previous_, ours_);
  std::swap(ours_, fresh);
  begin(now_us);
}

const IceCredentials* BrowserPath::credentials_of(std::string_view username) const {
  const auto ufrag = username.substr(0, username.find(':'));
  if (ufrag.size() == username.size()) return nullptr;
  if (ufrag == ours_.ufrag) return &ours_;
  return !previous_.ufrag.empty() && ufrag == previous_.ufrag ? &previous_ : nullptr;
}

bool BrowserPath::is_named(std::string_view username) const {
  return credentials_of(username) != nullptr;
}

const BrowserPath::Known* BrowserPath::find(const UdpAddress& address) const {
  const auto at = std::find_if(known_.begin(), known_.end(), [&](const Known& known) { return known.address == address; });
  return at == known_.end() ? nullptr : &*at;
}

BrowserPath::Known& BrowserPath::remember(const UdpAddress& from, std::optional<UdpAddress>& forgotten) {
  for (Known& known : known_) {
    if (known.address == from) return known;
  }
  // A free place, or that of the address not checked for the longest time; never that of the pair in use.
  const auto age = [&](const Known& known) { return known.address.is_set() && known.address == selected_ ? INT64_MAX : known.checked_at_us; };
  Known& place = *std::min_element(known_.begin(), known_.end(), [&](const Known& a, const Known& b) { return age(a) < age(b); });
  if (place.address.is_set()) forgotten = place.address;
  place = Known{};
  place.address = from;
  return place;
}

/// A lite agent takes the nominated pair of the highest priority (RFC 8445 §8.1.1); one that is checked no more is left.
void BrowserPath::nominate(const Known& known, std::int64_t now_us) {
  const Known* present = selected_ ? find(*selected_) : nullptr;
  const bool is_better = present == nullptr || known.priority > present->priority;
  if (is_better || now_us - present->checked_at_us > stale_pair_us) selected_ = known.address;
}

BrowserPath::Checked BrowserPath::on_check(const StunMessage& check, std::span<const std::uint8_t> datagram, const UdpAddress& from, std::int64_t now_us,
                                           std::span<std::uint8_t, max_stun_response> buffer) {
  Checked checked;
  const auto refuse = [&](StunErrorCode code, std::string_view password) {
    checked.response = write_stun_error(check.transaction, code, check.unknown_attribute, password, buffer);
    return checked;
  };
  if (!check.integrity_at || !check.priority) return refuse(StunErrorCode::bad_request, {});
  const IceCredentials* credentials = credentials_of(check.username);
  if (credentials == nullptr || !has_integrity(check, datagram, credentials->password)) return refuse(StunErrorCode::unauthenticated, {});
  if (check.unknown_attribute != 0) return refuse(StunErrorCode::unknown_attribute, credentials->password);
  // We are lite, so the page's browser controls (RFC 8445 §6.1.1); it takes the hint and does.
  if (check.is_controlled) return refuse(StunErrorCode::role_conflict, credentials->password);
  // Nobody vouches for a page that has been away too long; it may restart (RFC 7675 §5.1).
  if (!has_consent(now_us)) return checked;
  checked.is_authentic = true;
  heard_at_us_ = now_us;
  Known& known = remember(from, checked.forgotten);
  known.priority = *check.priority;
  known.checked_at_us = now_us;
  checked.response = write_stun_success(check.transaction, from, credentials->password, buffer);
  if (!check.has_use_candidate) return checked;
  known.is_nominated = checked.is_nominating = true;
  // The first nomination under new credentials ends the restart, whatever the old pair's priority was.
  if (credentials == &ours_ && !previous_.ufrag.empty()) {
    previous_ = {};
    selected_ = from;
  }
  nominate(known, now_us);
  return checked;
}

bool BrowserPath::follow_media(const UdpAddress& from) {
  if (selected_ == from) return false;
  const Known* known = find(from);
  if (known == nullptr || !known->is_nominated) return false;
  selected_ = from;
  return true;
}

}  // namespace dunlin
