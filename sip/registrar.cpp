#include "sip/registrar.hpp"

#include <algorithm>

#include "sip/limits.hpp"

namespace dunlin {
namespace {

/// What an unknown user's password is compared with: nobody knows its preimage, but it costs the same to check.
const SipAccount& nobody() {
  static const SipAccount account{"", std::string(64, '0'), DigestAlgorithm::sha256};
  return account;
}

std::string_view algorithm_name(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::sha256: return "SHA-256";
    case DigestAlgorithm::md5: return "MD5";
  }
  return "?";
}

bool is_same_algorithm(std::string_view sent, DigestAlgorithm algorithm) {
  if (sent.empty()) return algorithm == DigestAlgorithm::md5;
  const auto name = algorithm_name(algorithm);
  return std::equal(sent.begin(), sent.end(), name.begin(), name.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
  });
}

template <class Map>
void forget_oldest(Map& map) {
  if (map.size() < sip_limits::max_watched_sources) return;
  map.erase(std::min_element(map.begin(), map.end(),
                             [](const auto& a, const auto& b) { return a.second.since < b.second.since; }));
}

}  // namespace

Registrar::Registrar(AgentEdgeSettings settings, std::array<std::uint8_t, 32> nonce_key)
    : settings_(std::move(settings)), nonces_(nonce_key) {
  disguise_key_ = digest_hash(DigestAlgorithm::sha256, std::string(nonce_key.begin(), nonce_key.end()) + "disguise");
}

std::vector<std::string> Registrar::set_accounts(std::vector<SipAccount> accounts) {
  std::unordered_map<std::string, SipAccount> fresh;
  for (auto& account : accounts) {
    const auto user = account.user;
    fresh.insert_or_assign(user, std::move(account));
  }
  std::vector<std::string> ended;
  for (const auto& [user, binding] : bindings_) {
    const auto now = fresh.find(user);
    const auto* before = find_account(user);
    if (now == fresh.end() || before == nullptr || now->second.ha1 != before->ha1) ended.push_back(user);
  }
  for (const auto& user : ended) bindings_.erase(user);
  accounts_ = std::move(fresh);
  md5_accounts_ = static_cast<std::size_t>(std::count_if(
      accounts_.begin(), accounts_.end(), [](const auto& entry) { return entry.second.algorithm == DigestAlgorithm::md5; }));
  return ended;
}

const SipAccount* Registrar::find_account(const std::string& user) const {
  const auto found = accounts_.find(user);
  return found == accounts_.end() ? nullptr : &found->second;
}

DigestAlgorithm Registrar::algorithm_for(const std::string& user) const {
  if (const auto* account = find_account(user)) return account->algorithm;
  if (accounts_.empty()) return DigestAlgorithm::sha256;
  // A keyed hash of the name decides, in the proportion of the accounts: the algorithm of a 401 tells nobody whether
  // the account exists, and asking twice gives the same.
  const auto hash = digest_hash(DigestAlgorithm::sha256, disguise_key_ + user);
  const auto draw = std::hash<std::string>()(hash) % accounts_.size();
  return draw < md5_accounts_ ? DigestAlgorithm::md5 : DigestAlgorithm::sha256;
}

AuthVerdict Registrar::challenge(const AuthAttempt& attempt, MonoTime now) {
  const auto algorithm = algorithm_for(attempt.claimed_user);
  AuthVerdict verdict;
  verdict.challenge = "Digest realm=\"" + settings_.realm + "\", nonce=\"" + nonces_.make(attempt.source.address, now) +
                      "\", algorithm=" + std::string(algorithm_name(algorithm)) + ", qop=\"auth\"";
  return verdict;
}

bool Registrar::is_backed_off(const std::string& user, const SipSource& source, MonoTime now) const {
  const auto found = failures_by_user_.find(user);
  if (found == failures_by_user_.end() || found->second.count < settings_.lockout.failures * 2) return false;
  if (now - found->second.since > settings_.lockout.window) return false;
  // Strangers guessing one account's password slow down each other, never the phone that is already registered.
  const auto* binding = find(user);
  return binding == nullptr || binding->source.address != source.address;
}

AuthVerdict Registrar::failure(const AuthAttempt& attempt, MonoTime now) {
  auto verdict = challenge(attempt, now);
  const auto count = [&](std::map<std::string, Failures>& map, const std::string& key) -> Failures& {
    forget_oldest(map);
    auto& entry = map[key];
    if (entry.count == 0 || now - entry.since > settings_.lockout.window) {
      entry.count = 0;
      entry.since = now;
    }
    ++entry.count;
    return entry;
  };
  if (find_account(attempt.claimed_user) != nullptr) count(failures_by_user_, attempt.claimed_user);
  auto& source = count(failures_by_address_, attempt.source.address);
  if (source.count < settings_.lockout.failures) return verdict;
  source.count = 0;
  const int doublings = std::min(source.bans++, 20);
  const Duration length = std::min(settings_.lockout.first_ban * (std::int64_t{1} << doublings), settings_.lockout.longest_ban);
  verdict.ban = SourceBanned{attempt.source.address, length, "repeated authentication failures"};
  return verdict;
}

AuthVerdict Registrar::authenticate(const AuthAttempt& attempt, MonoTime now) {
  if (!attempt.credentials) return challenge(attempt, now);
  const auto& sent = *attempt.credentials;
  const auto* account = find_account(attempt.claimed_user);
  const auto& judged = account ? *account : nobody();
  // The same work for known and unknown names.
  const auto expected = digest_response(judged.algorithm, judged.ha1, sent, attempt.method);
  const bool is_response_right = is_equal_constant_time(expected, sent.response);
  const auto use = nonces_.spend(sent.nonce, attempt.source.address, now);
  if (use == NonceStore::Use::unknown) {
    // A spent or foreign nonce proves nothing about the password: challenge again, count it only when it is wrong.
    auto verdict = is_response_right ? challenge(attempt, now) : failure(attempt, now);
    if (is_response_right) verdict.challenge += ", stale=true";
    return verdict;
  }
  const bool is_right = account != nullptr && is_response_right && sent.user == attempt.claimed_user &&
                        sent.realm == settings_.realm && sent.qop == "auth" &&
                        is_same_algorithm(sent.algorithm, account->algorithm) &&
                        !is_backed_off(attempt.claimed_user, attempt.source, now);
  if (!is_right) return failure(attempt, now);
  if (use == NonceStore::Use::stale) {
    auto verdict = challenge(attempt, now);
    verdict.challenge += ", stale=true";
    return verdict;
  }
  AuthVerdict verdict;
  verdict.kind = AuthVerdict::Kind::accepted;
  verdict.user = account->user;
  verdict.status = 200;
  return verdict;
}

RegisterReply Registrar::register_contact(const RegisterRequest& request, MonoTime now) {
  RegisterReply reply;
  const auto found = bindings_.find(request.user);
  const bool has_binding = found != bindings_.end();
  if (has_binding && found->second.call_id == request.call_id && request.sequence <= found->second.sequence &&
      (request.is_wildcard || !request.contact_uri.empty())) {
    reply.status = 500;  // RFC 3261 10.3: an old or repeated CSeq changes nothing.
    return reply;
  }
  if (request.contact_uri.empty() && !request.is_wildcard) {
    if (has_binding) {
      reply.contact_uri = found->second.contact_uri;
      reply.expires = found->second.expires_at - now;
    }
    return reply;
  }
  const auto wanted = request.expires.value_or(settings_.longest_expires);
  if (wanted.ms <= 0) {
    reply.is_removed = has_binding;
    if (has_binding) bindings_.erase(found);
    return reply;
  }
  if (request.is_wildcard) {
    reply.status = 400;  // RFC 3261 10.2.2: the star only removes.
    return reply;
  }
  if (wanted < settings_.shortest_expires) {
    reply.status = 423;
    reply.min_expires = settings_.shortest_expires;
    return reply;
  }
  if (!has_binding && bindings_.size() >= sip_limits::max_bindings) {
    reply.status = 503;
    return reply;
  }
  reply.expires = std::min(wanted, settings_.longest_expires);
  reply.contact_uri = request.contact_uri;
  reply.is_new = !has_binding || found->second.source != request.source || found->second.contact_uri != request.contact_uri;
  bindings_.insert_or_assign(request.user, AgentBinding{request.user, request.contact_uri, request.call_id, request.sequence,
                                                        request.source, now + reply.expires});
  return reply;
}

std::vector<std::string> Registrar::expire(MonoTime now) {
  std::vector<std::string> ended;
  for (const auto& [user, binding] : bindings_) {
    if (binding.expires_at <= now) ended.push_back(user);
  }
  for (const auto& user : ended) bindings_.erase(user);
  return ended;
}

bool Registrar::drop(const std::string& user) { return bindings_.erase(user) > 0; }

const AgentBinding* Registrar::find(const std::string& user) const {
  const auto found = bindings_.find(user);
  return found == bindings_.end() ? nullptr : &found->second;
}

bool Registrar::has_flow(const std::string& flow) const {
  return std::any_of(bindings_.begin(), bindings_.end(), [&flow](const auto& known) { return known.second.source.flow == flow; });
}

std::vector<AgentBinding> Registrar::bindings() const {
  std::vector<AgentBinding> result;
  for (const auto& entry : bindings_) result.push_back(entry.second);
  return result;
}

Result<StationPermit> Registrar::station_permit(const std::string& user, MonoTime now) const {
  const auto* binding = find(user);
  if (binding == nullptr || binding->expires_at <= now) return Error{Errc::not_found, "the agent is not registered"};
  return StationPermit(binding->contact_uri, "sip:" + binding->user);
}

}  // namespace dunlin
