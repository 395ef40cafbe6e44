#include "tools/peer/sip_message.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dunlin::peer {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view long_name(std::string_view name) {
  static constexpr std::array<std::pair<char, std::string_view>, 10> compact{{{'v', "Via"},
                                                                              {'f', "From"},
                                                                              {'t', "To"},
                                                                              {'i', "Call-ID"},
                                                                              {'m', "Contact"},
                                                                              {'c', "Content-Type"},
                                                                              {'l', "Content-Length"},
                                                                              {'k', "Supported"},
                                                                              {'s', "Subject"},
                                                                              {'r', "Refer-To"}}};
  if (name.size() != 1) return name;
  for (const auto& [letter, full] : compact) {
    if (lower(name[0]) == letter) return full;
  }
  return name;
}

/// The line up to LF (CR dropped); `rest` moves behind it.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool read_start_line(std::string_view line, SipMessage& message) {
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (line.substr(0, 8) == "SIP/2.0 ") {
    const long long status = number_of(line.substr(8, 3));
    if (status < 100 || status > 699) return false;
    message.status = static_cast<int>(status);
    message.reason = line.size() > 12 ? std::string(line.substr(12)) : "";
    return true;
  }
  if (second == std::string_view::npos || first == 0 || line.substr(second + 1) != "SIP/2.0") return false;
  message.method = line.substr(0, first);
  message.uri = line.substr(first + 1, second - first - 1);
  return !message.uri.empty();
}

bool read_header(std::string_view line, SipMessage& message) {
  if (line.front() == ' ' || line.front() == '\t') {
    if (message.headers.empty()) return false;
    message.headers.back().value.append(" ").append(trimmed(line));
    return true;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || message.headers.size() >= max_sip_headers)
    return false;
  message.add(long_name(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1)));
  return true;
}

/// Splits at commas outside of quotes and angle brackets.
void split_list(std::string_view value, std::vector<std::string>& parts) {
  bool is_quoted = false;
  int depth = 0;
  std::size_t start = 0;
  const auto take = [&](std::size_t end) {
    const auto part = trimmed(value.substr(start, end - start));
    if (!part.empty()) parts.emplace_back(part);
    start = end + 1;
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (is_quoted) {
      if (c == '\\') ++i;
      if (c == '"') is_quoted = false;
      continue;
    }
    if (c == '"') is_quoted = true;
    if (c == '<') ++depth;
    if (c == '>') --depth;
    if (c == ',' && depth <= 0) take(i);
  }
  take(value.size());
}

/// The Content-Length among the header lines: 0 if absent, -1 if malformed.
long long announced_body(std::string_view head) {
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (same_text(long_name(trimmed(line.substr(0, colon))), "Content-Length")) {
      return number_of(trimmed(line.substr(colon + 1)));
    }
  }
  return 0;
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

long long number_of(std::string_view text) {
  if (text.empty() || text.size() > 10) return -1;
  long long value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string_view SipMessage::header(std::string_view name) const {
  for (const auto& item : headers) {
    if (same_text(item.name, name)) return item.value;
  }
  return {};
}

std::vector<std::string> SipMessage::list(std::string_view name) const {
  std::vector<std::string> parts;
  for (const auto& item : headers) {
    if (same_text(item.name, name)) split_list(item.value, parts);
  }
  return parts;
}

CSeq SipMessage::cseq() const {
  const std::string_view value = header("CSeq");
  const auto space = value.find(' ');
  const long long number = number_of(value.substr(0, space));
  if (space == std::string_view::npos || number < 0) return {};
  return {static_cast<std::uint32_t>(number), std::string(trimmed(value.substr(space)))};
}

std::string SipMessage::branch() const {
  const auto vias = list("Via");
  return vias.empty() ? std::string() : std::string(param_of(vias.front(), "branch"));
}

std::string SipMessage::bytes() const {
  std::string out;
  out.reserve(512 + body.size());
  if (is_request())
    out.append(method).append(" ").append(uri).append(" SIP/2.0\r\n");
  else
    out.append("SIP/2.0 ").append(std::to_string(status)).append(" ").append(reason).append("\r\n");
  for (const auto& item : headers) {
    if (same_text(item.name, "Content-Length")) continue;
    out.append(item.name).append(": ").append(item.value).append("\r\n");
  }
  out.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return out;
}

Result<SipMessage> parse_sip(std::string_view bytes) {
  if (bytes.size() > max_sip_message_bytes) return Failure{"message is longer than 65535 bytes"};
  SipMessage message;
  if (!read_start_line(take_line(bytes), message)) return Failure{"malformed start line"};
  while (true) {
    if (bytes.empty()) return Failure{"headers do not end with an empty line"};
    const std::string_view line = take_line(bytes);
    if (line.empty()) break;
    if (!read_header(line, message)) return Failure{"malformed header line"};
  }
  const std::string_view length = message.header("Content-Length");
  const long long wanted = length.empty() ? static_cast<long long>(bytes.size()) : number_of(length);
  if (wanted < 0 || wanted > static_cast<long long>(bytes.size()))
    return Failure{"body is shorter than Content-Length"};
  message.body = bytes.substr(0, static_cast<std::size_t>(wanted));
  for (const char* needed : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    if (!message.has(needed)) return Failure{std::string("header ") + needed + " is missing"};
  }
  if (message.cseq().method.empty()) return Failure{"malformed CSeq"};
  return message;
}

SipMessage make_response(const SipMessage& request, int status, std::string_view reason,
                         std::string_view to_tag) {
  SipMessage response;
  response.status = status;
  response.reason = reason;
  for (const auto& item : request.headers) {
    const bool is_mirrored = same_text(item.name, "Via") || same_text(item.name, "From") ||
                             same_text(item.name, "Call-ID") || same_text(item.name, "CSeq") ||
                             (same_text(item.name, "Record-Route") && status > 100 && status < 300);
    if (is_mirrored) response.headers.push_back(item);
    if (!same_text(item.name, "To")) continue;
    const bool needs_tag = status > 100 && !to_tag.empty() && param_of(item.value, "tag").empty();
    response.add("To", needs_tag ? item.value + ";tag=" + std::string(to_tag) : item.value);
  }
  return response;
}

std::string_view uri_of(std::string_view name_addr) {
  const auto open = name_addr.find('<');
  if (open != std::string_view::npos) {
    const auto close = name_addr.find('>', open);
    return name_addr.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
  }
  return trimmed(name_addr.substr(0, name_addr.find(';')));
}

std::string_view user_of(std::string_view uri) {
  const auto colon = uri.find(':');
  const auto at = uri.find('@');
  if (uri.substr(0, 4) == "tel:") return uri.substr(4, uri.find(';') - 4);
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) return {};
  return uri.substr(colon + 1, std::min(at, uri.find(';', colon)) - colon - 1);
}

std::string_view host_of(std::string_view uri) {
  const auto colon = uri.find(':');
  const auto at = uri.find('@');
  const auto start =
      at != std::string_view::npos ? at + 1 : (colon == std::string_view::npos ? 0 : colon + 1);
  return uri.substr(start, uri.find_first_of(";?>", start) - start);
}

std::string_view param_of(std::string_view value, std::string_view name) {
  auto at = value.find('>');
  at = value.find(';', at == std::string_view::npos ? 0 : at);
  while (at != std::string_view::npos) {
    const auto end = value.find(';', at + 1);
    const std::string_view part = value.substr(at + 1, end == std::string_view::npos ? end : end - at - 1);
    const auto equals = part.find('=');
    if (same_text(trimmed(part.substr(0, equals)), name)) {
      return equals == std::string_view::npos ? std::string_view() : trimmed(part.substr(equals + 1));
    }
    at = end;
  }
  return {};
}

Result<std::vector<std::string>> SipFramer::feed(std::string_view bytes) {
  pending_.append(bytes);
  std::vector<std::string> messages;
  while (true) {
    pending_.erase(0, std::min(pending_.find_first_not_of("\r\n"), pending_.size()));
    const auto head_end = pending_.find("\r\n\r\n");
    if (head_end == std::string::npos) break;
    const long long body = announced_body(std::string_view(pending_).substr(0, head_end));
    if (body < 0) return Failure{"malformed Content-Length"};
    const std::size_t whole = head_end + 4 + static_cast<std::size_t>(body);
    if (whole > max_sip_message_bytes) return Failure{"message is longer than 65535 bytes"};
    if (pending_.size() < whole) break;
    messages.push_back(pending_.substr(0, whole));
    pending_.erase(0, whole);
  }
  if (pending_.size() > max_sip_message_bytes) return Failure{"headers do not end"};
  return messages;
}

}  // namespace dunlin::peer
