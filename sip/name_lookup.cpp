#include "sip/name_lookup.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>

#define SRES_CONTEXT_T ::dunlin::NameLookup
#include <sofia-sip/sresolv.h>

#include "sip/limits.hpp"

namespace dunlin {
namespace {

std::string service_prefix(SipTransport transport) {
  switch (transport) {
    case SipTransport::udp: return "_sip._udp.";
    case SipTransport::tcp: return "_sip._tcp.";
    case SipTransport::tls: return "_sips._tcp.";
  }
  return "_sip._udp.";
}

std::string words_of(int status) {
  switch (status) {
    case SRES_NAME_ERR: return "no such name";
    case SRES_RECORD_ERR: return "the name has no address";
    case SRES_TIMEOUT_ERR: return "no name server answers";
    case SRES_NETWORK_ERR: return "no name server can be reached";
    case SRES_AUTH_ERR: return "the name server refuses to answer";
    default: return "the name server failed (code " + std::to_string(status) + ")";
  }
}

std::string address_text(const sres_record_t& record) {
  char text[INET6_ADDRSTRLEN] = "";
  if (record.sr_record->r_type == sres_type_a) inet_ntop(AF_INET, &record.sr_a->a_addr, text, sizeof text);
  else inet_ntop(AF_INET6, &record.sr_aaaa->aaaa_addr, text, sizeof text);
  return text;
}

}  // namespace

void ResolverDeleter::operator()(sres_resolver_s* resolver) const { sres_resolver_destroy(resolver); }

Result<ResolverPtr> open_resolver(su_root_t* root) {
  ResolverPtr resolver(sres_resolver_create(root, std::getenv("SRESOLV_CONF"), TAG_END()));
  if (!resolver) return Error{Errc::unavailable, "the resolver of host names cannot start"};
  return resolver;
}

/// What Sofia calls; the answers belong to us and are freed here.
struct LookupCallbacks {
  static void on_services(NameLookup* lookup, sres_query_t*, sres_record_t** answers) {
    lookup->query_ = nullptr;
    int status = answers == nullptr ? SRES_TIMEOUT_ERR : SRES_RECORD_ERR;
    bool is_offered = true;
    for (sres_record_t** at = answers; at != nullptr && *at != nullptr; ++at) {
      const auto& common = *(*at)->sr_record;
      if (common.r_status != 0) status = common.r_status;
      if (common.r_status != 0 || common.r_type != sres_type_srv) continue;
      const sres_srv_record_t& srv = *(*at)->sr_srv;
      note_life(*lookup, common.r_ttl);
      // A lone dot says that this service is not offered here (RFC 2782).
      if (std::string_view(srv.srv_target) == ".") {
        is_offered = false;
        continue;
      }
      lookup->hosts_.push_back({srv.srv_target, srv.srv_port, srv.srv_priority, srv.srv_weight});
    }
    sres_free_answers(lookup->resolver_, answers);
    std::stable_sort(lookup->hosts_.begin(), lookup->hosts_.end(),
                     [](const NameLookup::Host& a, const NameLookup::Host& b) { return a.priority < b.priority; });
    if (lookup->hosts_.size() > sip_limits::max_targets) lookup->hosts_.resize(sip_limits::max_targets);
    if (lookup->hosts_.empty()) {
      if (!is_offered) return lookup->fail("SRV records say that SIP over this transport is not offered there");
      // Only a name that certainly has no such records is looked up as a host (RFC 3263 4.2): a web server's address is no carrier's.
      if (status != SRES_NAME_ERR && status != SRES_RECORD_ERR) return lookup->fail(words_of(status));
      lookup->hosts_.push_back({lookup->question_.name.host, 0, 0, 0});
    }
    if (!lookup->ask_next_host()) lookup->finish();
  }

  static void on_addresses(NameLookup* lookup, sres_query_t*, sres_record_t** answers) {
    lookup->query_ = nullptr;
    const NameLookup::Host& host = lookup->hosts_[lookup->next_host_ - 1];
    const int wanted = lookup->question_.is_ipv6 ? sres_type_aaaa : sres_type_a;
    bool has_found = false;
    int status = answers == nullptr ? SRES_TIMEOUT_ERR : SRES_RECORD_ERR;
    for (sres_record_t** at = answers; at != nullptr && *at != nullptr; ++at) {
      const auto& common = *(*at)->sr_record;
      if (common.r_status != 0) status = common.r_status;
      if (common.r_status != 0 || common.r_type != wanted) continue;
      note_life(*lookup, common.r_ttl);
      add_target(lookup->answer_.targets, {{address_text(**at), host.port, true}, host.priority, host.weight});
      has_found = true;
    }
    sres_free_answers(lookup->resolver_, answers);
    if (!has_found) {
      lookup->last_status_ = status;
      lookup->answer_.is_partial = lookup->answer_.is_partial || (status != SRES_NAME_ERR && status != SRES_RECORD_ERR);
    }
    if (!lookup->ask_next_host()) lookup->finish();
  }

  /// Two names may lead to one address: it is one target, by its best record.
  static void add_target(std::vector<SipTarget>& targets, SipTarget target) {
    const auto is_same = [&target](const SipTarget& known) { return known.address == target.address; };
    if (std::none_of(targets.begin(), targets.end(), is_same)) targets.push_back(std::move(target));
  }

  static void note_life(NameLookup& lookup, std::uint32_t ttl_s) {
    lookup.answer_.life = std::min(lookup.answer_.life, seconds(static_cast<std::int64_t>(ttl_s)));
  }
};

NameLookup::NameLookup(sres_resolver_s* resolver, LookupQuestion question, Done done)
    : resolver_(resolver), question_(std::move(question)), done_(std::move(done)) {
  answer_.life = sip_limits::longest_target_life;
}

NameLookup::~NameLookup() {
  if (query_ != nullptr) sres_query_bind(query_, nullptr, nullptr);
}

bool NameLookup::start() {
  if (question_.name.port == 0) return ask_services();
  hosts_.push_back({question_.name.host, question_.name.port, 0, 0});
  return ask_next_host();
}

bool NameLookup::ask_services() {
  const std::string service = service_prefix(question_.transport) + question_.name.host;
  query_ = sres_query(resolver_, &LookupCallbacks::on_services, this, sres_type_srv, service.c_str());
  return query_ != nullptr;
}

/// False: no host is left, or none could be asked for.
bool NameLookup::ask_next_host() {
  const std::uint16_t type = question_.is_ipv6 ? sres_type_aaaa : sres_type_a;
  while (next_host_ < hosts_.size()) {
    const std::string& name = hosts_[next_host_++].name;
    query_ = sres_query(resolver_, &LookupCallbacks::on_addresses, this, type, name.c_str());
    if (query_ != nullptr) return true;
    last_status_ = SRES_NETWORK_ERR;
  }
  return false;
}

void NameLookup::fail(std::string why) {
  answer_.problem = question_.name.host + ": " + std::move(why);
  finish();
}

void NameLookup::finish() {
  answer_.life = std::max(answer_.life, sip_limits::shortest_target_life);
  if (answer_.targets.empty() && answer_.problem.empty()) answer_.problem = question_.name.host + ": " + words_of(last_status_);
  // The callback may destroy this lookup: nothing of it is touched afterwards.
  const Done done = std::move(done_);
  done(std::move(answer_));
}

}  // namespace dunlin
