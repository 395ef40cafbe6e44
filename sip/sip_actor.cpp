#include "sip/sip_actor.hpp"

#include "actors/contracts/messages.hpp"
#include "config/limits.hpp"

namespace dunlin {

Status SipDoorway::start(SipStackSettings settings, SipStack::Clock clock) {
  for (const TrunkSettings& trunk : settings.trunks) trunks_[trunk.name] = {trunk.name, false, {}, "not probed yet"};
  auto stack = SipStack::start(std::move(settings), *this, std::move(clock));
  if (!stack) return stack.error();
  stack_ = std::move(*stack);
  return Done{};
}

void SipDoorway::stop(Duration grace) {
  if (stack_) stack_->stop(grace);
}

Status SipDoorway::place_call(const TrunkCallRequest& request, caf::actor owner) {
  auto permit = permits_.take(request.attempt, request.leg_number);
  if (!permit) return Error{Errc::denied, "no dial permit for " + request.attempt.str()};
  adopt(request.leg, std::move(owner));
  TrunkCall call;
  call.leg = request.leg;
  call.trunk = request.trunk;
  call.to = request.to;
  call.caller_id = request.caller_id;
  call.offer = request.offer;
  call.ring_timeout = request.ring_timeout;
  return stack_->place_trunk_call(std::move(*permit), std::move(call));
}

Status SipDoorway::call_station(LegId leg, const std::string& user, const MediaDescription& offer, caf::actor owner) {
  adopt(leg, std::move(owner));
  return stack_->call_station({leg, user, offer, seconds(30)});
}

Status SipDoorway::answer(LegId leg, int status, const MediaDescription& description) { return stack_->answer(leg, status, description); }
void SipDoorway::reject(LegId leg, int status) { (void)stack_->reject(leg, status); }
void SipDoorway::hang_up(LegId leg) { (void)stack_->hang_up(leg); }
void SipDoorway::probe_leg(LegId leg) { (void)stack_->probe_leg(leg); }
void SipDoorway::probe_trunk(const std::string& name) { (void)stack_->probe_trunk(name); }

void SipDoorway::adopt(LegId leg, caf::actor owner) {
  const std::lock_guard lock(mutex_);
  owners_[leg] = std::move(owner);
}

void SipDoorway::set_desk(caf::actor desk) {
  const std::lock_guard lock(mutex_);
  desk_ = std::move(desk);
}

void SipDoorway::set_accounts(std::vector<StationAccount> accounts) {
  std::vector<SipAccount> sip_accounts;
  sip_accounts.reserve(accounts.size());
  for (StationAccount& account : accounts) {
    sip_accounts.push_back({std::move(account.user), std::move(account.ha1), account.is_md5 ? DigestAlgorithm::md5 : DigestAlgorithm::sha256});
  }
  (void)stack_->set_accounts(std::move(sip_accounts));
}

bool SipDoorway::is_registered(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  return registered_.count(user) != 0;
}

std::vector<TrunkHealthView> SipDoorway::trunks() const {
  const std::lock_guard lock(mutex_);
  std::vector<TrunkHealthView> views;
  for (const auto& [name, view] : trunks_) views.push_back(view);
  return views;
}

std::vector<LadderLine> SipDoorway::ladder(LegId leg) const {
  const std::lock_guard lock(mutex_);
  const auto found = ladders_.find(leg);
  return found == ladders_.end() ? std::vector<LadderLine>{} : found->second;
}

caf::actor SipDoorway::owner_of(LegId leg) const {
  const std::lock_guard lock(mutex_);
  const auto found = owners_.find(leg);
  return found == owners_.end() ? caf::actor{} : found->second;
}

caf::actor SipDoorway::desk() const {
  const std::lock_guard lock(mutex_);
  return desk_;
}

void SipDoorway::on_sip_event(SipEvent event) {
  std::visit([this](auto& e) { on(e); }, event);
}

void SipDoorway::on(const InviteSent& event) { post(owner_of(event.leg), msg::LegInviteSent{event.leg}); }
void SipDoorway::on(LegProgress& event) { post(owner_of(event.leg), msg::LegProgressed{event.leg, event.status, std::move(event.early)}); }
void SipDoorway::on(LegAnswered& event) { post(owner_of(event.leg), msg::LegAnswered{event.leg, std::move(event.answer)}); }

void SipDoorway::on(LegReoffered& event) {
  post(owner_of(event.leg), msg::LegReoffered{event.leg, std::move(event.offer), event.is_hold, event.needs_answer});
}

void SipDoorway::on(LegEnded& event) {
  post(owner_of(event.leg), msg::LegEnded{event.leg, std::move(event.cause)});
  const std::lock_guard lock(mutex_);
  owners_.erase(event.leg);
}

void SipDoorway::on(IncomingAgentCall& event) { post(desk(), msg::StationDialedIn{event.leg, std::move(event.user), std::move(event.offer)}); }

void SipDoorway::on(const AgentRegistered& event) {
  {
    const std::lock_guard lock(mutex_);
    if (!registered_.insert(event.user).second) return;
  }
  post(desk(), msg::StationRegistered{event.user, event.is_secure});
}

void SipDoorway::on(const AgentUnregistered& event) {
  {
    const std::lock_guard lock(mutex_);
    registered_.erase(event.user);
  }
  post(desk(), msg::StationUnregistered{event.user, event.reason});
}

void SipDoorway::on(const TrunkState& event) {
  const TrunkHealthView view{event.name, event.is_up, event.latency, event.cause};
  {
    const std::lock_guard lock(mutex_);
    trunks_[event.name] = view;
  }
  post(desk(), msg::TrunkHealthChanged{view});
}

void SipDoorway::on(const DtmfInfo& event) { post(owner_of(event.leg), msg::DtmfHeard{event.leg, event.digit}); }
void SipDoorway::on(const SourceBanned& event) {
  const auto length = std::to_string(event.length.ms / 1000) + " s";
  post(desk(), msg::SourceWasBanned{event.source, event.reason + "; no answer to it for " + length + " (agents.ban_s)"});
}

/// Ladders are kept for the last calls; lines past the bound of one call are not.
void SipDoorway::on(const SipTraceLine& event) {
  const std::lock_guard lock(mutex_);
  auto [found, is_new] = ladders_.try_emplace(event.leg);
  if (is_new) {
    ladder_order_.push_back(event.leg);
    if (ladder_order_.size() > limits::finished_calls_kept) {
      ladders_.erase(ladder_order_.front());
      ladder_order_.pop_front();
      found = ladders_.find(event.leg);
    }
  }
  if (found->second.size() < limits::ladder_lines_per_call) {
    const std::string line = event.status == 0 ? event.summary : std::to_string(event.status) + " " + event.summary;
    found->second.push_back({event.leg, event.at, event.direction == TraceDirection::out, line});
  }
}

}  // namespace dunlin
