#include "app/cli/cluster_certify.hpp"

#include <algorithm>
#include <cstdio>

#include "app/cli/founded_folder.hpp"
#include "cluster/authority.hpp"
#include "config/clock.hpp"
#include "config/settings.hpp"
#include "config/text_distance.hpp"
#include "config/text_file.hpp"

namespace dunlin {
namespace {

constexpr const char* certify_usage = R"(usage: dunlin cluster certify AUTHORITY NAME=HOST --to FOLDER
Writes ca.pem, NAME.pem and NAME.key into FOLDER: a certificate for a node or a member of etcd, of the authority that
`dunlin cluster init` made and whose folder was kept (docs/operating.md, "New certificates").
  dunlin cluster certify bank/authority d=10.0.0.4 --to new-d
)";
constexpr std::size_t most_kept_bytes = 256 * 1024;

Result<ClusterAuthority> kept_authority(const std::filesystem::path& folder, UtcTime now) {
  auto certificate = read_text_file(folder / "ca.pem", most_kept_bytes);
  if (!certificate) return certificate.error();
  // Who reads it makes nodes: a key that others may read is no longer this authority's alone.
  auto key = read_secret_file(folder / "ca.key");
  if (!key) return key.error();
  auto authority = ClusterAuthority::load({std::move(*certificate), std::move(*key)}, now);
  if (!authority) return Error{authority.error().code, folder.string() + ": " + authority.error().detail};
  return authority;
}

}  // namespace

Result<CertifyRequest> parse_certify(const std::vector<std::string>& words) {
  CertifyRequest request;
  std::vector<std::string> bare;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("-")) {
      bare.push_back(words[i]);
      continue;
    }
    if (words[i] != "--to") return invalid_input("unknown option " + words[i] + guess_text(words[i], {"--to"}));
    if (i + 1 == words.size() || words[i + 1].starts_with("--")) return invalid_input(std::string("--to needs a folder\n") + certify_usage);
    auto folder = new_folder_path(words[++i]);
    if (!folder) return folder.error();
    request.folder = std::move(*folder);
  }
  if (bare.size() != 2 || request.folder.empty()) return invalid_input(certify_usage);
  request.authority = bare[0];
  auto seat = parse_cluster_seat("NAME=HOST", bare[1]);
  if (!seat) return seat.error();
  if (!is_certifiable_host(seat->host)) return invalid_input("\"" + seat->host + "\" is neither a numeric address nor a host's name");
  if (seat->name == "ca") return invalid_input("NAME \"ca\": its files would be those of the authority, ca.pem and ca.key; give another name");
  request.seat = std::move(*seat);
  return request;
}

Status write_certified(const CertifyRequest& request, UtcTime now) {
  const auto authority = kept_authority(request.authority, now);
  if (!authority) return authority.error();
  const auto own = authority->issue({request.seat.name, hosts_of_member(request.seat)}, now);
  if (!own) return own.error();
  return write_whole_folder(request.folder, [&](const std::filesystem::path& unfinished) {
    return write_new_files(unfinished, {{"ca.pem", authority->pem().certificate, public_mode},
                                        {request.seat.name + ".pem", own->certificate, public_mode},
                                        {request.seat.name + ".key", own->key, secret_mode}});
  });
}

int run_cluster_certify(const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), "--help") != words.end()) return std::fputs(certify_usage, stdout), 0;
  const auto request = parse_certify(words);
  if (!request) return certifying_failure(request.error());
  if (const auto written = write_certified(*request, SystemClock().now_utc()); !written) return certifying_failure(written.error());
  std::printf("%s: %s.pem and %s.key for %s, two years at most\n", request->folder.c_str(), request->seat.name.c_str(), request->seat.name.c_str(), request->seat.host.c_str());
  return 0;
}

}  // namespace dunlin
