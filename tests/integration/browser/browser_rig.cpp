// A media engine with a port for browsers, driven over a Unix socket by browser_leg.py: the place of whoever will carry offers
// and answers between pages and the node. One command a line, one answer a line ("ok …" or "error …"); SDP as hexadecimal.
//   offer LEG good|poor HEX   answers a page's offer
//   tone LEG HZ               plays a tone towards the page
//   heard LEG                 "ok HZ RMS": of the last half second of the page's sound
//   events                    everything told so far, separated by ';'
//   losses                    "ok PERCENT REFUSED": the worst loss of any report since the last such question
//   close LEG
// usage: browser_rig SOCKET PORT; ends when the connection does.
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <sstream>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "actors/contracts/media_refusals.hpp"
#include "actors/contracts/messages.hpp"
#include "media/media_actor.hpp"
#include "media/ticker.hpp"

namespace dunlin {
namespace {

/// What the owner of the legs has been told.
struct Told {
  std::mutex mutex;
  std::string events;
  float worst_loss = 0;
  std::uint64_t refused = 0;
  void add(const std::string& event) {
    const std::lock_guard lock(mutex);
    events += event + ";";
  }
};

caf::behavior owner_behavior(Told& told) {
  return {
      [&told](const msg::BrowserLegConnected& e) { told.add("connected " + e.leg.str()); },
      [&told](const msg::BrowserLegLost& e) { told.add("lost " + e.leg.str() + " " + e.reason + (e.has_other ? " other" : "")); },
      [&told](const msg::DtmfHeard& e) { told.add(std::string("digit ") + e.digit); },
      [&told](const msg::RtpStopped&) { told.add("silent"); },
      [&told](const msg::RtpCameBack&) { told.add("resumed"); },
      [&told](const msg::PromptFinished&) {},
      [&told](const msg::MediaRefused& e) { told.add("refused " + e.words); },
      [&told](const msg::LegQualityMeasured& e) {
        const std::lock_guard lock(told.mutex);
        told.worst_loss = std::max(told.worst_loss, e.loss);
        told.refused = e.refused;
      },
  };
}

/// Frequency and loudness of the last half second, by zero crossings.
class ToneEar : public FrameListener {
 public:
  struct Heard {
    std::atomic<double> hertz{0};
    std::atomic<double> rms{0};
  };
  explicit ToneEar(std::shared_ptr<Heard> heard) : heard_(std::move(heard)) {}

  std::optional<VoiceVerdict> on_frame(std::span<const std::int16_t> frame) override {
    for (const std::int16_t sample : frame) {
      crossings_ += last_ < 0 && sample >= 0;
      last_ = sample;
      energy_ += static_cast<double>(sample) * sample;
    }
    count_ += frame.size();
    if (count_ < 4000) return std::nullopt;
    heard_->hertz = static_cast<double>(crossings_) * 8000.0 / static_cast<double>(count_);
    heard_->rms = std::sqrt(energy_ / static_cast<double>(count_));
    crossings_ = count_ = 0;
    energy_ = 0;
    return std::nullopt;
  }

 private:
  std::shared_ptr<Heard> heard_;
  std::size_t crossings_ = 0;
  std::size_t count_ = 0;
  double energy_ = 0;
  std::int16_t last_ = 0;
};

Sounds tone_of(double hertz) {
  auto sound = std::make_shared<SpokenSound>();
  sound->samples.resize(8000 * 120);
  for (std::size_t i = 0; i < sound->samples.size(); ++i) {
    sound->samples[i] = static_cast<std::int16_t>(8000 * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) / 8000));
  }
  return {sound};
}

std::string to_hex(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char sign : text) hex += {digits[static_cast<unsigned char>(sign) >> 4], digits[static_cast<unsigned char>(sign) & 15]};
  return hex;
}

std::string from_hex(std::string_view hex) {
  std::string text;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + at, hex.data() + at + 2, value, 16);
    text += static_cast<char>(value);
  }
  return text;
}

class Rig {
 public:
  Rig(std::uint16_t port, caf::actor_system& system) : port_(port), owner_(system.spawn([this] { return owner_behavior(told_); })) {}

  Status start() {
    MediaSettings settings;
    settings.first_port = static_cast<std::uint16_t>(port_ + 10);
    settings.last_port = static_cast<std::uint16_t>(port_ + 99);
    settings.browser_port = port_;
    settings.workers = 1;
    settings.rtcp_interval_ms = 500;
    settings.utc_now = [] { return UtcTime{1'800'000'000'000 + media_now_us() / 1000}; };
    return media_.start(std::move(settings), nullptr, {}, {});
  }

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    std::uint64_t number = 0;
    words >> verb;
    if (verb == "events") return events();
    if (verb == "losses") return losses();
    words >> number;
    const LegId leg(number);
    if (verb == "offer") return offer(leg, words);
    if (verb == "tone") return tone(leg, words);
    if (verb == "heard") return heard(leg);
    if (verb == "close") {
      media_.close_leg(leg);
      return "ok";
    }
    return "error unknown command " + verb;
  }

 private:
  std::string offer(LegId leg, std::istringstream& words) {
    std::string network;
    std::string hex;
    words >> network >> hex;
    const auto answered = media_.answer_browser({leg, from_hex(hex), network == "poor", {}}, owner_);
    if (!answered) return "error " + answered.error().detail;
    if (ears_.contains(leg)) return "ok " + to_hex(answered->sdp);
    ears_[leg] = std::make_shared<ToneEar::Heard>();
    const Status watched = media_.watch(leg, std::make_unique<ToneEar>(ears_[leg]));
    return watched ? "ok " + to_hex(answered->sdp) : "error " + watched.error().detail;
  }

  std::string tone(LegId leg, std::istringstream& words) {
    double hertz = 0;
    words >> hertz;
    const Status said = media_.say(leg, tone_of(hertz), 1);
    return said ? "ok" : "error " + said.error().detail;
  }

  std::string heard(LegId leg) {
    const auto ear = ears_.find(leg);
    if (ear == ears_.end()) return "error no such leg";
    return "ok " + std::to_string(ear->second->hertz) + " " + std::to_string(ear->second->rms);
  }

  std::string events() {
    const std::lock_guard lock(told_.mutex);
    return "ok " + told_.events;
  }

  std::string losses() {
    const std::lock_guard lock(told_.mutex);
    return "ok " + std::to_string(std::exchange(told_.worst_loss, 0.0f) * 100) + " " + std::to_string(told_.refused);
  }

  std::uint16_t port_;
  Told told_;
  caf::actor owner_;
  MediaDoorway media_;
  std::map<LegId, std::shared_ptr<ToneEar::Heard>> ears_;
};

int listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  const int door = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (door < 0 || ::bind(door, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(door, 1) != 0) return -1;
  return ::accept(door, nullptr, nullptr);
}

int serve(Rig& rig, const std::string& path) {
  const int peer = listen_at(path);
  if (peer < 0) return 1;
  std::string waiting;
  char buffer[4096];
  for (ssize_t size = ::read(peer, buffer, sizeof buffer); size > 0; size = ::read(peer, buffer, sizeof buffer)) {
    waiting.append(buffer, static_cast<std::size_t>(size));
    for (auto end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      const std::string answer = rig.answer(waiting.substr(0, end)) + "\n";
      waiting.erase(0, end + 1);
      if (::write(peer, answer.data(), answer.size()) < 0) return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace dunlin

int main(int count, char** words) {
  if (count != 3) {
    std::fputs("usage: browser_rig SOCKET PORT\n", stderr);
    return 2;
  }
  caf::actor_system_config config;
  caf::actor_system system(config);
  dunlin::Rig rig(static_cast<std::uint16_t>(std::atoi(words[2])), system);
  if (const auto started = rig.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().detail.c_str());
    return 1;
  }
  return dunlin::serve(rig, words[1]);
}
