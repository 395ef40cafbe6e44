#include "core/case/case_event.hpp"

#include <array>

#include "core/base/check.hpp"

namespace dunlin {
namespace {

struct NamedType {
  EventType type;
  std::string_view name;
};

/// In the order of the variant's alternatives.
constexpr std::array<NamedType, std::variant_size_v<CaseEvent> - 1> types{{
    {EventType::case_opened, "case_opened"},
    {EventType::row_imported, "row_imported"},
    {EventType::import_undone, "import_undone"},
    {EventType::payment_recorded, "payment_recorded"},
    {EventType::debt_closed, "debt_closed"},
    {EventType::stage_changed, "stage_changed"},
    {EventType::plan_changed, "plan_changed"},
    {EventType::attempt_reserved, "attempt_reserved"},
    {EventType::attempt_denied, "attempt_denied"},
    {EventType::second_leg_committed, "second_leg_committed"},
    {EventType::attempt_answered, "attempt_answered"},
    {EventType::agent_bridged, "agent_bridged"},
    {EventType::attempt_settled, "attempt_settled"},
    {EventType::disposition_set, "disposition_set"},
    {EventType::disposition_missed, "disposition_missed"},
    {EventType::attempt_reconciled, "attempt_reconciled"},
    {EventType::call_controlled, "call_controlled"},
    {EventType::promise_made, "promise_made"},
    {EventType::promise_kept, "promise_kept"},
    {EventType::promise_broken, "promise_broken"},
    {EventType::callback_asked, "callback_asked"},
    {EventType::callback_cancelled, "callback_cancelled"},
    {EventType::restriction_set, "restriction_set"},
    {EventType::restriction_cleared, "restriction_cleared"},
    {EventType::phone_blocked, "phone_blocked"},
    {EventType::phone_unblocked, "phone_unblocked"},
    {EventType::consent_changed, "consent_changed"},
    {EventType::contact_recorded, "contact_recorded"},
    {EventType::case_merged, "case_merged"},
    {EventType::case_aliased, "case_aliased"},
    {EventType::note_added, "note_added"},
}};

}  // namespace

std::string_view to_string(CallAct act) {
  switch (act) {
    case CallAct::listen: return "listen";
    case CallAct::whisper: return "whisper";
    case CallAct::barge: return "barge";
    case CallAct::take_over: return "take_over";
    case CallAct::leave: return "leave";
    case CallAct::pause_recording: return "pause_recording";
    case CallAct::resume_recording: return "resume_recording";
  }
  return "?";
}

std::uint16_t event_type_at(std::size_t variant_index) {
  DUNLIN_CHECK(variant_index < types.size());
  return static_cast<std::uint16_t>(types[variant_index].type);
}

std::uint16_t event_type(const CaseEvent& event) {
  if (const auto* unknown = std::get_if<UnknownEvent>(&event)) return unknown->type;
  return event_type_at(event.index());
}

std::string_view event_name(std::uint16_t type) {
  for (const NamedType& known : types) {
    if (static_cast<std::uint16_t>(known.type) == type) return known.name;
  }
  return "unknown";
}

}  // namespace dunlin
