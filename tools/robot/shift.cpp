#include "tools/robot/shift.hpp"

#include "tools/peer/clock.hpp"
#include "tools/peer/sound.hpp"

namespace dunlin::robot {
namespace {

constexpr std::int64_t poll_ms = 300;
constexpr std::int64_t nudge_pause_ms = 2000;
constexpr std::int64_t outcome_retry_ms = 1000;

/// A field of the record as text: the node may write ids as strings or numbers, and null for none.
std::string text_of(const peer::Json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : found->dump();
}

const peer::Json* record_of(const Reply& reply) {
  for (const auto& line : reply.lines) {
    const auto view = line.find("view");
    if (view == line.end() || !view->is_object()) continue;
    const auto fields = view->find("fields");
    if (fields != view->end() && fields->is_object()) return &*fields;
  }
  return nullptr;
}

}  // namespace

Shift::Shift(peer::EventLoop& loop, peer::JsonLog& log, const peer::SpeechBank& bank, Phone& phone,
             DeskClient& desk, ShiftOptions options)
    : loop_(loop),
      log_(log),
      bank_(bank),
      phone_(phone),
      desk_(desk),
      options_(std::move(options)),
      dice_(peer::hash_of(0x5417F7, phone.user())) {}

Shift::~Shift() {
  loop_.cancel(poll_timer_);
  loop_.cancel(act_timer_);
}

void Shift::on_leg_up() {
  begin_day();
}

void Shift::on_leg_down() {
  if (is_talking_) end_talk();
  loop_.cancel(poll_timer_);
  loop_.cancel(act_timer_);
  poll_timer_ = act_timer_ = 0;
  state_.clear();
}

void Shift::begin_day() {
  last_nudge_ms_ = peer::mono_ms();
  command({"agent", "login", phone_.user()}, [this](const Reply&) {
    command({"agent", "ready", phone_.user()}, {});
  });
  if (poll_timer_ == 0) poll_timer_ = loop_.after_ms(poll_ms, [this] { poll(); });
}

void Shift::command(std::vector<std::string> words, DeskClient::OnReply on_success) {
  desk_.run(words, [this, words, on_success = std::move(on_success)](const Reply& reply) {
    if (!reply.is_success()) {
      return log_.write(
          "command_failed",
          {{"user", phone_.user()}, {"command", words}, {"exit", reply.exit}, {"reply", reply.text}});
    }
    if (on_success) on_success(reply);
  });
}

void Shift::poll() {
  poll_timer_ = loop_.after_ms(poll_ms, [this] { poll(); });
  if (is_polling_) return;
  is_polling_ = true;
  desk_.run({"agent", "show", phone_.user()}, [this](const Reply& reply) {
    is_polling_ = false;
    on_view(reply);
  });
}

void Shift::on_view(const Reply& reply) {
  const auto* fields = record_of(reply);
  if (!reply.is_success() || fields == nullptr || phone_.leg() == nullptr) return;
  std::string call = text_of(*fields, "attempt");
  if (call.empty()) call = text_of(*fields, "call");
  on_state(text_of(*fields, "state"), call);
}

void Shift::on_state(const std::string& state, const std::string& call) {
  // Another attempt while talking is another talk, even if the pause between them fell between two looks.
  const bool is_same = state == state_ && (call == call_ || call.empty() || state != "talking");
  if (is_same) {
    if (state == "logged_out") nudge("login");
    if (state == "break") nudge("ready");
    return;
  }
  log_.write("state", {{"user", phone_.user()}, {"from", state_}, {"to", state}, {"call", call_}});
  // A talk put on hold goes on; anything else ends it.
  if (is_talking_ && state != "hold") end_talk();
  if (!call.empty()) call_ = call;
  const bool is_back_from_hold = state_ == "hold" && state == "talking" && is_talking_;
  state_ = state;
  if (is_back_from_hold || state == "hold") return;
  enter_state();
}

void Shift::nudge(const char* verb) {
  if (peer::mono_ms() - last_nudge_ms_ < nudge_pause_ms) return;
  last_nudge_ms_ = peer::mono_ms();
  command({"agent", verb, phone_.user()}, {});
}

void Shift::enter_state() {
  loop_.cancel(act_timer_);
  act_timer_ = 0;
  if (state_ == "talking") return begin_talk();
  if (state_ != "wrap_up") return;
  act_timer_ = loop_.after_ms(dice_.within(options_.wrap_ms), [this] { name_outcome(); });
}

void Shift::begin_talk() {
  is_talking_ = true;
  has_hung_up_ = false;
  talk_began_ms_ = peer::mono_ms();
  log_.write("talk_started", {{"user", phone_.user()}, {"attempt", call_}});
  peer::SoundPlan speech{{}, true, peer::comfort_noise_dbov};
  for (int turn = 0; turn < 5; ++turn) {
    speech.clips.push_back(bank_.pick(peer::Phrase::agent, peer::Language::russian, dice_));
    speech.clips.push_back(peer::make_silence(800 + static_cast<std::int64_t>(dice_.below(1800))));
  }
  phone_.leg()->reset_meter();
  phone_.leg()->play(std::move(speech));
  act_timer_ = loop_.after_ms(dice_.within(options_.talk_ms), [this] { ask_hang_up(); });
}

void Shift::ask_hang_up() {
  act_timer_ = loop_.after_ms(nudge_pause_ms, [this] { ask_hang_up(); });
  command({"agent", "hangup", phone_.user()}, [this](const Reply&) { has_hung_up_ = true; });
}

void Shift::end_talk() {
  is_talking_ = false;
  peer::Json line{{"user", phone_.user()},
                  {"attempt", call_},
                  {"by", has_hung_up_ ? "robot" : "far_end"},
                  {"talk_ms", peer::mono_ms() - talk_began_ms_}};
  if (auto* leg = phone_.leg()) {
    line.update(peer::to_json(leg->report()));
    leg->play({{}, false, peer::comfort_noise_dbov});
  }
  log_.write("talk_ended", line);
}

void Shift::name_outcome() {
  // Until the node takes it or shows another state, the robot tries again.
  act_timer_ = loop_.after_ms(nudge_pause_ms + outcome_retry_ms, [this] { name_outcome(); });
  const std::string outcome = options_.outcomes.pick(dice_);
  std::vector<std::string> words{"agent", "outcome", phone_.user(), outcome};
  peer::Json line{{"user", phone_.user()}, {"attempt", call_}, {"outcome", outcome}};
  if (outcome == "rpc_promise") {
    const std::string amount = std::to_string(500 + 50 * dice_.below(390)) + ".00";
    const std::string date = peer::date_after_days(2 + static_cast<int>(dice_.below(12)));
    words.insert(words.end(), {"--promise-amount", amount, "--promise-date", date});
    line["promise_amount"] = amount;
    line["promise_date"] = date;
  }
  command(words, [this, line](const Reply& reply) mutable {
    // The node's word counts for the judge, should it speak of another attempt than the desktop showed.
    if (const auto* saved = record_of(reply); saved != nullptr && saved->contains("attempt"))
      line["attempt"] = text_of(*saved, "attempt");
    log_.write("outcome", line);
    loop_.cancel(act_timer_);
    act_timer_ = 0;
  });
}

}  // namespace dunlin::robot
