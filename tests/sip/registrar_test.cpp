#include "sip/registrar.hpp"

#include <gtest/gtest.h>

#include "sip/limits.hpp"

namespace dunlin {
namespace {

const SipSource home{"192.0.2.1", "192.0.2.1:5062;tls", true};
const SipSource away{"192.0.2.2", "192.0.2.2:5062;tls", true};
constexpr MonoTime start{1'000'000};

SipAccount account(const std::string& user, DigestAlgorithm algorithm = DigestAlgorithm::sha256) {
  return {user, make_ha1(algorithm, user, "dunlin", "right"), algorithm};
}

Registrar make_registrar(LockoutSettings lockout = {}) {
  AgentEdgeSettings settings;
  settings.lockout = lockout;
  Registrar registrar(settings, {});
  registrar.set_accounts({account("anna"), account("boris", DigestAlgorithm::md5)});
  return registrar;
}

DigestParameters challenge_of(const AuthVerdict& verdict) {
  std::vector<std::string_view> parts;
  std::string_view rest = verdict.challenge;
  rest.remove_prefix(rest.find(' ') + 1);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    parts.push_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return read_digest(parts).value();
}

AuthAttempt answered(const AuthVerdict& verdict, const std::string& user, const std::string& password, const SipSource& source) {
  AuthAttempt attempt{"REGISTER", user, challenge_of(verdict), source};
  auto& p = *attempt.credentials;
  const auto algorithm = p.algorithm == "MD5" ? DigestAlgorithm::md5 : DigestAlgorithm::sha256;
  p.user = user;
  p.uri = "sip:dunlin";
  p.nc = "00000001";
  p.cnonce = "c";
  p.response = digest_response(algorithm, make_ha1(algorithm, user, p.realm, password), p, "REGISTER");
  return attempt;
}

AuthVerdict challenge(Registrar& registrar, const std::string& user, const SipSource& source = home, MonoTime now = start) {
  return registrar.authenticate({"REGISTER", user, std::nullopt, source}, now);
}

AuthVerdict log_in(Registrar& registrar, const std::string& user, const std::string& password, const SipSource& source = home,
                   MonoTime now = start) {
  return registrar.authenticate(answered(challenge(registrar, user, source, now), user, password, source), now);
}

RegisterRequest registration(std::uint32_t sequence, const SipSource& source = home) {
  return {"anna", "sip:anna@192.0.2.1:5062;transport=tls", false, seconds(120), "call-1", sequence, source};
}

TEST(Registrar, AcceptsTheRightPasswordByTheAccountsAlgorithm) {
  auto registrar = make_registrar();
  EXPECT_EQ(challenge_of(challenge(registrar, "anna")).algorithm, "SHA-256");
  EXPECT_EQ(challenge_of(challenge(registrar, "boris")).algorithm, "MD5");
  EXPECT_EQ(log_in(registrar, "anna", "right").kind, AuthVerdict::Kind::accepted);
  EXPECT_EQ(log_in(registrar, "boris", "right").kind, AuthVerdict::Kind::accepted);
  EXPECT_EQ(log_in(registrar, "anna", "wrong").kind, AuthVerdict::Kind::challenge);
}

TEST(Registrar, RefusesAnAlgorithmTheAccountDoesNotHave) {
  auto registrar = make_registrar();
  auto attempt = answered(challenge(registrar, "anna"), "anna", "right", home);
  attempt.credentials->algorithm = "MD5";
  EXPECT_EQ(registrar.authenticate(attempt, start).kind, AuthVerdict::Kind::challenge);
}

TEST(Registrar, SpendsANonceOnceAndOnlyAtItsSource) {
  auto registrar = make_registrar();
  const auto first = answered(challenge(registrar, "anna"), "anna", "right", home);
  EXPECT_EQ(registrar.authenticate(first, start).kind, AuthVerdict::Kind::accepted);
  const auto again = registrar.authenticate(first, start);
  EXPECT_EQ(again.kind, AuthVerdict::Kind::challenge);
  EXPECT_NE(again.challenge.find("stale=true"), std::string::npos);
  const auto elsewhere = answered(challenge(registrar, "anna", home), "anna", "right", away);
  EXPECT_EQ(registrar.authenticate(elsewhere, start).kind, AuthVerdict::Kind::challenge);
}

TEST(Registrar, CallsAnOldNonceStale) {
  auto registrar = make_registrar();
  const auto late = answered(challenge(registrar, "anna"), "anna", "right", home);
  const auto verdict = registrar.authenticate(late, start + sip_limits::nonce_life + milliseconds(1));
  EXPECT_EQ(verdict.kind, AuthVerdict::Kind::challenge);
  EXPECT_NE(verdict.challenge.find("stale=true"), std::string::npos);
}

TEST(Registrar, AsksStrangersByTheSameAlgorithmEveryTime) {
  auto registrar = make_registrar();
  int md5 = 0;
  for (int i = 0; i < 200; ++i) {
    const auto user = "nobody" + std::to_string(i);
    const auto first = challenge_of(challenge(registrar, user)).algorithm;
    EXPECT_EQ(first, challenge_of(challenge(registrar, user)).algorithm);
    md5 += first == "MD5" ? 1 : 0;
  }
  // Half of the accounts are MD5, so about half of the unknown names seem to be.
  EXPECT_GT(md5, 50);
  EXPECT_LT(md5, 150);
}

TEST(Registrar, BansTheAddressAndDoubles) {
  auto registrar = make_registrar();
  Duration expected = minutes(15);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(log_in(registrar, "anna", "wrong").ban);
    const auto last = log_in(registrar, "anna", "wrong");
    ASSERT_TRUE(last.ban);
    EXPECT_EQ(last.ban->length, expected);
    EXPECT_EQ(last.ban->source, home.address);
    expected = expected * 2;
  }
}

TEST(Registrar, ForgetsFailuresOutsideTheWindow) {
  auto registrar = make_registrar();
  auto now = start;
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(log_in(registrar, "anna", "wrong", home, now).ban);
    now = now + seconds(61);
  }
}

TEST(Registrar, GuessesFromElsewhereSpareTheRegisteredPhone) {
  LockoutSettings lockout;
  lockout.failures = 2;
  auto registrar = make_registrar(lockout);
  registrar.register_contact(registration(1), start);
  for (int i = 0; i < 10; ++i) {
    const SipSource thief{"198.51.100." + std::to_string(i), "f", true};
    log_in(registrar, "anna", "wrong", thief);
  }
  EXPECT_EQ(log_in(registrar, "anna", "right", away).kind, AuthVerdict::Kind::challenge);
  EXPECT_EQ(log_in(registrar, "anna", "right", home).kind, AuthVerdict::Kind::accepted);
}

TEST(Registrar, KeepsABindingUntilItExpires) {
  auto registrar = make_registrar();
  EXPECT_FALSE(registrar.station_permit("anna", start).ok());
  const auto reply = registrar.register_contact(registration(1), start);
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.is_new);
  EXPECT_EQ(reply.expires, seconds(120));
  EXPECT_TRUE(registrar.station_permit("anna", start).ok());
  EXPECT_FALSE(registrar.register_contact(registration(2), start).is_new);
  EXPECT_TRUE(registrar.expire(start + seconds(119)).empty());
  EXPECT_EQ(registrar.expire(start + seconds(120)), std::vector<std::string>{"anna"});
  EXPECT_FALSE(registrar.station_permit("anna", start).ok());
}

TEST(Registrar, JudgesRegistrationsByTheRules) {
  auto registrar = make_registrar();
  auto brief = registration(1);
  brief.expires = seconds(5);
  const auto too_brief = registrar.register_contact(brief, start);
  EXPECT_EQ(too_brief.status, 423);
  EXPECT_EQ(too_brief.min_expires, seconds(30));
  auto endless = registration(2);
  endless.expires = days(10);
  EXPECT_EQ(registrar.register_contact(endless, start).expires, seconds(600));
  EXPECT_EQ(registrar.register_contact(registration(2), start).status, 500);
  RegisterRequest star = registration(3);
  star.contact_uri.clear();
  star.is_wildcard = true;
  EXPECT_EQ(registrar.register_contact(star, start).status, 400);
  RegisterRequest query = registration(4);
  query.contact_uri.clear();
  EXPECT_EQ(registrar.register_contact(query, start).contact_uri, registration(1).contact_uri);
  star.sequence = 5;
  star.expires = seconds(0);
  EXPECT_TRUE(registrar.register_contact(star, start).is_removed);
  EXPECT_EQ(registrar.find("anna"), nullptr);
}

TEST(Registrar, EndsBindingsOfChangedAccounts) {
  auto registrar = make_registrar();
  registrar.register_contact(registration(1), start);
  EXPECT_TRUE(registrar.set_accounts({account("anna")}).empty());
  auto changed = account("anna");
  changed.ha1 = std::string(64, 'a');
  EXPECT_EQ(registrar.set_accounts({changed}), std::vector<std::string>{"anna"});
}

TEST(NonceStore, IsBounded) {
  NonceStore store({});
  const auto first = store.make("a", start);
  for (std::size_t i = 0; i < sip_limits::max_nonces + 10; ++i) store.make("a", start);
  EXPECT_LE(store.size(), sip_limits::max_nonces);
  EXPECT_EQ(store.spend(first, "a", start), NonceStore::Use::unknown);
}

}  // namespace
}  // namespace dunlin
