#include "actors/shard_actor.hpp"

#include <algorithm>
#include <utility>

#include "actors/case_actor.hpp"
#include "actors/contracts/allocation.hpp"
#include "actors/contracts/region.hpp"
#include "actors/outlive_errors.hpp"
#include "config/limits.hpp"
#include "config/log.hpp"
#include "core/case/event_codec.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_queue_rows = 1'000'000;
/// Cases one slot may try before it is given back: a run of denials must not starve the campaign's tick.
constexpr int tries_per_slot = 8;
constexpr Duration retry_without_answer = minutes(10);
constexpr Duration retry_after_doubt = minutes(1);
/// Nobody owns a shard between the end of a node's lease and the next claim.
constexpr Duration longest_takeover = seconds(10);
constexpr std::size_t max_waiting_for_owner = 1'000;

}  // namespace

struct ShardActor::DialSearch {
  msg::DialNext command;
  caf::typed_response_promise<msg::DialAnswered> promise;
  msg::DialAnswered answer;
  int tries = 0;
};

ShardActor::ShardActor(caf::actor_config& config, const NodeContext* context, ShardIndex shard, msg::BookPointer book)
    : caf::event_based_actor(config), context_(context), shard_(shard), book_(std::move(book)), is_owner_(context->region == nullptr),
      queue_(max_queue_rows) {}

caf::behavior ShardActor::make_behavior() {
  outlive_errors(this);
  if (is_owner_) begin_work();
  set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
  // Ticks of the 256 shards are spread over the second.
  tell_after(this, milliseconds(1000 + shard_ * 4), caf::actor_cast<caf::actor>(this), msg::ShardTick{});
  return {
      [this](const msg::ShardOwned& news) { on_owned(news); },
      [this](const msg::ShardLost&) { on_shard_lost(); },
      [this](const msg::NodeBeganAnew& news) { on_node_began_anew(news); },
      [this](msg::ImportRows& command) { return on_import_rows(command); },
      [this](const msg::RowsFolded& news) { on_rows_folded(news); },
      [this](const msg::JudgeCases& query) { return judge_or_pass(query); },
      [this](const msg::AbsorbCase& c) { return forward(c); },
      [this](const msg::BecomeAlias& c) { return forward(c); },
      [this](const msg::DialNext& command) { return on_dial_next(command); },
      [this](const msg::RecordFact& c) { return forward(c); },
      [this](const msg::RequestSecondLeg& c) { return on_second_leg(c); },
      [this](const msg::Dispose& c) { return forward(c); },
      [this](const msg::RecordPromise& c) { return forward(c); },
      [this](const msg::RecordPayment& c) { return forward(c); },
      [this](const msg::SetRestriction& c) { return forward(c); },
      [this](const msg::ClearRestriction& c) { return forward(c); },
      [this](const msg::AddNote& c) { return forward(c); },
      [this](const msg::LoseReservation& c) { return forward(c); },
      [this](const msg::UndoImportOfCase& c) { return forward(c); },
      [this](const msg::GetCase& c) { return forward(c); },
      [this](const msg::CaseDueChanged& change) { on_due_changed(change); },
      [this](const msg::CampaignsChanged& change) { on_campaigns_changed(change); },
      [this](const msg::BookRenewed& news) { on_book_renewed(news); },
      [this](const msg::GetQueue& query) {
        return msg::QueueView{shard_, queue_.summary(query.campaign, context_->clock->now_utc()), awake_.size()};
      },
      [this](const msg::GetRanks& query) {
        const UtcTime now = context_->clock->now_utc();
        return msg::RanksView{shard_, queue_.summary(query.campaign, now), queue_.most_urgent(query.campaign, now, query.most)};
      },
      [this](const msg::ReplanStep&) { replan_some(); },
      [this](const msg::ShardTick&) { on_tick(); },
      [](const msg::Answer&) {},  // Of its own LoseReservation; the case's timer asks again when it failed.
  };
}

void ShardActor::begin_work() {
  load_due_rows();
  // A former life may have ended before every case knew the strategies in force; another owner may have known other
  // campaigns.
  const bool has_strategies = !book_->strategies().empty();
  if (!has_strategies && context_->region == nullptr) return;
  is_replanning_ = true;
  has_new_rules_ = has_strategies;
  replan_after_ = CaseId();
  tell_after(this, limits::replan_pause, caf::actor_cast<caf::actor>(this), msg::ReplanStep{});
}

void ShardActor::on_owned(const msg::ShardOwned& news) {
  if (is_owner_) return;
  is_owner_ = true;
  log_debug("shard", "owned", "shard={} epoch={}", shard_, news.epoch);
  begin_work();
  ask_waiting_again();
}

/// Who is awake may hold a decision in doubt: it ends here, and the next owner reads the history.
void ShardActor::on_shard_lost() {
  if (!is_owner_) return;
  is_owner_ = false;
  addresses_.clear();
  for (const auto& [id, entry] : awake_) {
    if (entry.actor) send_exit(entry.actor, caf::exit_reason::user_shutdown);
  }
  awake_.clear();
  popped_.clear();
  queue_ = DialQueue(max_queue_rows);
  is_replanning_ = false;
  log_debug("shard", "lost", "shard={}", shard_);
}

template <class Command>
caf::response_promise ShardActor::pass_to_owner(const Command& command) {
  auto promise = make_response_promise();
  if (const auto holder = context_->region->holder_of(shard_)) {
    promise.delegate(context_->region->remote, msg::ForNode<Command>{holder->node_id, shard_, holder->epoch, command});
    return promise;
  }
  if (!orphaned_since_) orphaned_since_ = context_->clock->now_mono();
  const std::function<void()> refuse = [promise, shard = shard_]() mutable {
    promise.deliver(caf::make_error(caf::sec::runtime_error, "no node serves shard " + std::to_string(shard) + " now"));
  };
  const bool is_hopeless = waiting_.size() >= max_waiting_for_owner || context_->clock->now_mono() - *orphaned_since_ > longest_takeover;
  if (is_hopeless) refuse();
  else waiting_.push_back({[this, promise, command]() mutable { promise.delegate(caf::actor_cast<caf::actor>(this), command); }, refuse});
  return promise;
}

/// What came between two owners is passed on to the next; who waited longer than a takeover takes is told so.
void ShardActor::ask_waiting_again() {
  const bool has_owner = is_owner_ || context_->region->holder_of(shard_);
  if (has_owner) orphaned_since_.reset();
  if (waiting_.empty()) return;
  const bool is_over = orphaned_since_ && context_->clock->now_mono() - *orphaned_since_ > longest_takeover;
  if (!has_owner && !is_over) return;
  for (Waiting& each : std::exchange(waiting_, {})) has_owner ? each.again() : each.refuse();
}

/// A copy may be behind, or not be here at all: the owner judges.
caf::response_promise ShardActor::judge_or_pass(const msg::JudgeCases& query) {
  if (!is_owner_) return pass_to_owner(query);
  auto promise = make_response_promise();
  promise.deliver(on_judge_cases(query));
  return promise;
}

/// The permit of a second leg lies on the desk of the node that commits it: an edge elsewhere could not take it.
caf::response_promise ShardActor::on_second_leg(const msg::RequestSecondLeg& command) {
  if (is_owner_) return forward(command);
  auto promise = make_response_promise();
  promise.deliver(msg::Answer{Error{Errc::denied, "the case has moved to another node: no second leg from here"}, {}});
  return promise;
}

caf::response_promise ShardActor::on_import_rows(msg::ImportRows& command) {
  if (!is_owner_) return pass_to_owner(command);
  return import_rows(command);
}

void ShardActor::load_due_rows() {
  std::vector<CaseId> with_timer;
  const auto loaded = context_->archive->each_due(shard_, [&](CaseId id, const std::vector<DueRow>& rows) {
    for (const DueRow& row : rows) {
      if (!row.campaign.is_set()) with_timer.push_back(id);
      const auto added = queue_.upsert({row.campaign, id, row.due_at, row.rank});
      if (!added) log_warn("shard", "queue_full", "shard={} {}", shard_, added.error().detail);
    }
    return true;
  });
  if (!loaded) log_error("shard", "due_rows_unreadable", "shard={} {}", shard_, loaded.error().detail);
  for (const CaseId id : with_timer) settle_lost_reservation(id);
}

/// An edge that is merely not seen may be talking still: only its next life proves the end of the one before.
bool ShardActor::is_edge_gone(const OpenAttempt& attempt) const {
  if (attempt.edge_incarnation == context_->incarnation) return false;
  if (context_->region == nullptr) return true;
  const auto life = context_->region->life_of(attempt.edge_node);
  return life && *life != attempt.edge_incarnation;
}

void ShardActor::on_node_began_anew(const msg::NodeBeganAnew& news) {
  if (!is_owner_) return;
  std::vector<CaseId> with_timer;
  const auto read = context_->archive->each_due(shard_, [&](CaseId id, const std::vector<DueRow>& rows) {
    if (std::any_of(rows.begin(), rows.end(), [](const DueRow& row) { return !row.campaign.is_set(); })) with_timer.push_back(id);
    return true;
  });
  if (!read) log_error("shard", "due_rows_unreadable", "shard={} node={} {}", shard_, news.node_id, read.error().detail);
  for (const CaseId id : with_timer) settle_lost_reservation(id);
}

/// An attempt that a former life of this process reserved has no edge any more: what became of it is unknown (R8). Its
/// case always has a timer of its own, so only those cases are looked at.
void ShardActor::settle_lost_reservation(CaseId id) {
  const auto view = context_->archive->view(id);
  if (!view || !*view) return;
  const auto record = decode_view(**view);
  if (!record || !record->open_attempt || !is_edge_gone(*record->open_attempt)) return;
  const msg::LoseReservation command{id, record->open_attempt->attempt};
  log_warn("shard", "reservation_lost", "case={} attempt={}", id.str(), command.attempt.str());
  tell(this, caf::actor_cast<caf::actor>(this), command);
}

Result<ShardActor::AwakeCase*> ShardActor::wake(CaseId id) {
  const auto found = awake_.find(id);
  if (found != awake_.end()) {
    found->second.used_at = context_->clock->now_mono();
    return &found->second;
  }
  auto record = stored_record(id);
  if (!record) return record.error();
  AwakeCase entry;
  entry.actor = spawn<CaseActor>(context_, caf::actor_cast<caf::actor>(this), book_, std::move(*record));
  entry.used_at = context_->clock->now_mono();
  monitor(entry.actor);
  addresses_.emplace(entry.actor.address(), id);
  return &awake_.emplace(id, std::move(entry)).first->second;
}

/// A case nobody has opened yet is an empty record: its first event gives it the id.
Result<CaseRecord> ShardActor::stored_record(CaseId id) const {
  auto view = context_->archive->view(id);
  if (!view) return view.error();
  if (!*view) return CaseRecord{};
  auto decoded = decode_view(**view);
  if (!decoded) return Error{Errc::corrupt, "stored view of " + id.str() + ": " + decoded.error().detail};
  return std::move(*decoded);
}

template <class Command>
caf::response_promise ShardActor::forward(const Command& command) {
  if (!is_owner_) return pass_to_owner(command);
  auto promise = make_response_promise();
  auto entry = wake(command.case_id);
  if (!entry) {
    log_error("shard", "case_unreadable", "case={} {}", command.case_id.str(), entry.error().detail);
    promise.deliver(caf::make_error(caf::sec::runtime_error, entry.error().detail));
    return promise;
  }
  if ((*entry)->is_falling_asleep) {
    (*entry)->held.push_back([promise, command](const caf::actor& actor) mutable { promise.delegate(actor, command); });
  } else {
    promise.delegate((*entry)->actor, command);
  }
  return promise;
}

/// A ticket that comes late is refused before anything is begun: its campaign has the line back already.
caf::typed_response_promise<msg::DialAnswered> ShardActor::on_dial_next(const msg::DialNext& command) {
  const auto campaign = caf::actor_cast<caf::actor>(current_sender());  // The promise below takes it away.
  auto search = std::make_shared<DialSearch>();
  search->command = command;
  search->promise = make_response_promise<msg::DialAnswered>();
  search->answer.attempt = command.slot.attempt;
  if (!is_owner_) {
    finish(search, msg::DialAnswered::Kind::none_ready, {});
    return search->promise;
  }
  if (command.expires_at && context_->clock->now_mono() >= *command.expires_at) {
    finish(search, msg::DialAnswered::Kind::expired, {});
    return search->promise;
  }
  if (command.expires_at) tell(this, campaign, msg::TicketTaken{command.slot.attempt});
  try_next(search);
  return search->promise;
}

void ShardActor::try_next(std::shared_ptr<DialSearch> search) {
  const auto row = queue_.pop_ready(search->command.campaign, context_->clock->now_utc());
  if (!row) return finish(search, search->tries == 0 ? msg::DialAnswered::Kind::none_ready : msg::DialAnswered::Kind::denied, {});
  popped_.insert(row->case_id);
  auto entry = wake(row->case_id);
  if (!entry || (*entry)->is_falling_asleep) {
    put_back(*row, context_->clock->now_utc() + seconds(entry ? 2 : 600));
    return finish(search, msg::DialAnswered::Kind::failed, row->case_id);
  }
  ++search->tries;
  const msg::RequestAttempt command{search->command.campaign, search->command.slot, std::nullopt, {}, search->command.rates, search->command.ready_agents};
  ask(this, (*entry)->actor, limits::commit_timeout, command)
      .then([this, search, row = *row](const msg::AttemptReply& reply) { on_attempt_reply(search, row, reply); },
            [this, search, row = *row](const caf::error&) {
              // The commit is in doubt: the slot must not be used for another case.
              put_back(row, context_->clock->now_utc() + retry_without_answer);
              finish(search, msg::DialAnswered::Kind::failed, row.case_id);
            });
}

void ShardActor::on_attempt_reply(const std::shared_ptr<DialSearch>& search, const QueueRow& row, const msg::AttemptReply& reply) {
  if (reply.is_placed) {
    popped_.erase(row.case_id);
    return finish(search, msg::DialAnswered::Kind::placed, row.case_id);
  }
  if (reply.error) {
    search->answer.reason = reply.error->detail;
    put_back(row, context_->clock->now_utc() + minutes(1));
    return finish(search, msg::DialAnswered::Kind::failed, row.case_id);
  }
  search->answer.reason = reply.denial.reason;
  ++search->answer.denials[reply.denial.reason];
  if (reply.denial.is_by_law) ++search->answer.denied_by_law;
  put_back(row, reply.denial.until);
  if (search->tries >= tries_per_slot) return finish(search, msg::DialAnswered::Kind::denied, row.case_id);
  try_next(search);
}

void ShardActor::finish(const std::shared_ptr<DialSearch>& search, msg::DialAnswered::Kind kind, CaseId id) {
  search->answer.kind = kind;
  search->answer.case_id = id;
  search->promise.deliver(search->answer);
}

/// A denied case whose due rows did not change comes back when the denial ends.
void ShardActor::put_back(const QueueRow& row, std::optional<UtcTime> until) {
  if (popped_.erase(row.case_id) == 0) return;
  QueueRow later = row;
  later.due_at = until.value_or(context_->clock->now_utc() + retry_without_answer);
  const auto added = queue_.upsert(later);
  if (!added) log_warn("shard", "queue_full", "shard={} {}", shard_, added.error().detail);
}

void ShardActor::on_due_changed(const msg::CaseDueChanged& change) {
  if (!is_owner_) return;
  queue_.erase_case(change.case_id);
  popped_.erase(change.case_id);
  for (const DueRow& row : change.rows) {
    const auto added = queue_.upsert({row.campaign, change.case_id, row.due_at, row.rank});
    if (!added) log_warn("shard", "queue_full", "shard={} {}", shard_, added.error().detail);
  }
}

void ShardActor::on_campaigns_changed(const msg::CampaignsChanged& change) {
  book_ = change.book;
  // A run with new rules that is still under way must not lose them to the next change.
  has_new_rules_ = change.has_new_rules || (is_replanning_ && has_new_rules_);
  replan_after_ = CaseId();
  if (is_owner_ && !is_replanning_) replan_some();
}

/// Who sleeps gets the book when it wakes.
void ShardActor::on_book_renewed(const msg::BookRenewed& news) {
  book_ = news.book;
  for (const auto& [id, entry] : awake_) tell(this, entry.actor, news);
}

/// One page of cases, then a pause: dialing and imports go on between the pages of a million cases.
void ShardActor::replan_some() {
  if (!is_owner_) return;
  is_replanning_ = true;
  if (replans_in_flight_ < limits::replan_cases_per_step) {
    const auto page = context_->archive->case_ids(shard_, replan_after_, limits::replan_cases_per_step);
    if (!page) log_error("shard", "cases_unreadable", "shard={} {}", shard_, page.error().detail);
    if (!page || page->empty()) {
      is_replanning_ = false;
      return;
    }
    for (const CaseId id : *page) replan(id);
    replan_after_ = page->back();
  }
  tell_after(this, limits::replan_pause, caf::actor_cast<caf::actor>(this), msg::ReplanStep{});
}

void ShardActor::replan(CaseId id) {
  auto entry = wake(id);
  if (!entry) return log_error("shard", "case_unreadable", "case={} {}", id.str(), entry.error().detail);
  const Delivery deliver = [this](const caf::actor& actor) {
    ++replans_in_flight_;
    ask(this, actor, limits::commit_timeout, msg::CampaignsChanged{book_, has_new_rules_})
        .then([this](const msg::Answer&) { --replans_in_flight_; }, [this](const caf::error&) { --replans_in_flight_; });
  };
  if ((*entry)->is_falling_asleep) (*entry)->held.push_back(deliver);
  else deliver((*entry)->actor);
}

void ShardActor::on_tick() {
  tell_after(this, seconds(1), caf::actor_cast<caf::actor>(this), msg::ShardTick{});
  if (!is_owner_) ask_waiting_again();
  fire_case_timers(context_->clock->now_utc());
  put_idle_to_sleep(context_->clock->now_mono());
}

void ShardActor::fire_case_timers(UtcTime now) {
  for (int n = 0; n < 64; ++n) {
    const auto row = queue_.pop_ready(CampaignId{}, now);
    if (!row) return;
    popped_.insert(row->case_id);
    auto entry = wake(row->case_id);
    if (!entry || (*entry)->is_falling_asleep) {
      put_back(*row, now + seconds(entry ? 2 : 600));
      continue;
    }
    ask(this, (*entry)->actor, limits::commit_timeout, msg::CaseTimerFired{})
        .then([this, row = *row](const msg::Answer&) { put_back(row, std::nullopt); },
              [this, row = *row](const caf::error&) { put_back(row, std::nullopt); });
  }
}

void ShardActor::put_idle_to_sleep(MonoTime now) {
  const bool is_crowded = awake_.size() > limits::awake_cases_per_shard;
  const Duration allowed = is_crowded ? seconds(1) : limits::case_idle;
  int asked = 0;
  for (auto& [id, entry] : awake_) {
    if (entry.is_falling_asleep || now - entry.used_at < allowed) continue;
    if (++asked > 256) break;
    entry.is_falling_asleep = true;
    ask(this, entry.actor, limits::request_timeout, msg::GoToSleep{})
        .then([this, id = id](const msg::FellAsleep& answer) { on_fell_asleep(id, answer.is_asleep); },
              [this, id = id](const caf::error&) { on_lost(id); });
  }
}

/// A case actor ended by itself after a failed commit: the next command rebuilds it from the history.
void ShardActor::on_down(const caf::actor_addr& address) {
  const auto known = addresses_.find(address);
  if (known == addresses_.end()) return;
  const CaseId id = known->second;
  addresses_.erase(known);
  const auto entry = awake_.find(id);
  if (entry == awake_.end() || entry->second.actor.address() != address) return;
  on_lost(id);
}

/// A commit in doubt may be on the disk without anybody having been told what the case waits for now: a timer of its
/// open attempt, the next call after a settlement. Campaigns wait a moment, or a disk that refuses would be tried at once.
void ShardActor::on_lost(CaseId id) {
  on_fell_asleep(id, true);
  const auto record = stored_record(id);
  if (!record) return log_error("shard", "case_unreadable", "case={} {}", id.str(), record.error().detail);
  msg::CaseDueChanged change{id, record->due};
  const UtcTime earliest = context_->clock->now_utc() + retry_after_doubt;
  for (DueRow& row : change.rows) {
    if (row.campaign.is_set()) row.due_at = std::max(row.due_at, earliest);
  }
  on_due_changed(change);
}

void ShardActor::on_fell_asleep(CaseId id, bool is_asleep) {
  const auto found = awake_.find(id);
  if (found == awake_.end()) return;
  auto held = std::move(found->second.held);
  if (is_asleep) awake_.erase(found);
  else found->second.is_falling_asleep = false;
  for (auto& deliver : held) {
    auto entry = wake(id);
    if (entry) deliver((*entry)->actor);
  }
}

}  // namespace dunlin
