#include "actors/agent_desk_actor.hpp"

#include "actors/agent_actor.hpp"
#include "actors/gather.hpp"
#include "actors/profile_codec.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr const char* agent_kind = "agent";

/// What a person can have read: never the secret.
std::string readable_part(msg::AgentProfile profile) {
  profile.ha1.clear();
  return encode_profile(profile);
}

}  // namespace

caf::behavior AgentDeskActor::make_behavior() {
  load_profiles();
  return {
      [this](const msg::ChangeAgent& c) { return on_change(c); },
      [this](const msg::ReplaceAgent& c) { return on_replace(c); },
      [this](const msg::RemoveAgent& c) { return on_remove(c); },
      [this](const msg::DocumentSaved& saved) { queue_.on_saved(caf::actor_cast<caf::actor>(this), saved); },
      [this](const msg::DocumentsChanged& news) { on_shared(news); },
      [this](const msg::GetAgents&) { return on_get_agents(); },
      [this](const msg::GetAgent& q) { return pass(q.user, q); },
      [this](const msg::AgentCommand& c) { return pass(c.user, c); },
      [this](const msg::DisposeCall& c) { return pass(c.user, c); },
      [this](const msg::Supervise& c) { return pass(c.user, c); },
      [this](const msg::ReserveAgent& c) {
        const auto user = users_.find(c.agent);
        return pass(user == users_.end() ? std::string() : user->second, c);
      },
      [this](const msg::ReservationCancelled& e) { pass_fact(e.agent, e); },
      [this](const msg::BridgeMade& e) { pass_fact(e.agent, e); },
      [this](const msg::CallEndedForAgent& e) { pass_fact(e.agent, e); },
      [this](const msg::SupervisionEnded& e) { pass_fact(e.agent, e); },
      [this](const msg::AnswerLooksLike& e) { pass_fact(e.agent, e); },
      [this](const msg::StationDialedIn& e) {
        const auto seat = seats_.find(e.user);
        if (seat == seats_.end()) return context_->sip->reject(e.leg, 404);
        context_->sip->adopt(e.leg, seat->second.actor);
        tell(this, seat->second.actor, e);
      },
      [this](const msg::StationRegistered& e) { log_info("agents", "registered", "agent={} secure={}", e.user, e.is_secure); },
      [this](const msg::StationUnregistered& e) { log_info("agents", "unregistered", "agent={} reason={}", e.user, e.reason); },
      [this](const msg::SourceWasBanned& e) { log_warn("agents", "banned", "source={} reason={}", e.source, e.reason); },
      [this](const msg::TrunkHealthChanged& e) { tell(this, context_->edge, e); },
  };
}

void AgentDeskActor::load_profiles() {
  const auto stored = context_->documents->list(agent_kind);
  if (!stored) return log_error("agents", "profiles_unreadable", "{}", stored.error().detail);
  for (const auto& [user, bytes] : *stored) {
    auto profile = decode_profile(bytes);
    if (profile) seat(std::move(*profile));
    else log_error("agents", "profile_damaged", "agent={} {}", user, profile.error().detail);
  }
  publish_accounts();
}

/// What other nodes of the cluster changed.
void AgentDeskActor::on_shared(const msg::DocumentsChanged& news) {
  bool is_changed = false;
  for (const SharedDocument& document : *news.documents) {
    if (document.kind != agent_kind) continue;
    is_changed = true;
    auto profile = document.bytes ? decode_profile(*document.bytes) : Result<msg::AgentProfile>(Error{Errc::not_found, ""});
    if (profile) seat(std::move(*profile));
    else if (!document.bytes) unseat(document.id);
    else log_error("agents", "profile_damaged", "agent={} {}", document.id, profile.error().detail);
  }
  if (is_changed) publish_accounts();
  queue_.on_heard(news);
}

void AgentDeskActor::seat(msg::AgentProfile profile) {
  // Another agent of the same login: what it was under its former number ends.
  const auto known = seats_.find(profile.user);
  if (known != seats_.end() && known->second.profile.id != profile.id) unseat(profile.user);
  users_[profile.id] = profile.user;
  Seat& place = seats_[profile.user];
  place.profile = profile;
  if (place.actor) tell(this, place.actor, msg::ChangeAgent{std::move(profile)});
  else place.actor = spawn<AgentActor>(context_, std::move(profile));
}

void AgentDeskActor::publish_accounts() {
  std::vector<StationAccount> accounts;
  for (const auto& [user, place] : seats_) {
    if (!place.profile.is_disabled && !place.profile.ha1.empty()) accounts.push_back({user, place.profile.ha1, place.profile.is_md5});
  }
  context_->sip->set_accounts(std::move(accounts));
}

caf::typed_response_promise<msg::Answer> AgentDeskActor::on_change(const msg::ChangeAgent& command) {
  auto promise = make_response_promise<msg::Answer>();
  queue_.submit(caf::actor_cast<caf::actor>(this), promise, [this, profile = command.profile] { return decide_change(profile); });
  return promise;
}

Result<DocumentChange> AgentDeskActor::decide_change(msg::AgentProfile profile) {
  const auto existing = seats_.find(profile.user);
  if (existing != seats_.end()) profile.id = existing->second.profile.id;
  else if (!profile.id.is_set()) profile.id = AgentId(users_.size() + 1);
  while (existing == seats_.end() && users_.count(profile.id) != 0) profile.id = AgentId(profile.id.value() + 1);
  const std::string bytes = encode_profile(profile);
  const std::string user = profile.user;
  return DocumentChange{agent_kind, user, bytes, [this, profile = std::move(profile)] {
                          seat(profile);
                          publish_accounts();
                          return std::string();
                        }};
}

caf::typed_response_promise<msg::Answer> AgentDeskActor::on_replace(const msg::ReplaceAgent& command) {
  auto promise = make_response_promise<msg::Answer>();
  queue_.submit(caf::actor_cast<caf::actor>(this), promise, [this, command] { return decide_replacement(command); });
  return promise;
}

/// Decided on what this node has heard; what another node changed after that refuses the write itself.
Result<DocumentChange> AgentDeskActor::decide_replacement(const msg::ReplaceAgent& command) {
  const std::string& user = command.profile.user;
  const auto existing = seats_.find(user);
  const bool is_there = existing != seats_.end();
  if (is_there && !command.before) return Error{Errc::conflict, "agent " + user + " exists: somebody else has made it meanwhile"};
  if (!is_there && command.before) return Error{Errc::not_found, "agent " + user + " was removed meanwhile"};
  if (is_there && readable_part(existing->second.profile) != readable_part(*command.before)) {
    return Error{Errc::conflict, "agent " + user + " was changed by somebody else meanwhile: look at it and try again"};
  }
  msg::AgentProfile profile = command.profile;
  if (is_there && profile.ha1.empty()) {
    profile.ha1 = existing->second.profile.ha1;
    profile.is_md5 = existing->second.profile.is_md5;
  }
  return decide_change(std::move(profile));
}

caf::typed_response_promise<msg::Answer> AgentDeskActor::on_remove(const msg::RemoveAgent& command) {
  auto promise = make_response_promise<msg::Answer>();
  queue_.submit(caf::actor_cast<caf::actor>(this), promise, [this, user = command.user] { return decide_removal(user); });
  return promise;
}

Result<DocumentChange> AgentDeskActor::decide_removal(const std::string& user) {
  if (seats_.count(user) == 0) return Error{Errc::not_found, "no agent " + user};
  return DocumentChange{agent_kind, user, std::nullopt, [this, user] {
                          unseat(user);
                          publish_accounts();
                          return std::string();
                        }};
}

void AgentDeskActor::unseat(const std::string& user) {
  const auto found = seats_.find(user);
  if (found == seats_.end()) return;
  // Posted, not told: nobody waits for the answer.
  post(found->second.actor, msg::AgentCommand{user, msg::AgentVerb::force_logout, "removed"});
  const auto number = users_.find(found->second.profile.id);
  if (number != users_.end() && number->second == user) users_.erase(number);  // It may be another's by now.
  seats_.erase(found);
}

caf::typed_response_promise<msg::AgentsView> AgentDeskActor::on_get_agents() {
  auto promise = make_response_promise<msg::AgentsView>();
  auto gathering = std::make_shared<Gathering<msg::AgentsView>>(promise);
  for (const auto& [user, place] : seats_) gather_from(this, place.actor, gathering, &msg::AgentsView::agents, msg::GetAgent{user});
  return promise;
}

template <class Command>
caf::response_promise AgentDeskActor::pass(const std::string& user, const Command& command) {
  auto promise = make_response_promise();
  const auto found = seats_.find(user);
  if (found == seats_.end()) promise.deliver(msg::Answer{Error{Errc::not_found, "no agent " + user}, {}});
  else promise.delegate(found->second.actor, command);
  return promise;
}

template <class Fact>
void AgentDeskActor::pass_fact(AgentId agent, const Fact& fact) {
  const auto user = users_.find(agent);
  if (user == users_.end()) return;
  const auto found = seats_.find(user->second);
  if (found != seats_.end()) tell(this, found->second.actor, fact);
}

}  // namespace dunlin
