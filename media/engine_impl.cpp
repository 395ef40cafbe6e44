#include "media/engine_impl.hpp"

#include <algorithm>

#include <openssl/rand.h>

#include "config/log.hpp"

namespace dunlin {
namespace {

constexpr std::size_t max_prompts = 1024;
constexpr std::size_t recording_ring_blocks = 256;

}  // namespace

Result<StreamSeed> random_seed() {
  StreamSeed seed;
  std::uint32_t words[3] = {};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(words), sizeof words) != 1) {
    return Error{Errc::unavailable, "the system gave no random bytes"};
  }
  seed.ssrc = words[0] | 1u;
  // RFC 3711 §3.3.1: a first sequence number below 2^15 keeps an early loss from being read as a wrap.
  seed.sequence = {static_cast<std::uint16_t>(words[1] & 0x7FFFu)};
  seed.timestamp = {words[2]};
  return seed;
}

namespace {

/// The address of another machine would be found in the first call, and then in every one.
Status try_bind(const std::string& bind_address) {
  const auto local = UdpAddress::parse(bind_address, 0);
  if (!local) return local.error();
  const auto socket = UdpSocket::bind(*local);
  if (socket) return Done{};
  return Error{socket.error().code, "media.bind_address = \"" + bind_address + "\": " + socket.error().detail + "; it must be an address of this machine"};
}

}  // namespace

MediaEngine::Impl::Impl(MediaSettings settings, MediaSink& sink)
    : settings_(std::move(settings)), sink_(sink), ports_({settings_.first_port, settings_.last_port}) {
  if (settings_.advertised_address.empty()) settings_.advertised_address = settings_.bind_address;
  if (settings_.workers == 0) settings_.workers = std::max(1u, std::thread::hardware_concurrency());
  settings_.max_legs_per_worker = std::clamp(settings_.max_legs_per_worker, 2u, 16384u);
}

MediaEngine::Impl::~Impl() {
  event_thread_ = std::jthread();  // stops and joins
  for (auto& home : homes_) home.worker->stop();
  recorder_.reset();
}

Status MediaEngine::Impl::start(RecordingKeys* keys) {
  if (const Status bound = try_bind(settings_.bind_address); !bound) return bound;
  if (const Status opened = open_browser_ports(); !opened) return opened;
  std::vector<RecordingRing*> rings;
  for (unsigned i = 0; i < settings_.workers; ++i) {
    Home home;
    if (!settings_.recordings_dir.empty()) home.ring = std::make_unique<RecordingRing>(recording_ring_blocks);
    auto worker = MediaWorker::make({i, settings_.max_legs_per_worker, settings_.silent_after_ms,
                                     settings_.rtcp_interval_ms, settings_.opus_complexity,
                                     settings_.busy_limit_percent, settings_.is_pinned,
                                     settings_.wants_realtime, settings_.utc_now, home.ring.get(), 50,
                                     browser_sockets_.empty() ? nullptr : browser_sockets_[i]});
    if (!worker) return worker.error();
    home.worker = std::move(*worker);
    for (unsigned index = settings_.max_legs_per_worker; index > 0; --index) {
      home.free_indexes.push_back(static_cast<std::uint16_t>(index - 1));
    }
    if (home.ring) rings.push_back(home.ring.get());
    homes_.push_back(std::move(home));
  }
  if (!rings.empty()) {
    auto recorder = Recorder::start({settings_.recordings_dir, settings_.utc_now}, *keys, std::move(rings));
    if (!recorder) return recorder.error();
    recorder_ = std::move(*recorder);
  }
  prompt_store_.push_back(std::make_unique<LoadedPrompt>(LoadedPrompt{PromptId(), make_hold_melody()}));
  hold_music_ = prompt_store_.back().get();
  log_info("media", "engine_started", "workers={} srtp=\"{}\" ports={}-{}", settings_.workers, srtp_build(),
           settings_.first_port, settings_.last_port);
  for (auto& home : homes_) home.worker->start();
  event_thread_ = std::jthread([this](const std::stop_token& stop) { run_events(stop); });
  return Done{};
}

MediaEngine::Impl::Entry* MediaEngine::Impl::find(LegId id) {
  const auto at = legs_.find(id);
  return at == legs_.end() ? nullptr : &at->second;
}

Result<unsigned> MediaEngine::Impl::choose_worker(const LegProfile& profile) {
  const auto is_free = [&](const Home& home) {
    return home.worker->busy_percent() <= settings_.busy_limit_percent && !home.free_indexes.empty();
  };
  if (const Entry* near = profile.near_leg.is_set() ? find(profile.near_leg) : nullptr) {
    const unsigned wanted = near->is_moving ? near->target : near->worker;
    if (is_free(homes_[wanted])) return wanted;
  }
  std::optional<unsigned> best;
  for (unsigned i = 0; i < homes_.size(); ++i) {
    if (is_free(homes_[i]) && (!best || homes_[i].legs < homes_[*best].legs)) best = i;
  }
  if (!best) return Error{Errc::exhausted, "media workers are at their bound (busy share or legs)"};
  return *best;
}

Result<LegRef> MediaEngine::Impl::take_place(unsigned worker) {
  Home& home = homes_[worker];
  if (home.free_indexes.empty()) return Error{Errc::exhausted, "media worker has no free leg"};
  const LegRef ref{home.free_indexes.back(), next_generation_};
  home.free_indexes.pop_back();
  ++home.legs;
  if (++next_generation_ == 0) next_generation_ = 1;
  return ref;
}

Result<MediaDescription> MediaEngine::Impl::open(LegId id, const LegProfile& profile,
                                                 const MediaDescription* offer) {
  const std::lock_guard lock(mutex_);
  if (find(id) != nullptr) return Error{Errc::conflict, "media leg is open already: " + id.str()};
  const auto worker = choose_worker(profile);
  if (!worker) return worker.error();
  const auto seed = random_seed();
  if (!seed) return seed.error();
  auto pair = ports_.open(profile.rtp_ports, settings_.bind_address);
  if (!pair) return pair.error();
  Entry entry;
  entry.id = id;
  entry.profile = profile;
  entry.worker = *worker;
  entry.rtp_port = pair->rtp_port;
  entry.ssrc = seed->ssrc;
  entry.we_offered = offer == nullptr;
  const LocalEnd local{
      profile.advertised_address.empty() ? settings_.advertised_address : profile.advertised_address,
      pair->rtp_port, std::uint64_t{seed->ssrc}};
  auto ours = offer == nullptr ? make_offer(profile, local) : make_answer(profile, local, *offer, nullptr);
  auto place = ours ? take_place(*worker) : Result<LegRef>(ours.error());
  if (!place) {
    ports_.release(pair->rtp_port);
    return place.error();
  }
  entry.ours = *ours;
  entry.ref = *place;
  auto body = std::make_unique<Leg>(id, profile.role, std::move(*pair), *seed);
  Entry& stored = legs_.emplace(id, std::move(entry)).first->second;
  Status status = post(stored, AddLeg{*place, std::move(body)});
  if (status && offer != nullptr) status = apply(stored, *offer);
  if (status) return *ours;
  const Error error = status.error();
  (void)post(stored, RemoveLeg{*place});
  legs_.erase(id);
  return error;
}

Result<std::unique_ptr<MediaParts>> MediaEngine::Impl::build_parts(const Entry& entry,
                                                                   const AgreedMedia& agreed) {
  auto remote = UdpAddress::parse(agreed.remote_address, agreed.remote_port);
  if (!remote) return remote.error();
  auto parts = std::make_unique<MediaParts>();
  const bool is_secure = agreed.send_key.has_value();
  const auto rtcp = remote->with_port(static_cast<std::uint16_t>(agreed.remote_port + 1));
  parts->send = {agreed.codec, agreed.send_type, agreed.event_send_type, *remote, rtcp,
                 is_secure,    agreed.sends};
  parts->receive = {
      agreed.codec, agreed.receive_type, agreed.event_receive_type, agreed.event_receive_type_48k, *remote,
      is_secure,    agreed.receives,     agreed.may_be_silent};
  const AgreedMedia* before = entry.agreed ? &*entry.agreed : nullptr;
  // A context is kept while its key stays: a new one would forget the roll-over counter of a long talk.
  if (is_secure && (before == nullptr || before->send_key != agreed.send_key)) {
    auto session = SrtpSession::outbound(*agreed.send_key, entry.ssrc);
    if (!session) return session.error();
    parts->srtp_out = std::move(*session);
  }
  if (is_secure && (before == nullptr || before->receive_key != agreed.receive_key)) {
    auto session = SrtpSession::inbound(*agreed.receive_key);
    if (!session) return session.error();
    parts->srtp_in = std::move(*session);
  }
  if (agreed.codec == Codec::opus) {
    auto encoder = OpusVoiceEncoder::make({1, 16000, static_cast<int>(settings_.opus_complexity), true});
    auto decoder = OpusVoiceDecoder::make();
    if (!encoder) return encoder.error();
    if (!decoder) return decoder.error();
    parts->encoder = std::move(*encoder);
    parts->decoder = std::move(*decoder);
  }
  if (entry.profile.detects_inband_dtmf && !agreed.event_send_type) {
    auto detector = DtmfToneDetector::make();
    if (!detector) return detector.error();
    parts->dtmf_detector = std::move(*detector);
  }
  if (entry.profile.detects_fax) {
    auto detector = FaxToneDetector::make();
    if (!detector) return detector.error();
    parts->fax_detector = std::move(*detector);
  }
  return parts;
}

Status MediaEngine::Impl::apply(Entry& entry, const MediaDescription& theirs) {
  auto agreed = agree(entry.profile, entry.ours, theirs, entry.we_offered);
  if (!agreed) return agreed.error();
  if (entry.agreed && *entry.agreed == *agreed) return Done{};  // a 200 that repeats the 183
  auto parts = build_parts(entry, *agreed);
  if (!parts) return parts.error();
  auto status = post(entry, StartMedia{entry.ref, std::move(*parts)});
  if (status) entry.agreed = std::move(*agreed);
  return status;
}

Status MediaEngine::Impl::set_remote(LegId id, const MediaDescription& answer) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr) return unknown(id);
  if (entry->is_browser) return Error{Errc::conflict, "a browser's leg takes offers of its page only: " + id.str()};
  return apply(*entry, answer);
}

Result<MediaDescription> MediaEngine::Impl::answer_reoffer(LegId id, const MediaDescription& offer) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr) return unknown(id);
  if (entry->is_browser) return Error{Errc::conflict, "a browser's leg takes offers of its page only: " + id.str()};
  const LocalEnd local{entry->ours.address, entry->ours.port, entry->ours.session_id};
  auto answer = make_answer(entry->profile, local, offer, &entry->ours);
  if (!answer) return answer.error();
  const MediaDescription ours_before = entry->ours;
  const bool offered_before = entry->we_offered;
  entry->ours = *answer;
  entry->we_offered = false;
  if (auto status = apply(*entry, offer); !status) {
    entry->ours = ours_before;
    entry->we_offered = offered_before;
    return status.error();
  }
  return *answer;
}

void MediaEngine::Impl::close(LegId id) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr) return;
  // While moving the leg is in nobody's hands; land() sees that its entry is gone and buries it.
  if (!entry->is_moving && !post(*entry, RemoveLeg{entry->ref})) {
    log_error("media", "leg_not_removed", "leg={} reason=\"command ring full\"", id.str());
  }
  legs_.erase(id);
}

Status MediaEngine::Impl::bridge(LegId a, LegId b) {
  const std::lock_guard lock(mutex_);
  Entry* left = find(a);
  Entry* right = find(b);
  if (left == nullptr) return unknown(a);
  if (right == nullptr) return unknown(b);
  if (left == right) return invalid_input("a leg cannot be bridged to itself");
  if (auto status = bring_together(*left, *right); !status) return status;
  return post_pair(*left, *right, JoinLegs{left->ref, right->ref});
}

Status MediaEngine::Impl::hold(LegId id, bool is_on) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr) return unknown(id);
  return post(*entry, HoldLeg{entry->ref, is_on ? hold_music_ : nullptr});
}

Status MediaEngine::Impl::add_prompt(PromptId id, std::vector<std::int16_t> samples) {
  const std::lock_guard lock(mutex_);
  if (prompt_store_.size() >= max_prompts) return Error{Errc::exhausted, "1024 prompts are loaded already"};
  prompt_store_.push_back(std::make_unique<LoadedPrompt>(LoadedPrompt{id, std::move(samples)}));
  // The unset id names the hold music.
  if (id.is_set())
    prompts_[id] = prompt_store_.back().get();
  else
    hold_music_ = prompt_store_.back().get();
  return Done{};
}

Status MediaEngine::Impl::play(LegId id, PromptId prompt, bool is_looped) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr) return unknown(id);
  const auto at = prompts_.find(prompt);
  if (at == prompts_.end()) return Error{Errc::not_found, "prompt is not loaded: " + prompt.str()};
  return post(*entry, StartPrompt{entry->ref, at->second, is_looped});
}

Status MediaEngine::Impl::send_dtmf(LegId id, std::string_view digits) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find(id);
  if (entry == nullptr) return unknown(id);
  SendDigits command{entry->ref, {}, 0};
  if (digits.size() > command.digits.size()) return Error{Errc::exhausted, "at most 32 digits at once"};
  for (const char digit : digits) {
    if (!event_of(digit)) return invalid_input("not a DTMF digit");
    command.digits[command.count++] = digit;
  }
  return post(*entry, std::move(command));
}

Status MediaEngine::Impl::monitor(LegId supervisor, LegId agent, MonitorMode mode) {
  const std::lock_guard lock(mutex_);
  Entry* listener = find(supervisor);
  if (listener == nullptr) return unknown(supervisor);
  if (mode == MonitorMode::off) return post(*listener, MonitorLeg{listener->ref, {}, mode});
  Entry* talker = find(agent);
  if (talker == nullptr) return unknown(agent);
  // The talk must go on undisturbed: a leg that moves loses its bridge, so the listener alone may move.
  if (listener->is_browser && place_of(*listener) != place_of(*talker)) {
    return Error{Errc::conflict, "leg " + supervisor.str() + " is a browser's and lives on another worker than leg " + agent.str() + ": close it and let its page offer anew near that leg"};
  }
  if (auto status = bring_to(*listener, place_of(*talker)); !status) return status;
  return post_pair(*listener, *talker, MonitorLeg{listener->ref, talker->ref, mode});
}

unsigned MediaEngine::Impl::busy_percent() const {
  unsigned highest = 0;
  for (const auto& home : homes_) highest = std::max(highest, home.worker->busy_percent());
  return highest;
}

std::size_t MediaEngine::Impl::leg_count() const {
  const std::lock_guard lock(mutex_);
  return legs_.size();
}

}  // namespace dunlin
