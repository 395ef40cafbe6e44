#include "storage/store.hpp"

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "storage/cipher.hpp"
#include "storage/database.hpp"
#include "storage/key_space.hpp"
#include "storage/record_codec.hpp"

namespace dunlin {
namespace {

/// What the store says about itself; all absent in a new one.
struct StoreIdentity {
  std::string store_id;
  std::string key_fingerprint;
  std::string format;
};

Result<std::optional<std::string>> read_meta(const Database& database, std::string_view name) {
  const auto bytes = database.get(key_space::meta(name));
  if (!bytes) return bytes.error();
  if (!bytes->has_value()) return std::optional<std::string>();
  auto row = decode_meta_row(**bytes);
  if (!row) return Error{row.error().code, database.path().string() + ": " + row.error().detail};
  return std::optional<std::string>(std::move(row->value));
}

Status check_format(const std::string& text, const std::filesystem::path& path) {
  std::uint32_t format = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), format);
  if (problem != std::errc() || end != text.data() + text.size() || format == 0) {
    return Error{Errc::corrupt, path.string() + " has an unreadable data format"};
  }
  if (format <= storage_format_version) return Done{};
  return Error{Errc::denied, path.string() + " was written by a newer Dunlin: its data format is " + text +
                                 ", this program reads up to " + std::to_string(storage_format_version) +
                                 ". Use the newer version or restore a backup of the older format"};
}

/// nullopt: a new store without data.
Result<std::optional<StoreIdentity>> read_identity(const Database& history) {
  const auto format = read_meta(history, "format");
  if (!format) return format.error();
  if (!format->has_value()) {
    const auto is_empty = history.is_empty();
    if (!is_empty) return is_empty.error();
    if (!*is_empty) return Error{Errc::corrupt, history.path().string() + " holds data that is not Dunlin's"};
    return std::optional<StoreIdentity>();
  }
  const auto checked = check_format(**format, history.path());
  if (!checked) return checked.error();
  const auto store_id = read_meta(history, "store_id");
  if (!store_id) return store_id.error();
  const auto fingerprint = read_meta(history, "key_fingerprint");
  if (!fingerprint) return fingerprint.error();
  if (!store_id->has_value() || !fingerprint->has_value()) {
    return Error{Errc::corrupt, history.path().string() + " has lost its identity"};
  }
  return std::optional<StoreIdentity>(StoreIdentity{std::move(**store_id), std::move(**fingerprint), **format});
}

Result<StoreIdentity> write_identity(Database& history, const InstallationKey& key) {
  StoreIdentity identity{random_hex(16), key.fingerprint(), std::to_string(storage_format_version)};
  WriteBatch batch;
  batch.put(key_space::meta("format"), encode(MetaRow{std::to_string(storage_format_version)}));
  batch.put(key_space::meta("store_id"), encode(MetaRow{identity.store_id}));
  batch.put(key_space::meta("key_fingerprint"), encode(MetaRow{identity.key_fingerprint}));
  const auto written = history.write(batch, Durability::synced);
  if (!written) return written.error();
  return identity;
}

Result<InstallationKey> open_key(const std::filesystem::path& file, const std::optional<StoreIdentity>& identity) {
  auto key = InstallationKey::load(file);
  if (!key && key.error().code == Errc::not_found) {
    if (!identity) return InstallationKey::create(file);
    return Error{Errc::denied, "the key file " + file.string() + " is missing, and without it the data cannot be read: " +
                                   "put back the key with fingerprint " + identity->key_fingerprint +
                                   " (the line printed by `dunlin key export`)"};
  }
  if (!key) return Error{Errc::denied, key.error().detail};
  if (identity && key->fingerprint() != identity->key_fingerprint) {
    return Error{Errc::denied, "the key file " + file.string() + " holds the key " + key->fingerprint() +
                                   ", this store was made with " + identity->key_fingerprint};
  }
  return key;
}

Status check_folder(const StorageSettings& settings) {
  std::error_code failure;
  const bool is_new = std::filesystem::create_directories(settings.path, failure);
  if (!failure && is_new) {
    std::filesystem::permissions(settings.path, std::filesystem::perms::owner_all, failure);
  }
  if (failure) {
    return Error{Errc::unavailable, "cannot use the folder " + settings.path.string() + ": " + failure.message()};
  }
  const auto free_bytes = settings.journal.free_space(settings.path);
  if (!free_bytes) return free_bytes.error();
  if (*free_bytes >= settings.min_start_bytes) return Done{};
  return Error{Errc::exhausted, "no room to start: the disk of " + settings.path.string() + " has " +
                                    std::to_string(*free_bytes >> 20) + " MiB free, at least " +
                                    std::to_string(settings.min_start_bytes >> 20) + " MiB are needed"};
}

}  // namespace

class Store::Impl {
 public:
  Impl(StorageSettings given, std::unique_ptr<Database> opened_history, std::unique_ptr<Database> opened_keys,
       InstallationKey installation_key, StoreIdentity known_identity)
      : settings(std::move(given)),
        history_database(std::move(opened_history)),
        key_database(std::move(opened_keys)),
        key(std::move(installation_key)),
        identity(std::move(known_identity)),
        vault(key, *key_database),
        history(*history_database, vault),
        projections(*history_database, vault, history),
        attempts(*history_database),
        shards(*history_database, vault),
        copies(*history_database, *key_database, vault, shards, settings.path / "seeding", settings.min_free_bytes),
        digests(*history_database, *key_database) {}

  Status start() {
    auto started = EmbeddedJournal::start(*history_database, vault, desk, settings.path, settings.journal);
    if (!started) return started.error();
    journal = std::move(*started);
    documents.emplace(*history_database, vault, *journal);
    return Done{};
  }

  // In the order of dependence: the journal's thread ends before anything it uses.
  StorageSettings settings;
  std::unique_ptr<Database> history_database;
  std::unique_ptr<Database> key_database;
  InstallationKey key;
  StoreIdentity identity;
  Vault vault;
  PermitDesk desk;
  HistoryLog history;
  Projections projections;
  AttemptIndex attempts;
  ShardStore shards;
  ShardCopies copies;
  HistoryDigests digests;
  std::unique_ptr<EmbeddedJournal> journal;
  std::optional<Documents> documents;
};

Result<std::unique_ptr<Store>> Store::open(StorageSettings settings) {
  settings.journal.min_free_bytes = settings.min_free_bytes;
  if (settings.key_file.empty()) settings.key_file = settings.path / "installation.key";
  const auto room = check_folder(settings);
  if (!room) return room.error();
  DatabaseOptions options;
  options.path = settings.path / "history";
  options.cache_bytes = settings.cache_bytes;
  options.write_buffer_bytes = settings.write_buffer_bytes;
  auto history = Database::open(options);
  if (!history) return history.error();
  auto identity = read_identity(**history);
  if (!identity) return identity.error();
  auto key = open_key(settings.key_file, *identity);
  if (!key) return key.error();
  options.path = settings.path / "keys";
  options.may_create = !identity->has_value();
  auto keys = Database::open(options);
  if (!keys) return keys.error();
  if (!identity->has_value()) {
    auto made = write_identity(**history, *key);
    if (!made) return made.error();
    *identity = std::move(*made);
  }
  auto impl = std::make_unique<Impl>(std::move(settings), std::move(*history), std::move(*keys), std::move(*key),
                                     std::move(**identity));
  const auto started = impl->start();
  if (!started) return started.error();
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

EmbeddedJournal& Store::journal() { return *impl_->journal; }
ShardStore& Store::shards() { return impl_->shards; }
ShardCopies& Store::copies() { return impl_->copies; }
const HistoryDigests& Store::digests() const { return impl_->digests; }
void Store::listen(const CommitListener& listener) {
  impl_->journal->listen(listener);
  impl_->shards.listen(listener);
}
const HistoryLog& Store::history() const { return impl_->history; }
Vault& Store::vault() { return impl_->vault; }
Documents& Store::documents() { return *impl_->documents; }
Projections& Store::projections() { return impl_->projections; }
const AttemptIndex& Store::attempts() const { return impl_->attempts; }
bool Store::needs_upgrade() const { return impl_->identity.format != std::to_string(storage_format_version); }
PermitDesk& Store::permit_desk() { return impl_->desk; }
const std::string& Store::store_id() const { return impl_->identity.store_id; }
std::string Store::key_fingerprint() const { return impl_->key.fingerprint(); }
std::string Store::export_key() const { return impl_->key.export_text(); }

Result<BackupReport> Store::backup(const BackupRequest& request) const {
  return write_backup({*impl_->history_database, *impl_->key_database, impl_->history, store_id(), key_fingerprint()},
                      request);
}

}  // namespace dunlin
