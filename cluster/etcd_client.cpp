#include "cluster/etcd_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>

#include "config/clock.hpp"
#include "core/base/check.hpp"

namespace dunlin {
namespace {

using EtcdJson = nlohmann::json;

constexpr std::size_t max_answer_bytes = 16u << 20;

struct FreeUrl { void operator()(CURLU* url) const { curl_url_cleanup(url); } };

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

/// "https://host:port" and nothing more; without TLS on loopback only.
Status check_member(const std::string& member) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  const bool is_url = url != nullptr && curl_url_set(url.get(), CURLUPART_URL, member.c_str(), 0) == CURLUE_OK;
  const auto part = [&url](CURLUPart wanted) { return part_of(url.get(), wanted); };
  if (!is_url || member.back() == '/' || part(CURLUPART_PATH) != "/" || !part(CURLUPART_USER).empty() || !part(CURLUPART_QUERY).empty()) {
    return invalid_input("etcd.members: '" + member + "' must read like \"https://10.0.0.1:2379\"");
  }
  const auto scheme = part(CURLUPART_SCHEME);
  const auto host = part(CURLUPART_HOST);
  const bool is_loopback = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
  if (scheme == "https" || (scheme == "http" && is_loopback)) return Done{};
  return invalid_input("etcd.members: '" + member + "' must begin with https:// (only a member on loopback may go without TLS)");
}

Status check_file(const std::string& file, const char* field) {
  std::error_code failure;
  if (file.empty() || !std::filesystem::is_regular_file(file, failure)) {
    return invalid_input(std::string("etcd.") + field + ": no such file '" + file + "'");
  }
  return Done{};
}

/// libcurl calls this when a connection stands and the request is about to go. It repeats a request by itself when a
/// kept-alive connection dies without a byte of an answer; the second time round it is stopped, because what became of the
/// first copy is then unknown (R2).
int allow_one_copy(void* copies, char*, char*, int, int) {
  return ++*static_cast<int*>(copies) == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

std::size_t append_answer(char* data, std::size_t size, std::size_t count, void* sink) {
  auto& body = *static_cast<std::string*>(sink);
  if (body.size() + size * count > max_answer_bytes) return 0;
  body.append(data, size * count);
  return size * count;
}

/// A lease's answer: "ID" and "TTL" as text, at the top for a grant and under "result" for a keep-alive; an ended lease
/// has no TTL.
Result<EtcdLease> lease_in(const std::string& body) {
  const auto json = EtcdJson::parse(body, nullptr, false);
  if (json.is_object() && json.contains("error")) return Error{Errc::unavailable, "etcd does not answer for the lease"};
  const auto& object = json.is_object() && json.contains("result") ? json["result"] : json;
  const auto number = [&object](const char* name) {
    if (!object.is_object() || !object.contains(name) || !object[name].is_string()) return std::int64_t{0};
    return static_cast<std::int64_t>(std::strtoll(object[name].get_ref<const std::string&>().c_str(), nullptr, 10));
  };
  if (number("ID") == 0) return Error{Errc::corrupt, "etcd's answer names no lease"};
  return EtcdLease{number("ID"), number("TTL")};
}

void start_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { DUNLIN_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

/// One keep-alive connection to one member at a time.
class CurlTransport final : public EtcdTransport {
 public:
  explicit CurlTransport(EtcdAccess access) : access_(std::move(access)), handle_(curl_easy_init()) {
    // An empty Expect: a large body goes at once instead of waiting for leave.
    for (const char* header : {"Content-Type: application/json", "Expect:"}) headers_ = curl_slist_append(headers_, header);
    DUNLIN_CHECK(handle_ != nullptr && headers_ != nullptr);
  }
  ~CurlTransport() override {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(handle_);
  }
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  EtcdReply post(const std::string& path, const std::string& body) override {
    const auto give_up_at = clock_.now_mono() + access_.deadline;
    EtcdReply reply{EtcdFate::refused, {}, "no member of etcd was reached in time", false};
    for (std::size_t tried = 0; tried < access_.members.size(); ++tried) {
      const auto left = give_up_at - clock_.now_mono();
      if (left.ms <= 0) break;
      reply = post_to(access_.members[at_] + path, body, left);
      if (reply.fate == EtcdFate::answered) return reply;
      at_ = (at_ + 1) % access_.members.size();
      if (reply.fate == EtcdFate::doubtful) return reply;
    }
    return reply;
  }

 private:
  void prepare(const std::string& url, const std::string& body, std::string& answer, int& copies, Duration left) {
    curl_easy_reset(handle_);
    curl_easy_setopt(handle_, CURLOPT_PREREQFUNCTION, allow_one_copy);
    curl_easy_setopt(handle_, CURLOPT_PREREQDATA, &copies);
    curl_easy_setopt(handle_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle_, CURLOPT_PROXY, "");
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, append_answer);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left, access_.connect_timeout).ms));
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(left.ms));
    if (access_.authority_file.empty()) return;
    curl_easy_setopt(handle_, CURLOPT_CAINFO, access_.authority_file.c_str());
    curl_easy_setopt(handle_, CURLOPT_CAPATH, nullptr);  // The machine's public authorities vouch for no member.
    curl_easy_setopt(handle_, CURLOPT_SSLCERT, access_.certificate_file.c_str());
    curl_easy_setopt(handle_, CURLOPT_SSLKEY, access_.key_file.c_str());
    curl_easy_setopt(handle_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  }

  EtcdReply post_to(const std::string& url, const std::string& body, Duration left) {
    std::string answer;
    int copies = 0;
    prepare(url, body, answer, copies, left);
    const CURLcode code = curl_easy_perform(handle_);
    if (code != CURLE_OK) return {copies == 0 ? EtcdFate::refused : EtcdFate::doubtful, {}, std::string("etcd: ") + curl_easy_strerror(code), false};
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return judge_gateway_error(static_cast<int>(status), answer);
    return {EtcdFate::answered, std::move(answer), {}, false};
  }

  const EtcdAccess access_;
  SystemClock clock_;
  CURL* handle_;
  curl_slist* headers_ = nullptr;
  std::size_t at_ = 0;
};

}  // namespace

Status check_access(const EtcdAccess& access) {
  if (access.members.empty()) return invalid_input("etcd.members: name at least one member, for example \"https://10.0.0.1:2379\"");
  bool has_tls = false;
  for (const auto& member : access.members) {
    if (const auto checked = check_member(member); !checked) return checked;
    has_tls = has_tls || member.rfind("https://", 0) == 0;
  }
  if (!has_tls) return Done{};
  if (const auto checked = check_file(access.authority_file, "authority_file"); !checked) return checked;
  if (const auto checked = check_file(access.certificate_file, "certificate_file"); !checked) return checked;
  return check_file(access.key_file, "key_file");
}

EtcdReply judge_gateway_error(int http_status, const std::string& body) {
  constexpr int invalid_argument = 3, permission_denied = 7, resource_exhausted = 8, unauthenticated = 16;
  const auto json = EtcdJson::parse(body, nullptr, false);
  const auto field = [&json](const char* name) { return json.is_object() && json.contains(name) ? json[name] : EtcdJson(); };
  const auto message = field("message").is_string() ? field("message").get<std::string>() : std::string("no message");
  const int code = field("code").is_number_integer() ? field("code").get<int>() : 0;
  // What etcd says before it proposes anything. "No space" is said after a proposal was executed, "unavailable" and
  // "deadline exceeded" may be said before one still is: all of them leave doubt.
  const bool is_forbidden = code == permission_denied || code == unauthenticated;
  const bool is_busy = code == resource_exhausted && message.find("too many requests") != std::string::npos;
  const bool is_refusal = is_forbidden || is_busy || code == invalid_argument;
  return {is_refusal ? EtcdFate::refused : EtcdFate::doubtful, {},
          "etcd says: " + message.substr(0, 200) + " (HTTP " + std::to_string(http_status) + ")", is_forbidden};
}

Result<std::unique_ptr<EtcdClient>> EtcdClient::make(EtcdAccess access) {
  const auto checked = check_access(access);
  if (!checked) return checked.error();
  start_curl_once();
  return std::make_unique<EtcdClient>(std::make_unique<CurlTransport>(std::move(access)));
}

EtcdReply EtcdClient::post(const std::string& path, const std::string& body) { return transport_->post(path, body); }

Result<std::string> EtcdClient::ask(const std::string& path, const std::string& body) {
  auto reply = post(path, body);
  switch (reply.fate) {
    case EtcdFate::answered:
      return std::move(reply.body);
    case EtcdFate::refused:
      return Error{reply.is_forbidden ? Errc::denied : Errc::unavailable, std::move(reply.detail)};
    case EtcdFate::doubtful:
      return Error{Errc::unavailable, std::move(reply.detail)};
  }
  DUNLIN_CHECK(false);
  return Error{};
}

Result<EtcdReadAnswer> EtcdClient::read(const EtcdRead& read) {
  const auto body = ask("/v3/kv/range", encode_read(read));
  if (!body) return body.error();
  return parse_read(*body);
}

Result<EtcdTxnAnswer> EtcdClient::run(const EtcdTxn& txn) {
  auto answers = run_all({txn});
  if (!answers) return answers.error();
  return std::move(answers->each.front());
}

Result<std::vector<std::vector<EtcdRow>>> EtcdClient::read_together(std::vector<EtcdRead> reads) {
  const auto asked = reads.size();
  EtcdTxn txn;
  for (EtcdRead& read : reads) txn.then.push_back(std::move(read));
  auto answer = run(txn);
  if (!answer) return answer.error();
  if (answer->reads.size() != asked) return Error{Errc::corrupt, "etcd's answer has other parts than were asked"};
  return std::move(answer->reads);
}

Result<EtcdTxnAnswers> EtcdClient::run_all(const std::vector<EtcdTxn>& txns) {
  const auto body = ask("/v3/kv/txn", encode_txns(txns));
  if (!body) return body.error();
  return parse_txns(*body, txns.size());
}

Result<EtcdSize> EtcdClient::measure() {
  const auto body = ask("/v3/maintenance/status", "{}");
  if (!body) return body.error();
  return parse_size(*body);
}

Status EtcdClient::compact(std::int64_t revision) {
  const auto body = ask("/v3/kv/compaction", EtcdJson{{"revision", std::to_string(revision)}}.dump());
  if (body || body.error().detail.find("has been compacted") != std::string::npos) return Done{};
  return body.error();
}

Result<EtcdLease> EtcdClient::grant_lease(std::int64_t ttl_s) {
  const auto body = ask("/v3/lease/grant", EtcdJson{{"TTL", std::to_string(ttl_s)}}.dump());
  if (!body) return body.error();
  return lease_in(*body);
}

Result<EtcdLease> EtcdClient::keep_alive(std::int64_t lease) {
  const auto body = ask("/v3/lease/keepalive", EtcdJson{{"ID", std::to_string(lease)}}.dump());
  if (!body) return body.error();
  return lease_in(*body);
}

Status EtcdClient::revoke_lease(std::int64_t lease) {
  const auto body = ask("/v3/lease/revoke", EtcdJson{{"ID", std::to_string(lease)}}.dump());
  if (!body) return body.error();
  return Done{};
}

}  // namespace dunlin
