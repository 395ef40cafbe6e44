#include "cluster/etcd_txn.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

using Json = nlohmann::json;

Json json_of(const EtcdCompare& compare) {
  Json json{{"key", to_base64(compare.key)}, {"result", compare.is_not ? "NOT_EQUAL" : "EQUAL"}};
  switch (compare.what) {
    case EtcdCompare::What::created_at:
      json["target"] = "CREATE";
      json["create_revision"] = std::to_string(compare.revision);
      return json;
    case EtcdCompare::What::modified_at:
      json["target"] = "MOD";
      json["mod_revision"] = std::to_string(compare.revision);
      return json;
    case EtcdCompare::What::value:
      json["target"] = "VALUE";
      json["value"] = to_base64(compare.value);
      return json;
  }
  DUNLIN_CHECK(false);
  return json;
}

Json range_of(const std::string& key, const std::string& range_end) {
  Json json{{"key", to_base64(key)}};
  if (!range_end.empty()) json["range_end"] = to_base64(range_end);
  return json;
}

Json json_of(const EtcdRead& read) {
  auto json = range_of(read.key, read.range_end);
  if (read.limit > 0) json["limit"] = std::to_string(read.limit);
  if (read.changed_since > 0) json["min_mod_revision"] = std::to_string(read.changed_since);
  return json;
}

struct OpToJson {
  Json operator()(const EtcdPut& put) const {
    Json json{{"key", to_base64(put.key)}, {"value", to_base64(put.value)}};
    if (put.lease != 0) json["lease"] = std::to_string(put.lease);
    return {{"request_put", std::move(json)}};
  }
  Json operator()(const EtcdErase& erase) const { return {{"request_delete_range", range_of(erase.key, erase.range_end)}}; }
  Json operator()(const EtcdEraseIf& erase) const {
    auto compares = Json::array({json_of(EtcdCompare::holds(erase.key, erase.value))});
    auto then = Json::array({(*this)(EtcdErase{erase.key, {}})});
    return {{"request_txn", {{"compare", std::move(compares)}, {"success", std::move(then)}}}};
  }
  Json operator()(const EtcdRead& read) const { return {{"request_range", json_of(read)}}; }
};

Json json_of(const std::vector<EtcdOp>& ops) {
  auto json = Json::array();
  for (const auto& op : ops) json.push_back(std::visit(OpToJson{}, op));
  return json;
}

Json json_of(const EtcdTxn& txn) {
  auto compares = Json::array();
  for (const auto& compare : txn.compares) compares.push_back(json_of(compare));
  return {{"compare", std::move(compares)}, {"success", json_of(txn.then)}, {"failure", json_of(txn.otherwise)}};
}

Error bad_answer(const std::string& what) { return {Errc::corrupt, "etcd's answer " + what}; }

/// A member of an object, or null: the gateway leaves out what is zero, false or empty.
const Json& member(const Json& json, const char* name) {
  static const Json absent;
  if (!json.is_object()) return absent;
  const auto found = json.find(name);
  return found == json.end() ? absent : *found;
}

template <class Number = std::int64_t>
Result<Number> number_in(const Json& json, const char* name) {
  const Json& field = member(json, name);
  if (field.is_null()) return Number{0};
  if (field.is_number_integer()) return field.get<Number>();
  if (!field.is_string()) return bad_answer(std::string("has no number in ") + name);
  const auto& text = field.get_ref<const std::string&>();
  Number value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return bad_answer(std::string("has no number in ") + name);
  return value;
}

Result<std::string> bytes_in(const Json& json, const char* name) {
  const Json& field = member(json, name);
  if (field.is_null()) return std::string();
  if (!field.is_string()) return bad_answer(std::string("has no text in ") + name);
  return from_base64(field.get_ref<const std::string&>());
}

Result<EtcdRow> row_in(const Json& json) {
  auto key = bytes_in(json, "key");
  if (!key) return key.error();
  auto value = bytes_in(json, "value");
  if (!value) return value.error();
  const auto created_at = number_in(json, "create_revision");
  if (!created_at) return created_at.error();
  const auto modified_at = number_in(json, "mod_revision");
  if (!modified_at) return modified_at.error();
  const auto lease = number_in(json, "lease");
  if (!lease) return lease.error();
  return EtcdRow{std::move(*key), std::move(*value), *created_at, *modified_at, *lease};
}

Result<std::vector<EtcdRow>> rows_in(const Json& range) {
  std::vector<EtcdRow> rows;
  const Json& kvs = member(range, "kvs");
  if (!kvs.is_null() && !kvs.is_array()) return bad_answer("has rows that are no list");
  for (const auto& kv : kvs) {
    auto row = row_in(kv);
    if (!row) return row.error();
    rows.push_back(std::move(*row));
  }
  return rows;
}

Result<bool> flag_in(const Json& json, const char* name) {
  const Json& field = member(json, name);
  if (field.is_null()) return false;
  if (!field.is_boolean()) return bad_answer(std::string("has no truth in ") + name);
  return field.get<bool>();
}

Result<EtcdTxnAnswer> txn_in(const Json& json) {
  EtcdTxnAnswer answer;
  const auto is_done = flag_in(json, "succeeded");
  if (!is_done) return is_done.error();
  answer.is_done = *is_done;
  for (const auto& response : member(json, "responses")) {
    const Json& range = member(response, "response_range");
    if (range.is_null()) continue;
    auto rows = rows_in(range);
    if (!rows) return rows.error();
    answer.reads.push_back(std::move(*rows));
  }
  return answer;
}

Result<Json> object_in(std::string_view text) {
  auto json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return bad_answer("is no JSON object");
  if (!member(json, "header").is_object()) return bad_answer("has no header");
  return json;
}

}  // namespace

std::string encode_txns(const std::vector<EtcdTxn>& txns) {
  DUNLIN_CHECK(!txns.empty() && txns.size() <= max_txns_per_request);
  auto nested = Json::array();
  for (const auto& txn : txns) nested.push_back({{"request_txn", json_of(txn)}});
  return Json{{"success", std::move(nested)}}.dump();
}

std::string encode_read(const EtcdRead& read) { return json_of(read).dump(); }

Result<EtcdTxnAnswers> parse_txns(std::string_view text, std::size_t expected) {
  const auto json = object_in(text);
  if (!json) return json.error();
  EtcdTxnAnswers answers;
  const auto revision = number_in(member(*json, "header"), "revision");
  if (!revision) return revision.error();
  answers.revision = *revision;
  const auto cluster_id = number_in<std::uint64_t>(member(*json, "header"), "cluster_id");
  if (!cluster_id) return cluster_id.error();
  answers.cluster_id = *cluster_id;
  const Json& responses = member(*json, "responses");
  if (!responses.is_array() || responses.size() != expected) return bad_answer("does not tell of " + std::to_string(expected) + " transactions");
  for (const auto& response : responses) {
    const Json& nested = member(response, "response_txn");
    if (!nested.is_object()) return bad_answer("has a part that is no transaction");
    auto answer = txn_in(nested);
    if (!answer) return answer.error();
    answers.each.push_back(std::move(*answer));
  }
  return answers;
}

Result<EtcdReadAnswer> parse_read(std::string_view text) {
  const auto json = object_in(text);
  if (!json) return json.error();
  const auto revision = number_in(member(*json, "header"), "revision");
  if (!revision) return revision.error();
  auto rows = rows_in(*json);
  if (!rows) return rows.error();
  const auto has_more = flag_in(*json, "more");
  if (!has_more) return has_more.error();
  return EtcdReadAnswer{*revision, std::move(*rows), *has_more};
}

Result<EtcdSize> parse_size(std::string_view text) {
  const auto json = object_in(text);
  if (!json) return json.error();
  const auto file_bytes = number_in<std::uint64_t>(*json, "dbSize");
  if (!file_bytes) return file_bytes.error();
  const auto used_bytes = number_in<std::uint64_t>(*json, "dbSizeInUse");
  if (!used_bytes) return used_bytes.error();
  return EtcdSize{*file_bytes, *used_bytes};
}

std::string range_end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
  if (end.empty()) return std::string(1, '\0');  // etcd's name for "to the last key".
  ++end.back();
  return end;
}

std::string to_base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                    static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<std::string> from_base64(std::string_view text) {
  const auto digits = text.substr(0, text.find('='));
  const auto padding = text.size() - digits.size();
  const bool is_plain = std::all_of(digits.begin(), digits.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
  });
  const bool is_padded = padding <= 2 && text.find_first_not_of('=', digits.size()) == std::string_view::npos;
  if (text.size() % 4 != 0 || !is_plain || !is_padded) return bad_answer("has bad base64");
  std::string out(3 * (text.size() / 4) + 1, '\0');
  const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  if (size < 0) return bad_answer("has bad base64");
  // The decoder counts padding as zero bytes.
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

}  // namespace dunlin
