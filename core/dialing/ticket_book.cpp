#include "core/dialing/ticket_book.hpp"

#include <algorithm>
#include <utility>

namespace dunlin {
namespace {

/// Pacing counts the line; in the other states it has it back or sees the call itself.
bool is_on_its_way(TicketState state) {
  switch (state) {
    case TicketState::issued:
    case TicketState::taken: return true;
    case TicketState::expired:
    case TicketState::doubtful:
    case TicketState::calling:
    case TicketState::over: return false;
  }
  return false;
}

bool has_call(TicketState state) { return state == TicketState::calling || state == TicketState::over; }

}  // namespace

std::uint64_t TicketBook::wish(int count, MonoTime now) {
  wishes_.push_back({++last_wish_, count, now + life_});
  lines_ += count;
  return last_wish_;
}

bool TicketBook::end_wish(std::uint64_t key) {
  const auto found = std::find_if(wishes_.begin(), wishes_.end(), [key](const Wish& wish) { return wish.key == key; });
  if (found == wishes_.end()) return false;
  lines_ -= found->count;
  wishes_.erase(found);
  return true;
}

MonoTime TicketBook::issue(Slot slot, MonoTime now, MonoTime dead_at) {
  const auto [ticket, is_new] = tickets_.try_emplace(slot.attempt, Ticket{std::move(slot.trunk), TicketState::issued, now + life_, dead_at});
  if (is_new) {
    ++lines_;
    ++counts_.issued;
  }
  return ticket->second.expires_at;
}

void TicketBook::move(Ticket& ticket, TicketState next) {
  lines_ += (is_on_its_way(next) ? 1 : 0) - (is_on_its_way(ticket.state) ? 1 : 0);
  ticket.state = next;
}

void TicketBook::on_taken(AttemptId attempt) {
  const auto found = tickets_.find(attempt);
  if (found == tickets_.end()) return;
  // The word of an expired ticket was late, not the shard: it searches.
  const bool is_news = found->second.state == TicketState::issued || found->second.state == TicketState::expired;
  if (is_news) move(found->second, TicketState::taken);
}

void TicketBook::on_step(AttemptId attempt, bool is_over) {
  const auto found = tickets_.find(attempt);
  if (found == tickets_.end() || found->second.state == TicketState::over) return;
  if (found->second.state == TicketState::doubtful) {  // Its question has failed already; the call gives its slot back itself.
    tickets_.erase(found);
    return;
  }
  if (std::exchange(found->second.has_expired, false)) ++counts_.late;
  move(found->second, is_over ? TicketState::over : TicketState::calling);
}

TicketEnd TicketBook::on_answer(AttemptId attempt, bool is_placed) {
  const auto found = tickets_.find(attempt);
  if (found == tickets_.end()) return TicketEnd::none;
  const TicketState state = found->second.state;
  if (is_placed && found->second.has_expired) ++counts_.late;
  move(found->second, TicketState::over);
  tickets_.erase(found);
  if (has_call(state)) return TicketEnd::none;
  return is_placed ? TicketEnd::watch_call : TicketEnd::give_back_slot;
}

void TicketBook::on_doubt(AttemptId attempt) {
  const auto found = tickets_.find(attempt);
  if (found == tickets_.end()) return;
  const bool is_called = has_call(found->second.state);
  move(found->second, TicketState::doubtful);
  if (is_called) tickets_.erase(found);  // The call gives its slot back itself.
}

std::vector<TicketBook::Slot> TicketBook::expire(MonoTime now) {
  std::erase_if(wishes_, [this, now](const Wish& wish) {
    if (now < wish.expires_at) return false;
    lines_ -= wish.count;
    counts_.expired += static_cast<std::uint64_t>(wish.count);
    return true;
  });
  std::vector<Slot> dead;
  for (auto it = tickets_.begin(); it != tickets_.end();) {
    Ticket& ticket = it->second;
    if (ticket.state == TicketState::issued && now >= ticket.expires_at) {
      move(ticket, TicketState::expired);
      ticket.has_expired = true;
      ++counts_.expired;
    }
    if (ticket.state == TicketState::doubtful && now >= ticket.dead_at) {
      dead.push_back({it->first, std::move(ticket.trunk)});
      ++counts_.lost;
      it = tickets_.erase(it);
    } else {
      ++it;
    }
  }
  std::sort(dead.begin(), dead.end(), [](const Slot& a, const Slot& b) { return a.attempt < b.attempt; });
  return dead;
}

}  // namespace dunlin
