#include "media/stun.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "media/byte_order.hpp"

namespace dunlin {
namespace {

constexpr std::uint32_t stun_cookie = 0x2112A442;
constexpr std::uint32_t fingerprint_mask = 0x5354554E;
constexpr std::size_t stun_header_size = 20;
constexpr std::size_t integrity_size = 20;
constexpr std::size_t max_username = 513;  // RFC 8489 §14.3: fewer than 509 bytes; browsers write fewer than 64.
constexpr std::size_t max_check_username = 64;

namespace attribute {
constexpr std::uint16_t username = 0x0006;
constexpr std::uint16_t message_integrity = 0x0008;
constexpr std::uint16_t error_code = 0x0009;
constexpr std::uint16_t unknown_attributes = 0x000A;
constexpr std::uint16_t xor_mapped_address = 0x0020;
constexpr std::uint16_t priority = 0x0024;
constexpr std::uint16_t use_candidate = 0x0025;
constexpr std::uint16_t fingerprint = 0x8028;
constexpr std::uint16_t ice_controlled = 0x8029;
constexpr std::uint16_t ice_controlling = 0x802A;
}  // namespace attribute

std::size_t padded(std::size_t length) {
  return (length + 3) & ~std::size_t{3};
}

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    table[byte] = byte;
    for (int bit = 0; bit < 8; ++bit) table[byte] = table[byte] >> 1 ^ ((table[byte] & 1) != 0 ? 0xEDB88320u : 0u);
  }
  return table;
}();

/// CRC-32 of ITU-T V.42, byte by byte: anybody may send what looks like a check.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) crc = crc >> 8 ^ crc_table[(crc ^ byte) & 0xFF];
  return ~crc;
}

StunKind kind_of(std::uint16_t type) {
  switch (type) {
    case 0x0001: return StunKind::binding_request;
    case 0x0011: return StunKind::binding_indication;
    case 0x0101: return StunKind::binding_success;
    case 0x0111: return StunKind::binding_error;
    default: return StunKind::other;
  }
}

/// HMAC-SHA1 over the message up to `end`, whose header tells the length up to and with the integrity attribute (RFC 8489 §14.5).
/// Nothing for a message longer than a datagram, without a password, or when OpenSSL has no HMAC to give.
std::optional<std::array<std::uint8_t, integrity_size>> integrity_of(std::span<const std::uint8_t> message, std::size_t end, std::string_view password) {
  std::array<std::uint8_t, 1500> copy;
  std::array<std::uint8_t, integrity_size> digest{};
  if (end > copy.size() || password.empty()) return std::nullopt;
  std::copy_n(message.begin(), end, copy.begin());
  write_u16(copy, 2, static_cast<std::uint16_t>(end + 4 + integrity_size - stun_header_size));
  unsigned size = integrity_size;
  if (HMAC(EVP_sha1(), password.data(), static_cast<int>(password.size()), copy.data(), end, digest.data(), &size) == nullptr) return std::nullopt;
  return digest;
}

std::optional<UdpAddress> read_xor_address(std::span<const std::uint8_t> value, std::span<const std::uint8_t> header) {
  if (value.size() < 8) return std::nullopt;
  const bool is_v6 = value[1] == 2;
  if (value[1] != 1 && !is_v6) return std::nullopt;
  if (value.size() < (is_v6 ? 20u : 8u)) return std::nullopt;
  sockaddr_storage storage{};
  const auto port = htons(static_cast<std::uint16_t>(read_u16(value, 2) ^ (stun_cookie >> 16)));
  // The mask is the cookie and the transaction, as they stand in the header.
  std::array<std::uint8_t, 16> address{};
  for (std::size_t i = 0; i < (is_v6 ? 16u : 4u); ++i) address[i] = static_cast<std::uint8_t>(value[4 + i] ^ header[4 + i]);
  if (is_v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = port;
    std::memcpy(&v6.sin6_addr, address.data(), 16);
    std::memcpy(&storage, &v6, sizeof v6);
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = port;
    std::memcpy(&v4.sin_addr, address.data(), 4);
    std::memcpy(&storage, &v4, sizeof v4);
  }
  return UdpAddress::from_kernel(storage);
}

Status read_attribute(std::uint16_t type, std::span<const std::uint8_t> value, std::span<const std::uint8_t> datagram, StunMessage& message) {
  switch (type) {
    case attribute::username:
      if (value.size() > max_username) return invalid_input("stun: USERNAME too long");
      message.username = {reinterpret_cast<const char*>(value.data()), value.size()};
      return Done{};
    case attribute::priority:
      if (value.size() != 4) return invalid_input("stun: PRIORITY");
      message.priority = read_u32(value, 0);
      return Done{};
    case attribute::use_candidate:
      message.has_use_candidate = true;
      return Done{};
    case attribute::ice_controlled:
    case attribute::ice_controlling:
      if (value.size() != 8) return invalid_input("stun: ICE role");
      (type == attribute::ice_controlling ? message.is_controlling : message.is_controlled) = true;
      return Done{};
    case attribute::error_code:
      if (value.size() < 4) return invalid_input("stun: ERROR-CODE");
      message.error_code = static_cast<std::uint16_t>((value[2] & 7) * 100 + value[3]);
      return Done{};
    case attribute::xor_mapped_address:
      message.mapped_address = read_xor_address(value, datagram);
      if (!message.mapped_address) return invalid_input("stun: XOR-MAPPED-ADDRESS");
      return Done{};
    case attribute::unknown_attributes:
      return Done{};
    default:
      // RFC 8489 §14: below 0x8000 it must be understood.
      if (type < 0x8000 && message.unknown_attribute == 0) message.unknown_attribute = type;
      return Done{};
  }
}

Status read_attributes(std::span<const std::uint8_t> datagram, StunMessage& message) {
  std::size_t at = stun_header_size;
  while (at < datagram.size()) {
    if (datagram.size() - at < 4) return invalid_input("stun: attribute cut off");
    const std::uint16_t type = read_u16(datagram, at);
    const std::size_t length = read_u16(datagram, at + 2);
    if (padded(length) > datagram.size() - at - 4) return invalid_input("stun: attribute longer than the message");
    const auto value = datagram.subspan(at + 4, length);
    if (type == attribute::fingerprint) {
      const bool is_last = at + 8 == datagram.size() && length == 4;
      if (!is_last || (crc32(datagram.first(at)) ^ fingerprint_mask) != read_u32(value, 0)) return invalid_input("stun: FINGERPRINT");
      message.has_fingerprint = true;
    } else if (type == attribute::message_integrity && !message.integrity_at) {
      if (length != integrity_size) return invalid_input("stun: MESSAGE-INTEGRITY");
      message.integrity_at = at;
    } else if (!message.integrity_at) {
      // What follows the integrity is not covered by it and counts for nothing (RFC 8489 §14.5).
      if (auto status = read_attribute(type, value, datagram, message); !status) return status;
    }
    at += 4 + padded(length);
  }
  return Done{};
}

/// Writes attributes one after the other into a buffer the caller knows to be large enough.
class StunWriter {
 public:
  StunWriter(std::span<std::uint8_t> target, std::uint16_t type, const StunTransaction& transaction) : target_(target) {
    write_u16(target_, 0, type);
    write_u16(target_, 2, 0);
    write_u32(target_, 4, stun_cookie);
    std::copy(transaction.begin(), transaction.end(), target_.begin() + 8);
  }

  /// Room for one attribute's value, zeroed.
  std::span<std::uint8_t> add(std::uint16_t type, std::size_t length) {
    write_u16(target_, size_, type);
    write_u16(target_, size_ + 2, static_cast<std::uint16_t>(length));
    const auto value = target_.subspan(size_ + 4, padded(length));
    std::fill(value.begin(), value.end(), std::uint8_t{0});
    size_ += 4 + padded(length);
    return value.first(length);
  }

  void add_integrity(std::string_view password) {
    // Without it the other side refuses the message, as it should.
    if (const auto digest = integrity_of(target_, size_, password)) {
      std::copy(digest->begin(), digest->end(), add(attribute::message_integrity, integrity_size).begin());
    }
  }

  std::span<std::uint8_t> finish() {
    write_u16(target_, 2, static_cast<std::uint16_t>(size_ + 8 - stun_header_size));
    const std::uint32_t crc = crc32(target_.first(size_)) ^ fingerprint_mask;
    write_u32(add(attribute::fingerprint, 4), 0, crc);
    return target_.first(size_);
  }

 private:
  std::span<std::uint8_t> target_;
  std::size_t size_ = stun_header_size;
};

void write_xor_address(StunWriter& writer, const UdpAddress& address, std::span<const std::uint8_t> header) {
  sockaddr_storage storage{};
  address.to_kernel(storage);
  const bool is_v6 = address.family() == AF_INET6;
  const auto value = writer.add(attribute::xor_mapped_address, is_v6 ? 20 : 8);
  value[1] = is_v6 ? 2 : 1;
  write_u16(value, 2, static_cast<std::uint16_t>(address.port() ^ (stun_cookie >> 16)));
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  std::memcpy(&v4, &storage, sizeof v4);
  std::memcpy(&v6, &storage, sizeof v6);
  const auto* bytes = is_v6 ? reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr) : reinterpret_cast<const std::uint8_t*>(&v4.sin_addr);
  for (std::size_t i = 0; i < (is_v6 ? 16u : 4u); ++i) value[4 + i] = static_cast<std::uint8_t>(bytes[i] ^ header[4 + i]);
}

std::string_view reason_phrase(StunErrorCode code) {
  switch (code) {
    case StunErrorCode::bad_request: return "Bad Request";
    case StunErrorCode::unauthenticated: return "Unauthenticated";
    case StunErrorCode::unknown_attribute: return "Unknown Attribute";
    case StunErrorCode::role_conflict: return "Role Conflict";
  }
  return "";
}

}  // namespace

Result<StunMessage> parse_stun(std::span<const std::uint8_t> datagram) {
  if (datagram.size() < stun_header_size || !looks_like_stun(datagram)) return invalid_input("stun: no STUN message");
  if (read_u32(datagram, 4) != stun_cookie) return invalid_input("stun: no magic cookie");
  const std::size_t length = read_u16(datagram, 2);
  if (length % 4 != 0 || length != datagram.size() - stun_header_size) return invalid_input("stun: length");
  StunMessage message;
  message.kind = kind_of(read_u16(datagram, 0));
  std::copy_n(datagram.begin() + 8, message.transaction.size(), message.transaction.begin());
  if (auto status = read_attributes(datagram, message); !status) return status.error();
  return message;
}

bool has_integrity(const StunMessage& message, std::span<const std::uint8_t> datagram, std::string_view password) {
  if (!message.integrity_at || *message.integrity_at + 4 + integrity_size > datagram.size()) return false;
  const auto expected = integrity_of(datagram, *message.integrity_at, password);
  return expected && CRYPTO_memcmp(expected->data(), datagram.data() + *message.integrity_at + 4, integrity_size) == 0;
}

std::span<std::uint8_t> write_stun_success(const StunTransaction& transaction, const UdpAddress& from, std::string_view password,
                                           std::span<std::uint8_t, max_stun_response> target) {
  StunWriter writer(target, 0x0101, transaction);
  write_xor_address(writer, from, target);
  writer.add_integrity(password);
  return writer.finish();
}

std::span<std::uint8_t> write_stun_error(const StunTransaction& transaction, StunErrorCode code, std::uint16_t unknown, std::string_view password,
                                         std::span<std::uint8_t, max_stun_response> target) {
  StunWriter writer(target, 0x0111, transaction);
  const std::string_view phrase = reason_phrase(code);
  const auto value = writer.add(attribute::error_code, 4 + phrase.size());
  value[2] = static_cast<std::uint8_t>(static_cast<unsigned>(code) / 100);
  value[3] = static_cast<std::uint8_t>(static_cast<unsigned>(code) % 100);
  std::copy(phrase.begin(), phrase.end(), value.begin() + 4);
  if (code == StunErrorCode::unknown_attribute) write_u16(writer.add(attribute::unknown_attributes, 2), 0, unknown);
  if (!password.empty()) writer.add_integrity(password);
  return writer.finish();
}

std::span<std::uint8_t> write_stun_check(const StunCheck& check, std::span<std::uint8_t, max_stun_request> target) {
  if (check.username.size() > max_check_username) return {};
  StunWriter writer(target, 0x0001, check.transaction);
  std::copy(check.username.begin(), check.username.end(), writer.add(attribute::username, check.username.size()).begin());
  write_u32(writer.add(attribute::priority, 4), 0, check.priority);
  write_u64(writer.add(check.is_controlled ? attribute::ice_controlled : attribute::ice_controlling, 8), 0, 0x0123456789ABCDEF);
  if (check.has_use_candidate) writer.add(attribute::use_candidate, 0);
  writer.add_integrity(check.password);
  return writer.finish();
}

}  // namespace dunlin
