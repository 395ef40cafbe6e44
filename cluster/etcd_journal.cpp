#include "cluster/etcd_journal.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "cluster/owned_shard.hpp"
#include "cluster/shard_tail.hpp"
#include "config/awaited_answer.hpp"
#include "core/base/check.hpp"

namespace dunlin {
namespace {

constexpr int most_fences = 3;

Error not_owned(ShardIndex shard) { return {Errc::unavailable, "this node does not own shard " + std::to_string(shard)}; }

/// Doubts asked about in one request: each reads a whole batch, and the answer must fit the client's bound.
constexpr std::size_t doubts_per_request = 8;

}  // namespace

/// `mutex_` guards the inbox, the orders and the stats; the shards are the thread's own.
class EtcdJournal::Writer {
 public:
  explicit Writer(Parts parts)
      : client_(std::move(parts.client)), store_(parts.store), desk_(parts.desk), node_(std::move(parts.node)), keys_(node_.cluster),
        seal_(parts.secret), options_(parts.options), on_lost_(std::move(parts.on_lost)), clock_(parts.threads.clock()),
        wake_(parts.threads.make_signal()), thread_(parts.threads.start("journal", [this] { run(); })) {}
  ~Writer() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    wake_->notify();
    thread_->join();
  }
  void enqueue(QueuedCommit commit);
  void order(OwnershipOrder order);
  void set_room(JournalRoom room);
  EtcdJournalStats stats() const;

 private:
  using Shards = std::vector<ShardIndex>;
  void run();
  void refuse_the_rest();
  bool take_inbox();
  void obey_all(std::deque<OwnershipOrder> orders);
  Status own(ShardIndex shard, std::int64_t owner_created_at);
  void route(QueuedCommit commit);
  void resolve_doubts();
  void send_new();
  Shards ready_shards() const;
  std::vector<QueuedCommit> take_group(OwnedShard& shard) const;
  bool stage(ShardIndex index, OwnedShard& shard);
  std::string why_not_one_batch(const BatchDraft& draft) const;
  void queue_again(OwnedShard& shard, std::vector<QueuedCommit> commits);
  void try_after_fence(OwnedShard& shard, std::vector<QueuedCommit> commits, const Error& error);
  BatchDraft draft_on(ShardIndex index, const OwnedShard& shard, const std::string& rows) const;
  void prepare_fence(ShardIndex index, OwnedShard& shard);
  void exchange(const Shards& going);
  void take_answer(ShardIndex index, const CommitAnswer& answer);
  void conclude(ShardIndex index, const CommitMove& move, Errc refusal);
  void finish(ShardIndex index, OwnedShard& shard, bool has_permit);
  void refuse(ShardIndex index, OwnedShard& shard, const Error& error);
  void answer(QueuedCommit& commit, Result<CommitReceipt> result);
  void give_up(ShardIndex index, const Error& error);
  void lose(ShardIndex index, const Error& error);
  void ask_about(const Shards& doubtful);
  void refuse_who_waits(OwnedShard& shard);
  void count(std::uint64_t EtcdJournalStats::* counter, std::uint64_t by = 1);
  void note_shards();

  std::unique_ptr<EtcdClient> client_;
  BatchStore& store_;
  PermitDesk& desk_;
  const ClusterNode node_;
  const JournalKeys keys_;
  const BatchSeal seal_;
  const EtcdJournalOptions options_;
  const std::function<void(const LostShard&)> on_lost_;
  const Clock& clock_;
  std::map<ShardIndex, OwnedShard> shards_;
  ShardIndex last_sent_ = 0;             ///< The next round begins behind it, so that no shard starves.
  std::optional<MonoTime> asked_at_;     ///< About doubts.

  mutable std::mutex mutex_;
  const std::unique_ptr<ThreadSignal> wake_;
  std::deque<QueuedCommit> inbox_;
  std::deque<OwnershipOrder> orders_;
  std::size_t queued_ = 0;               ///< In the inbox and in the shards' queues.
  bool is_stopping_ = false;
  JournalRoom room_ = JournalRoom::enough;
  EtcdJournalStats stats_;
  const std::unique_ptr<HostedThread> thread_;   ///< Last: it uses all of the above.
};

void EtcdJournal::Writer::set_room(JournalRoom room) {
  const std::lock_guard lock(mutex_);
  room_ = room;
}

void EtcdJournal::Writer::enqueue(QueuedCommit commit) {
  std::string refusal;
  {
    const std::lock_guard lock(mutex_);
    refusal = why_no_room(commit.request, room_);
    if (refusal.empty() && queued_ >= options_.max_queued_commits) refusal = "the journal's queue is full";
    if (refusal.empty()) {
      ++queued_;
      inbox_.push_back(std::move(commit));
      wake_->notify();
      return;
    }
    ++stats_.refused;
  }
  commit.done(Error{Errc::exhausted, std::move(refusal)});
}

void EtcdJournal::Writer::order(OwnershipOrder order) {
  const std::lock_guard lock(mutex_);
  orders_.push_back(std::move(order));
  wake_->notify();
}

EtcdJournalStats EtcdJournal::Writer::stats() const {
  const std::lock_guard lock(mutex_);
  auto stats = stats_;
  stats.queued = queued_;
  return stats;
}

void EtcdJournal::Writer::count(std::uint64_t EtcdJournalStats::* counter, std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  stats_.*counter += by;
}

void EtcdJournal::Writer::note_shards() {
  const auto doubtful = std::count_if(shards_.begin(), shards_.end(), [](const auto& entry) { return entry.second.is_doubtful(); });
  const std::lock_guard lock(mutex_);
  stats_.shards_owned = shards_.size();
  stats_.shards_in_doubt = static_cast<std::uint64_t>(doubtful);
}

void EtcdJournal::Writer::run() {
  while (take_inbox()) {
    resolve_doubts();
    send_new();
    note_shards();
  }
  refuse_the_rest();
}

/// Nobody waits for ever: a completion may commit again while the rest is refused, so this ends when nothing came in.
void EtcdJournal::Writer::refuse_the_rest() {
  const Error stopping{Errc::unavailable, "the node is stopping"};
  while (!shards_.empty()) give_up(shards_.begin()->first, stopping);
  for (bool is_empty = false; !is_empty;) {
    std::deque<QueuedCommit> inbox;
    std::deque<OwnershipOrder> orders;
    {
      const std::lock_guard lock(mutex_);
      inbox.swap(inbox_);
      orders.swap(orders_);
    }
    for (auto& commit : inbox) answer(commit, stopping);
    for (auto& order : orders) {
      if (order.done) order.done(stopping);
    }
    is_empty = inbox.empty() && orders.empty();
  }
}

/// Waits for work, at most one pause while a batch is in doubt, and hands it to its shards. False: the end.
bool EtcdJournal::Writer::take_inbox() {
  const bool has_work = std::any_of(shards_.begin(), shards_.end(), [](const auto& entry) { return entry.second.is_ready(); });
  const bool has_doubts = std::any_of(shards_.begin(), shards_.end(), [](const auto& entry) { return entry.second.is_doubtful(); });
  std::deque<QueuedCommit> inbox;
  std::deque<OwnershipOrder> orders;
  {
    std::unique_lock lock(mutex_);
    const auto is_woken = [this] { return is_stopping_ || !inbox_.empty() || !orders_.empty(); };
    if (has_doubts && !has_work) {
      wait_until(*wake_, lock, clock_, options_.doubt_pause, is_woken);
    } else if (!has_work) {
      wait_until(*wake_, lock, is_woken);
      wait_until(*wake_, lock, clock_, options_.group_window, [this] { return is_stopping_; });
    }
    if (is_stopping_) return false;
    inbox.swap(inbox_);
    orders.swap(orders_);
  }
  obey_all(std::move(orders));
  for (auto& commit : inbox) route(std::move(commit));
  return true;
}

/// An etcd that tells one shard nothing is not asked about the others: every question lasts a deadline, and commits of shards
/// already served wait behind them. Who ordered asks again.
void EtcdJournal::Writer::obey_all(std::deque<OwnershipOrder> orders) {
  std::optional<Error> silence;
  for (auto& order : orders) {
    if (order.owner_created_at == 0) {
      give_up(order.shard, not_owned(order.shard));
      continue;
    }
    const Status owned = silence ? Status(*silence) : own(order.shard, order.owner_created_at);
    if (!owned && owned.error().code == Errc::unavailable) silence = owned.error();
    note_shards();
    order.done(owned);
  }
}

Status EtcdJournal::Writer::own(ShardIndex index, std::int64_t owner_created_at) {
  if (shards_.count(index) != 0) give_up(index, not_owned(index));
  const ShardOwner owner{node_.node_id, node_.incarnation, node_.node_created_at, owner_created_at};
  const auto head = catch_up({*client_, keys_, seal_, store_}, owner, index);
  if (!head) return head.error();
  shards_.emplace(index, OwnedShard{owner, ShardCommit(owner.incarnation, owner.owner_created_at, *head), {}, {}, options_.max_batch_commits, {}});
  return Done{};
}

void EtcdJournal::Writer::route(QueuedCommit commit) {
  const auto index = shard_of(commit.request.case_id);
  const auto found = shards_.find(index);
  if (found == shards_.end()) return answer(commit, not_owned(index));
  found->second.queue.push_back(std::move(commit));
}

/// The one place where a commit leaves the queue's count and its caller hears.
void EtcdJournal::Writer::answer(QueuedCommit& commit, Result<CommitReceipt> result) {
  {
    const std::lock_guard lock(mutex_);
    --queued_;
    ++(result.ok() ? stats_.commits : stats_.refused);
  }
  commit.done(std::move(result));
}

/// Those with work and nothing under way, beginning behind the one served last.
EtcdJournal::Writer::Shards EtcdJournal::Writer::ready_shards() const {
  Shards ready;
  for (const auto& [index, shard] : shards_) {
    if (shard.is_ready()) ready.push_back(index);
  }
  std::rotate(ready.begin(), std::upper_bound(ready.begin(), ready.end(), last_sent_), ready.end());
  return ready;
}

/// One request for as many shards as fit. A batch that no longer fits, or writes a line another one writes, goes by itself
/// behind it: etcd refuses a request that writes one key twice.
void EtcdJournal::Writer::send_new() {
  Shards together;
  Shards by_themselves;
  std::set<std::string> lines;
  std::size_t bytes = 0;
  for (const ShardIndex index : ready_shards()) {
    if (together.size() >= options_.max_shards_per_request || !by_themselves.empty()) break;
    OwnedShard& shard = shards_.at(index);
    if (!stage(index, shard)) continue;
    last_sent_ = index;
    const BatchDraft& draft = shard.flight->batch;
    const auto own_lines = lines_of(draft);
    const bool shares_a_line = std::any_of(own_lines.begin(), own_lines.end(), [&lines](const std::string& line) { return lines.count(line) != 0; });
    if (shares_a_line || (!together.empty() && bytes + draft.bytes.size() > options_.usual_request_bytes)) {
      by_themselves.push_back(index);
      continue;
    }
    bytes += draft.bytes.size();
    lines.insert(own_lines.begin(), own_lines.end());
    together.push_back(index);
  }
  if (!together.empty()) exchange(together);
  for (const auto index : by_themselves) exchange({index});
}

std::vector<QueuedCommit> EtcdJournal::Writer::take_group(OwnedShard& shard) const {
  const auto end = shard.queue.begin() + static_cast<std::ptrdiff_t>(std::min(shard.queue.size(), shard.most_commits));
  std::vector<QueuedCommit> commits(std::make_move_iterator(shard.queue.begin()), std::make_move_iterator(end));
  shard.queue.erase(shard.queue.begin(), end);
  return commits;
}

/// Takes commits off the shard's queue and makes a batch of them; false: nothing of them is to be sent now.
bool EtcdJournal::Writer::stage(ShardIndex index, OwnedShard& shard) {
  auto commits = take_group(shard);
  std::vector<const CommitRequest*> requests;
  for (const auto& commit : commits) requests.push_back(&commit.request);
  auto staged = store_.stage(index, requests);
  if (!staged) {
    for (auto& commit : commits) answer(commit, staged.error());
    return false;
  }
  DUNLIN_CHECK(staged->receipts.size() == commits.size());
  if (staged->rows.empty()) {
    store_.drop(index);
    for (std::size_t i = 0; i < commits.size(); ++i) answer(commits[i], std::move(staged->receipts[i]));
    return false;
  }
  auto draft = draft_on(index, shard, staged->rows);
  for (std::size_t i = 0; i < commits.size(); ++i) {
    draft.reserves = draft.reserves || (staged->receipts[i].ok() && commits[i].request.reservation.has_value());
  }
  draft.lines_taken = staged->lines_taken;
  draft.lines_freed = staged->lines_freed;
  if (const auto why = why_not_one_batch(draft); !why.empty()) {
    store_.drop(index);
    if (commits.size() > 1) queue_again(shard, std::move(commits));
    else answer(commits.front(), Error{Errc::exhausted, "a decision in shard " + std::to_string(index) + " " + why});
    return false;
  }
  shard.commit.begin(draft.head);
  shard.flight = Flight{std::move(draft), std::move(*staged), std::move(commits)};
  return true;
}

std::string EtcdJournal::Writer::why_not_one_batch(const BatchDraft& draft) const {
  if (draft.bytes.size() > options_.max_request_bytes) {
    return "writes more than the journal takes at once (" + std::to_string(options_.max_request_bytes) + " bytes)";
  }
  const auto lines = lines_of(draft);
  if (lines.size() > options_.max_lines) return "takes and frees more than " + std::to_string(options_.max_lines) + " numbers";
  // A number freed and taken at once needs two revisions of the journal.
  if (std::adjacent_find(lines.begin(), lines.end()) != lines.end()) return "takes or frees one number twice";
  return {};
}

/// A group that cannot be one batch, or was refused for one of its commits: smaller groups from now on, down to one each.
void EtcdJournal::Writer::queue_again(OwnedShard& shard, std::vector<QueuedCommit> commits) {
  shard.most_commits = std::max<std::size_t>(1, commits.size() / 2);
  shard.queue.insert(shard.queue.begin(), std::make_move_iterator(commits.begin()), std::make_move_iterator(commits.end()));
}

BatchDraft EtcdJournal::Writer::draft_on(ShardIndex index, const OwnedShard& shard, const std::string& rows) const {
  BatchDraft draft;
  draft.shard = index;
  draft.on = shard.commit.head();
  draft.gate = node_.open_gate;
  const BatchPlace place{index, draft.on.sequence + 1, draft.on.chain};
  draft.head.sequence = place.sequence;
  draft.head.batch = random_batch_id();
  draft.bytes = seal_.seal(place, draft.head.batch, rows);
  draft.head.chain = chain_after(place.before, draft.bytes);
  return draft;
}

void EtcdJournal::Writer::prepare_fence(ShardIndex index, OwnedShard& shard) {
  shard.flight->fence = draft_on(index, shard, {});
  shard.commit.begin_fence(shard.flight->fence->head);
  count(&EtcdJournalStats::fences);
}

/// Sends one transaction for each shard in one request and takes the answers.
void EtcdJournal::Writer::exchange(const Shards& going) {
  std::vector<EtcdTxn> txns;
  for (const auto index : going) {
    const OwnedShard& shard = shards_.at(index);
    txns.push_back(commit_txn(keys_, shard.owner, shard.flight->sent()));
  }
  const auto reply = client_->post("/v3/kv/txn", encode_txns(txns));
  count(&EtcdJournalStats::requests);
  if (reply.fate == EtcdFate::refused) {
    for (const auto index : going) take_answer(index, {CommitAnswer::Kind::refused, {}, reply.detail});
    return;
  }
  auto answers = reply.fate == EtcdFate::answered ? parse_txns(reply.body, going.size()) : Result<EtcdTxnAnswers>(Error{Errc::unavailable, reply.detail});
  for (std::size_t i = 0; i < going.size(); ++i) {
    const OwnedShard& shard = shards_.at(going[i]);
    const auto said = answers ? answer_of_commit(answers->each[i], shard.owner, shard.flight->sent()) : Result<CommitAnswer>(answers.error());
    take_answer(going[i], said ? *said : CommitAnswer{CommitAnswer::Kind::doubtful, {}, said.error().detail});
  }
}

void EtcdJournal::Writer::take_answer(ShardIndex index, const CommitAnswer& answer) {
  OwnedShard& shard = shards_.at(index);
  const auto move = shard.commit.on_answer(answer);
  if (move.verdict == CommitVerdict::pending && !shard.doubtful_since) {
    shard.doubtful_since = clock_.now_mono();
    count(&EtcdJournalStats::doubts);
  }
  const bool is_conflict = !answer.seen.refusal.empty() && shard.commit.state() == ShardCommitState::idle;
  conclude(index, move, is_conflict ? Errc::conflict : Errc::unavailable);
}

/// Asks about the shards in doubt, a few a request and no more often than the pause allows.
void EtcdJournal::Writer::resolve_doubts() {
  const auto now = clock_.now_mono();
  if (asked_at_ && now - *asked_at_ < options_.doubt_pause) return;
  Shards doubtful;
  for (auto& [index, shard] : shards_) {
    if (shard.is_doubtful()) doubtful.push_back(index);
  }
  if (doubtful.empty()) return;
  for (std::size_t at = 0; at < doubtful.size(); at += doubts_per_request) {
    const auto end = std::min(doubtful.size(), at + doubts_per_request);
    ask_about({doubtful.begin() + static_cast<std::ptrdiff_t>(at), doubtful.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  asked_at_ = clock_.now_mono();
  for (const auto index : doubtful) {
    const auto found = shards_.find(index);
    if (found != shards_.end()) refuse_who_waits(found->second);
  }
}

/// Fences those whose batch is absent.
void EtcdJournal::Writer::ask_about(const Shards& doubtful) {
  std::vector<EtcdTxn> reads;
  for (const auto index : doubtful) reads.push_back(doubt_txn(keys_, index, shards_.at(index).commit.head().sequence + 1));
  const auto reply = client_->post("/v3/kv/txn", encode_txns(reads));
  if (reply.fate != EtcdFate::answered) return;
  const auto answers = parse_txns(reply.body, doubtful.size());
  if (!answers) return;
  Shards fenced;
  for (std::size_t i = 0; i < doubtful.size(); ++i) {
    const auto index = doubtful[i];
    const auto seen = answer_of_doubt(answers->each[i]);
    if (!seen) {
      lose(index, seen.error());
      continue;
    }
    const auto move = shards_.at(index).commit.on_read(*seen);
    if (move.next == CommitStep::fence) {
      prepare_fence(index, shards_.at(index));
      fenced.push_back(index);
    } else {
      conclude(index, move, Errc::unavailable);
    }
  }
  if (!fenced.empty()) exchange(fenced);
}

/// The batch in doubt keeps its caller waiting, because nobody knows yet; those behind it need not.
void EtcdJournal::Writer::refuse_who_waits(OwnedShard& shard) {
  if (!shard.is_doubtful() || !shard.doubtful_since || clock_.now_mono() - *shard.doubtful_since < options_.max_doubt) return;
  auto waiting = std::move(shard.queue);
  shard.queue.clear();
  for (auto& commit : waiting) answer(commit, Error{Errc::unavailable, "the shard waits for etcd to tell what became of its last commit"});
}

void EtcdJournal::Writer::conclude(ShardIndex index, const CommitMove& move, Errc refusal) {
  if (move.verdict == CommitVerdict::pending) return;
  OwnedShard& shard = shards_.at(index);
  shard.doubtful_since.reset();
  switch (move.verdict) {
    case CommitVerdict::pending:
      break;
    case CommitVerdict::committed:
      finish(index, shard, true);
      break;
    case CommitVerdict::committed_late:
      count(&EtcdJournalStats::late);
      finish(index, shard, false);
      break;
    case CommitVerdict::refused:
    case CommitVerdict::unknown:
      refuse(index, shard, {refusal, move.reason});
      break;
  }
  if (shard.commit.state() == ShardCommitState::lost) lose(index, not_owned(index));
}

/// The batch stands: the own store follows, then permits, then the callers. A store that cannot follow cannot own.
void EtcdJournal::Writer::finish(ShardIndex index, OwnedShard& shard, bool has_permit) {
  Flight flight = std::move(*shard.flight);
  shard.flight.reset();
  const auto applied = store_.apply(index, flight.batch.head, flight.staged.rows);
  if (!applied) shard.cannot_follow(applied.error());
  shard.most_commits = std::min(options_.max_batch_commits, 2 * shard.most_commits);
  count(&EtcdJournalStats::batches);
  for (std::size_t i = 0; i < flight.commits.size(); ++i) {
    auto& commit = flight.commits[i];
    auto& receipt = flight.staged.receipts[i];
    if (!applied) {
      answer(commit, Error{Errc::unavailable, "committed, but this node's store does not take it: " + applied.error().detail});
      continue;
    }
    if (receipt && has_permit && commit.request.reservation) desk_.put(make_permit(*commit.request.reservation));
    answer(commit, std::move(receipt));
  }
}

/// The batch does not stand. Commits refused together for one of them go again in smaller groups.
void EtcdJournal::Writer::refuse(ShardIndex index, OwnedShard& shard, const Error& error) {
  Flight flight = std::move(*shard.flight);
  shard.flight.reset();
  store_.drop(index);
  const bool is_fenced = shard.commit.head().sequence == flight.batch.head.sequence;
  const auto followed = is_fenced ? store_.apply(index, shard.commit.head(), {}) : Status(Done{});
  if (!followed) shard.cannot_follow(followed.error());
  else if (is_fenced) return try_after_fence(shard, std::move(flight.commits), error);
  if (error.code == Errc::conflict && flight.commits.size() > 1) return queue_again(shard, std::move(flight.commits));
  for (auto& commit : flight.commits) answer(commit, error);
}

/// Behind a fence it is certain that the batch never stood, so what reserves nothing is simply written anew, in smaller
/// groups: the request may have been too large for a slow etcd. A reservation's slot has run on meanwhile.
void EtcdJournal::Writer::try_after_fence(OwnedShard& shard, std::vector<QueuedCommit> commits, const Error& error) {
  std::vector<QueuedCommit> again;
  for (auto& commit : commits) {
    const bool is_over = commit.request.reservation.has_value() || ++commit.fenced > most_fences;
    if (is_over) answer(commit, error);
    else again.push_back(std::move(commit));
  }
  if (!again.empty()) queue_again(shard, std::move(again));
}

void EtcdJournal::Writer::give_up(ShardIndex index, const Error& error) {
  const auto found = shards_.find(index);
  if (found == shards_.end()) return;
  OwnedShard shard = std::move(found->second);
  shards_.erase(found);
  if (shard.flight) {
    store_.drop(index);
    for (auto& commit : shard.flight->commits) answer(commit, Error{error.code, error.detail + "; the commit is in doubt, the next owner settles it"});
  }
  for (auto& commit : shard.queue) answer(commit, error);
}

/// Given up by the journal itself, so membership has to hear of it, and before the callers who try again.
void EtcdJournal::Writer::lose(ShardIndex index, const Error& error) {
  const OwnedShard& shard = shards_.at(index);
  if (on_lost_) on_lost_({index, shard.owner.owner_created_at, shard.store_failure.has_value(), shard.store_failure.value_or(error)});
  give_up(index, error);
}

EtcdJournal::EtcdJournal(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
EtcdJournal::~EtcdJournal() = default;

std::unique_ptr<EtcdJournal> EtcdJournal::start(Parts parts) {
  return std::unique_ptr<EtcdJournal>(new EtcdJournal(std::make_unique<Writer>(std::move(parts))));
}

void EtcdJournal::commit(CommitRequest request, CommitCompletion done) { writer_->enqueue({std::move(request), std::move(done)}); }

void EtcdJournal::own(ShardIndex shard, std::int64_t owner_created_at, std::function<void(Status)> done) {
  DUNLIN_CHECK(owner_created_at != 0);
  writer_->order({shard, owner_created_at, std::move(done)});
}
void EtcdJournal::disown(ShardIndex shard) { writer_->order({shard, 0, {}}); }
void EtcdJournal::set_room(JournalRoom room) { writer_->set_room(room); }
EtcdJournalStats EtcdJournal::stats() const { return writer_->stats(); }

Result<CommitReceipt> EtcdJournal::commit_and_wait(CommitRequest request) {
  AwaitedAnswer<Result<CommitReceipt>> answer;
  commit(std::move(request), [&answer](Result<CommitReceipt> result) { answer.set(std::move(result)); });
  return answer.wait();
}
Status EtcdJournal::own_and_wait(ShardIndex shard, std::int64_t owner_created_at) {
  AwaitedAnswer<Status> answer;
  own(shard, owner_created_at, [&answer](Status status) { answer.set(std::move(status)); });
  return answer.wait();
}

}  // namespace dunlin
