#include "core/case/event_codec.hpp"

#include <utility>

#include "core/case/case_archive.hpp"

namespace dunlin {
namespace {

constexpr std::uint8_t event_version = 3;  // 2: Decision::inputs. 3: what the answer model forecast.
constexpr std::uint8_t view_version = 3;   // Counted with the events since then: both hold attempts.

// What an imported row and the view of a new case come to, with room.
constexpr std::size_t usual_row_bytes = 384;
constexpr std::size_t usual_view_bytes = 640;

Status check_version(std::uint8_t found, std::uint8_t known) {
  if (found >= 1 && found <= known) return Done{};
  return Error{Errc::corrupt, "encoding version " + std::to_string(found) + ", known up to " + std::to_string(known)};
}

template <class Value>
Result<Value> read(std::string_view bytes, std::uint8_t known_version) {
  Decoder decoder(bytes);
  std::uint8_t version = 0;
  decoder(version);
  if (bytes.empty()) return Error{Errc::corrupt, "empty encoding"};
  if (auto status = check_version(version, known_version); !status) return status.error();
  decoder.set_version(version);
  Value value;
  decoder(value);
  if (auto status = decoder.finish(); !status) return status.error();
  return value;
}

template <std::size_t Index>
Result<CaseEvent> decode_as(std::string_view body) {
  using Event = std::variant_alternative_t<Index, CaseEvent>;
  auto event = read<Event>(body, event_version);
  if (!event) return event.error();
  return CaseEvent(std::move(*event));
}

template <std::size_t... Index>
Result<CaseEvent> decode_known(std::uint16_t type, std::string_view body, std::index_sequence<Index...>) {
  Result<CaseEvent> result = CaseEvent(UnknownEvent{type, std::string(body)});
  const auto try_one = [&](auto index) {
    if (event_type_at(index.value) != type) return false;
    result = decode_as<index.value>(body);
    return true;
  };
  (void)(try_one(std::integral_constant<std::size_t, Index>{}) || ...);
  return result;
}

constexpr std::size_t known_types = std::variant_size_v<CaseEvent> - 1;

}  // namespace

EventDraft encode(const CaseEvent& event, UtcTime at) {
  EventDraft draft;
  draft.type = event_type(event);
  draft.at = at;
  if (const auto* unknown = std::get_if<UnknownEvent>(&event)) {
    draft.body = unknown->body;
    return draft;
  }
  Encoder encoder;
  if (std::holds_alternative<RowImported>(event)) encoder.reserve(usual_row_bytes);
  encoder(event_version);
  std::visit(
      [&encoder](const auto& fact) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(fact)>, UnknownEvent>) encoder(fact);
      },
      event);
  draft.body = encoder.take();
  return draft;
}

Result<CaseEvent> decode(std::uint16_t type, std::string_view body) {
  return decode_known(type, body, std::make_index_sequence<known_types>{});
}

std::string encode_view(const CaseRecord& record) {
  Encoder encoder;
  encoder.reserve(usual_view_bytes);
  encoder(view_version, record);
  return encoder.take();
}

Result<CaseRecord> decode_view(std::string_view bytes) { return read<CaseRecord>(bytes, view_version); }

}  // namespace dunlin
