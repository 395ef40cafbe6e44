#pragma once
// The speech of flows on this node: one folder a flow with its recordings and with what the synthesiser spoke in place of
// missing ones, loaded once a revision; and the few words of each call, which leave no file behind. Threads of its own, one
// for flows and two for calls, so that a new flow holds up nobody's name. Thread safe; callbacks come on those threads.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "actors/contracts/doors.hpp"
#include "app/speech_maker.hpp"

namespace dunlin {

class SpeechDesk final : public SpeechDoor {
 public:
  using MakeMaker = std::function<Result<std::unique_ptr<SpeechMaker>>()>;
  /// Flows that wait for their speech; a further one is refused.
  static constexpr std::size_t most_flows_waiting = 64;
  /// Calls that wait for their words. Few: who waits too long for them has lost the slot, and nobody would be served in time.
  static constexpr std::size_t most_calls_waiting = 16;

  /// `make_maker` is asked only when something is not recorded; without a voice that is an error of the order.
  SpeechDesk(std::filesystem::path folder, MakeMaker make_maker);
  ~SpeechDesk() override { stop(); }
  SpeechDesk(const SpeechDesk&) = delete;
  SpeechDesk& operator=(const SpeechDesk&) = delete;
  /// Orders that wait are dropped without an answer. Idempotent.
  void stop();

  void prepare(std::shared_ptr<const Flow> flow, Done done) override;
  void make_for_call(std::shared_ptr<const Flow> flow, SpokenPieces own, Done done) override;

 private:
  struct Prepared {
    std::uint32_t revision = 0;
    SpeechPointer sounds;
  };
  /// Jobs, begun in order.
  struct Bench {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::deque<std::function<void()>> waiting;
    std::vector<std::jthread> threads;
  };
  static void work(Bench& bench, const std::stop_token& stop);
  static bool submit(Bench& bench, std::size_t most, std::function<void()> job);
  Result<SpeechPointer> load_flow(const Flow& flow);
  Result<SpeechPointer> words_of_call(const Flow& flow, const SpokenPieces& own);
  Result<SoundPointer> spoken(SpokenLanguage language, const std::string& text);
  SpeechPointer prepared(const Flow& flow);

  std::filesystem::path folder_;
  MakeMaker make_maker_;
  std::mutex mutex_;                                                   ///< Guards the two maps.
  std::map<std::string, Prepared> prepared_;                           ///< By flow.
  std::map<std::pair<SpokenLanguage, std::string>, std::weak_ptr<const SpokenSound>> in_calls_;  ///< Words of calls that live.
  std::atomic<std::uint64_t> files_{0};                                ///< Names of files of calls.
  Bench flows_;
  Bench calls_;
};

/// Speech without the silence a synthesiser puts around it: words follow each other as they are spoken.
std::vector<std::int16_t> without_silence(std::vector<std::int16_t> samples);

}  // namespace dunlin
