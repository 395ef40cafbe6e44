#pragma once
// The protocol book, part one: what actors may ask of the world behind the adapters. Implemented by sip/, media/,
// storage/ and gateways/; introduced to the actors by app/wiring. Calls return at once (a queue, a socket bind or one
// short read); what happens later comes back as messages (contracts/messages.hpp) to the owner given with the call.
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/contracts/caf.hpp"
#include "core/base/ids.hpp"
#include "core/base/phone_number.hpp"
#include "core/base/port_range.hpp"
#include "core/base/result.hpp"
#include "core/call/call_effects.hpp"
#include "core/call/media_description.hpp"
#include "core/case/attempt_index.hpp"
#include "core/case/case_draft.hpp"
#include "core/case/journal.hpp"
#include "core/exchange/row_error.hpp"
#include "core/dialogue/flow.hpp"
#include "core/voice/frame_listener.hpp"
#include "core/voice/spoken_sound.hpp"

namespace dunlin {

/// What a leg may speak; the door maps it to the media engine's profile.
struct MediaLegRequest {
  bool is_agent = false;
  std::vector<Codec> codecs;
  bool allows_srtp = true;
  bool requires_srtp = true;
  bool hears_tones = false;         ///< Keys as tones in the sound, where the far end has no RFC 4733.
  std::string advertised_address;   ///< Empty: the node's.
  PortRange rtp_ports;              ///< Not set: the node's.
};

enum class Prompt : std::uint8_t { abandon_notice, agent_return, voicemail, hold_music };

/// RTP legs, bridges, prompts, recordings. Thread safe.
class MediaDoor {
 public:
  virtual ~MediaDoor() = default;
  /// Opens a leg and returns our offer; its events go to `owner`. Errc::exhausted above the admission bound.
  virtual Result<MediaDescription> open_leg(LegId leg, const MediaLegRequest& request, caf::actor owner) = 0;
  virtual Result<MediaDescription> answer_offer(LegId leg, const MediaLegRequest& request, const MediaDescription& offer, caf::actor owner) = 0;
  virtual Result<MediaDescription> answer_reoffer(LegId leg, const MediaDescription& offer) = 0;
  virtual Status set_remote(LegId leg, const MediaDescription& remote) = 0;
  virtual void close_leg(LegId leg) = 0;
  virtual Status bridge(LegId agent_leg, LegId debtor_leg) = 0;
  virtual void unbridge(LegId leg) = 0;
  virtual Status play(LegId leg, Prompt prompt, bool is_looped) = 0;
  /// Pieces of speech one after the other; PromptFinished with this round follows.
  virtual Status say(LegId leg, Sounds sounds, std::uint32_t round) = 0;
  /// Ends a prompt or speech.
  virtual void stop_play(LegId leg) = 0;
  virtual void hold(LegId leg, bool is_on) = 0;
  /// A muted leg is heard by nobody and recorded as silence.
  virtual void mute(LegId leg, bool is_on) = 0;
  /// A supervisor's leg hears the agent's talk, and is heard as the mode says, from the next 20 ms on.
  virtual Status supervise(LegId supervisor_leg, LegId agent_leg, SupervisionMode mode) = 0;
  virtual void end_supervision(LegId supervisor_leg) = 0;
  virtual Status watch(LegId leg, std::unique_ptr<FrameListener> listener) = 0;
  /// From now on: the debtor right, whoever is bridged to the debtor left.
  virtual Status start_recording(AttemptId attempt, LegId debtor_leg) = 0;
  virtual void stop_recording(AttemptId attempt) = 0;
  /// Paused: the time line goes on, nothing said is kept, and the side-car names the stretch.
  virtual Status pause_recording(AttemptId attempt, bool is_on) = 0;
  virtual unsigned busy_percent() const = 0;
  virtual std::size_t leg_count() const = 0;
};

/// Words that can be heard: by fragment, by text where nobody could have recorded it.
struct SpeechSounds {
  std::map<std::string, SoundPointer> by_fragment;
  std::map<std::string, SoundPointer> by_text;
  std::shared_ptr<const SpeechSounds> of_flow;   ///< What every call of the flow shares.
  /// Unset: no sound of it.
  SoundPointer find(const SpokenPiece& piece) const {
    const auto& sounds = piece.fragment.empty() ? by_text : by_fragment;
    const auto found = sounds.find(piece.fragment.empty() ? piece.text : piece.fragment);
    if (found != sounds.end()) return found->second;
    return of_flow ? of_flow->find(piece) : nullptr;
  }
};
using SpeechPointer = std::shared_ptr<const SpeechSounds>;

/// Speech from recordings and from a synthesiser. Thread safe; answers come on a thread of its own.
class SpeechDoor {
 public:
  using Done = std::function<void(Result<SpeechPointer>)>;
  virtual ~SpeechDoor() = default;
  /// Everything the flow can say but what belongs to one call alone. Made once a text; later orders answer soon.
  virtual void prepare(std::shared_ptr<const Flow> flow, Done done) = 0;
  /// The same with `own`, what only this call says (names, creditors): nothing of it stays on disk. Errc::exhausted at the
  /// bound of waiting orders.
  virtual void make_for_call(std::shared_ptr<const Flow> flow, SpokenPieces own, Done done) = 0;
};

struct TrunkCallRequest {
  LegId leg;
  AttemptId attempt;
  int leg_number = 1;               ///< With the attempt it names the permit that waits on the desk.
  std::string trunk;
  PhoneNumber to;
  PhoneNumber caller_id;
  MediaDescription offer;
  Duration ring_timeout = seconds(30);
};

struct StationAccount {
  std::string user;
  std::string ha1;                  ///< Secret.
  bool is_md5 = false;
};

struct LadderLine {
  LegId leg;
  MonoTime at;
  bool is_outgoing = false;
  std::string summary;              ///< "INVITE", "180 Ringing": no numbers, no names.
};

struct TrunkHealthView {
  std::string name;
  bool is_up = false;
  Duration latency;
  std::string cause;
};

/// The SIP edge. Thread safe. Leg events (LegProgressed, LegAnswered, …) go to the leg's owner.
class SipDoor {
 public:
  virtual ~SipDoor() = default;
  /// Takes the permit from the desk: without one nothing is sent and Errc::denied comes back.
  virtual Status place_call(const TrunkCallRequest& request, caf::actor owner) = 0;
  virtual Status call_station(LegId leg, const std::string& user, const MediaDescription& offer, caf::actor owner) = 0;
  virtual Status answer(LegId leg, int status, const MediaDescription& description) = 0;
  virtual void reject(LegId leg, int status) = 0;
  virtual void hang_up(LegId leg) = 0;
  /// OPTIONS in the leg's dialog now; an unanswered one ends the leg within five seconds.
  virtual void probe_leg(LegId leg) = 0;
  /// From now on the leg's events go to this actor (an incoming station call finds its agent).
  virtual void adopt(LegId leg, caf::actor owner) = 0;
  /// Who hears of stations that register or dial in and of trunks' health.
  virtual void set_desk(caf::actor desk) = 0;
  virtual void set_accounts(std::vector<StationAccount> accounts) = 0;
  virtual void probe_trunk(const std::string& name) = 0;
  virtual bool is_registered(const std::string& user) const = 0;
  virtual std::vector<TrunkHealthView> trunks() const = 0;
  virtual std::vector<LadderLine> ladder(LegId leg) const = 0;
};

/// Reading the history. Thread safe; one short disk read a call.
class CaseArchive {
 public:
  virtual ~CaseArchive() = default;
  /// Encoded CaseRecord; nullopt when there is no such case.
  virtual Result<std::optional<std::string>> view(CaseId case_id) const = 0;
  virtual Result<std::vector<StoredEvent>> events(CaseId case_id) const = 0;
  virtual Result<std::vector<CaseId>> find(const LookupKey& key) const = 0;
  /// The same for many keys at once, in their order: far cheaper than one by one.
  virtual Result<std::vector<std::vector<CaseId>>> find_all(const std::vector<LookupKey>& keys) const = 0;
  virtual CaseId case_id_for(const PersonKey& key) const = 0;
  virtual Status each_due(ShardIndex shard, const std::function<bool(CaseId, const std::vector<DueRow>&)>& visit) const = 0;
  /// Ascending by id, behind `after`.
  virtual Status each_view(ShardIndex shard, const std::function<bool(CaseId, const std::string&)>& visit, CaseId after = {}) const = 0;
  /// Ids only, ascending, behind `after`, at most `limit`.
  virtual Result<std::vector<CaseId>> case_ids(ShardIndex shard, CaseId after, std::size_t limit) const = 0;
  /// nullopt when there is no such attempt.
  virtual Result<std::optional<AttemptEntry>> attempt(AttemptId attempt) const = 0;
  /// From the newest to the oldest until the visitor returns false.
  virtual Status each_attempt(const AttemptRange& range, const std::function<bool(const AttemptEntry&)>& visit) const = 0;
};

/// Small named documents: campaigns, agents, import batches. Thread safe.
class DocumentStore {
 public:
  virtual ~DocumentStore() = default;
  virtual void put(const std::string& kind, const std::string& id, std::optional<std::string> bytes, std::function<void(Status)> done) = 0;
  virtual Result<std::vector<std::pair<std::string, std::string>>> list(const std::string& kind) const = 0;
};

/// One good row of an import on its way to its case.
struct ImportRow {
  std::uint64_t line = 0;
  CaseDraft draft;
  std::uint32_t person = 0;            ///< Number of the person within the file, from 0.
  std::vector<std::uint32_t> same_as;  ///< Persons of the file this row shows to be the same one.
};

struct ImportSourceProgress {
  std::uint64_t rows_read = 0;
  std::uint64_t rows_rejected = 0;
  std::uint64_t duplicates = 0;
  double share_done = 0;            ///< 0..1 of the file.
};

/// Something a person should look at; no personal data in it.
struct ImportReview {
  std::uint64_t line = 0;
  std::string code;                 ///< Name of the row's error, or "namesake".
  std::string message_ru;
  std::string message_en;
  bool is_taken = false;            ///< The row went in; only the doubt remains.
  CaseId other;                     ///< The case it may belong to, when there is one.
};

/// How one column of a file would be read.
struct ImportColumn {
  std::string title;
  std::string field;                ///< "ignored" when nothing knows the title.
  std::string field_title;
  bool is_sure = false;
  int phone = 0;                    ///< Which phone of the row, from 1; 0 = not of a phone.
  std::string owner;
};
struct ImportColumns {
  std::vector<ImportColumn> columns;
  std::string problem;              ///< Why rows cannot be read with it; empty = they can.
  bool lacks_person_key = false;    ///< Every row would go to review.
};

/// An opened portfolio file. One thread at a time.
class ImportSource {
 public:
  virtual ~ImportSource() = default;
  /// Up to `limit` good rows; bad ones go into the reject file. Empty = the end.
  virtual Result<std::vector<ImportRow>> next(std::size_t limit) = 0;
  virtual ImportSourceProgress progress() const = 0;
  /// A row next() had given comes back after all; it is known until it is given back or settled.
  virtual Status give_back(std::uint64_t line, const RowError& error) = 0;
  /// These rows are in; nothing of them needs to be kept.
  virtual void settle(const std::vector<std::uint64_t>& lines) = 0;
  /// What a person should look at, the first thousand of it.
  virtual std::vector<ImportReview> reviews() const = 0;
  /// Closes the reject file; its path, empty when nothing was rejected.
  virtual Result<std::string> finish() = 0;
};

struct ImportRequest {
  std::string file;
  std::string portfolio;
  std::string template_name;        ///< Of a stored template, or a file that holds one.
  std::string reject_file;          ///< Empty: beside the file.
};

class ImportDoor {
 public:
  virtual ~ImportDoor() = default;
  /// Opens, detects and maps; errors name the file, the place and the repair.
  virtual Result<std::unique_ptr<ImportSource>> open(const ImportRequest& request, CivilDate today) = 0;
  /// How the columns would be read; nothing is imported.
  virtual Result<ImportColumns> columns(const ImportRequest& request) = 0;
  /// A mapping template as text: the request's file as it would be read, changed by "title=field" words.
  virtual Result<std::string> make_template(const ImportRequest& request, const std::string& name, const std::vector<std::string>& changes) = 0;
};

/// Live news for screens that may miss some: agent states, steps of calls, counters. Never the only carrier of a fact.
/// Ids only, no personal data. Thread safe; returns at once, and drops when the world is slow.
class LiveFeed {
 public:
  virtual ~LiveFeed() = default;
  struct Field {
    std::string name;
    std::variant<std::string, std::int64_t> value;
  };
  /// `topic` is one lower-case word: agent, call, campaign.
  virtual void hint(std::string_view topic, std::vector<Field> fields) = 0;
};

/// A durable fact that belongs to no case: a campaign was started, an import ended, a recording is ready.
struct NodeFact {
  std::string type;                 ///< "campaign.started".
  std::string subject;              ///< The id it is about.
  CampaignId campaign;              ///< Unset: none.
  std::vector<LiveFeed::Field> fields;
};

/// Keeps node facts for the event feed, in order. Thread safe; the write is queued behind earlier ones.
class NodeFactLog {
 public:
  virtual ~NodeFactLog() = default;
  virtual void record(NodeFact fact) = 0;
};

}  // namespace dunlin
