#include "tools/peer/speech_bank.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numbers>
#include <numeric>
#include <span>

#include <sys/wait.h>

#include "tools/peer/audio_meter.hpp"
#include "tools/peer/wave_file.hpp"

namespace dunlin::peer {
namespace {

struct Text {
  Phrase phrase;
  Language language;
  const char* text;
};

// Apostrophes are left out on purpose: the text goes through a shell in single quotes.
constexpr Text texts[] = {
    {Phrase::hello, Language::russian, "Алло."},
    {Phrase::hello, Language::russian, "Да, слушаю."},
    {Phrase::hello, Language::russian, "Алло, кто это?"},
    {Phrase::hello, Language::english, "Hello?"},
    {Phrase::hello, Language::english, "Yes, hello, who is it?"},
    {Phrase::answer, Language::russian, "Да, это я."},
    {Phrase::answer, Language::russian, "Сейчас у меня нет денег, зарплата будет только в пятницу."},
    {Phrase::answer, Language::russian, "Хорошо, я заплачу на следующей неделе."},
    {Phrase::answer, Language::russian, "А сколько там всего нужно заплатить?"},
    {Phrase::answer, Language::russian, "Нет, я не согласен с этой суммой."},
    {Phrase::answer, Language::english, "Yes, speaking."},
    {Phrase::answer, Language::english, "I can pay half of it on Friday."},
    {Phrase::answer, Language::english, "How much is it altogether?"},
    {Phrase::greeting, Language::russian,
     "Здравствуйте. Вы позвонили, но сейчас я не могу ответить. Оставьте сообщение после сигнала."},
    {Phrase::greeting, Language::russian,
     "Абонент не отвечает. Вы можете оставить голосовое сообщение после звукового сигнала."},
    {Phrase::greeting, Language::english,
     "You have reached the voice mail. Please leave a message after the tone and I will call you back."},
    {Phrase::notice, Language::russian, "Аппарат абонента выключен или находится вне зоны действия сети."},
    {Phrase::notice, Language::english,
     "The number you have dialed is not in service. Please check the number."},
    {Phrase::screening, Language::russian,
     "Здравствуйте. Это голосовой помощник. Скажите, пожалуйста, кто звонит и по какому вопросу."},
    {Phrase::screening, Language::english,
     "Hi. The person you are calling is using an assistant. Please say who is calling and why."},
    {Phrase::agent, Language::russian, "Добрый день. Вам звонят по поводу просроченной задолженности."},
    {Phrase::agent, Language::russian, "Когда вы сможете внести платёж? Давайте запишем дату и сумму."},
    {Phrase::agent, Language::russian, "Разговор записывается. Назовите, пожалуйста, вашу дату рождения."},
};

constexpr const char* voices[] = {"m3", "f2", "f4"};

/// Prompts said one after the other.
struct Recording {
  Phrase phrase;
  std::vector<const char*> files;
};

const std::vector<Recording>& recordings() {
  static const std::vector<Recording> all{
      {Phrase::recorded_greeting, {"vm-nobodyavail", "vm-intro"}},
      {Phrase::recorded_greeting, {"vm-intro"}},
      {Phrase::recorded_no_service, {"ss-noservice"}},
      {Phrase::recorded_circuits_busy, {"all-circuits-busy-now"}},
  };
  return all;
}

struct RecordedVoice {
  Language language;
  const char* folder;
  const char* package;
};
constexpr RecordedVoice recorded_voices[] = {
    {Language::russian, "ru_RU_f_IvrvoiceRU", "asterisk-core-sounds-ru-wav"},
    {Language::english, "en_US_f_Allison", "asterisk-core-sounds-en-wav"},
};

/// Everything the command printed, or a Failure when it could not be run or said no.
Result<std::string> output_of(const std::string& command) {
  struct Close {
    int* status;
    void operator()(std::FILE* pipe) const { *status = pclose(pipe); }
  };
  int status = -1;
  std::string out;
  {
    const std::unique_ptr<std::FILE, Close> pipe(popen(command.c_str(), "r"), Close{&status});
    if (!pipe) return Failure{"cannot start a shell"};
    char buffer[16'384];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe.get()))
      out.append(buffer, count);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return Failure{"espeak-ng is missing: apt-get install espeak-ng"};
  if (status != 0) return Failure{"espeak-ng failed"};
  return out;
}

/// espeak-ng writes a 44-byte header with the rate at 24; the sizes in it are not true for a pipe.
Result<Samples> read_wave(const std::string& bytes) {
  if (bytes.size() < 46 || bytes.compare(0, 4, "RIFF") != 0) return Failure{"espeak-ng gave no sound"};
  std::int32_t rate = 0;
  std::memcpy(&rate, bytes.data() + 24, sizeof rate);
  if (rate < 8000 || rate > 48'000) return Failure{"espeak-ng gave an unknown sample rate"};
  Samples samples((bytes.size() - 44) / 2);
  std::memcpy(samples.data(), bytes.data() + 44, samples.size() * 2);
  return to_eight_khz(samples, rate);
}

/// Silence at both ends cut, mean level of speech brought to -20 dBov.
Samples leveled(Samples samples) {
  const auto is_loud = [](std::int16_t sample) { return std::abs(static_cast<int>(sample)) > 300; };
  const auto first = std::find_if(samples.begin(), samples.end(), is_loud);
  const auto last = std::find_if(samples.rbegin(), samples.rend(), is_loud).base();
  if (first >= last) return {};
  Samples out(first, last);
  const double gain = std::pow(10.0, (-20.0 - level_dbov(out)) / 20.0);
  for (auto& sample : out)
    sample = static_cast<std::int16_t>(std::clamp(std::lround(gain * sample), -32768L, 32767L));
  return out;
}

Result<Clip> speak(const Text& text, const char* voice) {
  const std::string name = std::string(text.language == Language::russian ? "ru" : "en-gb") + "+" + voice;
  const auto wave = output_of("espeak-ng -v '" + name + "' -s 165 --stdout '" + text.text + "' 2>/dev/null");
  if (!wave) return wave.failure();
  auto samples = read_wave(*wave);
  if (!samples) return samples.failure();
  return Clip(std::make_shared<const Samples>(leveled(std::move(*samples))));
}

Result<Clip> read_recording(const Recording& recording, const std::string& folder) {
  Samples whole;
  for (const char* file : recording.files) {
    auto wave = read_wave_file(folder + file + ".wav");
    if (!wave) return wave.failure();
    const Samples part = leveled(to_eight_khz(wave->samples, wave->rate));
    whole.insert(whole.end(), part.begin(), part.end());
    whole.insert(whole.end(), sample_rate / 4, std::int16_t{0});
  }
  return Clip(std::make_shared<const Samples>(std::move(whole)));
}

/// One row of low-pass weights per position of the output sample between two input samples.
std::vector<std::vector<double>> make_kernel(int phases, int half, double cutoff) {
  std::vector<std::vector<double>> kernel(static_cast<std::size_t>(phases));
  for (int phase = 0; phase < phases; ++phase) {
    auto& row = kernel[static_cast<std::size_t>(phase)];
    double sum = 0;
    for (int tap = -half; tap <= half; ++tap) {
      const double t = tap - static_cast<double>(phase) / phases;
      const double x = std::numbers::pi * t * cutoff;
      const double sinc = std::abs(x) < 1e-9 ? 1.0 : std::sin(x) / x;
      const double hann = 0.5 + 0.5 * std::cos(std::numbers::pi * std::clamp(t / (half + 1.0), -1.0, 1.0));
      row.push_back(sinc * hann);
      sum += row.back();
    }
    for (double& weight : row) weight /= sum;
  }
  return kernel;
}

}  // namespace

Samples to_eight_khz(const Samples& in, int rate) {
  if (rate == sample_rate) return in;
  const int divisor = std::gcd(rate, sample_rate);
  const int phases = sample_rate / divisor;
  const int step = rate / divisor;
  constexpr int half = 48;
  const auto kernel = make_kernel(phases, half, 2.0 * 3600.0 / rate);
  const auto size = static_cast<std::int64_t>(in.size());
  Samples out(static_cast<std::size_t>(size * phases / step));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i) * step;
    const std::int64_t center = position / phases;
    const auto& row = kernel[static_cast<std::size_t>(position % phases)];
    double sum = 0;
    for (int tap = -half; tap <= half; ++tap) {
      const std::int64_t at = center + tap;
      if (at >= 0 && at < size)
        sum += row[static_cast<std::size_t>(tap + half)] * in[static_cast<std::size_t>(at)];
    }
    out[i] = static_cast<std::int16_t>(std::clamp(std::lround(sum), -32768L, 32767L));
  }
  return out;
}

Result<SpeechBank> SpeechBank::render() {
  SpeechBank bank;
  for (const auto& text : texts) {
    for (const char* voice : voices) {
      auto clip = speak(text, voice);
      if (!clip) return clip.failure();
      bank.clips_[static_cast<std::size_t>(text.phrase)][static_cast<std::size_t>(text.language)].push_back(
          std::move(*clip));
    }
  }
  return bank;
}

std::vector<std::string> SpeechBank::add_recorded(const std::string& folder) {
  std::vector<std::string> missing;
  for (const auto& voice : recorded_voices) {
    std::array<std::vector<Clip>, phrase_kinds> found;
    std::string trouble;
    for (const auto& recording : recordings()) {
      auto clip = read_recording(recording, folder + "/" + voice.folder + "/");
      if (clip)
        found[static_cast<std::size_t>(recording.phrase)].push_back(std::move(*clip));
      else if (trouble.empty())
        trouble = clip.failure().text;
    }
    for (std::size_t kind = 0; kind < phrase_kinds; ++kind) {
      auto& known = clips_[kind][static_cast<std::size_t>(voice.language)];
      known.insert(known.end(), found[kind].begin(), found[kind].end());
    }
    if (!trouble.empty())
      missing.push_back("no recorded prompts: " + trouble + "; apt-get install " + voice.package + ", until then espeak-ng speaks");
  }
  return missing;
}

Clip SpeechBank::pick(Phrase phrase, Language language, Dice& dice) const {
  const auto& both = clips_[static_cast<std::size_t>(phrase)];
  const auto& wanted = both[static_cast<std::size_t>(language)];
  const bool has_stand_in = phrase < Phrase::recorded_greeting;
  const auto& clips = wanted.empty() && has_stand_in ? both[static_cast<std::size_t>(Language::russian)] : wanted;
  return clips.empty() ? nullptr : clips[dice.below(clips.size())];
}

}  // namespace dunlin::peer
