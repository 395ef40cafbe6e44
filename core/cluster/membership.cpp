#include "core/cluster/membership.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/base/check.hpp"

namespace dunlin {
Membership::Membership(std::string node_id, std::uint64_t life, MembershipRules rules) : node_id_(std::move(node_id)), life_(life), rules_(rules) {}

std::string Membership::incarnation() const {
  std::array<char, 16> life{};
  const auto end = std::to_chars(life.data(), life.data() + life.size(), life_, 16).ptr;
  return node_id_ + "#" + std::string(life.data(), end) + "." + std::to_string(number_);
}

MembershipAsk Membership::on_tick(MonoTime now) {
  if (state_ == MembershipState::member && now >= good_until_) state_ = MembershipState::suspended;
  const auto is_due = [this, now](Duration pause) { return !asked_at_ || now - *asked_at_ >= pause; };
  const auto ask = [this, now](MembershipAsk what) {
    asked_at_ = now;
    return what;
  };
  switch (state_) {
    case MembershipState::outside:
      return is_due(rules_.retry_pause) ? ask(MembershipAsk::grant_lease) : MembershipAsk::nothing;
    case MembershipState::joining:
      return is_due(rules_.retry_pause) ? ask(MembershipAsk::put_node_key) : MembershipAsk::nothing;
    case MembershipState::member:
      return is_due(rules_.renew_every) ? ask(MembershipAsk::renew_lease) : MembershipAsk::nothing;
    case MembershipState::suspended:
      return is_due(rules_.retry_pause) ? ask(MembershipAsk::renew_lease) : MembershipAsk::nothing;
  }
  DUNLIN_CHECK(false);
  return MembershipAsk::nothing;
}

void Membership::on_granted(std::optional<std::int64_t> lease, MonoTime asked_at) {
  if (state_ != MembershipState::outside || !lease) return;
  lease_ = *lease;
  good_until_ = asked_at + rules_.lease_ttl;
  state_ = MembershipState::joining;
  asked_at_.reset();
}

/// A key that cannot be put while the lease is young is asked for again; an old lease is given up with its number.
void Membership::on_node_key(std::optional<std::int64_t> created_at, MonoTime asked_at) {
  if (state_ != MembershipState::joining) return;
  if (created_at) {
    node_created_at_ = *created_at;
    state_ = MembershipState::member;
    asked_at_.reset();
  } else if (asked_at >= good_until_) {
    end_incarnation();
  }
}

bool Membership::on_renewed(std::optional<std::int64_t> ttl_s, MonoTime asked_at) {
  if (state_ != MembershipState::member && state_ != MembershipState::suspended) return false;
  if (!ttl_s) return false;
  if (*ttl_s <= 0) return end_incarnation();
  // etcd may promise more than was asked for after a change of its leader; the node believes the shorter of both.
  good_until_ = asked_at + std::min(rules_.lease_ttl, seconds(*ttl_s));
  state_ = MembershipState::member;
  return false;
}

bool Membership::end_incarnation() {
  ++number_;
  lease_ = 0;
  node_created_at_ = 0;
  state_ = MembershipState::outside;
  asked_at_.reset();
  return true;
}

}  // namespace dunlin
