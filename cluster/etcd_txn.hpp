#pragma once
// Transactions of etcd 3.4 as typed values, their JSON for the gateway (/v3/kv/txn) and its answers. The gateway ignores a
// misspelt field of a compare and compares with 0, so no request is written by hand anywhere else. Keys and values are
// bytes (base64 on the wire), 64-bit numbers are strings. Pure, any thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace dunlin {

/// One condition. All compares of a transaction must hold.
struct EtcdCompare {
  enum class What : std::uint8_t { created_at, modified_at, value };
  std::string key;
  What what = What::created_at;
  std::int64_t revision = 0;        ///< create_revision or mod_revision; 0: the key is absent.
  bool is_not = false;              ///< The condition turned round (created_at only): "differs from".
  std::string value;

  static EtcdCompare absent(std::string key) { return {std::move(key), What::created_at, 0, false, {}}; }
  static EtcdCompare present(std::string key) { return {std::move(key), What::created_at, 0, true, {}}; }
  static EtcdCompare created(std::string key, std::int64_t at) { return {std::move(key), What::created_at, at, false, {}}; }
  static EtcdCompare modified(std::string key, std::int64_t at) { return {std::move(key), What::modified_at, at, false, {}}; }
  static EtcdCompare holds(std::string key, std::string value) { return {std::move(key), What::value, 0, false, std::move(value)}; }
};

struct EtcdPut {
  std::string key;
  std::string value;
  std::int64_t lease = 0;           ///< 0: none. One dead lease fails the whole request: never beside journal batches.
};
/// Keys from `key` (inclusive) to `range_end` (exclusive); empty range_end: this key only.
struct EtcdErase {
  std::string key;
  std::string range_end;
};
/// Erases the key if it holds this value, and nothing otherwise: a condition of its own that stops nobody else.
struct EtcdEraseIf {
  std::string key;
  std::string value;
};
struct EtcdRead {
  std::string key;
  std::string range_end;
  std::int64_t limit = 0;           ///< 0: no limit.
  std::int64_t changed_since = 0;   ///< Only rows put at this revision or later; what was erased is not told. 0: all.
};
using EtcdOp = std::variant<EtcdPut, EtcdErase, EtcdEraseIf, EtcdRead>;

struct EtcdTxn {
  std::vector<EtcdCompare> compares;
  std::vector<EtcdOp> then;
  std::vector<EtcdOp> otherwise;
};

struct EtcdRow {
  std::string key;
  std::string value;
  std::int64_t created_at = 0;
  std::int64_t modified_at = 0;
  std::int64_t lease = 0;
  bool operator==(const EtcdRow&) const = default;
};

struct EtcdTxnAnswer {
  bool is_done = false;                         ///< All compares held: `then` was executed; else `otherwise`.
  std::vector<std::vector<EtcdRow>> reads;      ///< Of the executed branch's reads, in their order.
};

/// The answers to transactions sent together, and the revision at which they were executed.
struct EtcdTxnAnswers {
  std::int64_t revision = 0;
  std::vector<EtcdTxnAnswer> each;
  std::uint64_t cluster_id = 0;                 ///< etcd's own.
};

struct EtcdReadAnswer {
  std::int64_t revision = 0;
  std::vector<EtcdRow> rows;
  bool has_more = false;
};

/// How large a member's database is.
struct EtcdSize {
  std::uint64_t file_bytes = 0;
  std::uint64_t used_bytes = 0;     ///< Of them, what holds data: the file shrinks only by defragmentation.
};

/// At most this many transactions in one request; etcd refuses more than 128 operations.
inline constexpr std::size_t max_txns_per_request = 100;

/// Each nested in one request without compares of its own: each succeeds or fails alone, all at one revision.
/// Two of them must not write the same key: etcd refuses such a request.
std::string encode_txns(const std::vector<EtcdTxn>& txns);
std::string encode_read(const EtcdRead& read);

/// Errors: corrupt, when the answer is not what etcd says to so many transactions; it tells nothing about their fate.
Result<EtcdTxnAnswers> parse_txns(std::string_view json, std::size_t expected);
Result<EtcdReadAnswer> parse_read(std::string_view json);
Result<EtcdSize> parse_size(std::string_view json);

/// The end of the range of all keys with this prefix.
std::string range_end_of(std::string_view prefix);

std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);

}  // namespace dunlin
