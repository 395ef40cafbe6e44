#include "sip/stack.hpp"

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/check.hpp"
#include "sip/sip_loop.hpp"
#include "sip/steady_time.hpp"

// Sofia's loggers, exported by the library but named in none of its headers.
extern "C" su_log_t nta_log[];
extern "C" su_log_t tport_log[];

namespace dunlin {
namespace {

/// Sofia logs to stderr, with addresses and numbers in it: nothing of that leaves.
void silence_sofia() {
  su_log_redirect(su_log_default, [](void*, const char*, va_list) {}, nullptr);
  su_log_redirect(su_log_global, [](void*, const char*, va_list) {}, nullptr);
  for (su_log_t* log : {su_log_default, su_log_global, nta_log, tport_log}) su_log_set_level(log, 0);
}

}  // namespace

/// The thread, and the bounded queue into it.
struct SipStack::Inside {
  SipStackSettings settings;
  SipOffice office;

  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<SipCommand> waiting;
  su_root_t* root = nullptr;
  bool is_woken = false;
  bool is_stopping = false;
  bool is_drained = false;

  // SIP thread only.
  SipLoop* loop = nullptr;

  void run(std::promise<Status>& opened);
  Status post(SipCommand command);
  void wake_locked();
  void take_commands();
  void tick();
};

void SipStack::Inside::run(std::promise<Status>& opened) {
  su_init();
  silence_sofia();
  su_root_t* own_root = su_root_create(nullptr);
  {
    SipLoop own_loop(office);
    auto status = own_root ? own_loop.open(own_root, settings) : Status(Error{Errc::unavailable, "no event loop"});
    const bool is_open = status.ok();
    if (is_open) {
      const std::lock_guard lock(mutex);
      root = own_root;
      loop = &own_loop;
    }
    opened.set_value(std::move(status));
    if (is_open) {
      su_timer_t* timer = su_timer_create(su_root_task(own_root), sip_limits::tick_every.ms);
      const auto on_tick = [](su_root_magic_t*, su_timer_t*, su_timer_arg_t* inside) { static_cast<Inside*>(inside)->tick(); };
      su_timer_set_for_ever(timer, on_tick, this);
      su_root_run(own_root);
      su_timer_destroy(timer);
      const std::lock_guard lock(mutex);
      root = nullptr;
      loop = nullptr;
    }
  }
  if (own_root) su_root_destroy(own_root);
  su_deinit();
}

Status SipStack::Inside::post(SipCommand command) {
  const std::lock_guard lock(mutex);
  if (root == nullptr) return Error{Errc::unavailable, "the SIP stack is stopped"};
  if (waiting.size() >= sip_limits::max_commands_waiting) return Error{Errc::exhausted, "the SIP stack is behind"};
  waiting.push_back(std::move(command));
  wake_locked();
  return Done{};
}

void SipStack::Inside::wake_locked() {
  if (is_woken || root == nullptr) return;
  su_msg_r message = SU_MSG_R_INIT;
  const auto on_message = [](su_root_magic_t*, su_msg_r msg, su_msg_arg_t* arg) {
    static_cast<void>(msg);
    Inside* inside = nullptr;
    std::memcpy(&inside, arg, sizeof inside);
    inside->take_commands();
  };
  if (su_msg_create(message, su_root_task(root), su_task_null, on_message, sizeof(Inside*)) != 0) return;
  Inside* self = this;
  std::memcpy(su_msg_data(message), &self, sizeof self);
  // A wake-up that cannot be sent costs one tick: the timer looks into the queue as well.
  is_woken = su_msg_send(message) == 0;
}

void SipStack::Inside::take_commands() {
  std::vector<SipCommand> taken;
  {
    const std::lock_guard lock(mutex);
    taken.swap(waiting);
    is_woken = false;
  }
  for (auto& command : taken) loop->perform(std::move(command));
}

void SipStack::Inside::tick() {
  take_commands();
  loop->tick();
  const std::lock_guard lock(mutex);
  if (loop->is_drained() && !is_drained) {
    is_drained = true;
    changed.notify_all();
  }
  if (is_stopping) su_root_break(root);
}

SipStack::SipStack(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

SipStack::~SipStack() { stop({}); }

Result<std::unique_ptr<SipStack>> SipStack::start(SipStackSettings settings, SipSink& sink, Clock clock) {
  keep_sofia_time_steady();
  auto inside = std::make_unique<Inside>();
  inside->office = SipOffice{&sink, std::move(clock), settings.installation_suffix};
  inside->settings = std::move(settings);
  std::promise<Status> opened;
  auto result = opened.get_future();
  auto* raw = inside.get();
  inside->thread = std::thread([raw, promise = std::move(opened)]() mutable { raw->run(promise); });
  const auto status = result.get();
  if (!status) {
    inside->thread.join();
    return status.error();
  }
  return std::unique_ptr<SipStack>(new SipStack(std::move(inside)));
}

Status SipStack::place_trunk_call(DialPermit permit, TrunkCall call) {
  return inside_->post(PlaceTrunkCall{std::move(permit), std::move(call)});
}
Status SipStack::call_station(StationCall call) { return inside_->post(std::move(call)); }
Status SipStack::answer(LegId leg, int status, MediaDescription description) {
  return inside_->post(AnswerLeg{leg, status, std::move(description)});
}
Status SipStack::reject(LegId leg, int status) {
  if (status < 400 || status > 699) return invalid_input("a refusal is 400..699");
  return inside_->post(RejectLeg{leg, status});
}
Status SipStack::hang_up(LegId leg, int q850) { return inside_->post(HangUpLeg{leg, q850}); }
Status SipStack::re_offer(LegId leg, MediaDescription description) {
  return inside_->post(ReOfferLeg{leg, std::move(description)});
}
Status SipStack::probe_leg(LegId leg) { return inside_->post(ProbeLeg{leg}); }
Status SipStack::set_accounts(std::vector<SipAccount> accounts) { return inside_->post(SetAccounts{std::move(accounts)}); }
Status SipStack::probe_trunk(std::string name) { return inside_->post(ProbeTrunk{std::move(name)}); }

void SipStack::stop(Duration grace) {
  if (!inside_->thread.joinable()) return;
  if (grace.ms > 0 && inside_->post(Drain{})) {
    std::unique_lock lock(inside_->mutex);
    inside_->changed.wait_for(lock, std::chrono::milliseconds(grace.ms), [this] { return inside_->is_drained; });
  }
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->is_stopping = true;
  }
  inside_->thread.join();
}

}  // namespace dunlin
