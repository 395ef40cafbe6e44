#include "core/call/call_effects.hpp"

namespace dunlin {

std::string_view to_string(AnswerClass answer) {
  switch (answer) {
    case AnswerClass::human: return "human";
    case AnswerClass::machine: return "machine";
    case AnswerClass::machine_end: return "machine_end";
    case AnswerClass::fax: return "fax";
    case AnswerClass::tone: return "tone";
    case AnswerClass::music: return "music";
    case AnswerClass::silence: return "silence";
    case AnswerClass::announcement: return "announcement";
    case AnswerClass::screening: return "screening";
    case AnswerClass::unknown: return "unknown";
  }
  return "?";
}

std::string_view to_string(HangUpReason reason) {
  switch (reason) {
    case HangUpReason::ring_timeout: return "ring_timeout";
    case HangUpReason::machine: return "machine";
    case HangUpReason::fax: return "fax";
    case HangUpReason::announcement: return "announcement";
    case HangUpReason::screening: return "screening";
    case HangUpReason::silence: return "silence";
    case HangUpReason::agent: return "agent";
    case HangUpReason::no_agent: return "no_agent";
    case HangUpReason::stopped: return "stopped";
    case HangUpReason::longest_call: return "longest_call";
    case HangUpReason::agent_lost: return "agent_lost";
    case HangUpReason::media_failed: return "media_failed";
    case HangUpReason::message_left: return "message_left";
    case HangUpReason::remote_ended: return "remote_ended";
    case HangUpReason::flow_ended: return "flow_ended";
    case HangUpReason::no_speech: return "no_speech";
  }
  return "?";
}

}  // namespace dunlin
