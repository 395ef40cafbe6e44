#include "app/speech_desk.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/log.hpp"
#include "core/dialogue/flow_card.hpp"
#include "media/wav.hpp"

namespace dunlin {
namespace {

constexpr const char* calls_folder = ".calls";
constexpr int voices_of_calls = 2;
constexpr std::int16_t loudest_silence = 120;
constexpr std::size_t kept_silence = 400;               ///< 50 ms of it on each side.
constexpr std::size_t most_remembered_words = 2'000;

Result<SoundPointer> load_sound(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  auto samples = parse_wav({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!samples) return Error{samples.error().code, file.filename().string() + ": " + samples.error().detail};
  return std::make_shared<const SpokenSound>(SpokenSound{without_silence(std::move(*samples))});
}

}  // namespace

std::vector<std::int16_t> without_silence(std::vector<std::int16_t> samples) {
  const auto is_loud = [](std::int16_t sample) { return std::abs(int{sample}) > loudest_silence; };
  const auto first = std::find_if(samples.begin(), samples.end(), is_loud);
  const auto last = std::find_if(samples.rbegin(), samples.rend(), is_loud).base();
  if (first == samples.end()) return samples;
  const auto margin = static_cast<std::ptrdiff_t>(kept_silence);
  const auto begin = first - std::min(margin, first - samples.begin());
  const auto end = last + std::min(margin, samples.end() - last);
  return {begin, end};
}

SpeechDesk::SpeechDesk(std::filesystem::path folder, MakeMaker make_maker) : folder_(std::move(folder)), make_maker_(std::move(make_maker)) {
  std::error_code fault;
  // What a crash left behind are names.
  std::filesystem::remove_all(folder_ / calls_folder, fault);
  flows_.threads.emplace_back([this](const std::stop_token& stop) { work(flows_, stop); });
  for (int i = 0; i < voices_of_calls; ++i) calls_.threads.emplace_back([this](const std::stop_token& stop) { work(calls_, stop); });
}

void SpeechDesk::stop() {
  for (Bench* bench : {&flows_, &calls_}) {
    for (std::jthread& thread : bench->threads) thread.request_stop();
  }
  // Joined by their own end.
  for (Bench* bench : {&flows_, &calls_}) bench->threads.clear();
}

void SpeechDesk::work(Bench& bench, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::function<void()> job;
    {
      std::unique_lock lock(bench.mutex);
      if (!bench.wake.wait(lock, stop, [&bench] { return !bench.waiting.empty(); })) return;
      job = std::move(bench.waiting.front());
      bench.waiting.pop_front();
    }
    job();
  }
}

bool SpeechDesk::submit(Bench& bench, std::size_t most, std::function<void()> job) {
  {
    const std::lock_guard lock(bench.mutex);
    if (bench.waiting.size() >= most) return false;
    bench.waiting.push_back(std::move(job));
  }
  bench.wake.notify_one();
  return true;
}

SpeechPointer SpeechDesk::prepared(const Flow& flow) {
  const std::lock_guard lock(mutex_);
  const auto known = prepared_.find(flow.name);
  return known != prepared_.end() && known->second.revision == flow.revision ? known->second.sounds : nullptr;
}

void SpeechDesk::prepare(std::shared_ptr<const Flow> flow, Done done) {
  const bool is_taken = submit(flows_, most_flows_waiting, [this, flow, done] {
    if (auto ready = prepared(*flow)) return done(ready);
    auto sounds = load_flow(*flow);
    if (sounds) {
      log_info("speech", "flow_ready", "flow={} revision={} pieces={}", flow->name, flow->revision, (*sounds)->by_fragment.size());
      const std::lock_guard lock(mutex_);
      prepared_[flow->name] = {flow->revision, *sounds};
    }
    done(std::move(sounds));
  });
  if (!is_taken) done(Error{Errc::exhausted, "too many flows wait for their speech"});
}

/// Recordings stay, what is missing is spoken beside them (render_speech).
Result<SpeechPointer> SpeechDesk::load_flow(const Flow& flow) {
  const SpokenPieces pieces = flow_fragments(flow);
  const std::filesystem::path folder = folder_ / flow.name;
  auto voice = make_maker_();
  if (voice) {
    const auto made = render_speech(**voice, flow.language, pieces, folder);
    if (!made) return made.error();
  }
  auto sounds = std::make_shared<SpeechSounds>();
  for (const SpokenPiece& piece : pieces) {
    const auto file = folder / (piece.fragment + ".wav");
    std::error_code fault;
    if (!voice && !std::filesystem::exists(file, fault)) {
      return Error{Errc::unavailable, piece.fragment + ".wav is not recorded, and " + voice.error().detail};
    }
    auto sound = load_sound(file);
    if (!sound) return sound.error();
    sounds->by_fragment[piece.fragment] = std::move(*sound);
  }
  return SpeechPointer(std::move(sounds));
}

void SpeechDesk::make_for_call(std::shared_ptr<const Flow> flow, SpokenPieces own, Done done) {
  const bool is_taken = submit(calls_, most_calls_waiting, [this, flow, own = std::move(own), done] { done(words_of_call(*flow, own)); });
  if (!is_taken) done(Error{Errc::exhausted, "too many calls wait for their words"});
}

Result<SpeechPointer> SpeechDesk::words_of_call(const Flow& flow, const SpokenPieces& own) {
  auto sounds = std::make_shared<SpeechSounds>();
  sounds->of_flow = prepared(flow);
  if (!sounds->of_flow) return Error{Errc::unavailable, "the speech of the flow is not ready"};
  for (const SpokenPiece& piece : own) {
    auto sound = spoken(flow.language, piece.text);
    if (!sound) return sound.error();
    sounds->by_text[piece.text] = std::move(*sound);
  }
  return SpeechPointer(std::move(sounds));
}

/// A creditor's name is shared by the calls that say it; a word no call says any more is forgotten.
Result<SoundPointer> SpeechDesk::spoken(SpokenLanguage language, const std::string& text) {
  const auto key = std::make_pair(language, text);
  {
    const std::lock_guard lock(mutex_);
    const auto known = in_calls_.find(key);
    if (auto sound = known == in_calls_.end() ? nullptr : known->second.lock()) return sound;
  }
  auto voice = make_maker_();
  if (!voice) return voice.error();
  const std::filesystem::path folder = folder_ / calls_folder;
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, fault);
  const auto file = folder / (std::to_string(++files_) + ".wav");
  const Status made = (*voice)->make(language, text, file);
  auto sound = made ? load_sound(file) : Result<SoundPointer>(made.error());
  std::filesystem::remove(file, fault);
  if (!sound) return sound;
  const std::lock_guard lock(mutex_);
  std::erase_if(in_calls_, [](const auto& word) { return word.second.expired(); });
  if (in_calls_.size() < most_remembered_words) in_calls_[key] = *sound;
  return sound;
}

}  // namespace dunlin
