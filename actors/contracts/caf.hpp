#pragma once
// The only door to CAF: what the house uses of it, under names that survive a change of its API. Actors only.
// Traps: requests always end by a timeout, handles are never reused after DOWN, no groups, no streams, no aout.
#include <chrono>
#include <utility>

#include <caf/all.hpp>

#include "core/base/time.hpp"

namespace dunlin {

inline std::chrono::milliseconds to_chrono(Duration d) { return std::chrono::milliseconds(d.ms); }

/// Sends without waiting for anything. An empty handle is a receiver that is gone: the message is dropped.
template <class Self, class Message>
void tell(Self* self, const caf::actor& to, Message&& message) {
  if (to) self->send(to, std::forward<Message>(message));
}

/// The same after a delay; used for timers (the message carries a generation).
template <class Self, class Message>
void tell_after(Self* self, Duration delay, const caf::actor& to, Message&& message) {
  if (to) self->delayed_send(to, to_chrono(delay), std::forward<Message>(message));
}

/// Asks and gets an answer or an error within the timeout, never neither.
template <class Self, class Message>
auto ask(Self* self, const caf::actor& to, Duration timeout, Message&& message) {
  return self->request(to, to_chrono(timeout), std::forward<Message>(message));
}

/// From threads that are no actors (SIP, media, journal writer).
template <class Message>
void post(const caf::actor& to, Message&& message) {
  if (to) caf::anon_send(to, std::forward<Message>(message));
}

}  // namespace dunlin
