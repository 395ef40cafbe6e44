// dunlin-robot: agents for demos and tests, each with a telephone and a desktop. See tools/README.md.
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/robot/shift.hpp"

namespace {

using namespace dunlin;

struct Options {
  int count = 12;
  std::string registrar = "127.0.0.1:15061";
  std::string domain = "dunlin";
  std::string station = "station";
  std::string transport = "tls";
  std::string ca;
  std::string accounts;
  std::string control;
  std::string codec = "opus";
  std::string srtp = "gcm";
  std::string wrap = "2-6";
  std::string talk = "5-15";
  std::string outcomes;
  std::string log = "-";
  double listen_tone = 0;
  std::uint64_t seed = 1;
};

int fail(const std::string& why) {
  std::fprintf(stderr, "dunlin-robot: %s\n", why.c_str());
  return 1;
}

/// "2-6" seconds.
peer::Result<peer::Range> read_seconds(const std::string& name, const std::string& text) {
  const auto dash = text.find('-');
  const long long low = peer::number_of(std::string_view(text).substr(0, dash));
  const long long high =
      dash == std::string::npos ? low : peer::number_of(std::string_view(text).substr(dash + 1));
  if (low < 0 || high < low) return peer::Failure{name + " must be LEAST-MOST in seconds"};
  return peer::Range{low * 1000, high * 1000};
}

peer::Result<std::vector<peer::Credentials>> read_accounts(const std::string& path) {
  std::ifstream file(path);
  if (!file) return peer::Failure{"cannot read accounts " + path};
  const auto list = peer::Json::parse(file, nullptr, false);
  if (!list.is_array()) return peer::Failure{path + ": must be a JSON list of {\"user\", \"password\"}"};
  std::vector<peer::Credentials> accounts;
  for (const auto& item : list) {
    if (!item.is_object()) return peer::Failure{path + ": must be a JSON list of {\"user\", \"password\"}"};
    accounts.push_back({item.value("user", ""), item.value("password", "")});
  }
  return accounts;
}

peer::Result<robot::PhoneOptions> read_phone(const Options& options) {
  robot::PhoneOptions phone;
  phone.registrar = options.registrar;
  phone.domain = options.domain;
  phone.station = options.station;
  if (options.transport == "tls") {
    const auto tls = peer::TlsContext::client(options.ca);
    if (!tls) return tls.failure();
    phone.tls = *tls;
  }
  phone.codecs = {peer::Codec::pcma};
  if (options.codec == "opus") phone.codecs.insert(phone.codecs.begin(), peer::Codec::opus);
  if (options.srtp == "gcm") phone.suites = {peer::SrtpSuite::gcm_128};
  if (options.srtp == "cm") phone.suites = {peer::SrtpSuite::cm_sha1_80};
  return phone;
}

/// One agent: the telephone and, unless it only listens, the shift.
struct Robot {
  std::unique_ptr<robot::Phone> phone;
  std::unique_ptr<robot::Shift> shift;
};

/// The node serves a bounded number of control connections: robots share these, ten to one.
using Desks = std::vector<std::unique_ptr<robot::DeskClient>>;
constexpr int robots_at_a_desk = 10;

Desks open_desks(peer::EventLoop& loop, const Options& options) {
  Desks desks;
  if (options.listen_tone > 0) return desks;
  for (int i = 0; i < options.count; i += robots_at_a_desk) {
    desks.push_back(std::make_unique<robot::DeskClient>(loop, options.control));
  }
  return desks;
}

std::unique_ptr<Robot> hire(robot::PhoneSurroundings around, const robot::PhoneOptions& phone,
                            double tone_hz) {
  auto made = std::make_unique<Robot>();
  auto* raw = made.get();
  robot::Phone::Events events;
  events.on_leg_up = [raw, tone_hz] {
    if (tone_hz > 0) raw->phone->leg()->play({{peer::make_tone(tone_hz, 1000)}, true, -90.0});
    if (raw->shift) raw->shift->on_leg_up();
  };
  events.on_leg_down = [raw] {
    if (raw->shift) raw->shift->on_leg_down();
  };
  made->phone = std::make_unique<robot::Phone>(around, phone, std::move(events));
  return made;
}

peer::Result<robot::ShiftOptions> read_shift(const Options& options) {
  robot::ShiftOptions shift;
  const auto wrap = read_seconds("--wrap", options.wrap);
  if (!wrap) return wrap.failure();
  const auto talk = read_seconds("--talk", options.talk);
  if (!talk) return talk.failure();
  shift.wrap_ms = *wrap;
  shift.talk_ms = *talk;
  if (options.outcomes.empty()) return shift;
  const auto outcomes = robot::OutcomeMix::load(options.outcomes);
  if (!outcomes) return outcomes.failure();
  shift.outcomes = *outcomes;
  return shift;
}

int work(const Options& options, const robot::PhoneOptions& phone, const robot::ShiftOptions& shift,
         const std::vector<peer::Credentials>& accounts) {
  const auto log = peer::JsonLog::open(options.log);
  if (!log) return fail(log.failure().text);
  peer::EventLoop loop;
  std::vector<std::unique_ptr<Robot>> robots;
  loop.on_termination([&] {
    for (const auto& robot : robots) robot->phone->shut_down();
    loop.after_ms(300, [&loop] { loop.stop(); });
  });
  const bool needs_speech = options.listen_tone <= 0;
  const auto bank =
      needs_speech ? peer::SpeechBank::render() : peer::Result<peer::SpeechBank>(peer::SpeechBank{});
  if (!bank) return fail(bank.failure().text);
  peer::MediaLoop media;
  const Desks desks = open_desks(loop, options);
  for (int i = 0; i < options.count; ++i) {
    auto own = phone;
    own.credentials = accounts[static_cast<std::size_t>(i)];
    own.seed = peer::hash_of(options.seed, own.credentials.user);
    robots.push_back(hire({loop, media, **log}, own, options.listen_tone));
    auto& hired = *robots.back();
    if (!desks.empty()) {
      auto& desk = *desks[static_cast<std::size_t>(i / robots_at_a_desk)];
      hired.shift = std::make_unique<robot::Shift>(loop, **log, *bank, *hired.phone, desk, shift);
    }
    robots.back()->phone->start();
  }
  loop.run();
  robots.clear();
  return 0;
}

int run(const Options& options) {
  const auto accounts = read_accounts(options.accounts);
  if (!accounts) return fail(accounts.failure().text);
  if (options.count < 1 || static_cast<std::size_t>(options.count) > accounts->size()) {
    return fail("--count must lie between 1 and the number of accounts");
  }
  if (options.listen_tone <= 0 && options.control.empty())
    return fail("--control is needed unless --listen-tone is given");
  const auto phone = read_phone(options);
  if (!phone) return fail(phone.failure().text);
  const auto shift = read_shift(options);
  if (!shift) return fail(shift.failure().text);
  return work(options, *phone, *shift, *accounts);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "dunlin-robot plays debt-collection agents: registers over TLS, holds a leg, talks, names outcomes."};
  Options options;
  app.add_option("--count", options.count, "agents in this process")->capture_default_str();
  app.add_option("--registrar", options.registrar, "address and port of the agent edge")
      ->capture_default_str();
  app.add_option("--domain", options.domain, "SIP domain of users and of the station")->capture_default_str();
  app.add_option("--station", options.station, "user part to dial in to")->capture_default_str();
  app.add_option("--transport", options.transport, "tls or tcp")
      ->check(CLI::IsMember({"tls", "tcp"}))
      ->capture_default_str();
  app.add_option("--ca", options.ca, "PEM file of the CA that signed the edge's certificate (tls)");
  app.add_option("--accounts", options.accounts, "JSON list of {\"user\", \"password\"}")->required();
  app.add_option("--control", options.control, "the node's control socket");
  app.add_option("--codec", options.codec, "opus (then PCMA) or pcma")
      ->check(CLI::IsMember({"opus", "pcma"}))
      ->capture_default_str();
  app.add_option("--srtp", options.srtp, "suite offered: cm, gcm or off")
      ->check(CLI::IsMember({"cm", "gcm", "off"}))
      ->capture_default_str();
  app.add_option("--wrap", options.wrap, "seconds of work after a talk, LEAST-MOST")->capture_default_str();
  app.add_option("--talk", options.talk, "seconds until the robot ends a talk, LEAST-MOST")
      ->capture_default_str();
  app.add_option("--outcomes", options.outcomes, "TOML file with a [mix] table of outcome weights");
  app.add_option("--log", options.log, "JSON-lines file, appended to; - is standard output")
      ->capture_default_str();
  app.add_option("--listen-tone", options.listen_tone,
                 "only hold the leg: send this tone (Hz), report what is heard");
  app.add_option("--seed", options.seed, "seed of the robots' choices")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
