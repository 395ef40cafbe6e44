// dunlin-carrier: the public telephone network for demos and tests. See tools/README.md.
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tools/carrier/server.hpp"

namespace {

using namespace dunlin;

struct Options {
  std::string listen = "127.0.0.1:15060";
  std::string listen_tls;
  std::string certificate;
  std::string key;
  std::string scenario;
  std::string log = "-";
  std::string rtp_ports = "30000-39998";
  std::uint64_t seed = 1;
};

int fail(const std::string& why) {
  std::fprintf(stderr, "dunlin-carrier: %s\n", why.c_str());
  return 1;
}

peer::Result<peer::Range> read_ports(const std::string& text) {
  const auto dash = text.find('-');
  const long long first = peer::number_of(std::string_view(text).substr(0, dash));
  const long long last =
      dash == std::string::npos ? -1 : peer::number_of(std::string_view(text).substr(dash + 1));
  if (first < 1024 || last < first || last > 65'535)
    return peer::Failure{"--rtp-ports must be FIRST-LAST within 1024-65535"};
  return peer::Range{first, last};
}

peer::Status open_doors(carrier::Server& server, const Options& options) {
  const auto address = peer::parse_address(options.listen);
  if (!address) return address.failure();
  if (auto status = server.transport().listen_udp(*address); !status) return status;
  if (auto status = server.transport().listen_stream(*address, std::nullopt); !status) return status;
  if (options.listen_tls.empty()) return peer::Done{};
  const auto tls_address = peer::parse_address(options.listen_tls);
  if (!tls_address) return tls_address.failure();
  const auto tls = peer::TlsContext::server(options.certificate, options.key);
  if (!tls) return tls.failure();
  return server.transport().listen_stream(*tls_address, *tls);
}

/// Without them the network still speaks, by espeak-ng alone.
void add_recordings(peer::SpeechBank& bank, const std::string& folder, peer::JsonLog& log) {
  for (const auto& missing : bank.add_recorded(folder)) {
    std::fprintf(stderr, "dunlin-carrier: %s\n", missing.c_str());
    log.write("recordings_missing", {{"why", missing}});
  }
}

int run(const Options& options) {
  auto scenario = options.scenario.empty() ? peer::Result<carrier::Scenario>(carrier::Scenario{})
                                           : carrier::load_scenario(options.scenario);
  if (!scenario) return fail(scenario.failure().text);
  const auto ports = read_ports(options.rtp_ports);
  if (!ports) return fail(ports.failure().text);
  const auto listen = peer::parse_address(options.listen);
  if (!listen) return fail(listen.failure().text);
  const auto log = peer::JsonLog::open(options.log);
  if (!log) return fail(log.failure().text);

  peer::EventLoop loop;
  std::unique_ptr<carrier::Server> server;
  loop.on_termination([&] {
    server->shut_down();
    // A moment for the BYEs to be answered; nobody waits for those who do not.
    loop.after_ms(300, [&loop] { loop.stop(); });
  });
  auto bank = peer::SpeechBank::render();
  if (!bank) return fail(bank.failure().text);
  if (carrier::wants_recordings(*scenario)) add_recordings(*bank, scenario->recordings_folder, **log);
  carrier::ServerOptions settings{*scenario, options.seed, peer::ip_of(*listen), static_cast<int>(ports->low),
                                  static_cast<int>(ports->high)};
  server = std::make_unique<carrier::Server>(loop, **log, *bank, std::move(settings));
  if (const auto status = open_doors(*server, options); !status) return fail(status.failure().text);
  (*log)->write("started", {{"listen", options.listen}, {"seed", options.seed}});
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "dunlin-carrier plays the public telephone network: it answers INVITEs as a scenario says and logs "
      "what it saw."};
  Options options;
  app.add_option("--listen", options.listen,
                 "IPv4 address and port for SIP over UDP and TCP; RTP uses the same address")
      ->capture_default_str();
  app.add_option("--listen-tls", options.listen_tls,
                 "address and port for SIP over TLS (needs --certificate and --key)");
  app.add_option("--certificate", options.certificate, "PEM certificate chain for TLS");
  app.add_option("--key", options.key, "PEM private key for TLS");
  app.add_option("--scenario", options.scenario,
                 "TOML file of the outcome mix; without it everybody answers");
  app.add_option("--log", options.log, "JSON-lines file, appended to; - is standard output")
      ->capture_default_str();
  app.add_option("--rtp-ports", options.rtp_ports, "range of RTP ports, even ones are used")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "the same seed gives every number the same fate")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run(options);
}
